package kit_test

import (
	"strings"
	"testing"

	"pintail/ui/kit"
)

func TestWrap_BreaksWordsLongerThanALine(t *testing.T) {
	t.Parallel()
	width := func(s string) float32 { return float32(len([]rune(s))) }
	got := kit.WrapText("ab cde fghijklmnop q\nr", 5, width)
	want := []string{"ab", "cde", "fghij", "klmno", "p q", "r"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := kit.WrapText("/home/anna/holiday/film.bin is gone", 12, width); strings.Join(got, "|") != "/home/anna/|holiday/|film.bin is|gone" {
		t.Errorf("a path: %q", got)
	}
	for _, l := range got {
		if width(l) > 5 {
			t.Errorf("line %q is too long", l)
		}
	}
}

// A part that has no place yet is measured with nothing or less: every character is too wide, and the text still ends.
func TestWrap_EndsWithoutAnyWidth(t *testing.T) {
	t.Parallel()
	for _, width := range []float32{0, -40} {
		got := kit.WrapText("ab cd", width, func(s string) float32 { return float32(len(s)) })
		if strings.Join(got, "") != "abcd" {
			t.Errorf("%v: %q", width, got)
		}
	}
}
