package info

import (
	"context"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/ui/look"
)

var theBucket = storage.Location{Bucket: "bucket"}

// bucketOn shows the bucket on a tab.
func (b *bench) bucketOn(t Tab) {
	b.t.Helper()
	b.vm.Choose(t)
	b.show(Item{At: theBucket, Folder: true, Kind: "Bucket"})
	b.calm()
}

func (b *bench) value(id string) string {
	b.t.Helper()
	v, open, reason := b.vm.SettingValue(id)
	if !open {
		b.t.Errorf("%s cannot be edited: %q", id, reason)
	}
	return v
}

func TestBucket_SettingsEachByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketRequestPayment", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "GetBucketAccelerateConfiguration", Kind: faultserver.Status, Status: 501, Code: "NotImplemented", Times: -1})
	b.bucketOn(Service)
	for id, want := range map[string]string{"payer": "needs s3:GetBucketRequestPayment", "acceleration": "this server does not have it"} {
		if _, open, reason := b.vm.SettingValue(id); open || reason != want {
			t.Errorf("%s: open %v, %q", id, open, reason)
		}
	}
	if v := b.value("versioning"); v != "" {
		t.Fatalf("versioning %q", v)
	}
	b.vm.Set("versioning", "Enabled")
	b.vm.Set("encryption", "aws:kms")
	b.vm.Set("kmskey", "alias/one")
	b.vm.Set("bucketkey", on)
	b.vm.Set("payer", on) // closed
	if got := b.vm.Changes(); len(got) != 4 || got[3] != (Change{"Bucket key", "off", "on"}) {
		t.Fatalf("changes %+v", got)
	}
	if o := b.apply(); o.Done != 2 || !o.Bucket || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	ctx := context.Background()
	v, err := b.s.Versioning(ctx, theBucket)
	b.must(err)
	e, err := b.s.BucketEncryption(ctx, theBucket)
	b.must(err)
	if v.Status != "Enabled" || e != (storage.Encryption{Type: "aws:kms", KeyID: "alias/one", BucketKey: true}) {
		t.Errorf("the server has %+v, %+v", v, e)
	}
	if b.value("kmskey") != "alias/one" || len(b.vm.Changes()) > 0 {
		t.Errorf("afterwards it shows %q with %+v", b.value("kmskey"), b.vm.Changes())
	}
	b.vm.Set("versioning", "")
	if b.vm.CanApply() {
		t.Error("versioning can be made as if it had never been")
	}
	b.vm.Revert()
	b.vm.Set("encryption", "AES256")
	b.apply()
	if e, err = b.s.BucketEncryption(ctx, theBucket); err != nil || e != (storage.Encryption{Type: "AES256"}) {
		t.Errorf("of the key there is left %+v, %v", e, err)
	}
}

func TestBucket_BlockAndOwnershipBesideTheAccessList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Permissions)
	b.vm.Set("BlockPublicAcls", on)
	b.vm.Set("BlockPublicPolicy", on)
	b.vm.Set("ownership", storage.OwnerPreferred)
	b.vm.AddGrantee(storage.Grantee{URI: storage.GroupLogDelivery})
	if o := b.apply(); o.Done != 3 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	p, err := b.s.PublicAccessBlock(context.Background(), theBucket)
	b.must(err)
	if !p.BlockPublicAcls || !p.BlockPublicPolicy || p.IgnorePublicAcls || p.RestrictPublicBuckets || b.value("ownership") != storage.OwnerPreferred ||
		!b.has(theBucket, storage.Grantee{URI: storage.GroupLogDelivery}, storage.GrantRead) {
		t.Errorf("the server has %+v, %q, %+v", p, b.value("ownership"), b.vm.Grants())
	}
}

// What fails stays to be tried again; what was done beside it is not done twice.
func TestBucket_FailureStopsNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "PutBucketVersioning", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: 1})
	b.bucketOn(Service)
	b.vm.Set("versioning", "Enabled")
	b.vm.Set("payer", on)
	o := b.apply()
	if o.Done != 1 || o.Total != 2 || len(o.Failed) != 1 || Reason(o.Failed[0].Err) != "needs s3:PutBucketVersioning" {
		t.Fatalf("outcome %+v", o)
	}
	if got := b.vm.Changes(); len(got) != 1 || got[0].What != "Versioning" || b.value("payer") != on {
		t.Fatalf("afterwards it shows %+v", got)
	}
	again := false
	b.vm.Applied = func(o Outcome, _ []storage.Location) { again = o.Done == 1 && o.Total == 1 }
	o.Retry()
	b.until("the second try", func() bool { return again })
	b.calm()
	if b.value("versioning") != "Enabled" || len(b.vm.Changes()) > 0 {
		t.Errorf("afterwards it shows %q with %+v", b.value("versioning"), b.vm.Changes())
	}
}

// A server that says yes and does nothing is caught by reading back.
func TestBucket_IgnoredSettingIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "PutBucketRequestPayment", Kind: faultserver.Canned, Status: 200, Header: map[string]string{"X-Amz-Request-Id": "1"}, Times: -1})
	b.bucketOn(Service)
	b.vm.Set("payer", on)
	o := b.apply()
	if len(o.Failed) != 1 || storage.KindOf(o.Failed[0].Err) != storage.KindUnsupported {
		t.Fatalf("outcome %+v", o)
	}
	if len(b.vm.Changes()) != 1 {
		t.Error("the change that was not made is forgotten")
	}
}

func TestBucket_TagsKeepWhatSomebodyElseSet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := context.Background()
	b.must(b.s.SetBucketTags(ctx, theBucket, map[string]string{"a": "1", "b": "2"}))
	b.bucketOn(Metadata)
	if got := b.table(Tags); !slices.Equal(got, []string{"a=1", "b=2"}) {
		t.Fatalf("it shows %q", got)
	}
	if open, _ := b.vm.MetaState(Headers); open {
		t.Error("a bucket has headers")
	}
	b.must(b.s.SetBucketTags(ctx, theBucket, map[string]string{"a": "1", "b": "2", "other": "x"}))
	b.vm.SetValue(Tags, 0, "one")
	b.vm.RemoveLine(Tags, 1)
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("outcome %+v", o)
	}
	if got := b.table(Tags); !slices.Equal(got, []string{"a=one", "other=x"}) {
		t.Errorf("it shows %q", got)
	}
}

func TestPane_BucketSettings(t *testing.T) {
	b := newBench(t)
	b.must(b.s.SetBucketTags(context.Background(), theBucket, map[string]string{"project": "north"}))
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(Item{At: theBucket, Folder: true, Kind: "Bucket", Icon: "bucket"})
	for tab, name := range map[Tab]string{Permissions: "Permissions", Metadata: "Metadata", Service: "S3"} {
		d.tap("info.tabs", name)
		b.calm()
		if tab == Service {
			b.vm.Set("encryption", "aws:kms")
		}
		d.inside("bucket " + name)
		d.keep("bucket-" + name)
	}
	d.tap("info.tabs", "S3")
	if s := d.text("info.set.versioning"); s != "not set" {
		t.Errorf("versioning says %q", s)
	}
	d.win.Canvas().Focus(d.pane.views[Service].(*serviceView).bucket.fields["kmskey"].text)
	test.Type(d.win.Canvas().Focused(), "alias/two")
	if s := d.text("info.status"); s != "2 changes" {
		t.Errorf("the foot says %q", s)
	}
	d.press("info.apply")
	d.keep("bucket-look")
	d.press("dialog.ok")
	b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if e, err := b.s.BucketEncryption(context.Background(), theBucket); err != nil || e.Type != "aws:kms" || e.KeyID != "alias/two" {
		t.Errorf("the server has %+v, %v", e, err)
	}
}

// Where removing versions needs a code, so does changing whether they are kept.
func TestBucket_MFADeleteAsksForTheCode(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketVersioning", Kind: faultserver.Canned, Status: 200, Header: map[string]string{"X-Amz-Request-Id": "1"}, Times: -1,
		Body: `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>`})
	b.bucketOn(Service)
	if b.value("mfadelete") != on || !slices.ContainsFunc(b.vm.Settings(Service), func(s Setting) bool { return s.ID == "mfa" }) {
		t.Fatalf("MFA delete is %q", b.value("mfadelete"))
	}
	b.vm.Set("mfa", "20899872 301749")
	if len(b.vm.Changes()) > 0 {
		t.Errorf("a code alone changes %+v", b.vm.Changes())
	}
	b.vm.Set("mfa", "")
	b.vm.Set("versioning", "Suspended")
	if b.vm.CanApply() || b.vm.Problem() == "" {
		t.Error("it can be applied without a code")
	}
	b.vm.Set("mfa", "20899872 301749")
	if got := b.vm.Changes(); len(got) != 1 {
		t.Errorf("changes %+v", got)
	}
	b.apply()
	if got := b.mfa.Load(); got == nil || *got != "20899872 301749" {
		t.Errorf("the code that was sent: %v", got)
	}
}
