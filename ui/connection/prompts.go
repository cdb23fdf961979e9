package connection

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

// Prompter answers the core's questions with small windows, one at a time. Its methods wait for the person and so must not be
// called on the window's thread.
type Prompter struct {
	app      fyne.App
	post     func(func())
	register func(id string, o fyne.CanvasObject)
	turn     chan struct{} // holds one token: the right to ask
}

// NewPrompter returns a prompter of app. post runs a function on the window's thread; register may do nothing.
func NewPrompter(app fyne.App, post func(func()), register func(string, fyne.CanvasObject)) *Prompter {
	p := &Prompter{app: app, post: post, register: register, turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

type answer[T any] struct {
	value T
	err   error
}

// ask shows a dialog and waits for its answer; the end of ctx closes it. show is called on the window's thread.
func ask[T any](ctx context.Context, p *Prompter, show func(done func(T, error)) *kit.Dialog) (T, error) {
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case <-p.turn:
	}
	defer func() { p.turn <- struct{}{} }()
	got := make(chan answer[T], 1)
	p.post(func() {
		if ctx.Err() != nil {
			return
		}
		var d *kit.Dialog
		open := true
		shut := func() {
			if open {
				open = false
				d.Close()
			}
		}
		d = show(func(v T, err error) {
			if open {
				shut()
				got <- answer[T]{v, err}
			}
		})
		context.AfterFunc(ctx, func() { p.post(shut) })
		d.Window.RequestFocus()
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case a := <-got:
		return a.value, a.err
	}
}

const promptWidth = 420

// head is an icon beside a question and its consequences.
func head(icon string, ink fyne.ThemeColorName, title, words string) fyne.CanvasObject {
	img := canvas.NewImageFromResource(look.IconIn(icon, ink))
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(28))
	box := container.New(layout.NewCustomPaddedVBoxLayout(6),
		report.Paragraph(title, promptWidth, kit.LabelStyle{Bold: true, Size: theme.SizeNameSubHeadingText}))
	if words != "" {
		box.Add(report.Paragraph(words, promptWidth, kit.LabelStyle{}))
	}
	return container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), container.NewVBox(img)), nil, box)
}

// Confirm asks yes or no.
func (p *Prompter) Confirm(ctx context.Context, q prompt.Confirm) (bool, error) {
	return ask(ctx, p, func(done func(bool, error)) *kit.Dialog { return p.confirm(q, done) })
}

func (p *Prompter) confirm(q prompt.Confirm, done func(bool, error)) *kit.Dialog {
	icon, ink, role := "question", theme.ColorNamePrimary, kit.Default
	switch q.Topic {
	case prompt.TopicDelete:
		icon, ink, role = "delete", theme.ColorNameError, kit.Danger
	case prompt.TopicPlainHTTP:
		icon, ink = "unlock", theme.ColorNameWarning
	case prompt.TopicNewHost:
		icon, ink = "key", theme.ColorNameWarning
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(10), head(icon, ink, q.Title, q.Text))
	yes := kit.NewButton(q.Yes, role, func() { done(true, nil) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done(false, nil) })
	var first fyne.Focusable = no
	if q.Type != "" {
		field := kit.NewEntry()
		field.SetPlaceHolder(q.Type)
		yes.SetEnabled(false)
		field.OnChanged = func(s string) { yes.SetEnabled(s == q.Type) }
		body.Add(kit.NewLabel(text.T("connection.type_to_confirm", q.Type), kit.LabelStyle{}))
		body.Add(field)
		first = field
		p.register("dialog.field", field)
	}
	p.register("dialog.ok", yes)
	p.register("dialog.cancel", no)
	d := kit.NewDialog(p.app, text.T("connection.question"), body, no, yes)
	d.Window.CenterOnScreen()
	d.Show(first)
	return d
}

// Code asks for the code of an MFA device.
func (p *Prompter) Code(ctx context.Context, q prompt.Code) (string, error) {
	return ask(ctx, p, func(done func(string, error)) *kit.Dialog {
		field := kit.NewEntry()
		ok := kit.NewButton(text.T("common.ok"), kit.Default, func() { done(field.Text, nil) })
		ok.SetEnabled(false)
		field.OnChanged = func(s string) { ok.SetEnabled(len(s) >= 6) }
		no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done("", prompt.ErrDismissed) })
		p.register("dialog.field", field)
		p.register("dialog.ok", ok)
		p.register("dialog.cancel", no)
		body := container.New(layout.NewCustomPaddedVBoxLayout(10),
			head("key", theme.ColorNamePrimary, text.T("connection.mfa_title"), text.T("connection.mfa_text", q.Serial)), field)
		d := kit.NewDialog(p.app, text.T("connection.mfa_window"), body, no, ok)
		d.Window.CenterOnScreen()
		d.Show(field)
		return d
	})
}

// Login asks for an access key and its secret.
func (p *Prompter) Login(ctx context.Context, q prompt.Login) (prompt.LoginAnswer, error) {
	return ask(ctx, p, func(done func(prompt.LoginAnswer, error)) *kit.Dialog { return p.login(q, done) })
}

func (p *Prompter) login(q prompt.Login, done func(prompt.LoginAnswer, error)) *kit.Dialog {
	key, secret := kit.NewEntry(), kit.NewPasswordEntry()
	key.SetText(q.KeyID)
	save := kit.NewCheck(text.T("connection.save"), nil)
	save.Checked = q.CanSave
	anonymous := kit.NewCheck(text.T("connection.anonymous"), nil)
	ok := kit.NewButton(text.T("connection.login"), kit.Default, func() {
		done(prompt.LoginAnswer{KeyID: key.Text, Secret: secret.Text, Save: save.Checked, Anonymous: anonymous.Checked}, nil)
	})
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done(prompt.LoginAnswer{}, prompt.ErrDismissed) })
	check := func() { ok.SetEnabled(anonymous.Checked || key.Text != "" && secret.Text != "") }
	key.OnChanged, secret.OnChanged = func(string) { check() }, func(string) { check() }
	anonymous.OnChanged = func(on bool) {
		if on {
			key.Disable()
			secret.Disable()
		} else {
			key.Enable()
			secret.Enable()
		}
		check()
	}
	check()
	f := kit.NewForm()
	f.Add(or(q.KeyLabel, text.T("connection.key")), key)
	f.Add(or(q.SecretName, text.T("connection.secret")), secret)
	if q.CanSave {
		f.Add("", save)
	}
	if q.Anonymous {
		f.Add("", anonymous)
	}
	words := text.T("connection.login_text", q.Host)
	if q.Reason != "" {
		words = text.T("connection.login_refused", q.Host, q.Reason)
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(12), head("key", theme.ColorNamePrimary, text.T("connection.login_title"), words), f)
	for id, o := range map[string]fyne.CanvasObject{"login.key": key, "login.secret": secret, "login.save": save,
		"login.anonymous": anonymous, "dialog.ok": ok, "dialog.cancel": no} {
		p.register(id, o)
	}
	d := kit.NewDialog(p.app, text.T("connection.login_window"), body, no, ok)
	var first fyne.Focusable = key
	if q.KeyID != "" {
		first = secret
	}
	d.Window.CenterOnScreen()
	d.Show(first)
	return d
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Existing asks what to do with a target that is there already.
func (p *Prompter) Existing(ctx context.Context, q prompt.Existing) (prompt.ExistingAnswer, error) {
	return ask(ctx, p, func(done func(prompt.ExistingAnswer, error)) *kit.Dialog { return p.existing(q, done) })
}

func (p *Prompter) existing(q prompt.Existing, done func(prompt.ExistingAnswer, error)) *kit.Dialog {
	actions := []prompt.Action{prompt.Overwrite, prompt.Skip, prompt.Compare, prompt.Resume, prompt.Rename, prompt.RenameExisting}
	pick := kit.NewSelect([]string{text.T("connection.existing_overwrite"), text.T("connection.existing_skip"),
		text.T("connection.existing_compare"), text.T("connection.existing_resume"), text.T("connection.existing_rename"),
		text.T("connection.existing_rename_existing")}, nil)
	pick.SetIndex(0)
	all := kit.NewCheck(text.T("connection.existing_all"), nil)
	if q.More > 0 {
		all.Text = text.N("connection.existing_all_more", q.More, q.More)
	}
	ok := kit.NewButton(text.T("connection.existing_go"), kit.Default, func() {
		done(prompt.ExistingAnswer{Action: actions[pick.Index()], All: all.Checked}, nil)
	})
	no := kit.NewButton(text.T("connection.existing_cancel"), kit.Cancel, func() {
		done(prompt.ExistingAnswer{Action: prompt.Cancel, All: true}, nil)
	})
	f := kit.NewForm()
	f.Add(text.T("connection.existing_new"), side(q.Source))
	f.Add(text.T("connection.existing_old"), side(q.Target))
	f.Add(text.T("connection.existing_action"), pick)
	if q.More != 0 {
		f.Add("", all)
	}
	for id, o := range map[string]fyne.CanvasObject{"existing.action": pick, "existing.all": all, "dialog.ok": ok, "dialog.cancel": no} {
		p.register(id, o)
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(12), head("copy", theme.ColorNameWarning, text.T("connection.existing_title"), ""), f)
	d := kit.NewDialog(p.app, text.T("connection.existing_window"), body, no, ok)
	d.Window.CenterOnScreen()
	d.Show(pick)
	return d
}

// side is one end of a transfer: its name, and below it size and date.
func side(s prompt.Side) fyne.CanvasObject {
	about := units.FormatBytes(s.Size, units.Decimal)
	if when := units.FormatDate(s.Modified, time.Now()); when != "" {
		about += " · " + when
	}
	return container.New(layout.NewCustomPaddedVBoxLayout(0),
		report.Paragraph(s.Name, promptWidth-40, kit.LabelStyle{}),
		kit.NewCaption(about))
}
