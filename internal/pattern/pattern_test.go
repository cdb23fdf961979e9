package pattern_test

import (
	"testing"

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
