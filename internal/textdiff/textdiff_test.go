package textdiff_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pintail/internal/textdiff"
)

func draw(lines []textdiff.Line) string {
	var b strings.Builder
	for _, l := range lines {
		switch l.Op {
		case textdiff.Gap:
			fmt.Fprintf(&b, "[%d]", l.Count)
		default:
			b.WriteString(string(" -+"[l.Op]) + l.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestLines_Differ(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a\nb\nc\n", "a\nb\nc\n", " a\n b\n c\n"},
		{"a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n"},
		{"", "a\n", "+a\n"},
		{"a\n", "", "-a\n"},
		{"a\nb\nc\nd\n", "b\nc\ne\nd\n", "-a\n b\n c\n+e\n d\n"},
		{"a", "a\n", "-a\n-\\ no line end\n+a\n"},
	} {
		if got := draw(textdiff.Lines(c.a, c.b)); got != c.want {
			t.Errorf("%q, %q:\n%s", c.a, c.b, got)
		}
	}
}

// Whatever the texts are, the old lines make the old one, and the new lines the new one.
func TestLines_KeepBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := func(name string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "\n"}), 0, 40).Draw(r, name), "")
		}
		a, b := text("a"), text("b")
		var before, after strings.Builder
		for _, l := range textdiff.Lines(a, b) {
			if l.Op != textdiff.New {
				before.WriteString(l.Text + "\n")
			}
			if l.Op != textdiff.Old {
				after.WriteString(l.Text + "\n")
			}
		}
		if before.String() != a || after.String() != b {
			r.Fatalf("%q and %q come out as %q and %q", a, b, before.String(), after.String())
		}
	})
}

// Texts that have nothing in common are told apart without a search that grows with their square.
func TestLines_BoundedForWhatHasNothingInCommon(t *testing.T) {
	t.Parallel()
	var a, b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&a, "a%d\n", i)
		fmt.Fprintf(&b, "b%d\n", i)
	}
	if got := textdiff.Lines(a.String(), b.String()); len(got) != 200_000 || got[0].Op != textdiff.Old || got[199_999].Op != textdiff.New {
		t.Errorf("%d lines", len(got))
	}
}

func TestFold_KeepsWhatIsNear(t *testing.T) {
	t.Parallel()
	got := draw(textdiff.Fold(textdiff.Lines("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n"), 2))
	if want := "[2]\n 3\n 4\n-5\n+x\n 6\n 7\n[2]\n"; got != want {
		t.Errorf("folded:\n%s", got)
	}
}
