package uitest

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// The surfaces are there without being entered: "window:" and a title is all that a window says, "sheet" the question or
// report that lies over a window, "menu" the open menu, which has rows.
const (
	surfaceWindow = "window:"
	surfaceSheet  = "sheet"
	surfaceMenu   = "menu"
)

// surface finds the object of a surface's id; nil if it is not on screen.
func surface(id string) fyne.CanvasObject {
	windows := fyne.CurrentApp().Driver().AllWindows()
	for i := range windows {
		w := windows[len(windows)-1-i] // of two with one title the newer lies above
		if title, ok := strings.CutPrefix(id, surfaceWindow); ok {
			if w.Title() == title {
				return w.Canvas().Content()
			}
			continue
		}
		top := w.Canvas().Overlays().Top()
		if top == nil {
			continue
		}
		if p, ok := popUp(top); ok && id == surfaceSheet {
			return p.Content
		}
		if l, ok := top.(Lister); ok && id == surfaceMenu {
			return l
		}
	}
	return nil
}

// popUp is the sheet inside the toolkit's overlay, whose type cannot be named outside of the toolkit.
func popUp(overlay fyne.CanvasObject) (*widget.PopUp, bool) {
	v := reflect.ValueOf(overlay)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	f := v.Elem().FieldByName("Content")
	if !f.IsValid() || !f.CanInterface() {
		return nil, false
	}
	p, ok := f.Interface().(*widget.PopUp)
	return p, ok
}

// object is the part or surface with that id.
func (r *Registry) object(id string) (fyne.CanvasObject, bool) {
	if o, ok := r.parts[id]; ok {
		return o, true
	}
	o := surface(id)
	return o, o != nil
}

// inside is what a container's visible parts say, one after the other.
func inside(o fyne.CanvasObject) string {
	var words []string
	add := func(children ...fyne.CanvasObject) {
		for _, c := range children {
			if !c.Visible() {
				continue
			}
			if s := textOf(c); s != "" {
				words = append(words, s)
			}
		}
	}
	switch v := o.(type) {
	case *fyne.Container:
		add(v.Objects...)
	case *container.Scroll:
		add(v.Content)
	}
	return strings.Join(words, "\n")
}
