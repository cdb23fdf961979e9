package outline_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"pintail/ui/browser/rows"
	"pintail/ui/look"
	"pintail/ui/outline"
)

func TestOutline_SelectsOnPress(t *testing.T) {
	b := newBench(t, numbered(5)...)
	told := 0
	b.o.OnSelect = func() { told++ }
	b.press(b.at(1))
	b.wantSelected("file001.txt")
	if told != 1 || !b.o.Focused() {
		t.Errorf("told %d times, focused %v", told, b.o.Focused())
	}
	b.wantBack(1, look.ColorSelected)
	b.w.Canvas().Unfocus()
	b.wantBack(1, look.ColorSelectedIdle)
}

func TestOutline_ExtendsWithShiftAndFlipsWithCtrl(t *testing.T) {
	b := newBench(t, numbered(8)...)
	b.click(b.at(1))
	b.mods = fyne.KeyModifierShift
	b.click(b.at(3))
	b.wantSelected("file001.txt", "file002.txt", "file003.txt")
	b.mods = fyne.KeyModifierControl
	b.click(b.at(2))
	b.click(b.at(6))
	b.wantSelected("file001.txt", "file003.txt", "file006.txt")
	b.mods = fyne.KeyModifierShift
	b.click(b.at(5))
	b.wantSelected("file005.txt", "file006.txt")
}

func TestOutline_CollapsesAGroupOnReleaseOnly(t *testing.T) {
	b := newBench(t, numbered(5)...)
	b.o.SelectAll()
	b.press(b.at(2))
	if b.o.SelectedCount() != 5 {
		t.Fatal("the press already collapsed the group, so it could not be dragged")
	}
	b.release()
	b.wantSelected("file002.txt")
}

func TestOutline_ClearsOnAClickBesideTheRows(t *testing.T) {
	b := newBench(t, numbered(3)...)
	b.o.SelectAll()
	b.click(b.at(6))
	b.wantSelected()
}

func TestOutline_MovesByKeys(t *testing.T) {
	b := newBench(t, numbered(40)...)
	b.click(b.at(0))
	for _, c := range []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyDown, "file001.txt"}, {fyne.KeyUp, "file000.txt"}, {fyne.KeyUp, "file000.txt"}, {fyne.KeyEnd, "file039.txt"},
		{fyne.KeyDown, "file039.txt"}, {fyne.KeyPageUp, "file030.txt"}, {fyne.KeyHome, "file000.txt"}, {fyne.KeyPageDown, "file009.txt"},
	} {
		b.key(c.key)
		if got := b.selected(); len(got) != 1 || got[0] != c.want {
			t.Errorf("after %s: %q, want %s", c.key, got, c.want)
		}
	}
	first, last := b.o.VisibleRange()
	if i, _ := b.s.Index(b.o.Current()); i < first || i >= last {
		t.Errorf("row %d is out of sight (%d to %d)", i, first, last)
	}
}

func TestOutline_ExtendsByShiftAndArrows(t *testing.T) {
	b := newBench(t, numbered(9)...)
	b.click(b.at(4))
	b.mods = fyne.KeyModifierShift
	b.key(fyne.KeyDown, fyne.KeyDown)
	b.wantSelected("file004.txt", "file005.txt", "file006.txt")
	b.key(fyne.KeyUp, fyne.KeyUp, fyne.KeyUp)
	b.wantSelected("file003.txt", "file004.txt")
}

func TestOutline_FlipsTheRowUnderTheCursorWithCtrlSpace(t *testing.T) {
	b := newBench(t, numbered(4)...)
	b.click(b.at(0))
	b.key(fyne.KeyDown)
	space := &desktop.CustomShortcut{KeyName: fyne.KeySpace, Modifier: fyne.KeyModifierShortcutDefault}
	b.o.TypedShortcut(space)
	b.wantSelected()
	b.o.TypedShortcut(space)
	b.wantSelected("file001.txt")
}

func TestOutline_SelectsScatteredRowsByKeyboard(t *testing.T) {
	b := newBench(t, numbered(6)...)
	b.key(fyne.KeyHome)
	walk := func(key fyne.KeyName) {
		b.o.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift})
	}
	space := &desktop.CustomShortcut{KeyName: fyne.KeySpace, Modifier: fyne.KeyModifierShortcutDefault}
	walk(fyne.KeyDown)
	walk(fyne.KeyDown)
	b.wantSelected("file000.txt")
	b.o.TypedShortcut(space)
	walk(fyne.KeyDown)
	walk(fyne.KeyDown)
	walk(fyne.KeyDown)
	walk(fyne.KeyDown) // beyond the last
	b.o.TypedShortcut(space)
	b.wantSelected("file000.txt", "file002.txt", "file005.txt")
	walk(fyne.KeyUp)
	b.wantSelected("file000.txt", "file002.txt", "file005.txt")
}

func TestOutline_LeavesCtrlWithArrowsToTheMenu(t *testing.T) {
	b := newBench(t, numbered(4)...)
	b.click(b.at(1))
	for _, key := range []fyne.KeyName{fyne.KeyUp, fyne.KeyUp, fyne.KeyDown} {
		b.o.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
	}
	b.wantSelected("file001.txt")
	b.o.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeySpace, Modifier: fyne.KeyModifierShortcutDefault})
	b.wantSelected() // the cursor is where it was
}

func TestOutline_SelectsAllAndInverts(t *testing.T) {
	b := newBench(t, numbered(4)...)
	b.o.TypedShortcut(&fyne.ShortcutSelectAll{})
	if b.o.SelectedCount() != 4 {
		t.Fatalf("%d selected", b.o.SelectedCount())
	}
	b.o.Select(b.keys["file001.txt"])
	b.o.InvertSelection()
	b.wantSelected("file000.txt", "file002.txt", "file003.txt")
	b.add("", rows.Object, "late.txt")
	b.wantSelected("file000.txt", "file002.txt", "file003.txt")
}

func TestOutline_SelectsByRubberBand(t *testing.T) {
	b := newBench(t, numbered(5)...)
	b.press(fyne.NewPos(400, 24+22*7)) // below the rows
	b.dragTo(fyne.NewPos(200, b.at(3).Y))
	b.wantSelected("file003.txt", "file004.txt")
	b.dragTo(fyne.NewPos(200, b.at(4).Y))
	b.wantSelected("file004.txt")
	b.drop()
	b.wantSelected("file004.txt")
	b.mods = fyne.KeyModifierControl
	b.press(fyne.NewPos(400, 24+22*7))
	b.dragTo(fyne.NewPos(200, b.at(4).Y))
	b.drop()
	b.wantSelected("file004.txt")
}

func TestOutline_FindsWhatIsTyped(t *testing.T) {
	b := newBench(t, "alpha.txt", "beta.txt", "Bravo one.txt", "charlie.txt")
	preview := 0
	b.o.OnSpace = func() { preview++ }
	typed := func(s string) {
		for _, r := range s {
			if r == ' ' {
				b.key(fyne.KeySpace)
			}
			b.o.TypedRune(r)
		}
	}
	typed("br")
	b.wantSelected("Bravo one.txt")
	typed("avo o")
	b.wantSelected("Bravo one.txt")
	if preview != 0 {
		t.Error("a space inside a typed name opened the preview")
	}
	b.now = b.now.Add(2 * time.Second)
	typed("b")
	b.wantSelected("beta.txt") // the next one, going round
	b.now = b.now.Add(2 * time.Second)
	typed(" ")
	if preview != 1 {
		t.Errorf("preview opened %d times", preview)
	}
}

func TestOutline_KeepsSelectionAndPlaceWhenRowsCome(t *testing.T) {
	b := newBench(t, numbered(60)...)
	b.o.Select(b.keys["file030.txt"])
	b.o.ScrollToOffset(22*25 + 7)
	top := b.o.VisibleRows()[0]
	b.add("", rows.Object, "aaa.txt", "aab.txt")
	if now := b.o.VisibleRows()[0]; now.Name != top.Name || now.Pos != top.Pos {
		t.Errorf("the first row was %v, is %v", top, now)
	}
	b.wantSelected("file030.txt")
	b.s.Remove(b.keys["file030.txt"])
	b.o.Changed(true)
	b.wantSelected()
}

func TestOutline_DropsTheSelectionInsideAClosedFolder(t *testing.T) {
	b := newBench(t, "z.txt")
	b.add("", rows.Folder, "dir")
	b.add("dir", rows.Object, "in.txt")
	b.s.SetOpen(b.keys["dir"], true)
	b.o.Changed(false)
	b.o.Select(b.keys["in.txt"], b.keys["z.txt"])
	b.o.Select(b.keys["z.txt"], b.keys["in.txt"])
	b.key(fyne.KeyLeft) // to the folder
	b.wantSelected("dir")
	b.o.Select(b.keys["in.txt"])
	b.click(fyne.NewPos(12, b.at(0).Y)) // its triangle
	b.wantSelected()
	if b.o.Current() != b.keys["dir"] {
		t.Error("the cursor is still inside the closed folder")
	}
}

func TestOutline_SelectionOfAMillionRowsIsSmall(t *testing.T) {
	var s outline.Selection
	for k := outline.Key(1); k <= 1_000_000; k++ {
		s.Add(k)
	}
	if s.Len() != 1_000_000 || !s.Has(1) || !s.Has(1_000_000) || s.Has(1_000_001) || s.Has(0) {
		t.Fatal("wrong set")
	}
	grown := testing.AllocsPerRun(1, func() {
		c := s.Clone()
		if c.Len() != s.Len() {
			t.Error("clone differs")
		}
	})
	if grown > 80 { // about one piece for each 32,768 keys
		t.Errorf("a copy takes %v allocations", grown)
	}
}
