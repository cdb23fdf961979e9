package outline_test

import (
	"image/color"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"pintail/ui/browser/rows"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
)

var theWhite = color.White

func folders(t *testing.T) *bench {
	b := newBench(t, "a.txt", "b.txt")
	b.add("", rows.Folder, "dir", "other")
	b.add("dir", rows.Object, "in1.txt", "in2.txt")
	return b // dir other a.txt b.txt
}

func TestOutline_OpensByDoubleClickAndReturn(t *testing.T) {
	b := newBench(t, numbered(3)...)
	var opened []outline.Key
	b.o.OnOpen = func(k outline.Key) { opened = append(opened, k) }
	b.press(b.at(1))
	b.release()
	b.now = b.now.Add(200 * time.Millisecond)
	b.press(b.at(1))
	b.release()
	if !slices.Equal(opened, []outline.Key{b.keys["file001.txt"]}) {
		t.Fatalf("opened %v", opened)
	}
	b.now = b.now.Add(time.Second)
	b.press(b.at(0))
	b.now = b.now.Add(200 * time.Millisecond)
	b.press(b.at(2)) // two clicks on two rows are none
	b.key(fyne.KeyReturn)
	if !slices.Equal(opened, []outline.Key{b.keys["file001.txt"], b.keys["file002.txt"]}) {
		t.Errorf("opened %v", opened)
	}
}

func TestOutline_OpensFoldersByTriangleAndArrows(t *testing.T) {
	b := folders(t)
	var told []bool
	b.o.OnToggle = func(k outline.Key, open bool) { told = append(told, open) }
	b.click(fyne.NewPos(12, b.at(0).Y))
	if b.s.Len() != 6 || !b.shows("in1.txt") {
		t.Fatalf("%d rows: %q", b.s.Len(), b.texts())
	}
	b.o.Select(b.keys["dir"])
	b.key(fyne.KeyRight)
	b.wantSelected("in1.txt")
	b.key(fyne.KeyLeft, fyne.KeyLeft)
	if b.s.Len() != 4 || b.shows("in1.txt") {
		t.Errorf("%d rows: %q", b.s.Len(), b.texts())
	}
	if !slices.Equal(told, []bool{true, false}) {
		t.Errorf("told %v", told)
	}
}

func TestOutline_RenamesInPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*bench, *kit.Entry)
		want string
	}{
		{"return", func(b *bench, e *kit.Entry) { e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }, "new.txt"},
		{"escape", func(b *bench, e *kit.Entry) { e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }, ""},
		{"leave", func(b *bench, e *kit.Entry) { b.w.Canvas().Unfocus() }, "new.txt"},
		{"click", func(b *bench, e *kit.Entry) { b.click(b.at(3)) }, "new.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, numbered(5)...)
			got := ""
			b.o.OnRename = func(k outline.Key, name string) { got += name }
			b.click(b.at(2))
			b.key(fyne.KeyF2)
			e, ok := b.w.Canvas().Focused().(*kit.Entry)
			if !ok {
				t.Fatal("the field is not focused")
			}
			if e.SelectedText() != "file002" {
				t.Fatalf("%q is selected, want the stem", e.SelectedText())
			}
			for _, r := range "new" {
				e.TypedRune(r)
			}
			c.end(b, e)
			if got != c.want || b.o.Renaming() != 0 {
				t.Errorf("renamed to %q, want %q; still editing %v", got, c.want, b.o.Renaming())
			}
			if c.name != "leave" && b.w.Canvas().Focused() != fyne.Focusable(b.o) {
				t.Error("the outline has not got the keyboard back")
			}
		})
	}
}

func TestOutline_RenamesFoldersWhole(t *testing.T) {
	b := newBench(t)
	b.add("", rows.Folder, "v1.2")
	b.o.OnRename = func(outline.Key, string) {}
	b.o.BeginRename(b.keys["v1.2"])
	if e := b.w.Canvas().Focused().(*kit.Entry); e.SelectedText() != "v1.2" {
		t.Errorf("%q is selected", e.SelectedText())
	}
}

func TestOutline_CallsTheContextMenu(t *testing.T) {
	b := newBench(t, numbered(3)...)
	var got []outline.Key
	b.o.OnMenu = func(k outline.Key, _ fyne.Position) { got = append(got, k) }
	b.o.MouseDown(b.event(b.at(1), desktop.MouseButtonSecondary))
	b.wantSelected("file001.txt")
	b.o.SelectAll()
	b.o.MouseDown(b.event(b.at(2), desktop.MouseButtonSecondary))
	if b.o.SelectedCount() != 3 {
		t.Error("the menu on a selected row changed the selection")
	}
	b.key(desktop.KeyMenu)
	b.mods = fyne.KeyModifierShift
	b.key(fyne.KeyF10)
	b.o.MouseDown(b.event(b.at(7), desktop.MouseButtonSecondary))
	k1, k2 := b.keys["file001.txt"], b.keys["file002.txt"]
	if !slices.Equal(got, []outline.Key{k1, k2, k2, k2, 0}) {
		t.Errorf("menus for %v", got)
	}
}

func TestOutline_DropsRowsOnFolders(t *testing.T) {
	b := folders(t)
	var target outline.Key
	var isCopy bool
	n := 0
	b.o.OnDrop = func(s *outline.Selection, k outline.Key, c bool) { target, isCopy, n = k, c, s.Len() }
	b.o.Select(b.keys["a.txt"], b.keys["b.txt"])
	b.press(b.at(2))
	b.dragTo(b.at(1))
	if b.layer.Label() != "2 items" {
		t.Errorf("label %q", b.layer.Label())
	}
	b.wantBack(1, look.ColorDropFill)
	b.mods = fyne.KeyModifierControl
	b.dragTo(b.at(1))
	b.drop()
	if target != b.keys["other"] || !isCopy || n != 2 {
		t.Errorf("dropped %d rows on %v, copy %v", n, target, isCopy)
	}
	if b.layer.Label() != "" {
		t.Error("the label is still there")
	}
	b.wantBack(1, look.ColorAlternate)
}

func TestOutline_DoesNotDropAFolderIntoItself(t *testing.T) {
	b := folders(t)
	b.s.SetOpen(b.keys["dir"], true)
	b.o.Changed(false)
	b.o.OnDrop = func(*outline.Selection, outline.Key, bool) { t.Error("dropped") }
	b.press(b.at(0))
	b.dragTo(b.at(1))
	b.drop()
	b.o.CanDrop = func(k outline.Key, _ bool) bool { return k != b.keys["other"] }
	b.press(b.at(4))
	b.dragTo(b.at(3))
	b.drop()
}

func TestOutline_EscapeCancelsADrag(t *testing.T) {
	b := folders(t)
	b.o.OnDrop = func(*outline.Selection, outline.Key, bool) { t.Error("dropped") }
	b.press(b.at(2))
	b.dragTo(b.at(1))
	b.key(fyne.KeyEscape)
	b.dragTo(b.at(0))
	b.drop()
	if b.layer.Label() != "" {
		t.Error("the label is still there")
	}
}

func TestOutline_TellsOfRowsOutside(t *testing.T) {
	b := folders(t)
	var got []outline.Out
	b.o.OnDragOut = func(_ *outline.Selection, _ fyne.Position, what outline.Out) {
		if len(got) == 0 || got[len(got)-1] != what {
			got = append(got, what)
		}
	}
	outside := fyne.NewPos(-50, 60)
	b.press(b.at(2))
	b.dragTo(outside)
	b.dragTo(b.at(1))
	b.dragTo(outside)
	b.drop()
	if !slices.Equal(got, []outline.Out{outline.OutMoving, outline.OutEnded, outline.OutMoving, outline.OutDropped}) {
		t.Errorf("there, back and dropped: %v", got)
	}
	got = nil
	b.press(b.at(2))
	b.dragTo(outside)
	b.key(fyne.KeyEscape)
	b.drop()
	if !slices.Equal(got, []outline.Out{outline.OutMoving, outline.OutEnded}) {
		t.Errorf("given up: %v", got)
	}
}

func TestOutline_SpringsFoldersOpenUnderARestingDrag(t *testing.T) {
	b := folders(t)
	b.press(b.at(2))
	b.dragTo(b.at(0))
	if b.s.IsOpen(b.keys["dir"]) {
		t.Fatal("opened at once")
	}
	b.now = b.now.Add(time.Second)
	b.o.Tick()
	if !b.s.IsOpen(b.keys["dir"]) {
		t.Error("still closed")
	}
	b.key(fyne.KeyEscape)
	b.drop()
}

func TestOutline_ScrollsWhileADragRestsAtTheEdge(t *testing.T) {
	b := newBench(t, numbered(100)...)
	b.press(b.at(1))
	b.dragTo(fyne.NewPos(60, 24+22*10-2))
	before := b.o.ScrollOffset()
	b.o.Tick()
	if b.o.ScrollOffset() <= before {
		t.Error("did not scroll down")
	}
	b.key(fyne.KeyEscape)
	b.drop()
}

func TestOutline_TellsWhereFilesFromOutsideWouldGo(t *testing.T) {
	b := folders(t)
	b.s.SetOpen(b.keys["dir"], true)
	b.o.Changed(false)
	for _, c := range []struct {
		at   fyne.Position
		want outline.Key
		in   bool
	}{{b.at(0), b.keys["dir"], true}, {b.at(1), b.keys["dir"], true}, {b.at(4), 0, true}, {b.at(8), 0, true}, {fyne.NewPos(900, 50), 0, false}} {
		if k, in := b.o.DropAt(c.at); k != c.want || in != c.in {
			t.Errorf("at %v: %v %v, want %v %v", c.at, k, in, c.want, c.in)
		}
	}
	b.o.SetDropTarget(b.keys["other"], true)
	b.wantBack(3, look.ColorDropFill)
	b.o.SetDropTarget(0, false)
	b.wantBack(3, look.ColorAlternate)
}

func TestOutline_HandsUnusedKeysOn(t *testing.T) {
	b := newBench(t, numbered(2)...)
	var keys []fyne.KeyName
	b.w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { keys = append(keys, e.Name) })
	b.key(fyne.KeyEscape, fyne.KeyF5, fyne.KeyDelete)
	deleted := 0
	b.o.OnDelete = func() { deleted++ }
	b.o.SelectAll()
	b.key(fyne.KeyDelete)
	if !slices.Equal(keys, []fyne.KeyName{fyne.KeyEscape, fyne.KeyF5, fyne.KeyDelete}) || deleted != 1 {
		t.Errorf("window got %v, deleted %d", keys, deleted)
	}
}
