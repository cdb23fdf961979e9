package outline_test

import (
	"fmt"
	"image/color"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"pintail/ui/browser/rows"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
)

// bench is one outline in a window with a clock and modifier keys that the test moves.
type bench struct {
	t     *testing.T
	o     *outline.Outline
	s     *rows.Store
	w     fyne.Window
	layer *kit.DragLayer
	mods  fyne.KeyModifier
	now   time.Time
	keys  map[string]outline.Key
}

// newBench shows an outline of the given size with these files at the top.
func newBench(t *testing.T, names ...string) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	b := &bench{t: t, now: time.Unix(1e9, 0), keys: map[string]outline.Key{}}
	b.s = rows.New(rows.Config{Columns: ids(objectColumns()), Zone: time.UTC})
	t.Cleanup(b.s.Close)
	b.add("", rows.Object, names...)
	b.layer = kit.NewDragLayer(canvas.NewRectangle(theWhite))
	b.o = outline.New(b.s, objectColumns(), outline.Options{Modifiers: func() fyne.KeyModifier { return b.mods },
		Now: func() time.Time { return b.now }, Layer: b.layer})
	b.layer.SetContent(b.o)
	b.w = test.NewTempWindow(t, b.layer)
	b.w.SetPadded(false)
	b.w.Resize(fyne.NewSize(600, 24+22*10))
	return b
}

// add puts rows below parent; folders are named without "/".
func (b *bench) add(parent string, kind rows.Kind, names ...string) {
	for _, n := range names {
		raw := n
		if kind == rows.Folder {
			raw += "/"
		}
		b.keys[n] = b.s.Append(b.keys[parent], []rows.Item{{Kind: kind, Name: raw, Size: int64(len(b.keys) + 1)}})[0]
	}
	if b.o != nil {
		b.o.Changed(false)
	}
}

func numbered(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("file%03d.txt", i))
	}
	return out
}

// at is a point on the name of row i as scrolled now.
func (b *bench) at(i int) fyne.Position {
	return fyne.NewPos(60, 24+float32(float64(i)*22-b.o.ScrollOffset())+11)
}

func (b *bench) event(p fyne.Position, button desktop.MouseButton) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p, AbsolutePosition: p}, Button: button, Modifier: b.mods}
}

func (b *bench) press(p fyne.Position) { b.o.MouseDown(b.event(p, desktop.MouseButtonPrimary)) }
func (b *bench) release()              { b.o.MouseUp(b.event(fyne.Position{}, desktop.MouseButtonPrimary)) }

func (b *bench) click(p fyne.Position) {
	b.press(p)
	b.release()
	b.now = b.now.Add(time.Second)
}

func (b *bench) dragTo(p fyne.Position) {
	b.o.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: p, AbsolutePosition: p}})
}

func (b *bench) drop() { b.release(); b.o.DragEnd() }

func (b *bench) key(names ...fyne.KeyName) {
	for _, n := range names {
		b.o.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

// selected is the names of the selected rows from top to bottom.
func (b *bench) selected() []string {
	out := []string{}
	for i := range b.s.Len() {
		if b.o.IsSelected(b.s.Key(i)) {
			out = append(out, b.name(b.s.Key(i)))
		}
	}
	return out
}

func (b *bench) name(k outline.Key) string {
	it, _ := b.s.Get(k)
	return rows.DisplayName(it.Name)
}

func (b *bench) wantSelected(names ...string) {
	b.t.Helper()
	if got := b.selected(); !slices.Equal(got, names) {
		b.t.Errorf("selected %q, want %q", got, names)
	}
	if b.o.SelectedCount() != len(names) {
		b.t.Errorf("count %d, want %d", b.o.SelectedCount(), len(names))
	}
}

// texts is every text drawn in the window: of the objects that are visible, and of the rows.
func (b *bench) texts() []string {
	var out []string
	for _, o := range test.LaidOutObjects(b.o) {
		if t, ok := o.(*canvas.Text); ok && t.Visible() && t.Text != "" {
			out = append(out, t.Text)
		}
	}
	return append(out, b.o.Drawn()...)
}

func (b *bench) shows(s string) bool { return slices.Contains(b.texts(), s) }

// back is the colour behind row i.
func (b *bench) back(i int) string {
	y := int(float64(i)*22-b.o.ScrollOffset()) + 11
	for _, o := range test.LaidOutObjects(b.o) {
		if img, ok := o.(*canvas.Image); ok && img.Visible() && img.Size().Width == 600 {
			return hex(img.Image.At(0, y))
		}
	}
	return "no stripes"
}

func hex(c color.Color) string {
	r, g, bl, _ := c.RGBA()
	return fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, bl>>8)
}

func (b *bench) wantBack(i int, n fyne.ThemeColorName) {
	b.t.Helper()
	if got, want := b.back(i), hex(look.Color(n)); got != want {
		b.t.Errorf("row %d is drawn in %s, want %s %s", i, got, n, want)
	}
}
