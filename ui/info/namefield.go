package info

import (
	"strings"

	"pintail/internal/text"
	"pintail/ui/browser/rows"
	"pintail/ui/kit"
)

// formInset is how far before its fields a form's labels end, and what it keeps free before them.
const formInset = 24

// nameField is the name of the one selected object or folder: Enter renames, Escape and leaving it do not.
type nameField struct {
	p     *Pane
	form  *kit.Form
	row   *kit.FormRow
	entry *kit.Entry
	about Item
	asked string // the name that it is being given
}

func newNameField(p *Pane, page *kit.Page) *nameField {
	n := &nameField{p: p, form: kit.NewForm(), entry: kit.NewEntry()}
	n.row = n.form.Add(text.T("info.name"), n.entry)
	n.entry.OnSubmitted = func(name string) { n.rename(strings.TrimRight(name, "\n")) }
	n.entry.OnEscape = func() bool {
		changed := n.entry.Text != n.about.At.Name()
		n.entry.SetText(n.about.At.Name())
		n.row.SetError("")
		return changed
	}
	n.entry.OnBlur = func() { n.entry.OnEscape() }
	adopt(page, n.entry)
	p.register("name", n.entry)
	return n
}

// renames tells whether the name can be edited: one with characters that are shown as others cannot be typed here.
func (n *nameField) renames() bool {
	vm := n.p.VM
	it, ok := vm.single()
	return ok && n.p.o.Rename != nil && !it.At.IsBucket() && !vm.subject.Session.ReadOnly() && rows.DisplayName(it.At.Name()) == it.At.Name()
}

// update shows the name; false if it is only to be read. What is being typed stays while it is about the same thing.
func (n *nameField) update(label float32) bool {
	if !n.renames() {
		n.about = Item{}
		return false
	}
	it, _ := n.p.VM.single()
	if it.At != n.about.At {
		n.asked = ""
		n.row.SetError("")
		n.entry.SetText(it.At.Name())
	}
	n.about = it
	n.form.SetLabelWidth(label + factIn - formInset)
	return true
}

func (n *nameField) rename(name string) {
	if name == n.about.At.Name() || name == n.asked {
		return
	}
	problem := n.p.o.Rename(n.about, name)
	n.row.SetError(problem)
	if problem == "" {
		n.asked = name
	}
}
