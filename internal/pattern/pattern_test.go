package pattern_test

import (
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"pintail/internal/pattern"
)

func TestMatch_BytesThatAreNoText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"a*\xed", "ax\xed", true}, {"a*\xed", "ax\xd2", false}, {"\xed", "\xd2", false}, {"*\xed", "\ufffd", false}, {"?", "\xff", true},
		{"é?", "é\xff", true}, {"é*", "è\xff", false}, {"é", "é", true}, {"?", "é", true}, {"**/x", "a/\xff/x", true}, {"*/x", "a/\xff/x", false},
		{"{é,\xff}", "\xff", true}, {`\*\xfe`, "*xfe", true},
	} {
		if got := pattern.Match(c.pattern, c.name); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.name, got)
		}
	}
}

// The quick answer for a name that begins with another letter is the one of the package.
func TestMatch_AsThePackageSays(t *testing.T) {
	t.Parallel()
	globs := []string{"", "a", "ab", "a*", "*a", "?b", "[ab]b", "{a,b}b", `\ab`, "a/**", "**/a", "/a", "/**", "/**/a", "a/**/b", "é*", "a//b", "}", "]a"}
	names := []string{"", "a", "ab", "b", "bb", "/a", "a/", "a/b", "b/a", "/", "//", "a//b", "a/x/b", "éa", "è", "}", "]a", "\\ab"}
	for _, g := range globs {
		for _, n := range names {
			if got, want := pattern.Match(g, n), doublestar.MatchUnvalidated(g, n); got != want {
				t.Errorf("%q on %q: %v, the package says %v", g, n, got, want)
			}
		}
	}
}
