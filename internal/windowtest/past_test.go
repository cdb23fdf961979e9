package windowtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// A folder as of a time between two versions, and back to it, by keyboard: the rows are the old ones, the preview says what would
// change, and the independent client reads the old bytes afterwards.
func TestPast_ShownAndRestoredByKeyboard(t *testing.T) {
	server, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	aws := client.New(t, client.Account{Endpoint: server.URL(), Region: server.Region(), AccessKey: server.AccessKey(), SecretKey: server.SecretKey()})
	bucket := aws.NewBucket()
	if _, err := aws.Try("put-bucket-versioning", map[string]any{"Bucket": bucket, "VersioningConfiguration": map[string]any{"Status": "Enabled"}}); err != nil {
		t.Fatal(err)
	}
	server.AdvanceClock(-4 * time.Hour)
	aws.Put(bucket, "report.txt", []byte("the first text"))
	aws.Put(bucket, "gone.txt", []byte("was here"))
	server.AdvanceClock(2 * time.Hour)
	aws.Put(bucket, "report.txt", []byte("another"))
	aws.Put(bucket, "late.txt", []byte("came later"))
	aws.Delete(bucket, "gone.txt")
	server.AdvanceClock(2 * time.Hour)

	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=light"}})
	connect(a, accountOf(t, server.URL(), server.AccessKey(), server.SecretKey()))
	a.Row("outline", bucket)
	selectRow(a, bucket, bucket)
	a.Keys("Return")
	shows := func(names ...string) {
		t.Helper()
		a.Until(strings.Join(names, ", "), func() bool { return slices.Equal(a.Names("outline"), names) })
	}
	shows("late.txt", "report.txt")
	menuByKeyboard(t, a, "As of…")
	a.Part("dialog.field")
	a.Keys("ctrl+a")
	a.Type("3h")
	a.WaitText("dialog.field", "3h")
	a.Keys("Return")
	a.WaitText("past.text", "As it was on")
	shows("gone.txt", "report.txt")
	a.Picture("past")
	menuByKeyboard(t, a, "Restore to this point…")
	a.WaitText("rewind.text", "1 undeleted")
	a.Enabled("dialog.ok")
	rowWith(a, "rewind.list", "report.txt")
	a.Picture("past-restore")
	if got := string(aws.Get(bucket, "report.txt")); got != "another" {
		t.Fatalf("report.txt is %q before anybody has agreed", got)
	}
	a.Press("dialog.ok")
	a.WaitGone("past.text")
	shows("gone.txt", "report.txt")
	for key, want := range map[string]string{"report.txt": "the first text", "gone.txt": "was here"} {
		if got := string(aws.Get(bucket, key)); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	if aws.Exists(bucket, "late.txt") {
		t.Error("what was not there then is there")
	}
	features.Proved(t, "window.past", features.Embedded, "")
}

// menuByKeyboard chooses an entry of one of the menus, which F10 opens at the first.
func menuByKeyboard(t *testing.T, a *window.App, entry string) {
	t.Helper()
	a.Keys("F10")
	for range 8 {
		a.Until("a menu", func() bool { return len(a.Rows("menu")) > 0 })
		if i := slices.IndexFunc(a.Rows("menu"), func(r window.Row) bool { return r.Name == entry }); i >= 0 {
			for range 60 {
				if slices.ContainsFunc(a.Rows("menu"), func(r window.Row) bool { return r.Name == entry && r.Selected }) {
					a.Keys("Return")
					a.WaitGone("menu")
					return
				}
				a.Keys("Down")
			}
		}
		a.Keys("Right")
	}
	t.Fatalf("no menu has %s; see %s", entry, a.Picture("menu"))
}

// A bucket's objects are retained and held from the menu, as one job; the independent client reads it.
func TestLock_OfABucketByMenu(t *testing.T) {
	server, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	aws := client.New(t, client.Account{Endpoint: server.URL(), Region: server.Region(), AccessKey: server.AccessKey(), SecretKey: server.SecretKey()})
	const bucket = "ledgers"
	if _, err := aws.Try("create-bucket", map[string]any{"Bucket": bucket, "ObjectLockEnabledForBucket": true}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		aws.Put(bucket, fmt.Sprintf("2026/%d.csv", i), []byte("x"))
	}
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=dark"}})
	connect(a, accountOf(t, server.URL(), server.AccessKey(), server.SecretKey()))
	clickRow(a, bucket)
	a.Keys("F10")
	a.Row("menu", "Storage and access")
	a.Move(a.PointOfRow("menu", "Storage and access"))
	a.PressRow("menu", "Object lock…", 1, 1)
	a.WaitGone("menu")
	pick(a, "lock.retention", "COMPLIANCE")
	a.Enter("lock.until", "2090-01-01 00:00")
	pick(a, "lock.hold", "On")
	a.WaitText("dialog.text", "nobody can delete these versions")
	a.WaitText("dialog.text", "3 objects")
	a.Picture("lock-bucket")
	a.Press("dialog.ok")
	for i := range 3 {
		a.Until("the lock", func() bool {
			got, err := aws.Try("head-object", map[string]any{"Bucket": bucket, "Key": fmt.Sprintf("2026/%d.csv", i)})
			return err == nil && strings.Contains(string(got), `"COMPLIANCE"`) && strings.Contains(string(got), `"ON"`)
		})
	}
	features.Proved(t, "window.lockmany", features.Embedded, "")
}
