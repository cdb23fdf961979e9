package outline

import (
	"math"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
)

const (
	scrollEdge  = 28 // pixels at both ends where a drag scrolls
	springDelay = 800 * time.Millisecond
)

// Dragged is called by the toolkit for each move with the button down.
func (o *Outline) Dragged(e *fyne.DragEvent) {
	m := &o.mouse
	m.at, m.abs = e.Position, e.AbsolutePosition
	if !m.moved {
		m.moved = true
		o.beginDrag()
	}
	o.drag()
}

func (o *Outline) beginDrag() {
	m := &o.mouse
	m.collapse, m.unselect = 0, 0
	m.lastKey = 0 // a drag is not the first half of a double click
	switch m.grip {
	case gripRows:
		if o.CanStart != nil && !o.CanStart(o.cursor) {
			m.grip = gripRefused
			return
		}
		o.startTicks()
	case gripBand:
		o.startTicks()
	}
}

// drag does what the pointer's place means; also called by the ticks while the pointer rests.
func (o *Outline) drag() {
	m := &o.mouse
	switch m.grip {
	case gripEdge:
		o.resizeColumn(m.col, m.startW+m.sign*(m.at.X-m.pressed.X))
	case gripTitle:
		m.insert = o.insertAt(m.at.X)
		o.Refresh()
	case gripThumb:
		if _, h, ok := o.thumb(); ok {
			y := float64(m.at.Y-o.headerHeight()) - m.thumbFrom
			o.ScrollToOffset(y / (o.viewHeight() - h) * (o.contentHeight() - o.viewHeight()))
		}
	case gripBand:
		o.moveBand()
	case gripRows:
		o.dragRows()
	}
}

// insertAt is the place in cols before which a dragged title would go.
func (o *Outline) insertAt(x float32) int {
	cols := o.layoutColumns(nil)
	for _, c := range cols {
		if x < c.x+c.w/2 {
			if c.decl.Fixed {
				return c.index + 1
			}
			return c.index
		}
	}
	return len(o.cols)
}

// copying tells whether the held keys ask for a copy.
func (o *Outline) copying() bool {
	return o.opt.Modifiers()&(fyne.KeyModifierShortcutDefault|fyne.KeyModifierAlt) != 0
}

func (o *Outline) dragRows() {
	m := &o.mouse
	isCopy := o.copying()
	target, inside := o.DropAt(m.abs)
	ok := inside && o.mayDrop(target, isCopy)
	if m.drop != target || m.dropOn != ok {
		m.spring = o.opt.Now()
	}
	o.SetDropTarget(target, ok)
	label := text.N("outline.drag.rows", o.sel.Len(), o.sel.Len())
	if isCopy {
		label = text.N("outline.drag.copy", o.sel.Len(), o.sel.Len())
	}
	o.opt.Layer.ShowLabel(label, m.abs)
	if inside {
		o.dragOut(OutEnded)
	} else {
		o.dragOut(OutMoving)
	}
}

// dragOut tells of rows outside of the outline; an end is told once, and only if they were outside.
func (o *Outline) dragOut(what Out) {
	was := o.mouse.out
	o.mouse.out = what == OutMoving
	if o.OnDragOut != nil && (was || what == OutMoving) {
		o.OnDragOut(o.Selection(), o.mouse.abs, what)
	}
}

// mayDrop tells whether the selection can go to target: never into itself or what it holds.
func (o *Outline) mayDrop(target Key, isCopy bool) bool {
	if target != 0 {
		i, ok := o.model.Index(target)
		for ; ok && i >= 0; i = o.model.Parent(i) {
			if o.sel.Has(o.model.Key(i)) {
				return false
			}
		}
	}
	return o.CanDrop == nil || o.CanDrop(target, isCopy)
}

// DragEnd is called by the toolkit when the button goes up after a drag.
func (o *Outline) DragEnd() {
	m := &o.mouse
	o.stopTicks()
	o.opt.Layer.HideLabel()
	grip, insert, col := m.grip, m.insert, m.col
	target, ok := m.drop, m.dropOn
	o.SetDropTarget(0, false)
	out, abs := m.out, m.abs
	m.reset()
	switch grip {
	case gripEdge:
		o.stateChanged()
	case gripTitle:
		if insert >= 0 {
			o.moveColumn(col, insert)
		}
	case gripRows:
		isCopy := o.copying()
		switch {
		case ok && o.OnDrop != nil:
			o.OnDrop(o.Selection(), target, isCopy)
		case out && o.OnDragOut != nil:
			o.OnDragOut(o.Selection(), abs, OutDropped)
		}
	}
	o.Refresh()
}

// cancelDrag gives a drag up, as Esc does; true if there was one.
func (o *Outline) cancelDrag() bool {
	m := &o.mouse
	if !m.moved || m.grip == gripNone || m.grip == gripRefused {
		return false
	}
	switch m.grip {
	case gripEdge:
		o.cols[m.col].width = m.startW
	case gripBand:
		if m.band.before != nil {
			o.sel = *m.band.before
			o.selected()
		}
	}
	m.grip, m.insert = gripRefused, -1
	o.dragOut(OutEnded)
	o.stopTicks()
	o.opt.Layer.HideLabel()
	o.SetDropTarget(0, false)
	o.Refresh()
	return true
}

// startBand makes the press the corner of a rubber band.
func (o *Outline) startBand(keep bool) {
	m := &o.mouse
	m.grip = gripBand
	y := o.off + float64(m.pressed.Y-o.headerHeight())
	m.band = band{x0: m.pressed.X, x1: m.pressed.X, y0: y, y1: y}
	if keep {
		m.band.before = o.Selection()
	} else {
		m.band.before = &Selection{}
	}
}

func (o *Outline) moveBand() {
	m := &o.mouse
	y := min(max(float64(m.at.Y-o.headerHeight()), 0), o.viewHeight())
	m.band.x1, m.band.y1 = m.at.X, o.off+y
	first := int(min(m.band.y0, m.band.y1) / o.rowHeight())
	last := int(math.Ceil(max(m.band.y0, m.band.y1) / o.rowHeight()))
	o.sel = *m.band.before.Clone()
	for i := max(first, 0); i < min(last, o.model.Len()); i++ {
		o.sel.Add(o.model.Key(i))
	}
	if i := o.rowAt(m.at.Y); i >= 0 {
		o.cursor = o.model.Key(i)
	}
	o.Refresh()
	o.selected()
}

// startTicks runs tick while a drag is under way: the toolkit is silent as long as the pointer rests.
func (o *Outline) startTicks() {
	o.stopTicks()
	o.mouse.scroll = &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever,
		Curve: fyne.AnimationLinear, Tick: func(float32) { o.tick() }}
	o.mouse.scroll.Start()
}

func (o *Outline) stopTicks() {
	if o.mouse.scroll != nil {
		o.mouse.scroll.Stop()
		o.mouse.scroll = nil
	}
}

// tick scrolls when the pointer is near an end, and opens the closed folder under a resting pointer.
func (o *Outline) tick() {
	m := &o.mouse
	if !m.moved || m.grip != gripRows && m.grip != gripBand {
		return
	}
	if step := o.edgeStep(); step != 0 {
		old := o.off
		o.ScrollToOffset(o.off + step)
		if o.off != old {
			o.drag()
		}
	}
	o.springOpen()
}

// edgeStep is how far to scroll: the nearer to the edge, or beyond it, the faster.
func (o *Outline) edgeStep() float64 {
	y := float64(o.mouse.at.Y - o.headerHeight())
	switch h := o.viewHeight(); {
	case y < scrollEdge:
		return max((y-scrollEdge)/4, -40)
	case y > h-scrollEdge:
		return min((y-(h-scrollEdge))/4, 40)
	}
	return 0
}

func (o *Outline) springOpen() {
	m := &o.mouse
	if m.grip != gripRows || !m.dropOn || m.drop == 0 || o.opt.Now().Sub(m.spring) < springDelay {
		return
	}
	i, ok := o.model.Index(m.drop)
	if !ok {
		return
	}
	var row Row
	o.model.Row(i, &row)
	if row.Expandable && !row.Expanded {
		m.spring = o.opt.Now()
		o.toggle(i, true)
	}
}
