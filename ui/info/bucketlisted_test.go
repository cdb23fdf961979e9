package info

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"pintail/internal/faultserver"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/ui/look"
)

func (b *bench) listedIDs(feature string) string {
	b.t.Helper()
	list, err := b.s.BucketDocuments(context.Background(), theBucket, feature)
	b.must(err)
	var ids []string
	for _, d := range list {
		ids = append(ids, d.ID())
	}
	return strings.Join(ids, " ")
}

func TestListed_AddEditDelete(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Service)
	for _, of := range listedDocs() {
		b.vm.OpenListed(of.Feature)
		for range 2 {
			for _, tpl := range Templates(of.Feature) {
				b.vm.AddListed(tpl, or(tpl.Start, "logs/"))
				if doc, ok := b.vm.OpenedDoc(); !ok || !strings.HasPrefix(doc.Feature, of.Feature+":") || b.vm.Problem() != "" || b.vm.CanAdd() {
					t.Fatalf("%s, %s: open %v, %q\n%s", of.Feature, tpl.Label, ok, b.vm.Problem(), b.vm.DocText(doc.Feature))
				}
				b.vm.OpenDoc("")
			}
		}
		if words, _, _ := b.vm.ListedState(of.Feature); words != "not applied yet" {
			t.Errorf("%s: %q", of.Feature, words)
		}
	}
	if o := b.apply(); o.Done != 12 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	for feature, want := range map[string]string{"inventory": "daily daily-2 weekly weekly-2", "analytics": "all all-2", "metrics": "all all-2 prefix prefix-2", "intelligent-tiering": "archive archive-2"} {
		if got := b.listedIDs(feature); got != want {
			t.Errorf("%s: the server has %q", feature, got)
		}
	}
	b.vm.OpenListed("metrics")
	if _, keys, ok := b.vm.Listed(); !ok || strings.Join(keys, " ") != "metrics:all metrics:all-2 metrics:prefix metrics:prefix-2" || len(b.vm.Changes()) > 0 {
		t.Fatalf("afterwards it shows %q with %+v", keys, b.vm.Changes())
	}
	b.vm.OpenDoc("metrics:prefix")
	b.vm.SetDocText(strings.Replace(b.vm.DocText("metrics:prefix"), `"logs/"`, `"other/"`, 1))
	if got := b.vm.Changes(); len(got) != 1 || got[0].What != "Metrics: prefix" {
		t.Errorf("changes %+v", got)
	}
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	d, err := b.s.BucketDocument(context.Background(), theBucket, "metrics", "prefix")
	b.must(err)
	if got, err := d.JSON(); err != nil || !strings.Contains(string(got), `"other/"`) {
		t.Errorf("the server has %s, %v", got, err)
	}
	b.vm.SetDocText(strings.Replace(b.vm.DocText("metrics:prefix"), `"prefix"`, `"renamed"`, 1))
	if b.vm.CanApply() || !strings.Contains(b.vm.Problem(), "the Id stays prefix") {
		t.Errorf("another id: %q", b.vm.Problem())
	}
	b.vm.Revert()
	b.vm.DeleteDoc("metrics:all")
	b.until("the end", func() bool { _, _, busy := b.vm.Applying(); return !busy })
	b.calm()
	if got := b.listedIDs("metrics"); got != "all-2 prefix prefix-2" {
		t.Errorf("the server has %q", got)
	}
}

// A setting of that id that somebody else made meanwhile stays.
func TestListed_SomebodyElsesIsNotOverwritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketAnalyticsConfiguration", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "GetBucketInventoryConfiguration", Kind: faultserver.Status, Status: 501, Code: "NotImplemented", Times: -1})
	b.bucketOn(Service)
	for feature, want := range map[string]string{"analytics": "needs s3:GetAnalyticsConfiguration", "inventory": "this server does not have it", "metrics": ""} {
		if _, open, reason := b.vm.ListedState(feature); reason != want || open != (want == "") {
			t.Errorf("%s: open %v, %q", feature, open, reason)
		}
	}
	b.vm.OpenListed("metrics")
	b.vm.AddListed(Templates("metrics")[0], "")
	theirs, err := storage.ParseDocument("metrics", []byte(`{"MetricsConfiguration": {"Id": "all", "Filter": {"Prefix": "theirs/"}}}`))
	b.must(err)
	b.must(b.s.SetBucketDocument(context.Background(), theBucket, theirs, ""))
	if o := b.apply(); len(o.Failed) != 1 || storage.KindOf(o.Failed[0].Err) != storage.KindPrecondition {
		t.Fatalf("outcome %+v", o)
	}
	d, err := b.s.BucketDocument(context.Background(), theBucket, "metrics", "all")
	b.must(err)
	if got, err := d.JSON(); err != nil || !strings.Contains(string(got), "theirs/") || len(b.vm.Changes()) != 1 {
		t.Errorf("the server has %s, %v; changes %+v", got, err, b.vm.Changes())
	}
	b.vm.Revert()
	if _, keys, _ := b.vm.Listed(); len(keys) != 1 || keys[0] != "metrics:all" || len(b.vm.Changes()) > 0 {
		t.Errorf("reverted it shows %q", keys)
	}
}

func TestListed_SaysWhatEachIsFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ feature, doc, want string }{
		{"inventory", `{"Id": "a", "IsEnabled": false, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Weekly"}, "Filter": {"Prefix": "a/"},
			"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::logs", "Prefix": "inv", "Format": "CSV"}}}`, "off, a/, weekly, CSV to logs/inv"},
		{"analytics", `{"Id": "a", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}, "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1",
			"Destination": {"S3BucketDestination": {"Bucket": "arn:aws-cn:s3:::logs", "Format": "CSV"}}}}}`, "a/, k=v, CSV to logs"},
		{"metrics", `{"Id": "a"}`, "all objects"},
		{"metrics", `{"Id": "a", "Filter": {"Tag": {"Key": "k", "Value": ""}}}`, "all objects, k="},
		{"intelligent-tiering", `{"Id": "a", "Status": "Disabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]}`,
			"off, all objects, to ARCHIVE_ACCESS after 90 days, to DEEP_ARCHIVE_ACCESS after 180 days"},
	} {
		d, err := storage.ParseDocument(c.feature, []byte(c.doc))
		if got := listedWords(d); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", c.doc, got, err)
		}
	}
	if got := listedWords(storage.Document{}); got != "" {
		t.Errorf("of none it says %q", got)
	}
}

func TestPane_Listed(t *testing.T) {
	for name, mode := range map[string]look.Mode{"light": look.Light, "dark": look.Dark} {
		b := newBench(t)
		d := newDesk(t, b, mode, LeastWidth)
		b.show(Item{At: theBucket, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
		b.vm.Choose(Service)
		b.calm()
		b.vm.OpenListed("inventory")
		b.vm.OpenListed("")
		d.inside("settings")
		d.keep("listed-rows-" + name)
		b.vm.OpenListed("intelligent-tiering")
		d.press("info.listed.add")
		for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn} {
			d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
		}
		d.press("dialog.ok")
		d.inside("listed document")
		d.keep("listed-document-" + name)
		d.press("info.doc.s3.back")
		d.inside("listed")
		d.keep("listed-" + name)
		d.press("info.apply")
		d.press("dialog.ok")
		b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
		other := client.New(t, client.Account{Endpoint: b.server.URL(), Region: "us-east-1", AccessKey: b.server.AccessKey(), SecretKey: b.server.SecretKey()})
		if name == "light" { // the other program takes a second of CPU
			raw, err := other.Try("get-bucket-intelligent-tiering-configuration", map[string]any{"Bucket": "bucket", "Id": "archive"})
			if err != nil || !strings.Contains(string(raw), "ARCHIVE_ACCESS") {
				t.Errorf("the other program reads %s, %v", raw, err)
			}
			features.Proved(t, "window.listed", features.Embedded, "")
		}
		d.press("info.listed.remove.0")
		d.keep("listed-delete-" + name)
		d.press("dialog.ok")
		b.until("the end", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
		if got := b.listedIDs("intelligent-tiering"); got != "" {
			t.Errorf("the server has %q", got)
		}
	}
}
