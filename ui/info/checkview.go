package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// checkView draws what the credentials may do: the operations by answer, what is denied first.
type checkView struct {
	p           *Pane
	shown       bool
	left        func()
	frame       *fyne.Container
	page        *kit.Page
	copy, again *kit.Button
	busy, fault *note
	drawn       int // operations that are drawn
	parts       []fyne.CanvasObject
}

func newCheckView(p *Pane, left func()) *checkView {
	v := &checkView{p: p, left: left, page: kit.NewPage(12, 10), busy: newNote(), fault: newNote(), drawn: -1}
	v.fault.ink = theme.ColorNameError
	back := kit.NewIconButton("back", text.T("check.back"), v.leave)
	v.copy = kit.NewButton(text.T("info.copy"), kit.Plain, func() { p.o.Copy(p.VM.CheckText()) })
	v.again = kit.NewButton(text.T("check.again"), kit.Plain, p.VM.OpenCheck)
	v.frame = container.NewBorder(pageHead(back, kit.NewLabel(text.T("check.title"), kit.LabelStyle{Bold: true, Cut: kit.CutEnd}), v.copy, v.again), nil, nil, nil, v.page)
	for id, o := range map[string]fyne.CanvasObject{"back": back, "copy": v.copy, "again": v.again, "busy": v.busy, "fault": v.fault} {
		p.register("check."+id, o)
	}
	return v
}

func (v *checkView) leave() {
	v.p.VM.CloseCheck()
	v.left()
}

// update shows the check; false if none is open.
func (v *checkView) update() bool {
	vm := v.p.VM
	groups, running, open, err := vm.Check()
	fresh := !v.shown
	if v.shown = open; !open {
		v.drawn, v.parts = -1, nil
		return false
	}
	if n := len(vm.check.list); n != v.drawn {
		v.drawn, v.parts = n, nil
		for _, g := range groups {
			v.parts = append(v.parts, probeSection(g))
		}
	}
	v.busy.set("")
	if running {
		v.busy.set(text.T("check.running"))
	}
	v.fault.set("")
	if err != nil {
		v.fault.set(explain.Error(err).Sentence)
	}
	v.copy.SetEnabled(!running && v.drawn > 0)
	v.again.SetEnabled(!running)
	v.page.SetParts(append([]fyne.CanvasObject{v.busy, v.fault}, v.parts...)...)
	if fresh {
		v.page.Top()
	}
	return true
}

// probeSection is a title with its number of operations, and a line or two for each.
func probeSection(g ProbeGroup) fyne.CanvasObject {
	n := int64(len(g.Probes))
	head := kit.NewLabel(text.T("check.group", g.Title, units.FormatCount(n)), kit.LabelStyle{Bold: true, Cut: kit.CutEnd})
	box := container.New(layout.NewCustomPaddedVBoxLayout(0), head)
	for _, p := range g.Probes {
		ink := look.ColorInk
		if g.State == storage.ProbeSkipped || g.State == storage.ProbeUnsupported {
			ink = look.ColorSecondary
		}
		box.Add(kit.NewLabel(p.Op, kit.LabelStyle{Cut: kit.CutMiddle, Color: ink}))
		words := probeWords(p)
		if words == "" {
			continue
		}
		color := look.ColorSecondary
		if g.State == storage.ProbeDenied || g.State == storage.ProbeFailed {
			color = theme.ColorNameError
		}
		box.Add(container.New(layout.NewCustomPaddedLayout(0, 4, 0, 0), kit.NewLabel(words, kit.LabelStyle{Size: theme.SizeNameCaptionText, Color: color, Cut: kit.CutEnd})))
	}
	return box
}
