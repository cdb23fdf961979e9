package info

import (
	"fmt"
	"strings"
	"testing"

	"pintail/internal/faultserver"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/ui/look"
)

// checked opens the check and waits for its end: the answers by operation.
func (b *bench) checked() map[string]storage.Probe {
	b.t.Helper()
	b.vm.OpenCheck()
	b.until("the end of the check", func() bool { _, running, open, _ := b.vm.Check(); return open && !running })
	groups, _, _, err := b.vm.Check()
	b.must(err)
	out := map[string]storage.Probe{}
	for _, g := range groups {
		for _, p := range g.Probes {
			out[p.Op] = p
		}
	}
	return out
}

func TestCheck_AnswersAreToldApart(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketPolicy", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "GetBucketReplication", Kind: faultserver.Status, Status: 501, Code: "NotImplemented", Times: -1},
		faultserver.Rule{Op: "GetObjectTagging", Kind: faultserver.Status, Status: 400, Code: "Odd", Times: -1})
	it := b.put("a.txt", "x", written())
	b.bucketOn(Permissions)
	got := b.checked()
	for op, want := range map[string]storage.ProbeState{"GetBucketPolicy": storage.ProbeDenied, "GetBucketReplication": storage.ProbeUnsupported,
		"GetObjectTagging": storage.ProbeFailed, "ListObjectsV2": storage.ProbeAllowed, "GetObject": storage.ProbeAllowed, "DeleteObject": storage.ProbeSkipped} {
		if got[op].State != want {
			t.Errorf("%s: %+v", op, got[op])
		}
	}
	groups, _, _, _ := b.vm.Check()
	if groups[0].State != storage.ProbeDenied || len(groups[0].Probes) != 1 || probeWords(groups[0].Probes[0]) != "needs s3:GetBucketPolicy" {
		t.Errorf("first it says %+v", groups[0])
	}
	if s := b.vm.CheckText(); !strings.Contains(s, "GetBucketPolicy                              Denied: needs s3:GetBucketPolicy\n") || !strings.Contains(s, "ListObjectsV2                                Allowed\n") {
		t.Errorf("copied is\n%s", s)
	}
	b.show(Item{At: theBucket, Folder: true, Kind: "Bucket"}) // listed anew
	if _, _, open, _ := b.vm.Check(); !open {
		t.Error("the same thing anew closes the check")
	}
	b.show(it)
	if _, _, open, _ := b.vm.Check(); open {
		t.Error("it is still open for something else")
	}
	b.calm()
	if got = b.checked(); got["GetBucketPolicy"].Op != "" || got["GetObject"].State != storage.ProbeAllowed {
		t.Errorf("of an object it says %+v", got)
	}
}

// What was found of one thing never stands at another.
func TestCheck_EndsWithTheSelection(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "ListMultipartUploads", Kind: faultserver.Stall, Times: 1})
	b.bucketOn(Permissions)
	b.vm.OpenCheck()
	b.must(b.faults.WaitStalled(t.Context(), 1))
	b.until("the first answers", func() bool { return len(b.vm.check.list) > 0 })
	b.show(b.put("a.txt", "x", written()))
	b.calm()
	if _, running, open, _ := b.vm.Check(); running || open || len(b.vm.check.list) > 0 {
		t.Errorf("running %v, open %v, %d answers", running, open, len(b.vm.check.list))
	}
	b.bucketOn(Permissions)
	if got := b.checked(); len(got) < 40 {
		t.Errorf("a second check has %d answers", len(got))
	}
}

// A guest who may only list and read: the check names what is missing, and nothing of it was tried that changes something.
func TestCheck_OnVersitygw(t *testing.T) {
	srv := servers.SharedVersitygw(t)
	b := newBench(t)
	it := b.moveTo(srv)
	b.must(b.s.SetBucketPolicy(t.Context(), it.At, fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": [%[1]q]}, "Action": ["s3:ListBucket", "s3:GetBucketVersioning"], "Resource": ["arn:aws:s3:::%[2]s"]}]}`, srv.OtherAccessKey, it.At.Bucket)))
	b.s = b.connectTo(srv, srv.OtherAccessKey, srv.OtherSecretKey)
	b.on(it, Permissions)
	got := b.checked()
	for op, want := range map[string]string{"ListObjectsV2": "", "GetBucketVersioning": "", "GetBucketPolicy": "s3:GetBucketPolicy", "GetBucketAcl": "s3:GetBucketAcl", "ListObjectVersions": "s3:ListBucketVersions"} {
		p := got[op]
		if want == "" && p.State != storage.ProbeAllowed || want != "" && (p.State != storage.ProbeDenied || p.Permission != want) {
			t.Errorf("%s: %+v", op, p)
		}
	}
	if got["GetBucketReplication"].State != storage.ProbeUnsupported {
		t.Errorf("what the server has not: %+v", got["GetBucketReplication"])
	}
	features.Proved(t, "window.check", string(srv.Name), srv.Version)
}

func TestPane_Check(t *testing.T) {
	for name, mode := range map[string]look.Mode{"light": look.Light, "dark": look.Dark} {
		b := newBench(t, faultserver.Rule{Op: "GetBucketPolicy", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
			faultserver.Rule{Op: "GetBucketIntelligentTieringConfiguration", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
		d := newDesk(t, b, mode, LeastWidth)
		b.show(Item{At: theBucket, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
		b.vm.Choose(Permissions)
		b.calm()
		view := d.pane.views[Permissions].(*accessView)
		d.win.Canvas().Focus(view.try) // which scrolls to it
		d.keep("check-button-" + name)
		d.press("info.check")
		b.until("the end of the check", func() bool { _, running, _, _ := b.vm.Check(); return !running })
		d.inside("check")
		d.keep("check-" + name)
		d.press("info.check.copy")
		if !strings.Contains(d.copied, "needs s3:GetIntelligentTieringConfiguration") {
			t.Errorf("copied is %q", d.copied)
		}
		d.press("info.check.back")
		b.until("the keyboard at the button", func() bool { return d.win.Canvas().Focused() == view.try })
	}
}
