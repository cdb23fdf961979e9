package features_test

import (
	"strings"
	"testing"

	"pintail/internal/testkit/features"
)

// failing is a test that fails after it has said what it proved.
type failing struct {
	testing.TB
	atEnd func()
}

func (f *failing) Failed() bool      { return true }
func (f *failing) Cleanup(do func()) { f.atEnd = do }

func TestRender_NamesTestServerAndVersion(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(features.EnvDir, dir)
	t.Run("proofs", func(t *testing.T) {
		features.Proved(t, "upload.multipart", "versitygw", "v9")
		features.Proved(t, "upload.multipart", "rgw", "1.2")
		features.Proved(t, "object.restore", features.Embedded, "")
		features.Proved(t, "object.tags", "moto", "5")
	})
	failed := &failing{TB: t}
	features.Proved(failed, "upload.single", "rgw", "1.2")
	failed.atEnd()
	text, err := features.Render(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Upload in parts | versitygw v9, rgw 1.2 | `features: TestRender_NamesTestServerAndVersion` |",
		"| Restore from an archive class | *not proved on a real service* (embedded server) | `features: TestRender_",
		"| Upload in one request | *not proved* |  |",
		"| Tags | *not proved* |  |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if again, _ := features.Render(dir); again != text {
		t.Error("two renderings differ")
	}
}
