package connection

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/internal/testkit"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline/model"
)

// existingBench asks about files from many goroutines; the test's goroutine is the window's thread.
type existingBench struct {
	t      *testing.T
	p      *Prompter
	win    fyne.Window
	parts  parts
	ref    string // of the connection that is asked about
	posted chan func()
	got    []chan answer[prompt.ExistingAnswer]
}

func newExistingBench(t *testing.T, names ...string) *existingBench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	b := &existingBench{t: t, parts: parts{}, posted: make(chan func(), 100), win: test.NewTempWindow(t, kit.NewLabel("", kit.LabelStyle{}))}
	b.win.Resize(fyne.NewSize(1000, 700))
	b.p = NewPrompter(a, func(f func()) { b.posted <- f }, b.parts.set)
	b.p.Use(func() fyne.Window { return b.win }, b.p.base)
	for i, name := range names {
		b.ask(t.Context(), name)
		b.until(name, func() bool { return b.p.existingShown != nil && b.p.waiting.Len() == i+1 })
	}
	return b
}

func (b *existingBench) ask(ctx context.Context, name string) {
	got := make(chan answer[prompt.ExistingAnswer], 1)
	b.got = append(b.got, got)
	go func() {
		v, err := b.p.Existing(ctx, prompt.Existing{Kind: "upload", Connection: b.ref, Source: prompt.Side{Name: "/src/" + name, Size: 5}, Target: prompt.Side{Name: "s3://b/" + name, Size: 7}})
		got <- answer[prompt.ExistingAnswer]{v, err}
	}()
}

func (b *existingBench) until(what string, ok func() bool) {
	b.t.Helper()
	testkit.Until(b.t, b.posted, ok, func() string { return what + " has not happened" })
}

// answered is what file i was told.
func (b *existingBench) answered(i int) prompt.ExistingAnswer {
	b.t.Helper()
	var a answer[prompt.ExistingAnswer]
	for end, waits := time.After(20*time.Second), true; waits; {
		select {
		case a = <-b.got[i]:
			waits = false
		case f := <-b.posted:
			f()
		case <-end:
			b.t.Fatalf("file %d gets no answer", i)
		}
	}
	if a.err != nil {
		b.t.Errorf("file %d: %v", i, a.err)
	}
	return a.value
}

func (b *existingBench) press(id string) { b.parts[id].(*kit.Button).Tapped(nil) }

// pick chooses the next action below the one that is shown.
func (b *existingBench) pick() {
	b.parts["existing.action"].(*kit.Select).TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
}

func TestExisting_TheActionIsForWhatIsTicked(t *testing.T) {
	b := newExistingBench(t, "a.txt", "b.txt", "c.txt")
	var row model.Row
	b.p.waiting.Row(1, &row)
	if row.Icon != "box-on" || row.Cells[0] != "b.txt" || row.Cells[1] != "5 B" || row.Cells[3] != "7 B" {
		t.Errorf("row %+v", row)
	}
	b.p.existingShown.flip([]model.Key{2})
	b.press("dialog.ok")
	for _, i := range []int{0, 2} {
		if a := b.answered(i); a != (prompt.ExistingAnswer{Action: prompt.Overwrite}) {
			t.Errorf("file %d: %+v", i, a)
		}
	}
	if b.p.waiting.Len() != 1 || b.p.existingShown == nil {
		t.Fatal("the file that was left out is not asked about any more")
	}
	b.pick()
	b.press("dialog.ok")
	if a := b.answered(1); a != (prompt.ExistingAnswer{Action: prompt.Skip}) {
		t.Errorf("the file that was left out: %+v", a)
	}
	if b.win.Canvas().Overlays().Top() != nil {
		t.Error("the question is still on screen")
	}
}

func TestExisting_ForAllAndTheNextQuestion(t *testing.T) {
	b := newExistingBench(t, "a.txt", "b.txt")
	b.parts["existing.all"].(*kit.Check).SetChecked(true)
	b.press("dialog.ok")
	for i := range 2 {
		if a := b.answered(i); a != (prompt.ExistingAnswer{Action: prompt.Overwrite, All: true}) {
			t.Errorf("file %d: %+v", i, a)
		}
	}
	b.ask(t.Context(), "late.txt") // of another transfer
	b.until("the next question", func() bool { return b.p.existingShown != nil })
	b.press("dialog.cancel")
	if a := b.answered(2); a != (prompt.ExistingAnswer{Action: prompt.Cancel, All: true}) {
		t.Errorf("cancelled: %+v", a)
	}
}

func TestExisting_EndsWithTheTransferAndWithTheWindow(t *testing.T) {
	b := newExistingBench(t, "a.txt")
	ctx, stop := context.WithCancel(t.Context())
	b.ask(ctx, "b.txt")
	b.until("the second file", func() bool { return b.p.waiting.Len() == 2 })
	stop()
	if a := <-b.got[1]; !errors.Is(a.err, context.Canceled) {
		t.Errorf("%+v", a)
	}
	b.until("its row's end", func() bool { return b.p.waiting.Len() == 1 })
	b.p.Closed(b.win)
	if a := b.answered(0); a != (prompt.ExistingAnswer{Action: prompt.Cancel, All: true}) {
		t.Errorf("after the window has closed: %+v", a)
	}
	b.until("the end", func() bool { return b.p.existingShown == nil && !b.p.existingAsked })
}

// TestExisting_IsRememberedForABookmark: the action is kept once for each connection that can keep it, with the box for all; the box is
// off where none of the files belongs to one.
func TestExisting_IsRememberedForABookmark(t *testing.T) {
	b := newExistingBench(t)
	var kept []string
	b.p.Remember(func(ref, kind string) bool { return ref == "mine" && kind == "upload" },
		func(ref, kind string, a prompt.Action) { kept = append(kept, ref+" "+kind+" "+string(a)) })
	ask := func(names ...string) {
		t.Helper()
		for i, name := range names {
			b.ask(t.Context(), name)
			b.until(name, func() bool { return b.p.existingShown != nil && b.p.waiting.Len() == i+1 })
		}
	}
	ask("a.txt")
	keep := b.parts["existing.remember"].(*kit.Check)
	if !keep.Disabled() || b.p.existingShown.row.Remark() == "" {
		t.Error("it can be remembered for a connection without a bookmark, or nothing says why not")
	}
	b.press("dialog.ok")
	b.answered(0)
	b.ref = "mine"
	ask("b.txt", "c.txt")
	keep = b.parts["existing.remember"].(*kit.Check)
	if keep.Disabled() || b.p.existingShown.row.Remark() != "" {
		t.Error("it cannot be remembered for a bookmark")
	}
	all := b.parts["existing.all"].(*kit.Check)
	keep.SetChecked(true)
	if all.SetChecked(false); keep.Checked {
		t.Error("remembered, but not for all")
	}
	if keep.SetChecked(true); !all.Checked {
		t.Error("remembered, but not for all")
	}
	b.pick()
	b.press("dialog.ok")
	for i := range 2 {
		if a := b.answered(1 + i); a != (prompt.ExistingAnswer{Action: prompt.Skip, All: true}) {
			t.Errorf("%+v", a)
		}
	}
	if len(kept) != 1 || kept[0] != "mine upload skip" {
		t.Errorf("kept %q", kept)
	}
}

// TestForm_ForgetsWhatIsDoneWithExistingFiles: the bookmark's form says what is remembered, keeps it, and takes it away when unticked.
func TestForm_ForgetsWhatIsDoneWithExistingFiles(t *testing.T) {
	b := bookmarks.Bookmark{Protocol: "s3", Hostname: "h.example.com", Custom: map[string]string{"queue.upload.action": "skip", "queue.download.action": "ask", "x": "y"}}
	f := NewBookmarkForm(bundled(t), nil, b)
	if !f.Shown(FieldExisting) || !f.usesAdvanced() || f.remembered() != "upload: Skip, keep what is there; download: Ask" {
		t.Errorf("%v, %q", f.Shown(FieldExisting), f.remembered())
	}
	if kept := f.Bookmark().Custom; kept["queue.upload.action"] != "skip" || kept["queue.download.action"] != "ask" {
		t.Errorf("saved without a change: %v", kept)
	}
	f.Existing = false
	if kept := f.Bookmark().Custom; len(kept) != 1 || kept["x"] != "y" {
		t.Errorf("unticked: %v", kept)
	}
	b.Custom = nil
	if f := NewBookmarkForm(bundled(t), nil, b); f.Shown(FieldExisting) || f.Bookmark().Custom != nil {
		t.Error("nothing is remembered, but shown")
	}
}
