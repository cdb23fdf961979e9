package connection

import (
	"context"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

// fillOpenID prepares the fields for a sign-in in the browser: there is no other way to log in, and what was there for a key is no
// client id.
func (f *Form) fillOpenID() {
	if !f.Current().UsesOpenID() {
		return
	}
	f.Login = LoginKey
	if !f.touched[FieldKey] {
		f.KeyID = ""
	}
}

// shownOfOpenID tells whether the profile leaves open as which application one signs in.
func (f *Form) shownOfOpenID(field Field) bool {
	o := f.Current().OAuth
	if field == FieldKey {
		return o.ClientID == ""
	}
	return o.ClientSecret == "" && (o.ClientID == "" || !o.HasClientSecret) && !f.bookmark
}

// wrongOpenID adds what is missing for a sign-in in the browser. A client may do without a secret.
func (f *Form) wrongOpenID(out map[Field]string) {
	if f.Shown(FieldKey) && f.key() == "" {
		out[FieldKey] = text.T("connection.openid_no_client")
	}
}

// needsRole tells whether there is no session without a role: Amazon takes none from the token.
func (f *Form) needsRole() bool {
	p := f.Current()
	return !p.UsesOpenID() || p.DefaultHostname == amazonHost
}

// key is the access key, or the id of the application for a sign-in in the browser.
func (f *Form) key() string {
	if p := f.Current(); p.UsesOpenID() && p.OAuth.ClientID != "" {
		return ""
	}
	return strings.TrimSpace(f.KeyID)
}

// signInAt opens the page of an identity provider and waits until the sign-in is done, which ends ctx.
func (p *Prompter) signInAt(ctx context.Context, q prompt.SignIn) error {
	_, err := ask(ctx, p, answer[struct{}]{err: prompt.ErrDismissed}, func(in fyne.Window, done func(struct{}, error)) onScreen {
		browse := func() {
			if u, err := url.Parse(q.URL); err == nil {
				_ = p.app.OpenURL(u) // without a browser the address can be copied
			}
		}
		again := kit.NewButton(text.T("connection.sso_open"), kit.Default, browse)
		clip := kit.NewButton(text.T("connection.sso_copy"), kit.Plain, func() { p.app.Clipboard().SetContent(q.URL) })
		no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { done(struct{}{}, prompt.ErrDismissed) })
		address := kit.NewLabel(q.URL, kit.LabelStyle{Color: look.ColorSecondary, Cut: kit.CutMiddle})
		for id, o := range map[string]fyne.CanvasObject{"signin.address": address, "dialog.ok": again, "dialog.other": clip, "dialog.cancel": no} {
			p.register(id, o)
		}
		body := container.New(layout.NewCustomPaddedVBoxLayout(12), head("key", theme.ColorNamePrimary, text.T("connection.openid_title"),
			text.T("connection.openid_text", q.Provider)), report.Paragraph(text.T("connection.openid_hint"), promptWidth, kit.LabelStyle{}), address)
		browse()
		return p.show(in, text.T("connection.sso_window"), body, again, no, clip, again)
	})
	return err
}
