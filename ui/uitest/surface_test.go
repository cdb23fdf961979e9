package uitest_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/uitest"
)

func TestServe_TellsWhatWindowsSheetsAndMenusSay(t *testing.T) {
	reg, b, l := window(t)
	hidden := widget.NewLabel("hidden")
	hidden.Hide()
	k, post := newTalk(t, reg)
	if a := k.ask(`{"cmd":"wait","id":"sheet","gone":true,"timeout_ms":1}`); !a.OK {
		t.Errorf("no sheet: %+v", a)
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	post(func() {
		widget.NewModalPopUp(container.NewVBox(widget.NewLabel("Really?"), hidden, container.NewVScroll(widget.NewLabel("For ever"))), c).Show()
	})
	if a := k.ask(`{"cmd":"wait","id":"sheet","text":"Really?\nFor ever"}`); !a.OK || a.Parts[0].Text != "Really?\nFor ever" {
		t.Errorf("sheet %+v", a)
	}
	if a := k.ask(`{"cmd":"wait","id":"window:Main","text":"one"}`); !a.OK || a.Parts[0].Window != "Main" {
		t.Errorf("window %+v", a)
	}
	menu := &list{}
	menu.ExtendBaseWidget(menu)
	post(func() { c.Overlays().Add(menu) })
	if a := k.ask(`{"cmd":"wait","id":"menu","row":"a.txt"}`); !a.OK {
		t.Errorf("menu %+v", a)
	}
	least := b.MinSize()
	if p, _ := reg.Part("go"); p.MinW < int(least.Width)-1 || p.MinH < int(least.Height)-1 {
		t.Errorf("least size %+v of %v", p, least)
	}
}

func TestServe_TellsMemory(t *testing.T) {
	k, _ := newTalk(t, uitest.NewRegistry())
	if a := k.ask(`{"cmd":"memory"}`); !a.OK || a.Memory == nil || a.Memory.HeapBytes == 0 || a.Memory.Goroutines == 0 {
		t.Errorf("%+v", a)
	}
}
