package keychain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// quick is a work factor for tests that open a file often.
const quick = 4

// person answers questions for a passphrase in order, and gives up when there are no more answers.
type person struct {
	mu      sync.Mutex // guards what follows
	answers []string
	asked   []PassphraseQuestion
}

func (p *person) ask(_ context.Context, q PassphraseQuestion) (Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, q)
	if len(p.answers) == 0 {
		return Secret{}, ErrFileLocked
	}
	a := p.answers[0]
	p.answers = p.answers[1:]
	return NewSecret(a), nil
}

// secretsFile is a store in a new folder and the person who is asked.
func secretsFile(t *testing.T, answers ...string) (*File, *person) {
	t.Helper()
	p := &person{answers: answers}
	return newFile(filepath.Join(t.TempDir(), "config", "secrets.age"), p.ask, quick), p
}

// again is the same file in a later run.
func again(f *File, answers ...string) (*File, *person) {
	p := &person{answers: answers}
	return newFile(f.path, p.ask, quick), p
}

func item(t *testing.T, endpoint, key string) Item {
	t.Helper()
	it, err := NewItem(endpoint, "s3", key)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// has checks one secret; want "" is none.
func has(t *testing.T, s Store, it Item, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), it)
	if want == "" && errors.Is(err, ErrNotFound) {
		return
	}
	if err != nil || got.Reveal() != want {
		t.Errorf("%s: %q, %v; want %q", it.Account(), got.Reveal(), err, want)
	}
}

func TestFile_RoundTripInTwoRuns(t *testing.T) {
	t.Parallel()
	f, p := secretsFile(t, "correct horse")
	here, there := item(t, "https://s3.example.com", "AK"), item(t, "https://s3.example.com", "AK2")
	has(t, f, here, "")
	if err := f.Delete(t.Context(), here); !errors.Is(err, ErrNotFound) || len(p.asked) != 0 {
		t.Errorf("without a file: %v, asked %v", err, p.asked)
	}
	const odd = "s3cr3t\x00\xff\"\\=#;\n"
	for it, s := range map[Item]string{here: odd, there: "other"} {
		if err := f.Set(t.Context(), it, NewSecret(s)); err != nil {
			t.Fatal(err)
		}
	}
	has(t, f, here, odd)
	if len(p.asked) != 1 || !p.asked[0].New || p.asked[0].Wrong || p.asked[0].Path != f.path || f.Kind() != FileStore || !f.Kind().Lasts() {
		t.Errorf("asked %+v", p.asked)
	}
	raw, err := os.ReadFile(f.path)
	if err != nil || bytes.Contains(raw, []byte("s3cr3t")) || bytes.Contains(raw, []byte("example")) || bytes.Contains(raw, []byte("correct")) {
		t.Errorf("%v: readable: %q", err, raw)
	}
	if info, err := os.Stat(f.path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	f, p = again(f, "correct horse")
	has(t, f, here, odd)
	has(t, f, there, "other")
	if err := f.Delete(t.Context(), there); err != nil {
		t.Error(err)
	}
	has(t, f, there, "")
	if len(p.asked) != 1 || p.asked[0].New {
		t.Errorf("asked %+v", p.asked)
	}
	f, _ = again(f, "correct horse")
	has(t, f, here, odd)
	has(t, f, there, "")
}

// A secret is found only for the server and key that it was stored for.
func TestFile_SecretsAreBoundToTheirServer(t *testing.T) {
	t.Parallel()
	f, _ := secretsFile(t, "correct horse")
	if err := f.Set(t.Context(), item(t, "https://s3.example.com", "AK"), NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	has(t, f, item(t, "https://S3.example.com:443/", "AK"), "s")
	for _, it := range []Item{item(t, "http://s3.example.com", "AK"), item(t, "https://s3.example.org", "AK"), item(t, "https://s3.example.com:9000", "AK"),
		item(t, "https://s3.example.com/p", "AK"), item(t, "https://s3.example.com", "ak")} {
		has(t, f, it, "")
	}
	if _, err := f.Get(t.Context(), Item{}); !errors.Is(err, ErrInvalidItem) {
		t.Errorf("%v", err)
	}
}

func TestFile_AWrongPassphraseIsAskedForAgainAndChangesNothing(t *testing.T) {
	t.Parallel()
	f, _ := secretsFile(t, "correct horse")
	it := item(t, "https://s3.example.com", "AK")
	if err := f.Set(t.Context(), it, NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	f, p := again(f, "wrong", "correct horse")
	has(t, f, it, "s")
	if len(p.asked) != 2 || p.asked[0].Wrong || !p.asked[1].Wrong {
		t.Errorf("asked %+v", p.asked)
	}
	f, p = again(f, "a", "b", "c", "d")
	err = f.Set(t.Context(), it, NewSecret("other"))
	var file *FileError
	if !errors.Is(err, ErrWrongPassphrase) || errors.Is(err, ErrUnavailable) || !errors.As(err, &file) || file.Path != f.path || len(p.asked) != 3 {
		t.Errorf("%v, asked %d times", err, len(p.asked))
	}
	f, p = again(f)
	for range 2 { // who gave none is asked again, later
		if _, err := f.Get(t.Context(), it); !errors.Is(err, ErrFileLocked) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	if err := f.Delete(t.Context(), it); !errors.Is(err, ErrFileLocked) || len(p.asked) != 3 {
		t.Errorf("%v, asked %d times", err, len(p.asked))
	}
	if after, err := os.ReadFile(f.path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
}

// encrypted is a whole file that some other program made.
func encrypted(t *testing.T, content string, to age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withPassphrase is what `age -p` makes.
func withPassphrase(t *testing.T, content string) []byte {
	t.Helper()
	to, err := age.NewScryptRecipient("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(quick)
	return encrypted(t, content, to)
}

func TestFile_ABrokenOneIsSaidAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := withPassphrase(t, `{"version":1,"secrets":{}}`)
	factor := func(n string) []byte {
		return bytes.Replace(good, fmt.Appendf(nil, " %d\n", quick), []byte(" "+n+"\n"), 1)
	}
	var armoured bytes.Buffer
	w := armor.NewWriter(&armoured)
	if _, err := w.Write(good); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw   []byte
		asked int
	}{
		"empty":               {nil, 0},
		"text":                {[]byte("AKIA=secret\n"), 0},
		"random":              {bytes.Repeat([]byte{0xfe, 0x00}, 500), 0},
		"huge":                {bytes.Repeat([]byte("a"), maxSecretsFile+1), 0},
		"huge after its head": {append(bytes.Clone(good), make([]byte, maxSecretsFile)...), 0},
		"cut in its head":     {good[:40], 0},
		"for a key":           {encrypted(t, "{}", key.Recipient()), 0},
		"in armour":           {armoured.Bytes(), 0},
		"too much work":       {factor("19"), 0},
		"endless work":        {factor("9999999999999999999999"), 0},
		"other work":          {factor("5"), 1}, // is a wrong passphrase: what it was made with is not in it
		"cut at its end":      {good[:len(good)-1], 1},
		"cut after its head":  {good[:bytes.Index(good, []byte("\n--- "))+48+1], 1},
		"longer":              {append(bytes.Clone(good), 0), 1},
		"changed":             {append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), 1},
		"other content":       {withPassphrase(t, `hello`), 1},
		"newer":               {withPassphrase(t, `{"version":2,"secrets":{}}`), 1},
	} {
		f, p := secretsFile(t, "correct horse")
		if err := errors.Join(os.MkdirAll(filepath.Dir(f.path), 0o700), os.WriteFile(f.path, c.raw, 0o600)); err != nil {
			t.Fatal(err)
		}
		want := ErrFileBroken
		if name == "other work" {
			want, c.asked = ErrFileLocked, 2
		}
		it := item(t, "https://s3.example.com", "AK")
		if _, err := f.Get(t.Context(), it); !errors.Is(err, want) || strings.Contains(err.Error(), "secret\n") {
			t.Errorf("%s: %v", name, err)
		}
		if len(p.asked) != c.asked {
			t.Errorf("%s: asked %d times", name, len(p.asked))
		}
		p.answers = []string{"correct horse"}
		if err := f.Set(t.Context(), it, NewSecret("s")); !errors.Is(err, want) {
			t.Errorf("%s: stored: %v", name, err)
		}
		if err := f.Delete(t.Context(), it); !errors.Is(err, want) {
			t.Errorf("%s: deleted: %v", name, err)
		}
		if got, err := os.ReadFile(f.path); err != nil || !bytes.Equal(got, c.raw) {
			t.Errorf("%s: the file changed: %v", name, err)
		}
	}
	f, _ := secretsFile(t, "correct horse")
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(t.Context(), item(t, "https://s3.example.com", "AK")); !errors.Is(err, ErrFileBroken) {
		t.Errorf("folder: %v", err)
	}
}

func TestFile_TooManySecretsAreNotStored(t *testing.T) {
	t.Parallel()
	f, _ := secretsFile(t, "correct horse")
	it := item(t, "https://s3.example.com", "AK")
	if err := f.Set(t.Context(), it, NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	var big *TooBigError
	if err := f.Set(t.Context(), it, NewSecret(strings.Repeat("x", maxSecretsFile))); !errors.As(err, &big) {
		t.Errorf("%v", err)
	}
	f, _ = again(f, "correct horse")
	has(t, f, it, "s")
}

// What this program writes is opened by any age program, and asks for no more work than it accepts.
func TestFile_IsAnAgeFile(t *testing.T) {
	t.Parallel()
	f, p := secretsFile(t, "correct horse")
	f = NewFile(f.path, p.ask)
	it := item(t, "https://s3.example.com", "AK")
	if err := f.Set(t.Context(), it, NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(f.path)
	if err != nil || !bytes.HasPrefix(raw, []byte("age-encryption.org/v1\n-> scrypt ")) || !bytes.Contains(raw, []byte(fmt.Sprintf(" %d\n", workFactor))) {
		t.Errorf("%v %q", err, raw)
	}
	f, _ = again(f, "correct horse")
	has(t, f, it, "s")
}

// Those who wait while one is asked are not asked the same again after a refusal, and a caller that ends does not wait.
func TestFile_OneQuestionForAllWhoWait(t *testing.T) {
	t.Parallel()
	first, _ := secretsFile(t, "correct horse")
	it := item(t, "https://s3.example.com", "AK")
	if err := first.Set(t.Context(), it, NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	asked, entered, answer := 0, make(chan struct{}, 2), make(chan struct{})
	f := newFile(first.path, func(context.Context, PassphraseQuestion) (Secret, error) {
		asked++ // calls of ask are one after the other
		entered <- struct{}{}
		<-answer
		return Secret{}, ErrFileLocked
	}, quick)
	get := func() {
		if _, err := f.Get(t.Context(), it); !errors.Is(err, ErrFileLocked) {
			t.Errorf("%v", err)
		}
	}
	var wg sync.WaitGroup
	before := f.refused.Load()
	wg.Go(get)
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Get(ctx, it); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(answer)
	wg.Wait()
	if _, err := f.begin(t.Context(), before); !errors.Is(err, ErrFileLocked) || asked != 1 {
		t.Errorf("who waited meanwhile: %v, asked %d times", err, asked)
	}
	if get(); asked != 2 {
		t.Errorf("who comes later: asked %d times", asked)
	}
}

// inFile names the file for the copy of this test that writes beside others.
const inFile = "PINTAIL_TEST_SECRETS_FILE"

// TestFile_ProgramsThatWriteTogetherLoseNothing: copies of this program, each with two stores, write into one file.
func TestFile_ProgramsThatWriteTogetherLoseNothing(t *testing.T) {
	const programs, stores, each = 3, 2, 4
	path, name, isCopy := strings.Cut(os.Getenv(inFile), "|")
	if isCopy {
		var wg sync.WaitGroup
		for s := range stores {
			wg.Go(func() {
				p := &person{answers: []string{"correct horse"}}
				f := newFile(path, p.ask, quick)
				for n := range each {
					if err := f.Set(t.Context(), item(t, "https://s3.example.com", fmt.Sprintf("%s-%d-%d", name, s, n)), NewSecret("s")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return
	}
	t.Parallel()
	f, _ := secretsFile(t, "correct horse")
	var wg sync.WaitGroup
	for i := range programs {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestFile_ProgramsThatWriteTogetherLoseNothing$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", inFile, f.path, i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	for i := range programs {
		for s := range stores {
			for n := range each {
				has(t, f, item(t, "https://s3.example.com", fmt.Sprintf("%d-%d-%d", i, s, n)), "s")
			}
		}
	}
}
