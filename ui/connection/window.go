package connection

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/keychain"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

// Window is the Open Connection window or the bookmark editor.
type Window struct {
	Dialog *kit.Dialog
	fields *Fields
	ok     *kit.Button
	trial  *trial // nil without Options.Try
}

// Options says what a window is for.
type Options struct {
	Title, OK string
	Register  func(string, fyne.CanvasObject)
	Done      func() // the default button was pressed with a form that is right
	Closed    func()
	// Try tests what is typed, as work of Tasks; nil: there is no such button.
	Try   Try
	Tasks *tasks.Group
	// Store is where a saved secret goes; it may block. nil: the system's keychain.
	Store func() keychain.StoreKind
	// Choose lets the person choose a local file; nil: paths are typed.
	Choose func(done func(paths []string))
}

// Show opens a window with the fields of f.
func Show(app fyne.App, f *Form, o Options) *Window {
	w := &Window{}
	w.fields = NewFields(f, o.Register, o.Choose)
	shut := func() {
		if w.trial != nil {
			w.trial.stop()
		}
		w.Dialog.Close()
		if o.Closed != nil {
			o.Closed()
		}
	}
	w.ok = kit.NewButton(o.OK, kit.Default, func() {
		if len(f.Errors()) > 0 {
			return
		}
		shut()
		o.Done()
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, shut)
	o.Register("connection.ok", w.ok)
	o.Register("connection.cancel", cancel)
	if o.Try != nil {
		w.trial = newTrial(o.Try, o.Tasks, func() fyne.Window { return w.Dialog.Window }, f.Spec, w.fit)
		w.fields.tools.Add(w.trial.button)
		w.fields.below.Add(w.trial)
		o.Register("connection.try", w.trial.button)
		o.Register("connection.steps", w.trial)
	}
	w.Dialog = kit.NewDialog(app, o.Title, w.fields.Object, cancel, w.ok)
	w.fields.Changed = func() {
		right := len(f.Errors()) == 0
		w.ok.SetEnabled(right)
		if w.trial != nil {
			w.trial.button.SetEnabled(right)
			w.trial.forget()
		}
		w.fit()
	}
	w.fields.Changed()
	if o.Store != nil {
		tasks.Run(o.Tasks, func(context.Context) (keychain.StoreKind, error) { return o.Store(), nil }, func(kind keychain.StoreKind, _ error) { w.fields.StoredIn(kind) })
	}
	w.Dialog.Show(w.fields.First())
	return w
}

// fit gives the window the height of its content.
func (w *Window) fit() {
	c := w.Dialog.Window.Content()
	if m := c.MinSize(); m.Height != c.Size().Height {
		w.Dialog.Window.Resize(fyne.NewSize(max(m.Width, c.Size().Width), m.Height))
	}
}

// QuickConnect asks for one line: a bookmark's name, a host or an address. done gets it.
func QuickConnect(c fyne.Canvas, names []string, register func(string, fyne.CanvasObject), done func(string)) {
	field := kit.NewEntry()
	field.SetPlaceHolder(text.T("connection.quick_field"))
	var s *kit.Sheet
	ok := kit.NewButton(text.T("connection.connect"), kit.Default, func() { s.Close(); done(field.Text) })
	ok.SetEnabled(false)
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	match := kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText, Cut: kit.CutEnd})
	match.SetText(text.T("connection.quick_text"))
	field.OnChanged = func(t string) {
		ok.SetEnabled(t != "")
		if n := completion(names, t); n != "" {
			match.SetText("→ " + n)
		} else {
			match.SetText(text.T("connection.quick_text"))
		}
	}
	field.OnKey = func(e *fyne.KeyEvent) bool { // Tab is the toolkit's; the right arrow at the end takes the name
		if n := completion(names, field.Text); e.Name == fyne.KeyRight && n != "" && field.CursorColumn == len([]rune(field.Text)) {
			field.SetText(n)
			field.CursorColumn = len([]rune(n))
			return true
		}
		return false
	}
	register("quick.field", field)
	register("dialog.ok", ok)
	register("dialog.cancel", cancel)
	body := container.New(layout.NewCustomPaddedVBoxLayout(6), newSpace(420, 1), field, match)
	s = kit.ShowSheet(c, text.T("connection.quick_title"), body, field, cancel, ok)
}
