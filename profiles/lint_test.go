package profiles_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"pintail/internal/plist"
	"pintail/profiles"
)

// TestLint_NamesLines: each thing that is wrong comes with its line, in the order of the file; an unknown key is named, too.
func TestLint_NamesLines(t *testing.T) {
	t.Parallel()
	in := "<plist>\n<dict>\n<key>Protocol</key><string>s3</string>\n<key>Vendor</key><string>v</string>\n" +
		"<key>Default Hostnam</key><string>h.example</string>\n<key>Default Port</key><string>nine</string>\n" +
		"<key>Region</key><string>a</string>\n<key>Regions</key><array><string>b</string></array>\n<key>Role Configurable</key>\n<string>perhaps</string>\n" +
		"<key>Authorization</key><string>AWS4</string>\n<key>Vendor</key><string>w</string>\n</dict>\n</plist>"
	var lines []int
	for _, p := range profiles.Lint(strings.NewReader(in), "x") {
		lines = append(lines, p.Line)
	}
	if want := []int{5, 6, 7, 10, 11, 12}; !slices.Equal(lines, want) {
		t.Errorf("%v, want %v: %v", lines, want, profiles.Lint(strings.NewReader(in), "x"))
	}
	for cut, want := range map[string]int{"</dict>": 13, "<key>Region<": 7} {
		got := profiles.Lint(strings.NewReader(in[:strings.Index(in, cut)]), "x")
		if len(got) != 1 || !got[0].Fatal || got[0].Line != want {
			t.Errorf("cut before %s: %v", cut, got)
		}
	}
}

// TestLint_BundledAreClean: what we ship has no key that nothing reads.
func TestLint_BundledAreClean(t *testing.T) {
	t.Parallel()
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		raw, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		found := profiles.Lint(strings.NewReader(string(raw)), p.File)
		if p.Supported() != nil {
			found = found[:len(found)-1]
		}
		if len(found) != 0 {
			t.Errorf("%s: %v", p.File, found)
		}
	}
}

// endless gives the same bytes again and again and counts them.
type endless struct {
	text  string
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.text[(e.given+n)%len(e.text):])
	}
	e.given += n
	return n, nil
}

// TestParse_StopsReading: whatever never ends is read up to the cap, so the work for one profile has a bound.
func TestParse_StopsReading(t *testing.T) {
	t.Parallel()
	for _, text := range []string{" ", "<", "<a>", "<!-- x -->", "\x00", "x", "<key>a</key><true/>"} {
		for _, head := range []string{"", "<plist><dict>", "<plist><dict><key>Disk</key><string>", "<plist><dict><key>x</key><string>"} {
			e := &endless{text: text}
			if _, err := profiles.Parse(io.MultiReader(strings.NewReader(head), e), "endless"); err == nil {
				t.Errorf("%q after %q: no error", text, head)
			}
			if e.given > plist.MaxTotal+1<<20 {
				t.Errorf("%q after %q: %d bytes read", text, head, e.given)
			}
		}
	}
}
