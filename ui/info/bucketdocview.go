package info

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/report"
)

// docRows are the documents of a tab: what each has in a few words, and a way to its editor.
type docRows struct {
	p     *Pane
	tab   Tab
	title *kit.Label
	form  *kit.Form
	rows  []docRow
	width float32 // of the labels
}

type docRow struct {
	doc    Doc
	listed bool // there are several, each with an id
	words  *kit.Label
	open   *kit.Button
	row    *kit.FormRow
}

func newDocRows(p *Pane, t Tab, adopt func(fyne.CanvasObject)) *docRows {
	r := &docRows{p: p, tab: t, form: kit.NewForm(), title: kit.NewLabel(text.T("bucketinfo.documents"), kit.LabelStyle{Bold: true})}
	docs := p.VM.Docs(t)
	if t == Service {
		docs = append(docs, listedDocs()...)
	}
	for _, d := range docs {
		n := docRow{doc: d, listed: storage.HasIDs(d.Feature), words: kit.NewLabel("", kit.LabelStyle{Cut: kit.CutMiddle})}
		n.open = kit.NewButton(text.T("bucketinfo.edit"), kit.Plain, func() {
			switch {
			case d.Feature == lifecycle:
				p.VM.OpenRules()
			case storage.HasIDs(d.Feature):
				p.VM.OpenListed(d.Feature)
			default:
				p.VM.OpenDoc(d.Feature)
			}
		})
		n.row = r.form.Add(d.Label, container.NewBorder(nil, nil, nil, n.open, n.words))
		adopt(n.open)
		p.register("doc."+d.Feature, n.words)
		p.register("edit."+d.Feature, n.open)
		r.rows = append(r.rows, n)
		r.width = max(r.width, textWidth(d.Label))
	}
	return r
}

// focus gives the keyboard to the way to a document.
func (r *docRows) focus(feature string) {
	for _, n := range r.rows {
		if n.doc.Feature == feature {
			r.p.VM.Tasks.Post(func() { kit.FocusOn(n.open) }) // when it hangs in the window again
		}
	}
}

func (r *docRows) update() {
	for _, n := range r.rows {
		words, open, reason := r.p.VM.DocState(n.doc.Feature)
		if n.listed {
			words, open, reason = r.p.VM.ListedState(n.doc.Feature)
		}
		if r.p.VM.docs.changed(n.doc.Feature) || n.doc.Feature == lifecycle && len(r.p.VM.docs.form.pending()) > 0 {
			words = text.T("bucketinfo.changed")
		}
		n.words.SetText(words)
		n.open.SetEnabled(open)
		n.row.SetHint(reason)
	}
}

// docView draws the editor of the document that is open.
type docView struct {
	widget.BaseWidget
	p       *Pane
	tab     Tab
	back    *kit.IconButton
	title   *kit.Label
	add     *kit.Button
	del     *kit.Button
	editor  *editor
	note    *note
	fault   *note
	head    *fyne.Container
	feature string
	fill    bool         // the text is set by the program
	left    func(string) // it was left: of which document
}

func newDocView(p *Pane, t Tab, rows *docRows) *docView {
	v := &docView{p: p, tab: t, left: rows.focus, title: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutEnd}), note: newNote(), fault: newNote()}
	v.fault.ink = theme.ColorNameError
	v.back = kit.NewIconButton("back", text.T("bucketinfo.back"), v.leave)
	v.add = kit.NewButton(text.T("bucketinfo.templates"), kit.Plain, v.templates)
	v.del = kit.NewButton(text.T("bucketinfo.delete"), kit.Plain, v.askDelete)
	v.editor = newEditor(func(s string) {
		if !v.fill {
			p.VM.SetDocText(s)
		}
	})
	v.editor.field.OnEscape = func() bool { v.leave(); return true }
	v.head = container.NewBorder(nil, nil, container.NewCenter(v.back), container.New(layout.NewCustomPaddedHBoxLayout(8), v.add, v.del), v.title)
	id := "doc." + map[Tab]string{Permissions: "permissions", Service: "s3"}[t]
	for name, o := range map[string]fyne.CanvasObject{".back": v.back, ".templates": v.add, ".delete": v.del, ".text": v.editor, ".fault": v.fault} {
		p.register(id+name, o)
	}
	v.ExtendBaseWidget(v)
	return v
}

// leave closes the editor. What was typed stays, to be applied or reverted.
func (v *docView) leave() {
	feature := v.feature
	v.p.VM.OpenDoc("")
	v.left(feature)
}

// update shows the document that is open; false if none is.
func (v *docView) update() bool {
	vm := v.p.VM
	doc, ok := vm.OpenedDoc()
	if !ok || vm.Tab() != v.tab {
		v.feature = ""
		return false
	}
	_, open, reason := vm.DocState(doc.Feature)
	fresh := v.feature != doc.Feature
	v.feature = doc.Feature
	v.title.SetText(doc.Label)
	v.add.SetEnabled(vm.CanAdd())
	v.del.SetEnabled(vm.CanDeleteDoc(doc.Feature))
	v.fill = true
	v.editor.setText(vm.DocText(doc.Feature))
	v.fill = false
	if open {
		v.editor.field.Enable()
	}
	words, line := vm.DocFault()
	v.editor.mark(line)
	v.fault.set(words)
	v.note.set(or(reason, docNote(doc.Feature, vm.DocText(doc.Feature)+vm.docs.base(doc.Feature))))
	v.place(v.Size())
	if fresh {
		vm.Tasks.Post(func() { kit.FocusOn(v.editor.field) }) // when it hangs in the window
	}
	return true
}

// docNote says what somebody has to know who edits a document, or how to begin one.
func docNote(feature, there string) string {
	if there == "" {
		return text.T("bucketinfo.note_empty")
	}
	switch feature {
	case "notification":
		return text.T("bucketinfo.note_notification")
	case "replication":
		return text.T("bucketinfo.note_replication")
	case "object-lock":
		return text.T("bucketinfo.note_lock")
	}
	return ""
}

// templates offers what the document can be started from.
func (v *docView) templates() {
	v.templateMenu(v.add, v.feature, func(t Template, answer string) {
		v.p.VM.UseTemplate(t, answer)
		kit.FocusOn(v.editor.field)
	})
}

// templateMenu offers the templates of a feature below a button; use gets the one that is chosen.
func (v *docView) templateMenu(below fyne.CanvasObject, feature string, use func(t Template, answer string)) {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(below)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, t := range Templates(feature) {
		label := t.Label
		if t.Ask != "" {
			label += "…"
		}
		items = append(items, fyne.NewMenuItem(label, func() {
			if t.Ask == "" {
				use(t, "")
				return
			}
			askLine(c, v.p.o.Register, t.Label, t.Ask, t.Start, func(answer string) { use(t, answer) })
		}))
	}
	kit.ShowMenu(c, fyne.NewMenu("", items...), d.AbsolutePositionForObject(below).AddXY(0, below.Size().Height))
}

// askDelete asks before a document is taken away.
func (v *docView) askDelete() {
	if doc, ok := v.p.VM.OpenedDoc(); ok {
		v.askDeleteOf(v.del, doc.Feature)
	}
}

// askDeleteOf asks in the window of at before the document of a key is taken away.
func (v *docView) askDeleteOf(at fyne.CanvasObject, key string) {
	vm := v.p.VM
	c := fyne.CurrentApp().Driver().CanvasForObject(at)
	i := slices.IndexFunc(vm.docs.all(), func(d Doc) bool { return d.Feature == key })
	if c == nil || i < 0 {
		return
	}
	doc := vm.docs.all()[i]
	var sheet *kit.Sheet
	var field *consent.Field
	yes := kit.NewButton(text.T("info.destroy_now"), kit.Danger, func() { sheet.Close(); vm.DeleteDoc(doc.Feature) })
	field = consent.NewField(v.p.word(), v.p.o.Register, func() { yes.SetEnabled(field.Right()) })
	yes.SetEnabled(field.Right())
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	v.p.o.Register("dialog.ok", yes)
	v.p.o.Register("dialog.cancel", no)
	state, _, _ := vm.DocState(doc.Feature)
	title, _, _ := vm.Heading()
	sheet = kit.ShowSheet(c, text.T("bucketinfo.delete_title", doc.Label, title), container.New(layout.NewCustomPaddedVBoxLayout(8),
		report.Paragraph(text.T("bucketinfo.delete_text", state), sheetWidth(c, askWidth), kit.LabelStyle{}), field.Object), field.First(no), no, yes)
}

// CreateRenderer is called by the toolkit.
func (v *docView) CreateRenderer() fyne.WidgetRenderer { return &docRenderer{v} }

type docRenderer struct{ v *docView }

func (r *docRenderer) Layout(s fyne.Size) { r.v.place(s) }

// place puts the editor between the head and what is said below it.
func (v *docView) place(s fyne.Size) {
	const margin, gap = 12, 8
	w := s.Width - 2*margin
	h := v.head.MinSize().Height
	v.head.Move(fyne.NewPos(margin-6, margin-4))
	v.head.Resize(fyne.NewSize(w+6, h))
	top, bottom := margin-4+h+gap, s.Height-margin+4
	for _, n := range []*note{v.note, v.fault} {
		if high := n.HeightFor(w); high > 0 {
			bottom -= high
			n.Move(fyne.NewPos(margin, bottom))
			n.Resize(fyne.NewSize(w, high))
			bottom -= gap
		}
	}
	v.editor.Move(fyne.NewPos(margin, top))
	v.editor.Resize(fyne.NewSize(w, max(bottom-top, 60)))
}
func (r *docRenderer) MinSize() fyne.Size {
	return fyne.NewSize(max(r.v.head.MinSize().Width, 280)+12, 200)
}
func (r *docRenderer) Refresh() {
	r.v.place(r.v.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}
func (r *docRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.v.head, r.v.editor, r.v.fault, r.v.note}
}
func (r *docRenderer) Destroy() {}
