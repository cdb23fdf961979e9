package browser

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pintail/preferences"
	"pintail/storage"
)

// begin begins an upload and sends the parts with these numbers.
func begin(t *testing.T, s *storage.Session, at storage.Location, numbers ...int32) {
	t.Helper()
	ctx := context.Background()
	u, err := s.CreateUpload(ctx, at, storage.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		if _, err := s.UploadPart(ctx, at, u, n, storage.Body{R: body("part of " + at.Key), Size: int64(len("part of " + at.Key))}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUploads_AreShownCompletedAndAborted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("a", "dir/x")
	begin(t, s, storage.Location{Bucket: "bucket", Key: "film"}, 1)
	begin(t, s, storage.Location{Bucket: "bucket", Key: "gap"}, 2)
	begin(t, s, storage.Location{Bucket: "bucket", Key: "dir/deep"}, 1)
	begin(t, s, storage.Location{Bucket: "bucket", Key: "only/here"}, 1)
	if err := preferences.ShowHidden.Set(b.prefs, true); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the uploads", func() bool { return !b.vm.Listing() })
	equal(t, "rows", b.oldRows(), []string{"folder dir/", "folder only/", "object a", "upload film", "upload gap"})
	it, _ := b.vm.store.Get(b.row("film"))
	if it.Size != int64(len("part of film")) || !strings.HasPrefix(it.Note, "begun ") {
		t.Errorf("the row is %+v", it)
	}
	if sum := b.vm.Summarize(b.sel(3, 4)); sum.Old.Uploads != 2 || sum.Old.Selected != 2 || sum.Old.Empty != 2 {
		t.Errorf("selected %+v", sum.Old)
	}
	both := b.vm.Items(b.sel(3, 4))
	if readable(both) != nil && len(readable(both)) > 0 || both[0].At.Version != "" {
		t.Errorf("an upload can be read: %+v", both)
	}

	b.vm.CompleteUploads(both)
	b.until("the end", func() bool { return len(b.reports) == 1 && b.vm.deed == nil && !b.vm.Listing() })
	equal(t, "completed", b.oldRows(), []string{"folder dir/", "folder only/", "object a", "object film", "upload gap"})
	if f := b.reports[0].Failures; len(f) != 1 || f[0].What != "gap" || !strings.Contains(f[0].Err.Error(), "part 1 is missing") {
		t.Errorf("failures %+v", f)
	}
	if got := contentOf(t, s, storage.Location{Bucket: "bucket", Key: "film"}); got != "part of film" {
		t.Errorf("film is %q", got)
	}

	var plan DeletePlan
	rest := b.vm.Items(b.sel(4))
	b.vm.PlanDelete(rest, func(p DeletePlan) { plan = p })()
	if plan.Old.Uploads != 1 || plan.Old.Held != int64(len("part of gap")) || plan.Objects != 0 {
		t.Errorf("plan %+v", plan)
	}
	b.vm.Delete(rest)
	b.until("the end", func() bool { return !slices.Contains(b.oldRows(), "upload gap") && b.vm.deed == nil && !b.vm.Listing() })
	for page, err := range s.ListUploads(context.Background(), "bucket", "", storage.ListOptions{}) {
		if err != nil || len(page.Uploads) != 2 { // those in the folders
			t.Errorf("left %+v, %v", page, err)
		}
	}
}
