package keychain

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// twoSecrets is a file of two secrets, which the passphrase "correct horse" opens.
func twoSecrets(t *testing.T) (*File, [2]Item) {
	t.Helper()
	f, _ := secretsFile(t, "correct horse")
	list := [2]Item{item(t, "https://s3.example.com", "AK"), item(t, "https://s3.example.org", "AK2")}
	for i, it := range list {
		if err := f.Set(t.Context(), it, NewSecret(fmt.Sprint("s", i))); err != nil {
			t.Fatal(err)
		}
	}
	return f, list
}

func content(t *testing.T, f *File) []byte {
	t.Helper()
	raw, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// opens checks that one passphrase opens the file and has both secrets.
func opens(t *testing.T, f *File, pass string, list [2]Item) {
	t.Helper()
	later, _ := again(f, pass)
	for i, it := range list {
		has(t, later, it, fmt.Sprint("s", i))
	}
}

func TestFile_ChangePassphrase(t *testing.T) {
	t.Parallel()
	f, list := twoSecrets(t)
	f, p := again(f, "correct horse", "a slip", "correct horse", "battery staple")
	has(t, f, list[0], "s0")
	if err := f.ChangePassphrase(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []PassphraseQuestion{{Path: f.path}, {Path: f.path, Change: true}, {Path: f.path, Change: true, Wrong: true}, {Path: f.path, Change: true, New: true}}
	if len(p.asked) != len(want) {
		t.Fatalf("asked %+v", p.asked)
	}
	for i, q := range p.asked {
		if q != want[i] {
			t.Errorf("question %d: %+v, want %+v", i, q, want[i])
		}
	}
	has(t, f, list[1], "s1") // this run goes on without a question
	if err := f.Set(t.Context(), list[1], NewSecret("s1")); err != nil || len(p.asked) != len(want) {
		t.Errorf("%v, asked %+v", err, p.asked)
	}
	opens(t, f, "battery staple", list)
	old, _ := again(f, "correct horse")
	if _, err := old.Get(t.Context(), list[0]); !errors.Is(err, ErrFileLocked) {
		t.Errorf("the old passphrase: %v", err)
	}
}

// A program that holds the old passphrase asks for the new one, and does not say that the person mistyped.
func TestFile_ChangePassphraseUnderAnotherProgram(t *testing.T) {
	t.Parallel()
	f, list := twoSecrets(t)
	other, p := again(f, "correct horse", "battery staple")
	has(t, other, list[0], "s0")
	here, _ := again(f, "correct horse", "battery staple")
	if err := here.ChangePassphrase(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(t, other, list[1], "s1")
	if len(p.asked) != 2 || p.asked[1].Wrong || p.asked[1].New {
		t.Errorf("asked %+v", p.asked)
	}
}

// A secret that another program stores during the questions is kept.
func TestFile_ChangePassphraseKeepsWhatComesMeanwhile(t *testing.T) {
	t.Parallel()
	first, list := twoSecrets(t)
	third := item(t, "https://s3.example.net", "AK3")
	f := newFile(first.path, func(ctx context.Context, q PassphraseQuestion) (Secret, error) {
		if !q.New {
			return NewSecret("correct horse"), nil
		}
		return NewSecret("battery staple"), first.Set(ctx, third, NewSecret("late"))
	}, quick)
	if err := f.ChangePassphrase(t.Context()); err != nil {
		t.Fatal(err)
	}
	opens(t, f, "battery staple", list)
	later, _ := again(f, "battery staple")
	has(t, later, third, "late")
}

func TestFile_ChangePassphraseThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	f, list := twoSecrets(t)
	before := content(t, f)
	ended, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		answers []string
		act     func(q PassphraseQuestion) // at each question
		want    error                      // nil: any
	}{
		"wrong three times":     {[]string{"a", "b", "c", "correct horse", "battery staple"}, nil, ErrWrongPassphrase},
		"no old one":            {nil, nil, ErrFileLocked},
		"no new one":            {[]string{"correct horse"}, nil, ErrFileLocked},
		"empty new one":         {[]string{"correct horse", ""}, nil, ErrFileLocked},
		"given up":              {[]string{"correct horse", "battery staple"}, func(PassphraseQuestion) { cancel() }, context.Canceled},
		"damaged meanwhile":     {[]string{"correct horse", "battery staple"}, spoil(t, f, []byte("x")), ErrFileBroken},
		"gone meanwhile":        {[]string{"correct horse", "battery staple"}, spoil(t, f, nil), ErrNoFile},
		"no place for the lock": {[]string{"correct horse", "battery staple"}, func(PassphraseQuestion) { blockLock(t, f) }, nil},
	} {
		p := &person{answers: c.answers}
		ctx := t.Context()
		if name == "given up" {
			ctx = ended
		}
		changed := newFile(f.path, func(_ context.Context, q PassphraseQuestion) (Secret, error) {
			if c.act != nil {
				c.act(q)
			}
			if ctx.Err() != nil {
				return Secret{}, ctx.Err()
			}
			return p.ask(ctx, q)
		}, quick)
		err := changed.ChangePassphrase(ctx)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want == ErrFileBroken || c.want == ErrNoFile { // the test itself spoilt it
			if err := os.WriteFile(f.path, before, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(before, content(t, f)) {
			t.Errorf("%s: the file changed", name)
		}
		if err := os.RemoveAll(f.path + ".lock"); err != nil {
			t.Fatal(err)
		}
	}
	opens(t, f, "correct horse", list)
	none, p := secretsFile(t, "correct horse")
	if err := none.ChangePassphrase(t.Context()); !errors.Is(err, ErrNoFile) || len(p.asked) != 0 {
		t.Errorf("without a file: %v, asked %v", err, p.asked)
	}
	if _, err := os.Stat(filepath.Dir(none.path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
}

// spoil writes content into the file, or removes it, when the new passphrase is asked for.
func spoil(t *testing.T, f *File, content []byte) func(PassphraseQuestion) {
	return func(q PassphraseQuestion) {
		if !q.New {
			return
		}
		err := os.Remove(f.path)
		if content != nil {
			err = os.WriteFile(f.path, content, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// blockLock puts a folder where the lock belongs.
func blockLock(t *testing.T, f *File) {
	if err := errors.Join(os.RemoveAll(f.path+".lock"), os.MkdirAll(filepath.Join(f.path+".lock", "x"), 0o700)); err != nil {
		t.Error(err)
	}
}

// TestFile_ChangePassphraseKilled: a copy of this test changes the passphrase to and fro until it is killed. One of the two opens the file,
// which has all secrets.
func TestFile_ChangePassphraseKilled(t *testing.T) {
	words := [2]string{"correct horse", "battery staple"}
	if path, ok := strings.CutPrefix(os.Getenv(inFile), "change|"); ok {
		for turn := 0; ; turn++ {
			p := &person{answers: []string{words[turn%2], words[(turn+1)%2]}}
			if err := newFile(path, p.ask, quick).ChangePassphrase(t.Context()); err != nil {
				t.Fatal(err)
			}
			fmt.Println("changed")
		}
	}
	t.Parallel()
	for round := range 8 {
		f, list := twoSecrets(t)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestFile_ChangePassphraseKilled$")
		cmd.Env = append(os.Environ(), inFile+"=change|"+f.path)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		n := 0
		var last, took time.Time
		lines := bufio.NewScanner(stdout)
		for n < 2+round%2 && lines.Scan() { // each passphrase is the one of now in half of the rounds
			if lines.Text() != "changed" {
				t.Fatalf("round %d: %s", round, lines.Text())
			}
			n, last, took = n+1, time.Now(), last
		}
		// The next change has begun: each round ends it at another eighth of the time that one takes.
		<-time.After(last.Sub(took) * time.Duration(round) / 8)
		_ = cmd.Process.Kill()
		for lines.Scan() {
			n++
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("it ended by itself")
		}
		raw := content(t, f)
		_, first := decryptSecrets(raw, NewSecret(words[0]))
		_, second := decryptSecrets(raw, NewSecret(words[1]))
		if (first == nil) == (second == nil) {
			t.Errorf("round %d, after %d changes: %v; %v", round, n, first, second)
		}
		pass := words[0]
		if second == nil {
			pass = words[1]
		}
		opens(t, f, pass, list)
		if pass == words[0] { // the one that f has
			if err := f.Delete(t.Context(), list[0]); err != nil { // no lock stays behind
				t.Errorf("round %d: %v", round, err)
			}
		}
		if n < 2 {
			t.Errorf("round %d: %d changes: nothing was killed in the middle", round, n)
		}
	}
}
