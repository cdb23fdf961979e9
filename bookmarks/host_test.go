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

func TestPlainURL_WritesOutTheHost(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "https://s3.example.com:9000/a": "https://s3.example.com:9000/a",
		"https://s3.\u0430mazonaws.com/\u00e4": "https://s3.xn--mazonaws-06g.com/\u00e4", "http://b\u00fccher.example:8443": "http://xn--bcher-kva.example:8443",
		"https://{bucket}.\u0430": "https://{bucket}.\\u0430", "http://\u0430%zz": "http://\\u0430%zz"} {
		if got := bookmarks.PlainURL(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCheckWebURL(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{"": true, "https://www.example.com/x": true, "http://{bucket}.example.com/{key}": true, "www.example.com": false,
		"javascript:alert(1)": false, "https://user:pw@example.com": false, "https://{other}.example.com": false} {
		if err := bookmarks.CheckWebURL(in); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
}
