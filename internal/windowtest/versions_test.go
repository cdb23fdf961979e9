package windowtest_test

import (
	"slices"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

// cursorTo moves the cursor to the row at a place, from the first row on.
func cursorTo(a *window.App, place int) {
	a.Keys("Home")
	for range place {
		a.Keys("Down")
	}
	a.Until("the row is selected", func() bool { r := a.Rows("outline"); return place < len(r) && r[place].Selected })
}

// contextMenu chooses an entry of the context menu by keyboard.
func contextMenu(t *testing.T, a *window.App, entry string) {
	t.Helper()
	a.Keys("Menu")
	a.Row("menu", entry)
	for range 40 {
		if slices.ContainsFunc(a.Rows("menu"), func(r window.Row) bool { return r.Name == entry && r.Selected }) {
			a.Keys("Return")
			a.WaitGone("menu")
			return
		}
		a.Keys("Up")
	}
	t.Fatalf("Up does not reach %s; see %s", entry, a.Picture("menu"))
}

// Versions by keyboard alone: they are shown, one is the current one again, a deleted object is back, one version is deleted for good,
// an unfinished upload is aborted. The independent client sees each on the server.
func TestVersions_ByKeyboard(t *testing.T) {
	srv := servers.SharedVersitygw(t)
	aws := client.For(t, srv)
	bucket := aws.NewBucket()
	if _, err := aws.Try("put-bucket-versioning", map[string]any{"Bucket": bucket, "VersioningConfiguration": map[string]any{"Status": "Enabled"}}); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"first", "second"} {
		aws.Put(bucket, "report.txt", []byte(v))
	}
	aws.Put(bucket, "gone.txt", []byte("was here"))
	aws.Delete(bucket, "gone.txt")
	if _, err := aws.Try("create-multipart-upload", map[string]any{"Bucket": bucket, "Key": "film.bin"}); err != nil {
		t.Fatal(err)
	}

	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=light"}})
	connect(a, accountOf(t, srv.Endpoint, srv.AccessKey, srv.SecretKey))
	openBucket(t, a, bucket)
	a.Row("outline", "report.txt")
	a.Keys("ctrl+shift+v")
	shows := func(names ...string) {
		t.Helper()
		a.Until(strings.Join(names, ", "), func() bool { return slices.Equal(a.Names("outline"), names) })
	}
	shows("gone.txt", "gone.txt", "report.txt", "report.txt")
	cursorTo(a, 3)
	a.Picture("versions")
	contextMenu(t, a, "Revert to this version")
	shows("gone.txt", "gone.txt", "report.txt", "report.txt", "report.txt")
	if got := string(aws.Get(bucket, "report.txt")); got != "first" {
		t.Errorf("report.txt is %q after the revert", got)
	}

	cursorTo(a, 0)
	contextMenu(t, a, "Undelete")
	shows("gone.txt", "report.txt", "report.txt", "report.txt")
	if got := string(aws.Get(bucket, "gone.txt")); got != "was here" {
		t.Errorf("gone.txt is %q after Undelete", got)
	}

	cursorTo(a, 2) // "second"
	a.Keys("Delete")
	a.Enabled("dialog.ok")
	a.Picture("version-delete")
	tabTo(t, a, "dialog.ok")
	a.Keys("space")
	shows("gone.txt", "report.txt", "report.txt")
	if got := string(aws.Get(bucket, "report.txt")); got != "first" {
		t.Errorf("report.txt is %q after the deletion of a version", got)
	}
	a.Keys("ctrl+shift+v")
	shows("gone.txt", "report.txt")

	a.Keys("ctrl+shift+r")
	shows("film.bin", "gone.txt", "report.txt", "report.txt")
	cursorTo(a, 0)
	a.Picture("upload")
	contextMenu(t, a, "Abort upload…")
	a.Enabled("dialog.ok")
	tabTo(t, a, "dialog.ok")
	a.Keys("space")
	shows("gone.txt", "report.txt", "report.txt")
	if left := aws.Uploads(bucket); len(left) > 0 {
		t.Errorf("left %+v", left)
	}
	features.Proved(t, "window.versions", string(srv.Name), srv.Version)
}
