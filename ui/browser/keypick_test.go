package browser

import (
	"testing"

	"pintail/storage"
	"pintail/ui/info"
)

// A choice of the list sends the key that it names, the default none, and the last one what is typed.
func TestChosenKey(t *testing.T) {
	t.Parallel()
	list := []storage.KMSKey{{ID: "one", ARN: "arn:aws:kms:r:1:key/one", Aliases: []string{"alias/ledgers"}}, {ID: "two"}}
	for i, want := range []string{"", "arn:aws:kms:r:1:key/one", "two", ""} {
		if key, typed := info.ChosenKey(list, i); key != want || typed != (i == 3) {
			t.Errorf("%d: %q, typed %v", i, key, typed)
		}
	}
	if key, typed := info.ChosenKey(nil, -1); key != "" || typed {
		t.Errorf("nothing chosen: %q, typed %v", key, typed)
	}
}
