package bookmarks_test

import (
	"testing"

	"pintail/bookmarks"
)

func TestPlainHost_WritesOutWhatIsNotPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "s3.example.com:9000": "s3.example.com:9000", "[::1]:9000": "[::1]:9000",
		"s3.\u0430mazonaws.com": "s3.xn--mazonaws-06g.com", "b\u00fccher.example:8443": "xn--bcher-kva.example:8443", "\u202es3.example": "\\u202es3.example"} {
		if got := bookmarks.PlainHost(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
