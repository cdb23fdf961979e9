package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/paths"
	"pintail/internal/prompt"
	"pintail/internal/units"
)

func testDirs(home string) paths.Dirs {
	return paths.Dirs{Config: filepath.Join(home, "config"), State: filepath.Join(home, "state"), Cache: filepath.Join(home, "cache"), Home: home}
}

// fakeTerminal answers with lines; a password is the next line.
type fakeTerminal struct {
	mu    sync.Mutex
	lines []string
	shown bytes.Buffer
}

func (f *fakeTerminal) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.lines[0]+"\n")
	f.lines = f.lines[1:]
	return n, nil
}

func (f *fakeTerminal) ReadPassword() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) == 0 {
		return "", io.EOF
	}
	s := f.lines[0]
	f.lines = f.lines[1:]
	return s, nil
}

func (f *fakeTerminal) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown.Write(p)
}

func (f *fakeTerminal) Close() error { return nil }

func newAsker(t *testing.T, lines ...string) (*asker, *fakeTerminal) {
	t.Helper()
	sys, _, _ := testSystem(t)
	f := &fakeTerminal{lines: lines}
	sys.OpenTerminal = func() (terminal, error) { return f, nil }
	return &asker{sys: sys, console: &console{out: io.Discard, width: sys.Width}, opts: &globals{}, base: func() units.Base { return units.Decimal }}, f
}

func TestAsker_ConfirmTakesOnlyAYes(t *testing.T) {
	for answer, want := range map[string]bool{"y": true, "YES": true, "n": false, "": false, "maybe": false} {
		p, _ := newAsker(t, answer)
		if got, err := p.Confirm(t.Context(), prompt.Confirm{Title: "Sure?"}); got != want || err != nil {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
	}
	p, _ := newAsker(t, "other")
	if got, _ := p.Confirm(t.Context(), prompt.Confirm{Title: "Remove?", Type: "bucket"}); got {
		t.Error("a wrong word confirms")
	}
	p, _ = newAsker(t)
	if _, err := p.Confirm(t.Context(), prompt.Confirm{Title: "Sure?"}); !errors.Is(err, prompt.ErrDismissed) {
		t.Errorf("end of the terminal: %v", err)
	}
	p.sys.OpenTerminal = func() (terminal, error) { return nil, errNoTerminal }
	if _, err := p.Confirm(t.Context(), prompt.Confirm{Title: "Sure?"}); !errors.Is(err, prompt.ErrDismissed) {
		t.Errorf("no terminal: %v", err)
	}
	p.opts.Yes = true
	if got, err := p.Confirm(t.Context(), prompt.Confirm{Title: "Sure?"}); !got || err != nil {
		t.Errorf("--yes: %v, %v", got, err)
	}
}

func TestAsker_ExistingAsksUntilItUnderstands(t *testing.T) {
	p, f := newAsker(t, "what", "S")
	got, err := p.Existing(t.Context(), prompt.Existing{Target: prompt.Side{Name: "s3://b/\x1b[2Jx", Size: 5, Modified: time.Now()}})
	if err != nil || got != (prompt.ExistingAnswer{Action: prompt.Skip, All: true}) {
		t.Errorf("%+v, %v", got, err)
	}
	if strings.Contains(f.shown.String(), "\x1b") {
		t.Errorf("an escape sequence reached the terminal: %q", f.shown.String())
	}
}

func TestAsker_EndsWithTheContext(t *testing.T) {
	p, _ := newAsker(t)
	never := &blockedTerminal{closed: make(chan struct{})}
	p.sys.OpenTerminal = func() (terminal, error) { return never, nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Code(ctx, prompt.Code{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

type blockedTerminal struct{ closed chan struct{} }

func (b *blockedTerminal) Read([]byte) (int, error)      { <-b.closed; return 0, io.EOF }
func (b *blockedTerminal) ReadPassword() (string, error) { <-b.closed; return "", io.EOF }
func (b *blockedTerminal) Write(p []byte) (int, error)   { return len(p), nil }
func (b *blockedTerminal) Close() error                  { close(b.closed); return nil }

// TestLogin_RefusedKeyIsAskedForAgain types a wrong secret, reads the server's sentence, and types the right one.
func TestLogin_RefusedKeyIsAskedForAgain(t *testing.T) {
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	sys, out, errOut := testSystem(t)
	f := &fakeTerminal{lines: []string{s.AccessKey(), "wrong", "", s.SecretKey()}}
	sys.OpenTerminal = func() (terminal, error) { return f, nil }
	if status := run(t.Context(), sys, []string{"--endpoint-url", s.URL(), "ls"}); status != 0 {
		t.Fatalf("status %d: %s%s", status, errOut, f.shown.String())
	}
	if out.Len() == 0 || !strings.Contains(f.shown.String(), "signature") {
		t.Errorf("listed %q, asked %q", out, f.shown.String())
	}
	for _, text := range []string{out.String(), errOut.String(), f.shown.String()} {
		if strings.Contains(text, s.SecretKey()) {
			t.Error("the secret was printed")
		}
	}
}

// TestLs_NamesAreEscapedOnATerminalOnly prints a hostile key.
func TestLs_NamesAreEscapedOnATerminalOnly(t *testing.T) {
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	const key = "a\x1b]0;owned\x07b"
	env := map[string]string{"AWS_ENDPOINT_URL_S3": s.URL(), "AWS_ACCESS_KEY_ID": s.AccessKey(), "AWS_SECRET_ACCESS_KEY": s.SecretKey()}
	call := func(onTerminal bool, args ...string) string {
		sys, out, errOut := testSystem(t)
		sys.Getenv = func(name string) string { return env[name] }
		sys.StdoutIsTerm = onTerminal
		sys.Stdin = strings.NewReader("x")
		if status := run(t.Context(), sys, args); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, errOut)
		}
		return out.String()
	}
	call(false, "mb", "s3://bucket")
	call(false, "cp", "-", "s3://bucket/"+key)
	if got := call(true, "ls", "s3://bucket"); got != "a\\u{001B}]0;owned\\u{0007}b\n" {
		t.Errorf("on a terminal: %q", got)
	}
	if got := call(false, "ls", "s3://bucket"); got != key+"\n" {
		t.Errorf("elsewhere: %q", got)
	}
	if got := call(true, "ls", "--null", "s3://bucket"); got != key+"\x00" {
		t.Errorf("--null: %q", got)
	}
}
