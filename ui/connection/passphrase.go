package connection

import (
	"context"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/ui/kit"
)

// Passphrase asks for the passphrase of the encrypted file of secrets.
func (p *Prompter) Passphrase(ctx context.Context, q prompt.Passphrase) (string, error) {
	return ask(ctx, p, answer[string]{err: prompt.ErrDismissed}, func(in fyne.Window, done func(string, error)) onScreen {
		if q.New {
			return p.newPassphrase(in, q, done)
		}
		return p.passphrase(in, q, done)
	})
}

func (p *Prompter) passphrase(in fyne.Window, q prompt.Passphrase, done func(string, error)) onScreen {
	field := kit.NewPasswordEntry()
	title, words, verb := text.T("secrets.title"), text.T("secrets.text"), text.T("secrets.unlock")
	if q.Change {
		title, words, verb = text.T("secrets.change_title"), text.T("secrets.change_text"), text.T("secrets.next")
	}
	if q.Wrong {
		words = text.T("secrets.wrong")
	}
	ok := kit.NewButton(verb, kit.Default, func() { done(field.Text, nil) })
	ok.SetEnabled(false)
	field.OnChanged = func(s string) { ok.SetEnabled(s != "") }
	f := secretsForm(q)
	f.Add(text.T("secrets.phrase"), field)
	return p.secrets(in, title, words, f, field, ok, done)
}

// newPassphrase asks twice: a slip of the finger would lock the person out.
func (p *Prompter) newPassphrase(in fyne.Window, q prompt.Passphrase, done func(string, error)) onScreen {
	field, again := kit.NewPasswordEntry(), kit.NewPasswordEntry()
	ok := kit.NewButton(text.T("secrets.create"), kit.Default, func() { done(field.Text, nil) })
	f := secretsForm(q)
	f.Add(text.T("secrets.phrase"), field).SetHint(text.T("secrets.least", prompt.MinPassphrase))
	second := f.Add(text.T("secrets.again"), again)
	check := func(string) {
		long := utf8.RuneCountInString(field.Text) >= prompt.MinPassphrase
		ok.SetEnabled(long && again.Text == field.Text)
		if long && again.Text != "" && again.Text != field.Text {
			second.SetError(text.T("secrets.differ"))
		} else {
			second.SetHint(text.T("secrets.again_hint"))
		}
	}
	check("")
	field.OnChanged, again.OnChanged = check, check
	p.register("secrets.again", again)
	title, words := text.T("secrets.new_title"), text.T("secrets.new_text")
	if q.Change {
		title, words = text.T("secrets.changed_title"), text.T("secrets.changed_text")
	}
	return p.secrets(in, title, words, f, field, ok, done)
}

// secretsForm begins with the file that a passphrase is of.
func secretsForm(q prompt.Passphrase) *kit.Form {
	f := kit.NewForm()
	f.Add(text.T("secrets.file"), kit.NewLabel(q.File, kit.LabelStyle{Cut: kit.CutMiddle}))
	return f
}

// secrets shows a question for a passphrase.
func (p *Prompter) secrets(in fyne.Window, title, words string, f *kit.Form, field *kit.Entry, ok *kit.Button, done func(string, error)) onScreen {
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done("", prompt.ErrDismissed) })
	p.register("secrets.phrase", field)
	p.register("dialog.ok", ok)
	p.register("dialog.cancel", no)
	body := container.New(layout.NewCustomPaddedVBoxLayout(12), head("key", theme.ColorNamePrimary, title, words), f)
	return p.show(in, text.T("secrets.window"), body, field, no, ok)
}
