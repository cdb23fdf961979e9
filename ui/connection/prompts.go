package connection

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

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
	return ask(ctx, p, answer[bool]{}, func(in fyne.Window, done func(bool, error)) onScreen { return p.confirm(in, q, done) })
}

func (p *Prompter) confirm(in fyne.Window, q prompt.Confirm, done func(bool, error)) onScreen {
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
	return p.show(in, text.T("connection.question"), body, first, no, yes)
}

// Code asks for the code of an MFA device.
func (p *Prompter) Code(ctx context.Context, q prompt.Code) (string, error) {
	return ask(ctx, p, answer[string]{err: prompt.ErrDismissed}, func(in fyne.Window, done func(string, error)) onScreen {
		field := kit.NewEntry()
		ok := kit.NewButton(text.T("common.ok"), kit.Default, func() { done(field.Text, nil) })
		ok.SetEnabled(false)
		field.OnChanged = func(s string) { ok.SetEnabled(len(s) >= 6) }
		no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done("", prompt.ErrDismissed) })
		p.register("dialog.field", field)
		p.register("dialog.ok", ok)
		p.register("dialog.cancel", no)
		words := text.T("connection.mfa_text", q.Serial)
		if q.Reason != "" {
			words = q.Reason + " " + words
		}
		body := container.New(layout.NewCustomPaddedVBoxLayout(10), head("key", theme.ColorNamePrimary, text.T("connection.mfa_title"), words), field)
		return p.show(in, text.T("connection.mfa_window"), body, field, no, ok)
	})
}

// SignIn shows where to sign in to IAM Identity Center until that is done, which ends ctx.
func (p *Prompter) SignIn(ctx context.Context, q prompt.SignIn) error {
	if q.Provider != "" {
		return p.signInAt(ctx, q)
	}
	_, err := ask(ctx, p, answer[struct{}]{err: prompt.ErrDismissed}, func(in fyne.Window, done func(struct{}, error)) onScreen {
		open := kit.NewButton(text.T("connection.sso_open"), kit.Default, func() {
			if u, err := url.Parse(q.URL); err == nil {
				_ = p.app.OpenURL(u) // without a browser the address can be copied
			}
		})
		clip := kit.NewButton(text.T("connection.sso_copy"), kit.Plain, func() { p.app.Clipboard().SetContent(q.URL) })
		no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done(struct{}{}, prompt.ErrDismissed) })
		code := kit.NewLabel(q.Code, kit.LabelStyle{Mono: true, Bold: true, Size: theme.SizeNameHeadingText, Align: fyne.TextAlignCenter})
		p.register("signin.code", code)
		p.register("dialog.ok", open)
		p.register("dialog.other", clip)
		p.register("dialog.cancel", no)
		body := container.New(layout.NewCustomPaddedVBoxLayout(12), head("key", theme.ColorNamePrimary, text.T("connection.sso_title"),
			text.T("connection.sso_text", q.Profile)), code, report.Paragraph(q.URL, promptWidth, kit.LabelStyle{Color: look.ColorSecondary}))
		return p.show(in, text.T("connection.sso_window"), body, open, no, clip, open)
	})
	return err
}

// Login asks for an access key and its secret.
func (p *Prompter) Login(ctx context.Context, q prompt.Login) (prompt.LoginAnswer, error) {
	return ask(ctx, p, answer[prompt.LoginAnswer]{err: prompt.ErrDismissed}, func(in fyne.Window, done func(prompt.LoginAnswer, error)) onScreen { return p.login(in, q, done) })
}

func (p *Prompter) login(in fyne.Window, q prompt.Login, done func(prompt.LoginAnswer, error)) onScreen {
	key, secret := kit.NewEntry(), kit.NewPasswordEntry()
	key.SetText(q.KeyID)
	save := kit.NewCheck(saveTitle(q.SaveInFile), nil)
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
	var first fyne.Focusable = key
	if q.KeyID != "" {
		first = secret
	}
	return p.show(in, text.T("connection.login_window"), body, first, no, ok)
}

// saveTitle is the box that stores a secret for good.
func saveTitle(inFile bool) string {
	if inFile {
		return text.T("secrets.save")
	}
	return text.T("connection.save")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
