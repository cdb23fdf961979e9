package info

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"pintail/internal/textdiff"
	"pintail/storage"
	"pintail/ui/look"
)

// compare compares the versions at rows and waits for what came of it.
func (b *bench) compare(rows ...int) Difference {
	b.t.Helper()
	older, newer, ok, reason := b.vm.Comparable(rows)
	if !ok {
		b.t.Fatalf("rows %v cannot be compared: %q", rows, reason)
	}
	var got *Difference
	b.vm.Compare(older, newer, func(d Difference, err error) { b.must(err); got = &d })
	b.until("the comparison", func() bool { return got != nil })
	return *got
}

func TestVersions_ComparedAsText(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.versioned()
	b.put("key", "one\ntwo\nthree\n", storage.WriteOptions{})
	b.put("key", "one\n2\nthree\n", storage.WriteOptions{})
	b.put("key", "\xff\x00binary", storage.WriteOptions{})
	b.put("key", strings.Repeat("x", compareLimit+1), storage.WriteOptions{})
	it := b.put("key", "one\n2\nthree\n", storage.WriteOptions{})
	b.vm.Choose(Versions)
	b.show(it)
	b.calm()
	want := []textdiff.Line{{Text: "one"}, {Op: textdiff.Old, Text: "two"}, {Op: textdiff.New, Text: "2"}, {Text: "three"}}
	for _, rows := range [][]int{{4}, {0, 4}, {4, 3}} { // with the current one, and whatever was clicked first
		d := b.compare(rows...)
		if len(d.Lines) != len(want) {
			t.Fatalf("%v: %+v", rows, d)
		}
		for i, l := range d.Lines {
			if l != want[i] {
				t.Errorf("%v: line %+v, not %+v", rows, l, want[i])
			}
		}
	}
	if d := b.compare(3); d.Reason != "Both versions have the same content." {
		t.Errorf("equal ones: %+v", d)
	}
	if d := b.compare(2); d.Reason != "A version is no text (UTF-8), so it is not compared." || d.Lines != nil {
		t.Errorf("what is no text: %+v", d)
	}
	if _, _, ok, reason := b.vm.Comparable([]int{1}); ok || reason != "Versions of more than 1.0 MiB are not compared" {
		t.Errorf("a great one: %v, %q", ok, reason)
	}
	for _, rows := range [][]int{nil, {0}, {0, 3, 4}} {
		if _, _, ok, _ := b.vm.Comparable(rows); ok {
			t.Errorf("%v can be compared", rows)
		}
	}
}

func TestPane_ComparesVersions(t *testing.T) {
	b := newBench(t)
	b.versioned()
	b.put("notes.txt", strings.Repeat("same\n", 20)+"\told line\n"+strings.Repeat("end\n", 5), storage.WriteOptions{})
	it := b.put("notes.txt", strings.Repeat("same\n", 20)+"\tnew line\nand one more\n"+strings.Repeat("end\n", 5), storage.WriteOptions{})
	for mode, name := range map[look.Mode]string{look.Light: "light", look.Dark: "dark"} {
		d := newDesk(t, b, mode, LeastWidth)
		b.vm.Choose(Versions)
		b.show(it)
		b.calm()
		v := d.pane.views[Versions].(*versionsView)
		v.list.SelectAll()
		d.inside("compare")
		d.keep("versions-" + name)
		before := len(fyne.CurrentApp().Driver().AllWindows())
		d.press("info.versions.compare")
		b.until("the window", func() bool { return len(fyne.CurrentApp().Driver().AllWindows()) > before })
		all := fyne.CurrentApp().Driver().AllWindows()
		w := all[len(all)-1]
		if w.Title() != "Compare versions of “notes.txt”" {
			t.Errorf("the window is %q", w.Title())
		}
		d.win, w = w, d.win
		d.keep("difference-" + name)
		d.win.Close()
		d.win = w
	}
	if s := lineWords(textdiff.Line{Op: textdiff.Old, Text: "\ta\rb"}); s != "−     a·b" {
		t.Errorf("a line is shown as %q", s)
	}
}
