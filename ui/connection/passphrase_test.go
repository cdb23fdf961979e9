package connection

import (
	"context"
	"errors"
	"testing"

	"pintail/internal/prompt"
	"pintail/ui/kit"
)

func askPassphrase(t *testing.T, q prompt.Passphrase, act func(parts)) (string, error) {
	t.Helper()
	return asked(t, func(ctx context.Context, p *Prompter) (string, error) { return p.Passphrase(ctx, q) }, act)
}

// The passphrase of a file that is there is typed once; a new one twice, and long enough.
func TestPrompter_PassphraseOnceAndTwiceForANewFile(t *testing.T) {
	got, err := askPassphrase(t, prompt.Passphrase{File: "/home/u/secrets.age", Wrong: true}, func(p parts) {
		ok, field := p["dialog.ok"].(*kit.Button), p["secrets.phrase"].(*kit.Entry)
		if !ok.Disabled() || !field.Password || p["secrets.again"] != nil {
			t.Error("nothing, or more than one, is asked for")
		}
		field.SetText("old")
		ok.Tapped(nil)
	})
	if got != "old" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	got, err = askPassphrase(t, prompt.Passphrase{File: "/home/u/secrets.age", New: true}, func(p parts) {
		ok, field, again := p["dialog.ok"].(*kit.Button), p["secrets.phrase"].(*kit.Entry), p["secrets.again"].(*kit.Entry)
		for _, typed := range [][2]string{{"", ""}, {"short", "short"}, {"long enough", ""}, {"long enough", "long enoug"}} {
			field.SetText(typed[0])
			again.SetText(typed[1])
			if !ok.Disabled() {
				t.Errorf("%q can be chosen", typed)
			}
		}
		again.SetText("long enough")
		ok.Tapped(nil)
	})
	if got != "long enough" || err != nil {
		t.Errorf("new: %q %v", got, err)
	}
	for _, c := range []struct {
		q     prompt.Passphrase
		title string
	}{{prompt.Passphrase{Change: true}, "Continue"}, {prompt.Passphrase{Change: true, New: true}, "Encrypt"}, {prompt.Passphrase{}, "Unlock"}} {
		_, _ = askPassphrase(t, c.q, func(p parts) {
			if got := p["dialog.ok"].(*kit.Button).Text(); got != c.title {
				t.Errorf("%+v: the button says %q", c.q, got)
			}
			p["dialog.cancel"].(*kit.Button).Tapped(nil)
		})
	}
	for _, isNew := range []bool{false, true} {
		_, err = askPassphrase(t, prompt.Passphrase{New: isNew}, func(p parts) { p["dialog.cancel"].(*kit.Button).Tapped(nil) })
		if !errors.Is(err, prompt.ErrDismissed) {
			t.Errorf("cancelled: %v", err)
		}
	}
}
