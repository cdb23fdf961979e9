package kit_test

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"pintail/ui/kit"
	"pintail/ui/look"
)

func show(t *testing.T, o fyne.CanvasObject) fyne.Window {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	w := test.NewTempWindow(t, o)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(400, 300))
	return w
}

func key(f fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		f.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func texts(root fyne.CanvasObject) []string {
	var out []string
	for _, o := range test.LaidOutObjects(root) {
		if t, ok := o.(*canvas.Text); ok && t.Visible() && t.Text != "" {
			out = append(out, t.Text)
		}
	}
	return out
}

func inkOf(root fyne.CanvasObject, text string) color.Color {
	for _, o := range test.LaidOutObjects(root) {
		if t, ok := o.(*canvas.Text); ok && t.Visible() && t.Text == text {
			return t.Color
		}
	}
	return nil
}

func mouse(x, y float32, b desktop.MouseButton) *desktop.MouseEvent {
	p := fyne.NewPos(x, y)
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p, AbsolutePosition: p}, Button: b}
}

func TestCutText_KeepsBothEnds(t *testing.T) {
	measure := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		in    string
		width float32
		cut   kit.Cut
		want  string
	}{
		{"abcdef", 6, kit.CutMiddle, "abcdef"}, {"abcdefgh", 6, kit.CutMiddle, "abc…gh"}, {"abcdefgh", 5, kit.CutEnd, "abcd…"},
		{"äöüÄÖÜß", 4, kit.CutMiddle, "äö…ß"}, {"abc", 1, kit.CutMiddle, "…"}, {"abc", 0, kit.CutEnd, ""}, {"", 5, kit.CutEnd, ""},
	} {
		if got := kit.CutText(c.in, c.width, c.cut, measure); got != c.want {
			t.Errorf("%q in %v: %q, want %q", c.in, c.width, got, c.want)
		}
	}
	long := strings.Repeat("x", 1024)
	calls := 0
	kit.CutText(long, 200, kit.CutMiddle, func(s string) float32 { calls++; return float32(len([]rune(s))) })
	if calls > 8 {
		t.Errorf("%d measurings of an even text", calls)
	}
}

func TestButtons_WorkByMouseAndKeyUnlessDisabled(t *testing.T) {
	n := 0
	act := func() { n++ }
	tool := kit.NewToolButton("upload", "Upload", act)
	for _, b := range []interface {
		fyne.Focusable
		fyne.Tappable
		fyne.CanvasObject
		SetEnabled(bool)
	}{tool, kit.NewIconButton("up", "Up", act), kit.NewButton("OK", kit.Default, act)} {
		n = 0
		show(t, b)
		test.Tap(b)
		key(b, fyne.KeySpace, fyne.KeyReturn)
		if n != 3 {
			t.Errorf("%T: pressed %d times, want 3", b, n)
		}
		b.SetEnabled(false)
		test.Tap(b)
		key(b, fyne.KeySpace)
		if n != 3 {
			t.Errorf("%T acts while disabled", b)
		}
	}
	if got := inkOf(tool, "Upload"); got == look.Color("foreground") {
		t.Error("a disabled tool button looks enabled")
	}
	tool.SetBadge("12", true)
	if !slices.Contains(texts(tool), "12") {
		t.Error("no badge")
	}
}

func TestMenu_IsReadableAndWorksByKeys(t *testing.T) {
	w := show(t, kit.NewPlate(look.ColorBar))
	var did []string
	item := func(name string, s fyne.Shortcut) *fyne.MenuItem {
		it := fyne.NewMenuItem(name, func() { did = append(did, name) })
		it.Shortcut = s
		return it
	}
	off := item("Off", nil)
	off.Disabled = true
	sub := fyne.NewMenuItem("More", nil)
	sub.ChildMenu = fyne.NewMenu("", item("Inner", nil))
	open := func() *kit.OpenMenu {
		return kit.ShowMenu(w.Canvas(), fyne.NewMenu("", item("Copy", &fyne.ShortcutCopy{}), fyne.NewMenuItemSeparator(), off, sub, item("Rename", kit.Key(fyne.KeyF2))), fyne.NewPos(300, 250))
	}
	m := open()
	hint := inkOf(m, "F2")
	if hint == nil || look.Contrast(hint, look.Color("menuBackground")) < 4.5 {
		t.Errorf("the shortcut is drawn in %v", hint)
	}
	key(m, fyne.KeyDown, fyne.KeyReturn)
	m = open()
	key(m, fyne.KeyDown, fyne.KeyDown, fyne.KeyRight, fyne.KeyDown, fyne.KeyReturn) // over separator and disabled
	m = open()
	m.TypedRune('r')
	key(m, fyne.KeyReturn)
	m = open()
	key(m, fyne.KeyUp, fyne.KeyEscape)
	if !slices.Equal(did, []string{"Copy", "Inner", "Rename"}) {
		t.Errorf("did %v", did)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("a menu is still open")
	}
	m = open()
	for _, o := range test.LaidOutObjects(m) {
		if _, isMenu := o.(*kit.OpenMenu); !isMenu && o.Position().X+o.Size().Width > 420 {
			t.Errorf("%T reaches out of the window", o)
		}
	}
	m.MouseDown(mouse(2, 2, desktop.MouseButtonPrimary))
	if w.Canvas().Overlays().Top() != nil {
		t.Error("a click beside it does not close the menu")
	}
}

func TestMenuBar_OpensMenusAndRunsShortcuts(t *testing.T) {
	e := kit.NewEntry()
	w := show(t, e)
	did := ""
	it := func(name string, s fyne.Shortcut) *fyne.MenuItem {
		i := fyne.NewMenuItem(name, func() { did += name })
		i.Shortcut = s
		return i
	}
	newItem := it("N", kit.Key(fyne.KeyN, fyne.KeyModifierControl))
	bar := kit.NewMenuBar(w, fyne.NewMainMenu(fyne.NewMenu("File", newItem), fyne.NewMenu("Edit", it("C", &fyne.ShortcutCopy{}))))
	w.SetContent(container.NewBorder(bar, nil, nil, nil, e))
	pos, size := bar.TitleBounds(1)
	bar.MouseDown(mouse(pos.X+size.Width/2, 5, desktop.MouseButtonPrimary))
	if m := bar.Open(); m == nil || m.Items()[0].Label != "C" {
		t.Fatal("Edit did not open")
	}
	key(bar.Open(), fyne.KeyLeft)
	key(bar.Open(), fyne.KeyReturn)
	if did != "N" || bar.Open() != nil {
		t.Errorf("did %q", did)
	}
	ctrlN := kit.Key(fyne.KeyN, fyne.KeyModifierControl)
	if !bar.Shortcut(ctrlN) || bar.Shortcut(kit.Key(fyne.KeyM, fyne.KeyModifierControl)) || !bar.Shortcut(&fyne.ShortcutCopy{}) {
		t.Error("the shortcuts do not find their items")
	}
	newItem.Disabled = true
	if bar.Shortcut(ctrlN) || did != "NNC" {
		t.Errorf("did %q", did)
	}
}

func TestShortcutText_IsShort(t *testing.T) {
	for want, s := range map[string]fyne.Shortcut{"Ctrl+Shift+N": kit.Key(fyne.KeyN, fyne.KeyModifierShift, fyne.KeyModifierControl),
		"F2": kit.Key(fyne.KeyF2), "Del": kit.Key(fyne.KeyDelete), "Alt+Down": kit.Key(fyne.KeyDown, fyne.KeyModifierAlt), "": nil} {
		if got := kit.ShortcutText(s); got != want && want != "Ctrl+Shift+N" || got == "" && want != "" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSelect_HasABorderAndWorksByKeys(t *testing.T) {
	got := []int{}
	s := kit.NewSelect([]string{"one", "two", "three"}, func(i int) { got = append(got, i) })
	w := show(t, container.NewVBox(s))
	framed := false
	for _, o := range test.LaidOutObjects(s) {
		if r, ok := o.(*canvas.Rectangle); ok && r.StrokeWidth > 0 && r.Size() == s.Size() {
			framed = true
		}
	}
	if !framed {
		t.Error("no border")
	}
	key(s, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyUp, fyne.KeySpace)
	m, ok := w.Canvas().Overlays().Top().(*kit.OpenMenu)
	if !ok || !m.Items()[0].Checked {
		t.Fatal("Space does not open the list at the choice")
	}
	key(m, fyne.KeyEnd, fyne.KeyReturn)
	if !slices.Equal(got, []int{0, 1, 0, 2}) || s.Selected() != "three" {
		t.Errorf("chose %v, is %q", got, s.Selected())
	}
	s.SetOptions([]string{"three", "four"})
	if s.Index() != 0 {
		t.Error("the choice was lost with new options")
	}
}

func TestSearchField_ClearsThenLeaves(t *testing.T) {
	var got []string
	left := 0
	f := kit.NewSearchField("Filter", "Clear", func(s string) { got = append(got, s) })
	f.OnLeave = func() { left++ }
	w := show(t, f)
	w.Canvas().Focus(f)
	test.Type(f, "ab")
	key(f, fyne.KeyEscape, fyne.KeyEscape)
	if !slices.Equal(got, []string{"a", "ab", ""}) || left != 1 {
		t.Errorf("changes %q, left %d", got, left)
	}
}

func TestSplit_KeepsItsPaneAndObeysKeys(t *testing.T) {
	side, rest := canvas.NewRectangle(color.White), canvas.NewRectangle(color.Black)
	side.SetMinSize(fyne.NewSize(80, 10))
	rest.SetMinSize(fyne.NewSize(100, 10))
	s := kit.NewSplit(true, true, side, rest, 120)
	w := show(t, s)
	if side.Size().Width != 120 || rest.Size().Width != 279 {
		t.Fatalf("%v and %v", side.Size(), rest.Size())
	}
	w.Resize(fyne.NewSize(500, 300))
	if side.Size().Width != 120 {
		t.Error("the fixed pane grew with the window")
	}
	moved := float32(0)
	s.OnMoved = func(v float32) { moved = v }
	w.Canvas().FocusNext()
	key(w.Canvas().Focused(), fyne.KeyRight)
	if moved != 130 || side.Size().Width != 130 {
		t.Errorf("moved to %v", moved)
	}
	grip := w.Canvas().Focused().(fyne.Draggable)
	grip.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-500, 0)})
	grip.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(480, 0)})
	grip.DragEnd()
	if side.Size().Width != 110 {
		t.Errorf("after running against the end: %v", side.Size().Width)
	}
	s.ShowFixed(false)
	if rest.Size().Width != 500 {
		t.Errorf("alone the rest has %v", rest.Size().Width)
	}
}

func TestThinBar_ShowsStatesByShape(t *testing.T) {
	b := kit.NewThinBar()
	show(t, b)
	shapes := map[string]kit.BarState{}
	for _, st := range []kit.BarState{kit.BarRunning, kit.BarUnknown, kit.BarPaused, kit.BarFailed, kit.BarDone} {
		b.Set(st, 0.5)
		shape := ""
		for _, o := range test.LaidOutObjects(b) {
			switch v := o.(type) {
			case *canvas.Rectangle:
				if v.Visible() {
					shape += "r"
					if v.Size().Height > 6 {
						t.Error("the bar is tall")
					}
				}
			case *canvas.Image:
				if v.Visible() {
					shape += v.Resource.Name()[:5]
				}
			}
		}
		if other, ok := shapes[shape]; ok && st != kit.BarUnknown {
			t.Errorf("states %v and %v look alike: %s", st, other, shape)
		}
		shapes[shape] = st
	}
}

func TestDialog_ReturnAndEscapePressButtons(t *testing.T) {
	show(t, kit.NewPlate(look.ColorBar))
	did := ""
	first, second := kit.NewEntry(), kit.NewSelect([]string{"a"}, nil)
	form := kit.NewForm()
	form.Add("Name", first)
	row := form.Add("Kind", second)
	ok := kit.NewButton("Save", kit.Default, func() { did += "S" })
	d := kit.NewDialog(fyne.CurrentApp(), "Edit", form, kit.NewButton("Cancel", kit.Cancel, func() { did += "C" }), ok)
	d.Show(nil)
	c := d.Window.Canvas()
	if c.Focused() != fyne.Focusable(first) {
		t.Fatalf("%T has the keyboard", c.Focused())
	}
	key(first, fyne.KeyReturn, fyne.KeyEscape)
	key(second, fyne.KeyReturn, fyne.KeyEscape)
	ok.SetEnabled(false)
	key(first, fyne.KeyReturn)
	if did != "SCSC" {
		t.Errorf("did %q", did)
	}
	row.SetError("Wrong.")
	if !slices.Contains(texts(form), "Wrong.") {
		t.Error("the error is not shown")
	}
	row.SetVisible(false)
	for _, o := range test.LaidOutObjects(form) {
		if l, ok := o.(*kit.Label); ok && l.Visible() && l.Text() == "Kind" {
			t.Error("a hidden row keeps its label")
		}
	}
	d.Close()
}

func TestSheet_TakesAndReturnsTheKeyboard(t *testing.T) {
	e := kit.NewEntry()
	w := show(t, e)
	before := 0
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { before++ })
	w.Canvas().Focus(e)
	var s *kit.Sheet
	did := ""
	s = kit.ShowSheet(w.Canvas(), "Delete?", kit.NewCaption("3 objects"), nil,
		kit.NewButton("Keep", kit.Cancel, func() { did += "K"; s.Close() }), kit.NewButton("Delete", kit.Default, func() { did += "D" }))
	key(w.Canvas().Focused(), fyne.KeyReturn, fyne.KeyEscape)
	if did != "DK" || w.Canvas().Overlays().Top() != nil || w.Canvas().Focused() != fyne.Focusable(e) {
		t.Errorf("did %q, focus %T", did, w.Canvas().Focused())
	}
	key(e, fyne.KeyEscape)
	if before != 1 {
		t.Error("the window did not get its keys back")
	}
}

func TestSourceList_SelectsOpensAndMoves(t *testing.T) {
	l := kit.NewSourceList()
	now := time.Unix(0, 0)
	l.Now = func() time.Time { return now }
	l.Modifiers = func() fyne.KeyModifier { return fyne.KeyModifierShift }
	var log []string
	say := func(what string) func(string) { return func(id string) { log = append(log, what+id) } }
	l.OnSelect, l.OnOpen, l.OnDelete, l.OnRename = say("select "), say("open "), say("delete "), say("rename ")
	l.OnContext = func(id string, _ fyne.Position) { log = append(log, "menu "+id) }
	l.OnToggle = func(id string, _ bool) { log = append(log, "toggle "+id) }
	l.SetItems([]kit.SourceItem{{Heading: true, Title: "BOOKMARKS"}, {ID: "a", Title: "Acme", Subtitle: "s3.example.com"}, {ID: "b", Title: "Beta"}, {ID: "g", Title: "Group", Expandable: true}})
	w := show(t, l)
	w.Canvas().FocusNext()
	f := w.Canvas().Focused()
	key(f, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn, fyne.KeyDelete, fyne.KeyF2, fyne.KeyF10)
	f.TypedRune('g')
	key(f, fyne.KeyRight)
	want := []string{"select a", "select b", "select a", "open a", "delete a", "rename a", "menu a", "select g", "toggle g"}
	if !slices.Equal(log, want) {
		t.Errorf("%q\nwant %q", log, want)
	}
	log = nil
	pos, size, _ := l.ItemBounds("b")
	m := f.(desktop.Mouseable)
	at := mouse(60, pos.Y+size.Height/2, desktop.MouseButtonPrimary)
	m.MouseDown(at)
	now = now.Add(100 * time.Millisecond)
	m.MouseDown(at)
	m.MouseDown(mouse(60, 200, desktop.MouseButtonSecondary))
	if !slices.Equal(log, []string{"select b", "open b", "menu "}) {
		t.Errorf("%q", log)
	}
	if l.ItemAt(fyne.NewPos(60, pos.Y+3)) != "b" || l.ItemAt(fyne.NewPos(60, 290)) != "" {
		t.Error("ItemAt is wrong")
	}
	moved := ""
	l.OnMove = func(id, before string, into bool) { moved = id + ">" + before }
	d := f.(fyne.Draggable)
	apos, _, _ := l.ItemBounds("a")
	d.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(60, apos.Y+2)}})
	d.DragEnd()
	if moved != "b>a" {
		t.Errorf("moved %q", moved)
	}
	l.SetItems(l.Items()[:2])
	if l.Selected() != "" {
		t.Error("a row that is gone is selected")
	}
}

func TestGraph_NewestIsAtTheRightAndTheHighestFillsIt(t *testing.T) {
	test.NewTempApp(t)
	g := kit.NewGraph(21)
	w := test.NewTempWindow(t, g)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(60, 21))
	g.Set([]float64{1, 0, 4})
	img := imageOf(t, g)
	inked := func(x int) (n int) {
		for y := range img.Bounds().Dy() {
			if _, _, _, a := img.At(x, y).RGBA(); a > 0 {
				n++
			}
		}
		return n
	}
	if a, b, c := inked(51), inked(54), inked(57); a != 5 || b != 0 || c != 20 {
		t.Errorf("bars of %d, %d and %d pixels, want 5, 0 and 20", a, b, c)
	}
}

func imageOf(t *testing.T, o fyne.CanvasObject) image.Image {
	t.Helper()
	for _, c := range test.LaidOutObjects(o) {
		if img, ok := c.(*canvas.Image); ok && img.Image != nil {
			return img.Image
		}
	}
	t.Fatal("no picture")
	return nil
}
