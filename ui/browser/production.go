package browser

import (
	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/consent"
)

// Production tells whether the connection is marked so: what changes or takes away what is there is confirmed by typing.
func (vm *ViewModel) Production() bool { return vm.conn != nil && vm.conn.Production }

// Word is what has to be typed before something of the open connection is changed or taken away; "" for nothing.
func (vm *ViewModel) Word() string {
	if !vm.Production() {
		return ""
	}
	return plain(vm.Name())
}

// productionBadge is the mark of a row, in words: a colour alone tells not everybody.
func productionBadge(on bool) string {
	if on {
		return text.T("advanced.production_mark")
	}
	return ""
}

// destroying does what changes or takes away what is there. Where word is not empty it is asked for first,
// unless a question that has just been answered asked for it. Every such act of the window goes through here, from wherever it is begun.
func (vm *ViewModel) destroying(word string, q consent.Question, do func()) {
	if word == "" || vm.agreed {
		do()
		return
	}
	conn := vm.conn
	vm.Face.Agree(word, q, func() {
		if vm.conn == conn { // not of a connection that was left meanwhile
			do()
		}
	})
}

// answered does what a question was about that asked for the word itself.
func (vm *ViewModel) answered(do func()) {
	vm.agreed = true
	defer func() { vm.agreed = false }()
	do()
}

// Agree asks for the word and then does what q says.
func (w *Window) Agree(word string, q consent.Question, do func()) {
	consent.Ask(w.Win.Canvas(), w.register, word, q, do)
}

// typedName asks for the connection's name in a question's body, where it is marked as production.
func (w *Window) typedName(changed func()) *consent.Field {
	return consent.NewField(w.VM.Word(), w.register, changed)
}

// wordOf is the word of what is on the clipboard: what is cut is taken from the connection it was cut in, and put into the open one.
func (vm *ViewModel) wordOf(c *Clipboard) string {
	if !c.cut {
		return ""
	}
	return or(c.word, vm.Word())
}

func moving(n int) consent.Question {
	return consent.Question{Title: text.N("production.move", n, n), Text: text.T("production.move_text"), OK: text.T("production.move_ok")}
}

func renaming(name string) consent.Question {
	return consent.Question{Title: text.T("production.rename", plain(name)), Text: text.T("production.move_text"), OK: text.T("production.rename_ok")}
}

func reverting(n int) consent.Question {
	return consent.Question{Title: text.N("production.revert", n, n), Text: text.T("production.revert_text"), OK: text.T("production.revert_ok")}
}

func deleting(items []Item) consent.Question {
	return consent.Question{Title: text.N("browser.delete_title", len(items), len(items)), OK: deleteYes(items)}
}

func rewinding(p RewindPlan) consent.Question {
	return consent.Question{Title: text.T("old.rewind_title", plain(Title(p.At)), momentText(p.To)), OK: text.T("old.rewind_yes")}
}

// editing is the question about an edit of items.
func editing(items []Item, e storage.Edit) consent.Question {
	n := len(items)
	switch {
	case e.ACL != nil && len(e.ACL.Grant) > 0:
		return consent.Question{Title: text.N("edits.public_many", n, n), OK: text.T("edits.public_ok")}
	case e.ACL != nil:
		return consent.Question{Title: text.N("edits.private_many", n, n), OK: text.T("edits.private_ok")}
	case e.Lock != nil:
		return consent.Question{Title: text.N("locks.many", n, n), OK: text.T("locks.ok")}
	case e.Encryption != nil:
		return consent.Question{Title: text.N("edits.encrypt_many", n, n), OK: text.T("edits.encrypt_ok")}
	}
	return consent.Question{Title: text.N("edits.class_many", n, n), OK: text.T("edits.change_ok")}
}
