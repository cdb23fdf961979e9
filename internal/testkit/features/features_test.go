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
	text, err := features.Render(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Upload in parts | versitygw v9, rgw 1.2 | `features: TestRender_NamesTestServerAndVersion` |  |",
		"| Restore from an archive class | *not proved on a real service* (embedded server) | `features: TestRender_",
		"| Upload in one request | *not proved* |  |  |",
		"| Tags | *not proved* |  | moto 5 (`features: TestRender_NamesTestServerAndVersion`) |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if again, _ := features.Render(dir, ""); again != text {
		t.Error("two renderings differ")
	}
}

// A run without an optional server keeps what a run with it proved; a run with it writes that anew.
func TestRender_KeepsWhatAServerThatIsNotThereProved(t *testing.T) {
	render := func(recorded string, proved ...[3]string) string {
		t.Helper()
		dir := t.TempDir()
		t.Setenv(features.EnvDir, dir)
		t.Run("proofs", func(t *testing.T) {
			for _, p := range proved {
				features.Proved(t, p[0], p[1], p[2])
			}
		})
		text, err := features.Render(dir, recorded)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	real := [3]string{"object.tags", "rgw", "1"}
	with := render("# Features\n", real, [3]string{"object.tags", "moto", "5"}, [3]string{"object.acl", "moto", "5"}, [3]string{"object.tags", "minio", "7"})
	row := "| Tags | rgw 1 | `features: TestRender_KeepsWhatAServerThatIsNotThereProved` | minio 7 (`features: "
	if !strings.Contains(with, row) || strings.Count(with, "moto 5 (`") != 2 {
		t.Fatalf("no %q in\n%s", row, with)
	}
	if without := render(with, real); without != with {
		t.Errorf("without these servers it is\n%s", without)
	}
	if again := render(with, real, [3]string{"object.acl", "moto", "6"}); strings.Count(again, "moto") != 1 || !strings.Contains(again, "moto 6 (`") || !strings.Contains(again, "minio 7 (`") {
		t.Errorf("with one of them it is\n%s", again)
	}
}
