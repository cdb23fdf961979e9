package profiles_test

import (
	"slices"
	"strings"
	"testing"

	"pintail/profiles"
)

// TestLint_SaysWhatChangesNothing: a property that is known and not read is named with the reason; one that is read is not.
func TestLint_SaysWhatChangesNothing(t *testing.T) {
	body := `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>x</string><key>Properties</key><array>` +
		`<string>s3.upload.expect-continue=false</string><string>s3.delete.multiple.partition=1</string><string>s3.upload.multipart.size=33554432</string>` +
		`<string>s3.copy.multipart.size=1</string></array></dict></plist>`
	var said []string
	for _, p := range profiles.Lint(strings.NewReader(body), "x") {
		if strings.Contains(p.Text, "changes nothing here: ") {
			said = append(said, p.Key)
		}
	}
	if !slices.Equal(said, []string{"s3.upload.expect-continue", "s3.copy.multipart.size"}) {
		t.Errorf("said %q", said)
	}
}

// TestBundled_SayNothingInVain: a profile of ours has no property that changes nothing.
func TestBundled_SayNothingInVain(t *testing.T) {
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		for _, name := range profiles.UnreadOf(p) {
			t.Errorf("%s: %s", p.File, name)
		}
	}
}
