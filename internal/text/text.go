// Package text holds every sentence that the window and the command line show, in the user's language.
// It must never format a secret, and it never fails: an unknown id shows as the id itself (a test finds those).
// Start reading at [T]; the sentences are in assets/translations, one folder a language, one file an area.
package text

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"pintail/assets"
)

// entry is one sentence: its plural forms by CLDR category; a plain sentence has only "other".
type entry map[string]string

// UnmarshalJSON reads "sentence" or {"one": "…", "other": "…"}.
func (e *entry) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*e = entry{"other": s}
		return nil
	}
	return json.Unmarshal(b, (*map[string]string)(e))
}

// Bundle is the sentences of one language, English filling the gaps.
type Bundle struct {
	tag     language.Tag
	entries map[string]entry
}

// Load reads the translations for tag (for example "de-DE") over the English ones from fsys.
// It returns an error for a file that is not valid JSON.
func Load(fsys fs.FS, tag string) (*Bundle, error) {
	b := &Bundle{tag: language.English, entries: map[string]entry{}}
	langs := []string{"en"}
	if t, err := language.Parse(tag); err == nil {
		base, _ := t.Base()
		if base.String() != "en" {
			langs = append(langs, base.String())
		}
	}
	for _, l := range langs {
		files, err := fs.Glob(fsys, path.Join(l, "*.json"))
		if err != nil {
			return nil, fmt.Errorf("translations %s: %w", l, err)
		}
		for _, f := range files {
			raw, err := fs.ReadFile(fsys, f)
			if err != nil {
				return nil, fmt.Errorf("translations %s: %w", f, err)
			}
			if err := json.Unmarshal(raw, &b.entries); err != nil {
				return nil, fmt.Errorf("translations %s: %w", f, err)
			}
			b.tag = language.Make(l)
		}
	}
	return b, nil
}

// Has tells whether the bundle knows id.
func (b *Bundle) Has(id string) bool { _, ok := b.entries[id]; return ok }

// T is the sentence id with args put in by the rules of [fmt.Sprintf].
func (b *Bundle) T(id string, args ...any) string { return b.format(id, "other", args) }

// N is the sentence id in the plural form that n asks for; n itself is args[0] if the sentence shows it.
func (b *Bundle) N(id string, n int, args ...any) string {
	form := plural.Cardinal.MatchPlural(b.tag, n, 0, 0, 0, 0)
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	return b.format(id, names[form], args)
}

func (b *Bundle) format(id, form string, args []any) string {
	s, ok := b.entries[id][form]
	if !ok {
		s, ok = b.entries[id]["other"]
	}
	if !ok {
		return id
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// system is the bundle of the user's language, read once from the program itself.
var system = sync.OnceValue(func() *Bundle {
	b, err := Load(assets.Translations(), locale())
	if err != nil { // a file of the program itself: the tests load every one
		return &Bundle{entries: map[string]entry{}}
	}
	return b
})

func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v, _, _ = strings.Cut(v, ".")
			return strings.ReplaceAll(v, "_", "-")
		}
	}
	return "en"
}

// T is the sentence id in the user's language; see [Bundle.T].
func T(id string, args ...any) string { return system().T(id, args...) }

// N is the sentence id in the user's language and in the plural form of n; see [Bundle.N].
func N(id string, n int, args ...any) string { return system().N(id, n, args...) }
