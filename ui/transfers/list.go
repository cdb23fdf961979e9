package transfers

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/transfer"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const (
	transferHeight = 58
	fileHeight     = 22
	doubleClick    = 400 * time.Millisecond
)

// list draws the transfers and the files of those that are open: only what is seen is formatted and placed.
type list struct {
	widget.BaseWidget
	vm     *ViewModel
	scroll *container.Scroll
	mods   kit.Modifiers
	onMenu func(at fyne.Position)
	onKey  func(*fyne.KeyEvent) bool

	tops     []float32 // of each transfer
	total    float32
	heads    []*headRow
	files    []*fileRow
	focused  bool
	lastDown time.Time
	lastRow  transfer.ID
	now      func() time.Time

	drag   bool // rows are being dragged
	insert int  // place before which they would go
}

func newList(vm *ViewModel) *list {
	l := &list{vm: vm, mods: kit.HeldModifiers, now: time.Now}
	l.ExtendBaseWidget(l)
	l.scroll = container.NewVScroll(l)
	l.scroll.OnScrolled = func(fyne.Position) { l.Refresh() }
	return l
}

// measure finds where each transfer begins.
func (l *list) measure() {
	l.tops = l.tops[:0]
	y := float32(0)
	l.vm.Heights(func(_ transfer.ID, files int) {
		l.tops = append(l.tops, y)
		y += transferHeight + float32(files)*fileHeight
	})
	l.total = y
}

// at is the transfer and the file (or -1) at the height y of the content; false below the last.
func (l *list) at(y float32) (transfer.ID, int, bool) {
	if y < 0 || y >= l.total {
		return 0, 0, false
	}
	k, found := slices.BinarySearch(l.tops, y)
	if !found {
		k--
	}
	t := l.vm.feed.Transfers()[k]
	inside := y - l.tops[k] - transferHeight
	if inside < 0 {
		return t.ID, -1, true
	}
	return t.ID, int(inside / fileHeight), true
}

// show scrolls so that transfer id is seen.
func (l *list) show(id transfer.ID) {
	k := slices.IndexFunc(l.vm.feed.Transfers(), func(t transfer.Transfer) bool { return t.ID == id })
	if k < 0 || k >= len(l.tops) {
		return
	}
	top, view := l.tops[k], l.scroll.Size().Height
	y := l.scroll.Offset.Y
	switch {
	case top < y:
		y = top
	case top+transferHeight > y+view:
		y = top + transferHeight - view
	default:
		return
	}
	l.scroll.ScrollToOffset(fyne.NewPos(0, y))
}

// update is called after each change of the view-model.
func (l *list) update() {
	before := l.total
	l.measure()
	if before != l.total {
		l.scroll.Refresh()
	}
	l.Refresh()
}

// MouseDown selects, opens by the triangle or a double click, and opens the context menu.
func (l *list) MouseDown(e *desktop.MouseEvent) {
	kit.FocusOn(l)
	id, file, ok := l.at(e.Position.Y)
	if !ok {
		return
	}
	if e.Button == desktop.MouseButtonSecondary {
		if !l.vm.Selected(id) {
			l.vm.Select(id, false, false)
		}
		l.onMenu(e.AbsolutePosition)
		return
	}
	m := l.mods()
	if file < 0 && e.Position.X < triangleRoom {
		l.vm.Toggle(id)
		return
	}
	twice := l.lastRow == id && l.now().Sub(l.lastDown) < doubleClick
	l.lastRow, l.lastDown = id, l.now()
	if twice && file < 0 {
		l.lastRow = 0
		l.vm.Toggle(id)
		return
	}
	l.vm.Select(id, m&fyne.KeyModifierShortcutDefault != 0, m&fyne.KeyModifierShift != 0)
}

// MouseUp is called by the toolkit.
func (l *list) MouseUp(*desktop.MouseEvent) {}

// Dragged moves the selected transfers to another place: which are served first.
func (l *list) Dragged(e *fyne.DragEvent) {
	if !l.drag && !l.vm.Movable(l.vm.Anchor()) {
		return
	}
	l.drag, l.lastRow = true, 0
	l.insert = l.insertAt(e.Position.Y)
	l.Refresh()
}

// DragEnd is called by the toolkit.
func (l *list) DragEnd() {
	if l.drag {
		l.drag = false
		l.vm.MoveTo(l.insert)
		l.Refresh()
	}
}

// insertAt is the place between transfers that is nearest to the height y.
func (l *list) insertAt(y float32) int {
	for k, top := range l.tops {
		if y < top+transferHeight/2 {
			return k
		}
	}
	return len(l.tops)
}

// FocusGained is called by the toolkit.
func (l *list) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost is called by the toolkit.
func (l *list) FocusLost() { l.focused = false; l.Refresh() }

// TypedRune is called by the toolkit.
func (l *list) TypedRune(rune) {}

// TypedShortcut selects everything, and hands all else on to the window.
func (l *list) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		l.vm.SelectAll()
		return
	case *desktop.CustomShortcut:
		if d := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[s.KeyName]; d != 0 && s.Modifier == fyne.KeyModifierShortcutDefault {
			l.vm.Move(d)
			return
		}
	}
	kit.PassShortcut(l, s)
}

// TypedKey moves the selection and opens transfers.
func (l *list) TypedKey(e *fyne.KeyEvent) {
	extend := l.mods()&fyne.KeyModifierShift != 0
	perPage := max(1, int(l.scroll.Size().Height/transferHeight)-1)
	switch e.Name {
	case fyne.KeyUp:
		l.vm.Step(-1, extend)
	case fyne.KeyDown:
		l.vm.Step(1, extend)
	case fyne.KeyPageUp:
		l.vm.Step(-perPage, extend)
	case fyne.KeyPageDown:
		l.vm.Step(perPage, extend)
	case fyne.KeyHome:
		l.vm.Step(-len(l.tops), extend)
	case fyne.KeyEnd:
		l.vm.Step(len(l.tops), extend)
	case fyne.KeyRight, fyne.KeyLeft:
		if a := l.vm.Anchor(); a != 0 && l.vm.Open(a) != (e.Name == fyne.KeyRight) {
			l.vm.Toggle(a)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if a := l.vm.Anchor(); a != 0 {
			l.vm.Toggle(a)
		}
	default:
		if !l.onKey(e) {
			kit.PassKey(l, e)
		}
		return
	}
	l.show(l.vm.Anchor())
}

// CreateRenderer is called by the toolkit.
func (l *list) CreateRenderer() fyne.WidgetRenderer {
	l.measure()
	return &listRenderer{l: l, mark: canvas.NewRectangle(nil)}
}

type listRenderer struct {
	l       *list
	mark    *canvas.Rectangle // where dragged transfers would go
	objects []fyne.CanvasObject
}

func (r *listRenderer) MinSize() fyne.Size { return fyne.NewSize(240, r.l.total) }
func (r *listRenderer) Layout(fyne.Size)   { r.place() }
func (r *listRenderer) Refresh()           { r.place(); canvas.Refresh(r.l) }
func (r *listRenderer) Destroy()           {}

// Objects are the rows in view.
func (r *listRenderer) Objects() []fyne.CanvasObject { return r.objects }

// place puts the rows that are in view where they belong.
func (r *listRenderer) place() {
	l := r.l
	top, height := l.scroll.Offset.Y, l.scroll.Size().Height
	width := l.Size().Width
	r.objects = r.objects[:0]
	heads, files := 0, 0
	for k, t := range l.vm.feed.Transfers() {
		if k >= len(l.tops) || l.tops[k] >= top+height {
			break
		}
		end := l.total
		if k+1 < len(l.tops) {
			end = l.tops[k+1]
		}
		if end <= top {
			continue
		}
		if y := l.tops[k]; y+transferHeight > top {
			row := grow(&l.heads, heads, newHeadRow)
			heads++
			row.fill(l, t)
			row.place(y, width)
			r.objects = append(r.objects, row.objects...)
		}
		files = r.placeFiles(t, l.tops[k]+transferHeight, end, top, top+height, files)
	}
	r.placeMark()
}

// placeMark draws the line at which dragged transfers would go.
func (r *listRenderer) placeMark() {
	l := r.l
	if !l.drag {
		return
	}
	y := l.total
	if l.insert < len(l.tops) {
		y = l.tops[l.insert]
	}
	r.mark.FillColor = theme.Color(theme.ColorNamePrimary)
	r.mark.Move(fyne.NewPos(0, max(0, y-2)))
	r.mark.Resize(fyne.NewSize(l.Size().Width, 3))
	r.objects = append(r.objects, r.mark)
}

func (r *listRenderer) placeFiles(t transfer.Transfer, from, to, top, bottom float32, used int) int {
	if from >= to || from >= bottom {
		return used
	}
	first := max(0, int((top-from)/fileHeight))
	last := min(int((to-from)/fileHeight+0.5), int((bottom-from)/fileHeight)+1)
	r.l.vm.Need(t.ID, first, last-first)
	for i := first; i < last; i++ {
		row := grow(&r.l.files, used, newFileRow)
		used++
		it, ok := r.l.vm.File(t.ID, i)
		row.fill(r.l, t, it, ok)
		row.place(from+float32(i)*fileHeight, r.l.Size().Width)
		r.objects = append(r.objects, row.objects...)
	}
	return used
}

// grow returns element i of pool, making it when the view has never shown so many rows.
func grow[T any](pool *[]*T, i int, make func() *T) *T {
	if i == len(*pool) {
		*pool = append(*pool, make())
	}
	return (*pool)[i]
}

// inks are the colours of a row's texts: on a selected row one for all.
func (l *list) inks(selected bool) (back, text, grey fyne.ThemeColorName) {
	switch {
	case selected && l.focused: // a tint, on which the bars can be told from the ground
		return look.ColorDropFill, theme.ColorNameForeground, theme.ColorNameForeground
	case selected:
		return look.ColorSelectedIdle, theme.ColorNameForeground, theme.ColorNameForeground
	}
	return look.ColorBody, theme.ColorNameForeground, look.ColorSecondary
}
