package preferences_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/preferences"
)

func open(t *testing.T, file string) *preferences.Preferences {
	t.Helper()
	p, err := preferences.Open(preferences.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fresh(t *testing.T) (*preferences.Preferences, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sub", "preferences.json")
	return open(t, file), file
}

func TestTable_IsSound(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range preferences.All() {
		if seen[d.Name] || d.Name == "" || !strings.HasSuffix(d.Sentence, ".") || d.Kind == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		if got, err := d.Check(d.Default); err != nil || got != d.Default {
			t.Errorf("%s: the default %q reads as %q: %v", d.Name, d.Default, got, err)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d preferences", len(seen))
	}
}

func TestGet_DefaultsAreTyped(t *testing.T) {
	t.Parallel()
	p := open(t, "")
	if preferences.S3PartSize.Get(p) != 10<<20 || preferences.S3MultipartThreshold.Get(p) != 100<<20 ||
		preferences.S3Location.Get(p) != "us-east-1" || preferences.S3ACL.Get(p) != "none" || preferences.ShowHidden.Get(p) ||
		!preferences.DownloadTimestamp.Get(p) || preferences.UploadBandwidth.Get(p) != -1 {
		t.Error("a default is not what the specification says")
	}
	if s := preferences.BrowserWindow.Get(p); s.Width < 100 || s.Height < 100 {
		t.Errorf("%+v", s)
	}
	if got := strings.Join(preferences.UploadIgnore.Get(p), " "); got != ".DS_Store Thumbs.db desktop.ini *~" {
		t.Errorf("ignored are %q", got)
	}
	hidden := preferences.HiddenRegex.Get(p)
	for name, want := range map[string]bool{".git": true, "a.git": false, "": false} {
		if hidden.MatchString(name) != want {
			t.Errorf("hidden %q: %v", name, !want)
		}
	}
}

func TestSetString_SaysWhatIsTaken(t *testing.T) {
	t.Parallel()
	p, file := fresh(t)
	tests := []struct{ name, value, want string }{
		{"queue.connections.limit", "abc", `queue.connections.limit: "abc" is not a whole number; give 0 (automatic) to 256`},
		{"queue.connections.limit", "257", `queue.connections.limit: "257" is out of range; give 0 (automatic) to 256`},
		{"queue.connections.limit", "-1", `queue.connections.limit: "-1" is out of range; give 0 (automatic) to 256`},
		{"browser.showHidden", "perhaps", `browser.showHidden: "perhaps" is not a yes or no; give true or false`},
		{"appearance.theme", "pink", `appearance.theme: "pink" is not a choice; give one of system, light, dark`},
		{"s3.encryption.algorithm", "rot13", `s3.encryption.algorithm: "rot13" is not a choice; give one of "", AES256, aws:kms`},
		{"s3.upload.multipart.size", "1", `s3.upload.multipart.size: "1" is out of range; give 5242880 to 5368709120`},
		{"s3.upload.multipart.size", "99999999999T", `s3.upload.multipart.size: "99999999999T" is not a size; give 5242880 to 5368709120`},
		{"window.browser.size", "3x4", `window.browser.size: "3x4" is not a size; give WIDTHxHEIGHT between 100 and 16384`},
	}
	for _, tt := range tests {
		err := p.SetString(tt.name, tt.value)
		if !errors.Is(err, preferences.ErrInvalid) || err.Error() != tt.want {
			t.Errorf("\n got %v\nwant %s", err, tt.want)
		}
	}
	if err := p.SetString("browser.hidden.regex", "("); !errors.Is(err, preferences.ErrInvalid) {
		t.Errorf("%v", err)
	}
	_, getErr := p.GetString("no.such")
	for _, err := range []error{p.SetString("no.such", "1"), p.Reset("no.such"), getErr} {
		if !errors.Is(err, preferences.ErrUnknown) || !strings.Contains(err.Error(), "no.such") {
			t.Errorf("%v", err)
		}
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused value made a file: %v", err)
	}
}

func TestSet_LastsAndIsNormalised(t *testing.T) {
	t.Parallel()
	p, file := fresh(t)
	err := errors.Join(p.SetString("s3.upload.multipart.size", "16 MiB"), p.SetString("queue.download.bandwidth.bytes", "5MB"),
		p.SetString("browser.showHidden", "YES"), preferences.ConnectionsLimit.Set(p, 7),
		preferences.BrowserWindow.Set(p, preferences.Size{Width: 800, Height: 600}),
		preferences.ObjectColumns.Set(p, []string{"name:300", "size"}), preferences.HiddenRegex.Set(p, preferences.HiddenRegex.Get(p)),
		p.SetString("appearance.theme", "Dark"))
	if err != nil {
		t.Fatal(err)
	}
	q := open(t, file)
	if preferences.S3PartSize.Get(q) != 16<<20 || preferences.DownloadBandwidth.Get(q) != 5_000_000 || !preferences.ShowHidden.Get(q) ||
		preferences.ConnectionsLimit.Get(q) != 7 || preferences.BrowserWindow.Get(q).Width != 800 || preferences.Theme.Get(q) != "dark" ||
		!slices.Equal(preferences.ObjectColumns.Get(q), []string{"name:300", "size"}) {
		raw, _ := os.ReadFile(file)
		t.Errorf("%s", raw)
	}
	if s, _ := q.GetString("browser.hidden.regex"); s != `\..*` {
		t.Errorf("the pattern became %q", s)
	}
	var types map[string]any
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &types) != nil {
		t.Fatal(err)
	}
	if types["browser.showHidden"] != true || types["queue.connections.limit"] != 7.0 {
		t.Errorf("%s", raw)
	}
	if err := q.Reset("browser.showHidden"); err != nil || preferences.ShowHidden.Get(q) || q.IsSet("browser.showHidden") || !q.IsSet("appearance.theme") {
		t.Errorf("%v", err)
	}
}

func TestOpen_KeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p.json")
	write(t, file, `{"future.thing": {"a": [1, 2]}, "queue.connections.limit": "many", "s3.location": "eu-west-1", "browser.showHidden": "true"}`)
	p := open(t, file)
	if preferences.ConnectionsLimit.Get(p) != 0 || preferences.S3Location.Get(p) != "eu-west-1" || !preferences.ShowHidden.Get(p) {
		t.Error("the sound values are not read")
	}
	if len(p.Problems()) != 1 || !strings.Contains(p.Problems()[0].Error(), "queue.connections.limit") {
		t.Errorf("%v", p.Problems())
	}
	if err := p.SetString("appearance.theme", "dark"); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(file)
	for _, kept := range []string{"future.thing", `"many"`, "eu-west-1", "dark"} {
		if !strings.Contains(string(raw), kept) {
			t.Errorf("%s is lost: %s", kept, raw)
		}
	}
}

func TestOpen_DamagedFileIsSetAsideNotLost(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{"cut": `{"s3.location": "eu`, "array": "[]", "empty": "", "large": strings.Repeat(" ", 2<<20)} {
		file := filepath.Join(t.TempDir(), "p.json")
		write(t, file, damage)
		p := open(t, file)
		if len(p.Problems()) != 1 || preferences.S3Location.Get(p) != "us-east-1" {
			t.Errorf("%s: %v", name, p.Problems())
		}
		if err := p.SetString("appearance.theme", "dark"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if old, err := os.ReadFile(file + ".damaged"); err != nil || string(old) != damage {
			t.Errorf("%s: %v", name, err)
		}
		if preferences.Theme.Get(open(t, file)) != "dark" {
			t.Errorf("%s: not stored", name)
		}
	}
}

func write(t *testing.T, file, s string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSet_FailsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "blocked"), "a file where the folder should be")
	p := open(t, filepath.Join(dir, "blocked", "p.json"))
	changed, end := p.Watch()
	defer end()
	if err := p.SetString("appearance.theme", "dark"); err == nil {
		t.Fatal("stored below a file")
	}
	if preferences.Theme.Get(p) != "system" || len(changed) != 0 {
		t.Error("the value changed although it could not be stored")
	}
}

func TestOverrides_WinAndAreNotWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p.json")
	p, err := preferences.Open(preferences.Options{File: file, Overrides: map[string]string{"s3.location": "ap-east-1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SetString("appearance.theme", "dark"); err != nil {
		t.Fatal(err)
	}
	if preferences.S3Location.Get(p) != "ap-east-1" || preferences.S3Location.Get(open(t, file)) != "us-east-1" {
		t.Error("the override is not for this run only")
	}
	for _, o := range []map[string]string{{"no.such": "1"}, {"queue.connections.limit": "x"}} {
		if _, err := preferences.Open(preferences.Options{Overrides: o}); err == nil {
			t.Errorf("took %v", o)
		}
	}
}

func TestWatch_HearsEveryChangeOnce(t *testing.T) {
	t.Parallel()
	p, file := fresh(t)
	other := open(t, file)
	changed, end := p.Watch()
	if err := errors.Join(p.SetString("appearance.theme", "dark"), other.SetString("s3.location", "eu-west-1"), p.Reload(), p.Reload()); err != nil {
		t.Fatal(err)
	}
	if err := other.SetString("s3.storage.class", "GLACIER"); err != nil {
		t.Fatal(err)
	}
	if err := p.SetString("browser.showHidden", "true"); err != nil { // reads the other's change on its way
		t.Fatal(err)
	}
	end()
	var got []string
	for name := range changed {
		got = append(got, name)
	}
	if want := "appearance.theme s3.location browser.showHidden s3.storage.class"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	end()
}

func TestFollow_HearsAnotherProcess(t *testing.T) {
	t.Parallel()
	p, file := fresh(t)
	if err := p.Follow(); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	changed, end := p.Watch()
	defer end()
	if err := open(t, file).SetString("appearance.theme", "dark"); err != nil {
		t.Fatal(err)
	}
	select {
	case name := <-changed:
		if name != "appearance.theme" || preferences.Theme.Get(p) != "dark" {
			t.Errorf("%s %s", name, preferences.Theme.Get(p))
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
	}
}

const childEnv, childKeys = "PINTAIL_TEST_PREFERENCES", "browser.sidebar.width history.limit connection.retry"

// TestSet_TwoProcessesLoseNothing lets copies of the test write different settings of one file at the same time.
func TestSet_TwoProcessesLoseNothing(t *testing.T) {
	const rounds = 20
	if v := os.Getenv(childEnv); v != "" {
		key, file, _ := strings.Cut(v, "|")
		p := open(t, file)
		for i := range rounds {
			if err := p.SetString(key, fmt.Sprint(i+1)); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	file := filepath.Join(t.TempDir(), "p.json")
	var wg sync.WaitGroup
	for key := range strings.FieldsSeq(childKeys) {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestSet_TwoProcessesLoseNothing$")
			cmd.Env = append(os.Environ(), childEnv+"="+key+"|"+file)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", key, err, out)
			}
		})
	}
	wg.Wait()
	p := open(t, file)
	for key := range strings.FieldsSeq(childKeys) {
		if v, _ := p.GetString(key); v != fmt.Sprint(rounds) {
			t.Errorf("%s = %s: a change was lost", key, v)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".pintail-tmp-*")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func FuzzCheck(f *testing.F) {
	for _, d := range preferences.All() {
		f.Add(d.Name, d.Default)
	}
	f.Add("s3.upload.multipart.size", "10MiB")
	f.Add("queue.connections.limit", "٣")
	f.Add("browser.hidden.regex", "(a+)+$")
	f.Add("window.browser.size", "800X600")
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, d := range preferences.All() {
			if d.Name != name {
				continue
			}
			once, err := d.Check(value)
			if err != nil {
				return
			}
			if twice, err := d.Check(once); err != nil || twice != once {
				t.Fatalf("%s: %q reads as %q, then %q: %v", name, value, once, twice, err)
			}
		}
	})
}
