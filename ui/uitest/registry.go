// Package uitest lets a test program find things in the running windows: it asks by id and gets places and texts.
// It must never act on anything: input comes from a real keyboard and mouse, so that nothing passes that a person could not do.
// Start reading at [Registry] (windows enter their parts) and [Serve] (tests ask).
package uitest

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Registry is the parts of the windows by id. A nil registry takes everything and keeps nothing, so windows need not
// care whether a test is watching. It belongs to the thread of the windows.
type Registry struct {
	parts map[string]fyne.CanvasObject
	areas map[string]area
}

// area is a place inside a part, such as a menu's title.
type area struct {
	owner fyne.CanvasObject
	text  string
	where func() (fyne.Position, fyne.Size)
}

// Lister is a part with rows.
type Lister interface {
	fyne.CanvasObject
	// UIRows gives the visible rows with places inside the part.
	UIRows() []Row
}

// Row is a row of a [Lister].
type Row struct {
	Name     string
	Selected bool
	Pos      fyne.Position
	Size     fyne.Size
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{parts: map[string]fyne.CanvasObject{}, areas: map[string]area{}}
}

// Set enters a part under an id such as "toolbar.upload"; an older part of that id is forgotten.
func (r *Registry) Set(id string, o fyne.CanvasObject) {
	if r != nil {
		r.parts[id] = o
	}
}

// SetArea enters a place inside a part; where is asked each time.
func (r *Registry) SetArea(id, text string, owner fyne.CanvasObject, where func() (fyne.Position, fyne.Size)) {
	if r != nil {
		r.areas[id] = area{owner, text, where}
	}
}

// Remove forgets ids, for windows that close.
func (r *Registry) Remove(ids ...string) {
	if r == nil {
		return
	}
	for _, id := range ids {
		delete(r.parts, id)
		delete(r.areas, id)
	}
}

// Bounds is a rectangle in pixels of the window's content.
type Bounds struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Part is what a test learns about a part.
type Part struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Bounds   Bounds `json:"bounds"`
	Window   string `json:"window"`
	Enabled  bool   `json:"enabled"`
	Selected bool   `json:"selected"`
	Visible  bool   `json:"visible"`
	Focused  bool   `json:"focused"`
	// MinW and MinH are the least size at which all of the part can be seen, in pixels.
	MinW int `json:"min_w"`
	MinH int `json:"min_h"`
}

// RowPart is what a test learns about a row.
type RowPart struct {
	Name     string `json:"name"`
	Selected bool   `json:"selected"`
	Bounds   Bounds `json:"bounds"`
}

// Dump describes all parts in the order of their ids.
func (r *Registry) Dump() []Part {
	out := []Part{}
	if r == nil {
		return out
	}
	for id := range r.parts {
		p, _ := r.Part(id)
		out = append(out, p)
	}
	for id := range r.areas {
		p, _ := r.Part(id)
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Object is the part with that id itself, for headless tests.
func (r *Registry) Object(id string) (fyne.CanvasObject, bool) {
	if r == nil {
		return nil, false
	}
	return r.object(id)
}

// Part describes the part with that id; false if there is none.
func (r *Registry) Part(id string) (Part, bool) {
	if r == nil {
		return Part{}, false
	}
	if a, ok := r.areas[id]; ok {
		p := describe(id, a.owner)
		pos, size := a.where()
		p.Text = a.text
		p.Bounds = bounds(a.owner, pos, size)
		return p, true
	}
	o, ok := r.object(id)
	if !ok {
		return Part{}, false
	}
	return describe(id, o), true
}

// Rows describes the visible rows of the part with that id; false if it is none with rows.
func (r *Registry) Rows(id string) ([]RowPart, bool) {
	if r == nil {
		return nil, false
	}
	o, _ := r.object(id)
	l, ok := o.(Lister)
	if !ok {
		return nil, false
	}
	out := []RowPart{}
	for _, row := range l.UIRows() {
		out = append(out, RowPart{Name: row.Name, Selected: row.Selected, Bounds: bounds(l, row.Pos, row.Size)})
	}
	return out, true
}

func describe(id string, o fyne.CanvasObject) Part {
	least := bounds(o, fyne.Position{}, o.MinSize())
	p := Part{ID: id, Text: textOf(o), Enabled: true, Bounds: bounds(o, fyne.Position{}, o.Size()), MinW: least.W, MinH: least.H}
	if d, ok := o.(fyne.Disableable); ok {
		p.Enabled = !d.Disabled()
	}
	if s, ok := o.(interface{ IsOn() bool }); ok {
		p.Selected = s.IsOn()
	}
	if c, ok := o.(interface{ IsChecked() bool }); ok {
		p.Selected = c.IsChecked()
	}
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(o)
	for _, w := range d.AllWindows() {
		if c != nil && w.Canvas() == c {
			p.Window = w.Title()
			f, can := o.(fyne.Focusable)
			p.Focused = can && c.Focused() == f
		}
	}
	p.Visible = o.Visible() && p.Window != "" && p.Bounds.W > 0 && p.Bounds.H > 0 && placed(o, c)
	return p
}

// placed tells whether o hangs in the window without a hidden part above it. The driver gives the place (0,0) to what
// it does not find, so that place counts only for what covers the window's corner.
func placed(o fyne.CanvasObject, c fyne.Canvas) bool {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	return !at.IsZero() || o == c.Content() || o.Position().IsZero()
}

func bounds(o fyne.CanvasObject, pos fyne.Position, size fyne.Size) Bounds {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(o)
	if c == nil {
		return Bounds{}
	}
	at := d.AbsolutePositionForObject(o).Add(pos)
	x, y := c.PixelCoordinateForPosition(at)
	x1, y1 := c.PixelCoordinateForPosition(at.AddXY(size.Width, size.Height))
	return Bounds{X: x, Y: y, W: x1 - x, H: y1 - y}
}

func textOf(o fyne.CanvasObject) string {
	switch v := o.(type) {
	case interface{ UIText() string }:
		return v.UIText()
	case interface{ Text() string }:
		return v.Text()
	case interface{ Caption() string }:
		return v.Caption()
	case interface{ Label() string }:
		return v.Label()
	case interface{ Selected() string }:
		return v.Selected()
	case interface{ FieldText() string }:
		return v.FieldText()
	case *widget.Label:
		return v.Text
	case *widget.Entry:
		return v.Text
	case *widget.RichText:
		return v.String()
	case *widget.Check:
		return v.Text
	}
	return inside(o)
}
