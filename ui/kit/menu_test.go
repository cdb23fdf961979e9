package kit_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// releaser is the part of an open menu that the pointer is over.
type releaser interface {
	desktop.Mouseable
	desktop.Hoverable
}

// A menu with no room below the pointer lies under it. Letting go of the button that opened it chooses nothing; a click does.
func TestMenu_TheReleaseThatOpenedItChoosesNothing(t *testing.T) {
	w := show(t, kit.NewPlate(look.ColorBar))
	chosen := 0
	var items []*fyne.MenuItem
	for range 40 {
		items = append(items, fyne.NewMenuItem("Do it", func() { chosen++ }))
	}
	at := fyne.NewPos(60, 200)
	m := kit.ShowMenu(w.Canvas(), fyne.NewMenu("", items...), at)
	var body releaser
	for _, o := range test.LaidOutObjects(m) {
		if r, ok := o.(releaser); ok && o != fyne.CanvasObject(m) {
			body = r
		}
	}
	if body == nil {
		t.Fatal("nothing takes the pointer")
	}
	event := func(abs fyne.Position, b desktop.MouseButton) *desktop.MouseEvent {
		return &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: abs, Position: fyne.NewPos(20, 200)}, Button: b}
	}
	body.MouseUp(event(at.AddXY(1, 2), desktop.MouseButtonSecondary))
	if chosen != 0 {
		t.Fatal("the release of the press that opened the menu has chosen")
	}
	body.MouseDown(event(at, desktop.MouseButtonPrimary))
	body.MouseUp(event(at, desktop.MouseButtonPrimary))
	if chosen != 1 {
		t.Errorf("a click in the same place has chosen %d times", chosen)
	}
	m = kit.ShowMenu(w.Canvas(), fyne.NewMenu("", items...), at)
	for _, o := range test.LaidOutObjects(m) {
		if r, ok := o.(releaser); ok && o != fyne.CanvasObject(m) {
			body = r
		}
	}
	body.MouseUp(event(at.AddXY(0, 40), desktop.MouseButtonSecondary)) // pressed, drawn to an item, let go
	if chosen != 2 {
		t.Errorf("a release elsewhere has chosen %d times", chosen)
	}
}
