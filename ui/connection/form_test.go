package connection

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

func bundled(t *testing.T) []profiles.Profile {
	t.Helper()
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// choose picks the profile of a vendor.
func choose(t *testing.T, f *Form, vendor string) {
	t.Helper()
	for i, p := range f.Profiles {
		if p.Vendor == vendor {
			f.Choose(i)
			return
		}
	}
	t.Fatalf("no profile %s", vendor)
}

func TestForm_ConnectIsPossibleOnlyWhenRight(t *testing.T) {
	t.Parallel()
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTPS)
	for _, c := range []struct {
		server, port, key string
		login             Login
		wrong             []Field
	}{
		{"", "443", "AK", LoginKey, []Field{FieldServer}},
		{"s3.example.com", "443", "", LoginKey, []Field{FieldKey}},
		{"s3.example.com", "443", "AK", LoginKey, nil},
		{"s3.example.com", "99999", "AK", LoginKey, []Field{FieldPort}},
		{"", "x", "", LoginKey, []Field{FieldServer, FieldPort, FieldKey}},
		{"bad host", "", "", LoginAnonymous, []Field{FieldServer}},
		{"::1", "9000", "", LoginAnonymous, nil},
		{"s3.example.com", "", "", LoginAWS, []Field{FieldAWSProfile}},
	} {
		f.Server, f.Port, f.KeyID, f.Login = c.server, c.port, c.key, c.login
		got := f.Errors()
		if len(got) != len(c.wrong) {
			t.Errorf("%+v: errors %v", c, got)
		}
		for _, field := range c.wrong {
			if got[field] == "" {
				t.Errorf("%+v: no sentence for %s", c, field)
			}
		}
	}
}

func TestForm_TakesAddressesApart(t *testing.T) {
	t.Parallel()
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTPS)
	f.SetServer("localhost:9000")
	if f.Server != "localhost" || f.Port != "9000" {
		t.Errorf("server %q port %q", f.Server, f.Port)
	}
	if got := f.Preview(); got != "https://localhost:9000" {
		t.Errorf("preview %q", got)
	}
	f.SetServer("http://host:8080/prefix/")
	f.Path = "bucket/dir"
	if got := f.Preview(); got != "http://host:8080/prefix/bucket/dir" {
		t.Errorf("preview %q", got)
	}
	f.SetServer("https://s3.\u0430mazonaws.com")
	if got := f.Preview(); got != "https://s3.xn--mazonaws-06g.com/bucket/dir" {
		t.Errorf("preview of a host that looks like another %q", got)
	}
	f.Endpoint = "https://user:secret@host"
	if f.Errors()[FieldEndpoint] == "" || f.Preview() != "" {
		t.Error("an address with a secret in it is taken")
	}
}

func TestForm_ProfileChangesOnlyWhatWasNotTouched(t *testing.T) {
	t.Parallel()
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorAmazon)
	if f.Server != "s3.amazonaws.com" || f.Editable(FieldServer) {
		t.Errorf("Amazon: server %q, editable %v", f.Server, f.Editable(FieldServer))
	}
	if s := f.Spec(); !s.Amazon || s.Endpoint != "" {
		t.Errorf("Amazon: spec %+v", s)
	}
	choose(t, f, profiles.VendorHTTP)
	f.SetServer("lab.example.com")
	choose(t, f, profiles.VendorPathStyle)
	if f.Server != "lab.example.com" || f.Addressing != storage.AddressingPath {
		t.Errorf("path style: server %q addressing %v", f.Server, f.Addressing)
	}
}

func TestForm_SpecHoldsTheSecretOnlyWhenTyped(t *testing.T) {
	t.Parallel()
	f := NewForm(bundled(t), []keychain.AWSProfile{{Name: "work"}})
	choose(t, f, profiles.VendorHTTPS)
	f.Server, f.KeyID, f.Secret, f.Save = "h", "AK", "s3cret", true
	s := f.Spec()
	if s.Typed.Secret.Reveal() != "s3cret" || !s.Save || s.Endpoint != "https://h" {
		t.Errorf("spec %+v", s)
	}
	f.Login = LoginAWS
	if s := f.Spec(); s.AWSProfile != "work" || !s.Typed.Secret.Empty() || s.KeyID != "" {
		t.Errorf("spec with an AWS profile %+v", s)
	}
	f.Login = LoginAnonymous
	if s := f.Spec(); !s.Anonymous || !s.Typed.Secret.Empty() {
		t.Errorf("anonymous spec %+v", s)
	}
}

func TestForm_BookmarkRoundTripKeepsTheRest(t *testing.T) {
	t.Parallel()
	in := bookmarks.Bookmark{ID: "id-1", Protocol: "s3", Provider: profiles.VendorHTTPS, Nickname: "Lab", Hostname: "lab.example.com", Port: 9000,
		Username: "AK", Path: "bucket/x", Colour: "red", Folder: "Work", Labels: []string{"a"}, Addressing: bookmarks.AddressingVirtual, Comment: "note", WebURL: "https://{bucket}.example.com"}
	f := NewBookmarkForm(bundled(t), nil, in)
	if f.Server != "lab.example.com" || f.Port != "9000" || f.KeyID != "AK" || f.Addressing != storage.AddressingVirtualHost {
		t.Errorf("form %+v", f)
	}
	f.Nickname = "Lab 2"
	if f.Colour != 1 || f.Folder != "Work" {
		t.Errorf("colour %d, folder %q", f.Colour, f.Folder)
	}
	f.Folder = " Work // Clients/"
	if got := f.Bookmark(); got.Folder != "Work/Clients" || len(colourTitles()) != len(bookmarks.Colours()) {
		t.Errorf("folder %q", got.Folder)
	}
	f.Colour = 5
	if got := f.Bookmark(); got.Colour != "blue" {
		t.Errorf("colour %q", got.Colour)
	}
	f.Colour = 1
	out := f.Bookmark()
	if out.ID != "id-1" || out.Nickname != "Lab 2" || out.Colour != "red" || len(out.Labels) != 1 || out.Hostname != in.Hostname ||
		out.Port != 9000 || out.Addressing != in.Addressing || out.Path != in.Path || out.Username != "AK" {
		t.Errorf("bookmark %+v", out)
	}
	if len(f.Errors()) > 0 {
		t.Errorf("a bookmark without a secret is refused: %v", f.Errors())
	}
	f.WebURL += "/x"
	if got := f.Bookmark().WebURL; got != "https://{bucket}.example.com/x" || out.WebURL != in.WebURL {
		t.Errorf("web address %q, %q", out.WebURL, got)
	}
	if f.WebURL = "javascript:x"; f.Errors()[FieldWebURL] == "" {
		t.Error("a web address of no web is taken")
	}
}

// parts collects what a window registers.
type parts map[string]fyne.CanvasObject

func (p parts) set(id string, o fyne.CanvasObject) { p[id] = o }

func TestWindow_EnablesConnectAndGivesTheForm(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTPS)
	p := parts{}
	done := 0
	Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() { done++ }})
	ok := p["connection.ok"].(*kit.Button)
	if !ok.Disabled() {
		t.Fatal("Connect is possible without a server")
	}
	p["connection.server"].(*kit.Entry).SetText("lab.example.com")
	p["connection.key"].(*kit.Entry).SetText("AK")
	if ok.Disabled() {
		t.Fatalf("Connect is not possible: %v", f.Errors())
	}
	if got := p["connection.url"].(*kit.Label).Text(); got != "https://lab.example.com" {
		t.Errorf("preview %q", got)
	}
	ok.Tapped(nil)
	if done != 1 || f.Spec().KeyID != "AK" {
		t.Errorf("done %d, spec %+v", done, f.Spec())
	}
}

// An address that is typed letter by letter is taken apart as one that is pasted, and stays in its field until the person leaves that.
// The box that saves a secret says where it goes; where it cannot last there is none, and the field says how long it is kept.
func TestWindow_SaysWhereTheSecretGoes(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	for kind, want := range map[keychain.StoreKind]struct {
		box, remark string
		saves       bool
	}{
		keychain.SystemStore: {"Save in the keychain", "", true},
		keychain.FileStore:   {"Save in the encrypted file", "", true},
		keychain.MemoryStore: {"", "Kept until you quit: this computer has no keychain", false},
	} {
		f := NewForm(bundled(t), nil)
		f.Server, f.KeyID, f.Secret = "h.example", "AK", "s"
		posted := make(chan func(), 10)
		g := tasks.New(t.Context(), func(f func()) { posted <- f })
		p := parts{}
		w := Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() {}, Store: func() keychain.StoreKind { return kind }, Tasks: g})
		(<-posted)()
		box := p["connection.save"].(*kit.Check)
		if box.Visible() != (want.box != "") || want.box != "" && box.Text != want.box {
			t.Errorf("%s: box %q, visible %v", kind, box.Text, box.Visible())
		}
		if got := w.fields.rows[FieldSecret].Remark(); got != want.remark || f.Spec().Save != want.saves {
			t.Errorf("%s: %q, saved %v", kind, got, f.Spec().Save)
		}
		w.Dialog.Close()
		g.Close()
		g.Wait()
	}
}

func TestFields_AddressIsTypedIntoTheServerField(t *testing.T) {
	for _, c := range []struct{ typed, server, port, endpoint, url string }{
		{"127.0.0.1:28333", "127.0.0.1", "28333", "", "http://127.0.0.1:28333"},
		{"https://lab.example.com:9000/s3", "", "", "https://lab.example.com:9000/s3", "https://lab.example.com:9000/s3"},
	} {
		a := test.NewTempApp(t)
		a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
		f := NewForm(bundled(t), nil)
		choose(t, f, profiles.VendorHTTP)
		p := parts{}
		w := Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() {}})
		field := p["connection.server"].(*kit.Entry)
		w.Dialog.Window.Canvas().Focus(field)
		test.Type(field, c.typed)
		if field.Text != c.typed || f.Preview() != c.url {
			t.Errorf("%s: the field has %q, the address is %q", c.typed, field.Text, f.Preview())
		}
		w.Dialog.Window.Canvas().Unfocus()
		if got := p["connection.port"].(*kit.Entry).Text; c.endpoint == "" && (field.Text != c.server || got != c.port) {
			t.Errorf("%s: server %q, port %q", c.typed, field.Text, got)
		}
		if e := p["connection.endpoint"].(*kit.Entry); e.Text != c.endpoint || f.Preview() != c.url {
			t.Errorf("%s: endpoint %q, address %q", c.typed, e.Text, f.Preview())
		}
	}
}

// asked runs a question and presses buttons on the window's thread, which is the test's goroutine.
func asked[T any](t *testing.T, ask func(context.Context, *Prompter) (T, error), act func(parts)) (T, error) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	posted := make(chan func(), 10)
	reg := parts{}
	p := NewPrompter(a, func(f func()) { posted <- f }, reg.set)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	type result struct {
		v   T
		err error
	}
	got := make(chan result, 1)
	go func() { v, err := ask(ctx, p); got <- result{v, err} }()
	(<-posted)()
	act(reg)
	r := <-got
	return r.v, r.err
}

func TestPrompter_ConfirmNeedsTheTypedWord(t *testing.T) {
	yes, err := asked(t, func(ctx context.Context, p *Prompter) (bool, error) {
		return p.Confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: "Delete?", Text: "All of it.", Yes: "Delete", Type: "bucket"})
	}, func(p parts) {
		ok := p["dialog.ok"].(*kit.Button)
		if !ok.Disabled() {
			t.Error("possible before the word is typed")
		}
		p["dialog.field"].(*kit.Entry).SetText("bucket")
		ok.Tapped(nil)
	})
	if err != nil || !yes {
		t.Errorf("got %v, %v", yes, err)
	}
}

func TestPrompter_LoginGivesKeyAndSecret(t *testing.T) {
	got, err := asked(t, func(ctx context.Context, p *Prompter) (prompt.LoginAnswer, error) {
		return p.Login(ctx, prompt.Login{Host: "h", KeyID: "AK", CanSave: true, Reason: "The secret is wrong"})
	}, func(p parts) {
		p["login.secret"].(*kit.Entry).SetText("s")
		p["dialog.ok"].(*kit.Button).Tapped(nil)
	})
	if err != nil || got != (prompt.LoginAnswer{KeyID: "AK", Secret: "s", Save: true}) {
		t.Errorf("got %+v, %v", got.KeyID, err)
	}
}

func TestPrompter_CancelIsDismissed(t *testing.T) {
	_, err := asked(t, func(ctx context.Context, p *Prompter) (prompt.LoginAnswer, error) {
		return p.Login(ctx, prompt.Login{Host: "h"})
	}, func(p parts) { p["dialog.cancel"].(*kit.Button).Tapped(nil) })
	if !errors.Is(err, prompt.ErrDismissed) {
		t.Errorf("got %v", err)
	}
}
