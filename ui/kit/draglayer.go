package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// DragLayer lies over a window's content and shows a label beside the pointer during a drag.
// It is not an overlay of the toolkit, because those take the pointer.
type DragLayer struct {
	widget.BaseWidget
	content fyne.CanvasObject
	label   *Badge
	free    *fyne.Container
}

// NewDragLayer returns content, which may be set later, with the layer over it.
func NewDragLayer(content fyne.CanvasObject) *DragLayer {
	d := &DragLayer{content: content, label: NewFloatingLabel("")}
	d.label.Hide()
	d.free = container.NewWithoutLayout(d.label)
	d.ExtendBaseWidget(d)
	return d
}

// SetContent replaces what lies below.
func (d *DragLayer) SetContent(content fyne.CanvasObject) { d.content = content; d.Refresh() }

// ShowLabel writes text beside the place at of the window.
func (d *DragLayer) ShowLabel(text string, at fyne.Position) {
	if d == nil {
		return
	}
	d.label.SetText(text)
	size := d.label.MinSize()
	d.label.Resize(size.AddWidthHeight(6, 4))
	p := at.AddXY(14, 10).Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(d))
	p.X = min(p.X, d.Size().Width-size.Width-8)
	p.Y = min(p.Y, d.Size().Height-size.Height-6)
	d.label.Move(p)
	d.label.Show()
	d.label.Refresh()
}

// HideLabel takes the label away.
func (d *DragLayer) HideLabel() {
	if d != nil {
		d.label.Hide()
	}
}

// Label is the text shown, empty when none is.
func (d *DragLayer) Label() string {
	if d == nil || !d.label.Visible() {
		return ""
	}
	return d.label.Text()
}

// CreateRenderer is called by the toolkit.
func (d *DragLayer) CreateRenderer() fyne.WidgetRenderer { return &dragRenderer{d} }

type dragRenderer struct{ d *DragLayer }

func (r *dragRenderer) Layout(s fyne.Size) { r.d.content.Resize(s); r.d.free.Resize(s) }
func (r *dragRenderer) MinSize() fyne.Size { return r.d.content.MinSize() }
func (r *dragRenderer) Refresh()           { r.Layout(r.d.Size()); r.d.content.Refresh() }
func (r *dragRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.content, r.d.free}
}
func (r *dragRenderer) Destroy() {}
