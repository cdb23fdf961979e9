package bookmarks_test

import (
	"errors"
	"testing"

	"pintail/bookmarks"
)

func TestCheckBypass_TakesWhatNoProxyTakes(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"", "*", "localhost", "a.example, .b.example,*.c.example:9000", "10.0.0.0/8,::1,[2001:db8::1]:443,2001:db8::/32,192.0.2.1:80", "b\u00fccher.example", ",,"} {
		if err := bookmarks.CheckBypass(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"http://a.example", "a b", "a:0", "a:99999", "a:http", "user:pw@host", "10.0.0.0/33", "*foo", ".", "a/b", "none;a"} {
		if err := bookmarks.CheckBypass(bad); !errors.Is(err, bookmarks.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
