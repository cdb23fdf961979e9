package connection

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"pintail/internal/connect"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

// trying opens the window with a test that the test itself performs, and returns what runs on the window's thread.
func trying(t *testing.T, try Try) (p parts, f *Form, posted chan func()) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	f = NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTPS)
	posted = make(chan func(), 100)
	g := tasks.New(t.Context(), func(f func()) { posted <- f })
	t.Cleanup(func() { g.Close(); g.Wait() })
	p = parts{}
	Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() {}, Try: try, Tasks: g})
	return p, f, posted
}

func TestTrial_ShowsEachStepAndWhatToDo(t *testing.T) {
	var asked connect.Spec
	p, _, posted := trying(t, func(ctx context.Context, spec connect.Spec, each func(connect.Step)) bool {
		asked = spec
		each(connect.Step{ID: connect.StepName, State: connect.StepPassed, Detail: "lab is 10.0.0.1"})
		each(connect.Step{ID: connect.StepTLS, State: connect.StepFailed, Err: &storage.Error{Kind: storage.KindTLS, Host: "lab", Err: errors.New("expired")}})
		return false
	})
	button, steps := p["connection.try"].(*kit.Button), p["connection.steps"].(*trial)
	if !button.Disabled() || steps.Visible() {
		t.Fatal("a test is possible without a server")
	}
	p["connection.server"].(*kit.Entry).SetText("lab.example.com")
	p["connection.key"].(*kit.Entry).SetText("AK")
	button.Tapped(nil)
	for range 3 {
		(<-posted)()
	}
	said := steps.UIText()
	if asked.Endpoint != "https://lab.example.com" || !strings.Contains(said, "Name done lab is 10.0.0.1") ||
		!strings.Contains(said, "Encryption failed") || !strings.Contains(said, "expired") || !strings.Contains(said, "Listing dot") || !steps.Visible() {
		t.Errorf("asked %+v, said %q", asked, said)
	}
	if button.Text() != "Test connection" {
		t.Errorf("the button says %q", button.Text())
	}
	p["connection.server"].(*kit.Entry).SetText("other.example.com")
	if steps.Visible() {
		t.Error("what was found of another server stays")
	}
}

func TestTrial_IsStoppedByItsButtonAndByTheWindow(t *testing.T) {
	for _, by := range []string{"connection.try", "connection.cancel"} {
		begun, ended := make(chan struct{}), make(chan error, 1)
		p, _, posted := trying(t, func(ctx context.Context, _ connect.Spec, each func(connect.Step)) bool {
			each(connect.Step{ID: connect.StepReach, State: connect.StepRunning})
			close(begun)
			<-ctx.Done()
			ended <- ctx.Err()
			return false
		})
		p["connection.server"].(*kit.Entry).SetText("lab.example.com")
		p["connection.key"].(*kit.Entry).SetText("AK")
		p["connection.try"].(*kit.Button).Tapped(nil)
		<-begun
		(<-posted)()
		if s := p["connection.steps"].(*trial).UIText(); !strings.Contains(s, "Connection waiting") || p["connection.try"].(*kit.Button).Text() != "Stop the test" {
			t.Errorf("while it runs: %q", s)
		}
		p[by].(*kit.Button).Tapped(nil)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", by, err)
		}
		if s := p["connection.steps"].(*trial).UIText(); !strings.Contains(s, "Connection minus Stopped") {
			t.Errorf("%s: %q", by, s)
		}
	}
}
