package retry

import (
	"slices"
	"testing"

	"pintail/storage"
)

// A listing that was cut in the middle of a key's versions goes on with those that have not come, however a server orders a page.
func TestBehindVersions_GoesOnInsideOfAKey(t *testing.T) {
	b := behindVersions{}
	b.rest(storage.Page{Prefixes: []string{"c/"}, Entries: []storage.Entry{{Key: "b", Version: "2"}, {Key: "d", Version: "4"}, {Key: "d", Version: "3"},
		{Key: "a", Version: "1"}}})
	if b.whole != "c/" || b.last != "d" {
		t.Fatalf("whole to %q, last %q", b.whole, b.last)
	}
	got := b.rest(storage.Page{Prefixes: []string{"c/", "f/"}, Entries: []storage.Entry{{Key: "d", Version: "4"}, {Key: "d", Version: "3"},
		{Key: "d", Version: "2"}, {Key: "e", Version: "1"}}})
	if !slices.Equal(got.Prefixes, []string{"f/"}) || len(got.Entries) != 2 || got.Entries[0].Version != "2" || got.Entries[1].Key != "e" {
		t.Errorf("%+v", got)
	}
	if b.whole != "e" || b.last != "f/" {
		t.Errorf("whole to %q, last %q", b.whole, b.last)
	}
}
