package windowtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/window"
)

// TestExisting_IsRememberedForTheConnection: at a connection that is a bookmark, what is chosen for a file that exists is remembered: the
// next upload asks nothing, and the bookmark's window takes it back.
func TestExisting_IsRememberedForTheConnection(t *testing.T) {
	s := embedded(t)
	if err := s.Add(demo.Object{Bucket: "box", Key: "inbox/note.txt", Body: []byte("old")}); err != nil {
		t.Fatal(err)
	}
	aws := embeddedClient(t, s)
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "box", "inbox")
	path := filepath.Join(t.TempDir(), "note.txt")
	upload := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		a.Press("toolbar.upload")
		a.Enter("chooser.path", path)
		a.Press("chooser.ok")
		a.WaitGone("chooser.ok")
	}
	stored := func(content string) {
		t.Helper()
		a.Until(content+" to be stored", func() bool { return string(aws.Get("box", "inbox/note.txt")) == content })
	}
	upload("no bookmark")
	if a.Part("existing.remember").Enabled {
		t.Error("a connection without a bookmark can remember")
	}
	a.Picture("no-bookmark")
	a.Press("dialog.ok")
	a.WaitGone("existing.action")
	stored("no bookmark")

	a.Keys("ctrl+shift+b")
	a.Enter("connection.nickname", "Inbox")
	a.Press("connection.ok")
	a.WaitGone("connection.ok")
	a.Row("sidebar", "Inbox")
	a.Keys("ctrl+Up")
	a.WaitText("pathbar", "box")
	a.PressRow("sidebar", "Inbox", 1, 1)
	a.Keys("Return")
	a.WaitText("pathbar", "inbox")
	upload("asked")
	tabTo(t, a, "existing.remember")
	a.Keys("space")
	a.Until("both boxes to be ticked", func() bool { return a.Part("existing.remember").Selected && a.Part("existing.all").Selected })
	a.Picture("remembered")
	a.Press("dialog.ok")
	a.WaitGone("existing.action")
	stored("asked")
	upload("not asked")
	stored("not asked")
	if a.Has("existing.action") {
		t.Error("it asks all the same")
	}
	a.PressRow("sidebar", "Inbox", 1, 1)
	a.Keys("ctrl+e")
	a.Part("connection.existing")
	a.Picture("bookmark")
}
