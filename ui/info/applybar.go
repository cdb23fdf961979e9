package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

// applyBar is the foot of the pane: how many changes there are, and what to do with them.
type applyBar struct {
	p             *Pane
	object        *fyne.Container
	line          fyne.CanvasObject
	words         *kit.Label
	revert, apply *kit.Button
	buttons       *fyne.Container
}

func newApplyBar(p *Pane) *applyBar {
	b := &applyBar{p: p, line: kit.NewHairline(), words: kit.NewCaption("")}
	b.revert = kit.NewButton(text.T("info.revert"), kit.Plain, func() {
		if _, _, busy := p.VM.Applying(); busy {
			p.VM.StopApplying()
		} else {
			p.VM.Revert()
		}
	})
	b.apply = kit.NewButton(text.T("info.apply"), kit.Default, b.look)
	b.buttons = container.New(layout.NewCustomPaddedHBoxLayout(8), b.revert, b.apply)
	b.object = container.New(layout.NewCustomPaddedVBoxLayout(0), b.line,
		container.New(layout.NewCustomPaddedLayout(3, 6, 12, 12), container.NewBorder(nil, nil, nil, b.buttons, b.words)))
	p.register("status", b.words)
	p.register("revert", b.revert)
	p.register("apply", b.apply)
	return b
}

func (b *applyBar) update() {
	vm := b.p.VM
	n := len(vm.Changes())
	done, total, busy := vm.Applying()
	active := n > 0 || busy
	words, ink := vm.Doing(), look.ColorSecondary
	switch {
	case busy:
		words = text.T("info.applying", done, total)
	case vm.Problem() != "":
		words, ink = vm.Problem(), theme.ColorNameError
	case n > 0:
		words = text.N("info.changes", n, n)
	}
	b.words.SetText(words)
	b.words.SetColor(ink)
	label := text.T("info.revert")
	if busy {
		label = text.T("info.stop")
	}
	b.revert.SetText(label)
	b.apply.SetEnabled(vm.CanApply())
	b.line.(interface{ Refresh() }).Refresh()
	if active != b.buttons.Visible() {
		if active {
			b.line.Show()
			b.buttons.Show()
		} else {
			b.line.Hide()
			b.buttons.Hide()
		}
		b.object.Refresh()
		b.p.frame.Refresh()
	}
}

// look shows what would change and asks for the word.
func (b *applyBar) look() {
	vm := b.p.VM
	c := fyne.CurrentApp().Driver().CanvasForObject(b.apply)
	if c == nil || !vm.CanApply() {
		return
	}
	width := sheetWidth(c, 440)
	box := container.New(layout.NewCustomPaddedVBoxLayout(6))
	for i, ch := range vm.Changes() {
		if i == changesShown {
			rest := len(vm.Changes()) - i
			box.Add(report.Paragraph(text.N("info.more_changes", rest, rest), width, kit.LabelStyle{Color: look.ColorSecondary}))
			break
		}
		box.Add(container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewLabel(ch.What, kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}),
			report.Paragraph(ch.Words(), width, kit.LabelStyle{})))
	}
	for _, s := range vm.Effects() {
		box.Add(report.Paragraph(s, width, kit.LabelStyle{Color: look.ColorSecondary}))
	}
	title, _, _ := vm.Heading()
	var sheet *kit.Sheet
	ok := kit.NewButton(text.T("info.apply_now"), kit.Default, func() { sheet.Close(); vm.Apply() })
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	b.p.o.Register("dialog.ok", ok)
	b.p.o.Register("dialog.cancel", cancel)
	first := b.typeName(box, width, ok)
	sheet = kit.ShowSheet(c, text.T("info.apply_title", title), box, first, cancel, ok)
}

// typeName asks in box for a word before ok can be pressed: for the name of the connection that is marked as production, else for the
// bucket's where the changes lock everybody out. It returns nil when nothing is asked.
func (b *applyBar) typeName(box *fyne.Container, width float32, ok *kit.Button) fyne.Focusable {
	vm, word := b.p.VM, b.p.word()
	if danger := vm.LockOut(); danger != "" {
		at, _ := vm.bucket()
		word = or(word, at.Bucket)
		box.Add(report.Paragraph(danger, width, kit.LabelStyle{Color: theme.ColorNameError}))
	}
	if word == "" {
		return nil
	}
	var field *consent.Field
	field = consent.NewField(word, b.p.o.Register, func() { ok.SetEnabled(field.Right()) })
	ok.SetEnabled(false)
	box.Add(field.Object)
	return field.First(nil)
}

// changesShown is how many changes a look shows.
const changesShown = 10
