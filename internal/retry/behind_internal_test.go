package retry

import (
	"slices"
	"testing"

	"pintail/storage"
)

func TestBehind_DropsWhatAListingRepeats(t *testing.T) {
	page := storage.Page{Prefixes: []string{"a/", "c/"}, Entries: []storage.Entry{{Key: "b"}, {Key: "d"}}}
	got, last := behind(page, "b")
	if !slices.Equal(got.Prefixes, []string{"c/"}) || len(got.Entries) != 1 || got.Entries[0].Key != "d" || last != "d" {
		t.Errorf("%+v, %q", got, last)
	}
}
