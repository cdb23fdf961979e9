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
