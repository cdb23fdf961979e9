package browser

import (
	"strings"
	"testing"

	"rsc.io/qr"
)

// The picture is the code, square by square, with the margin that a reader needs around it.
func TestLinkCode_IsDrawnWholeWithItsMargin(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://example.com/a", "https://example.com/a?" + strings.Repeat("X-Amz-Security-Token=abc%2F", 60)} {
		img, err := codeImage(address, 3)
		if err != nil {
			t.Fatal(err)
		}
		want, err := qr.Encode(address, qr.L)
		if err != nil {
			t.Fatal(err)
		}
		squares := want.Size + 8
		if img.Rect.Dx() != 3*squares || img.Rect.Dy() != 3*squares {
			t.Fatalf("%v for %d squares", img.Rect, squares)
		}
		for y := range squares {
			for x := range squares {
				inside := x >= 4 && y >= 4 && x < squares-4 && y < squares-4
				if dark := img.GrayAt(3*x+1, 3*y+1).Y == 0; dark != (inside && want.Black(x-4, y-4)) {
					t.Fatalf("the square %d, %d is wrong", x, y)
				}
			}
		}
		shown, err := linkCode(address)
		if err != nil {
			t.Fatal(err)
		}
		if w := int(shown.MinSize().Width); w%squares != 0 || w < 2*squares {
			t.Errorf("%d squares are %d pixels", squares, w)
		}
	}
	if _, err := codeImage(strings.Repeat("x", 2954), 1); err == nil {
		t.Error("an address of 2,954 bytes has a code")
	}
}
