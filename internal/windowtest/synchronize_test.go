package windowtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

// site is a folder and a prefix that differ in every way, and in one file not.
func site(t *testing.T, aws *client.Client, bucket string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "site")
	for name, content := range map[string]string{
		"index.html": "a page that is longer", "css/main.css": "body {}", "img/a long name that tells what is to be seen in the picture.svg": "<svg/>",
		"same.txt": "same", "draft.html": "not yet",
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), content)
	}
	for key, content := range map[string]string{"index.html": "a page", "same.txt": "same", "old.html": "old", "keep.html": "keep"} {
		aws.Put(bucket, "site/"+key, []byte(content))
	}
	// The server's clock counts seconds: a file of the same second would be newer than its object.
	hour := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "same.txt"), hour, hour); err != nil {
		t.Fatal(err)
	}
	return dir
}

// planRow waits until the plan has a line with that name, and moves to it with the keyboard.
func planRow(a *window.App, name string) {
	a.Row("synchronize.list", name)
	selected := func() bool {
		return slices.ContainsFunc(a.Rows("synchronize.list"), func(r window.Row) bool { return r.Name == name && r.Selected })
	}
	a.Keys("Home")
	for range slices.Index(a.Names("synchronize.list"), name) {
		a.Keys("Down")
	}
	a.Until(name+" selected", selected)
}

// A plan is made, looked at, changed and carried out with the keyboard alone, and the independent client sees that just what
// was switched on was done.
func TestSynchronize_PlanIsChangedAndCarriedOutByKeyboard(t *testing.T) {
	for _, look := range []string{"light", "dark"} {
		t.Run(look, func(t *testing.T) { synchronizeByKeyboard(t, look) })
	}
}

func synchronizeByKeyboard(t *testing.T, look string) {
	srv := servers.SharedVersitygw(t)
	aws := client.For(t, srv)
	bucket := aws.NewBucket()
	dir := site(t, aws, bucket)
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=" + look}})
	g := gallery{t, a}
	connect(a, accountOf(t, srv.Endpoint, srv.AccessKey, srv.SecretKey))
	openBucket(t, a, bucket)
	openFolder(a, "site")
	a.Row("outline", "old.html")

	a.Keys("ctrl+shift+s")
	a.Part("synchronize.list")
	g.take("choosing")
	a.Type(dir + "x")
	a.Until("the folder", func() bool { return a.Part("synchronize.local").Text == dir+"x" })
	a.Keys("Return")
	a.WaitText("synchronize.status", "could not be compared")
	g.take("error")
	a.Keys("BackSpace")
	tabTo(t, a, "synchronize.delete")
	a.Keys("space")
	tabTo(t, a, "synchronize.compare")
	a.Keys("space")
	a.WaitText("synchronize.status", "to upload")
	g.take("plan")
	tabTo(t, a, "synchronize.list")
	planRow(a, "draft.html")
	a.Keys("space")
	a.WaitText("synchronize.status", "3 to upload")
	planRow(a, "keep.html")
	a.Keys("space")
	a.WaitText("synchronize.status", "1 to delete")
	g.take("changed")

	tabTo(t, a, "synchronize.jobs")
	a.Keys("space")
	a.Row("menu", "Save as…")
	a.Keys("Home", "Return")
	a.Part("sheet")
	a.Type("my site")
	g.take("saving")
	a.Keys("Return")
	a.WaitGone("sheet")

	tabTo(t, a, "synchronize.start")
	a.Keys("Return")
	a.Part("dialog.ok")
	g.take("asks")
	tabTo(t, a, "dialog.ok")
	a.Keys("Return")
	a.Part("transfers.list")
	rowWith(a, "transfers.list", "Done")
	g.take("done")
	want := []string{"site/css/main.css", "site/img/a long name that tells what is to be seen in the picture.svg", "site/index.html", "site/keep.html", "site/same.txt"}
	if got := aws.List(bucket, "site/"); !slices.Equal(got, want) {
		t.Errorf("stored are %q, want %q", got, want)
	}
	if got := string(aws.Get(bucket, "site/index.html")); got != "a page that is longer" {
		t.Errorf("index.html is %q", got)
	}
	a.Keys("ctrl+t")
	a.WaitGone("transfers.list")
	a.Row("outline", "css") // the window shows what has become of the folder
	a.Until("the end of old.html", func() bool { return !slices.Contains(a.Names("outline"), "old.html") })
	synchronizeAgain(t, g, dir)
}

// synchronizeAgain opens the saved settings when nothing is left to do.
func synchronizeAgain(t *testing.T, g gallery, dir string) {
	t.Helper()
	a := g.a
	if err := os.Remove(filepath.Join(dir, "draft.html")); err != nil {
		t.Fatal(err)
	}
	a.Keys("ctrl+shift+s")
	a.Part("synchronize.list")
	tabTo(t, a, "synchronize.jobs")
	a.Keys("space")
	a.Row("menu", "my site")
	g.take("jobs")
	a.Keys("Home", "Return")
	a.Until("the saved folder", func() bool { return strings.HasSuffix(a.Part("synchronize.local").Text, dir) })
	tabTo(t, a, "synchronize.delete")
	a.Keys("space")
	tabTo(t, a, "synchronize.compare")
	a.Keys("space")
	a.WaitText("synchronize.status", "the same on both sides")
	g.take("nothing-to-do")
	a.Keys("Escape")
	a.WaitGone("synchronize.list")
}
