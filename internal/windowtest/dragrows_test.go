package windowtest_test

import (
	"slices"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// TestDragRows_OntoAFolderAndOntoABookmark: a row dropped on a folder is moved there, one dropped on a bookmark is copied to where
// that begins.
func TestDragRows_OntoAFolderAndOntoABookmark(t *testing.T) {
	s := embedded(t)
	for _, key := range []string{"docs/moved.txt", "docs/copied.txt", "docs/sub/x.txt", "inbox/old.txt"} {
		if err := s.Add(demo.Object{Bucket: "box", Key: key, Body: []byte(key)}); err != nil {
			t.Fatal(err)
		}
	}
	aws := embeddedClient(t, s)
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "box", "inbox")
	a.Keys("ctrl+shift+b")
	a.Enter("connection.nickname", "Inbox")
	a.Press("connection.ok")
	a.WaitGone("connection.ok")
	a.Row("sidebar", "Inbox")
	a.Keys("ctrl+Up")
	a.WaitText("pathbar", "box")
	openFolder(a, "docs")

	selectRow(a, "mov", "moved.txt")
	a.DragWith(a.PointOfRow("outline", "moved.txt"), a.PointOfRow("outline", "sub"), func() { a.WaitText("drag", "1 item") })
	a.Until("the moved object", func() bool { return aws.Exists("box", "docs/sub/moved.txt") && !aws.Exists("box", "docs/moved.txt") })
	a.Until("the end of the row", func() bool { return !slices.Contains(a.Names("outline"), "moved.txt") })
	a.Picture("moved")

	selectRow(a, "cop", "copied.txt")
	from, to := a.PointOfRow("outline", "copied.txt"), a.PointOfRow("sidebar", "Inbox")
	a.DragWith(from, to, func() {
		a.WaitText("drag", "Copy 1 item to “Inbox”")
		a.Picture("over-the-bookmark")
	})
	a.Until("the end of the label", func() bool { return a.Part("drag").Text == "" })
	a.Until("the copy", func() bool { return aws.Exists("box", "inbox/copied.txt") })
	if string(aws.Get("box", "inbox/copied.txt")) != "docs/copied.txt" || !aws.Exists("box", "docs/copied.txt") {
		t.Error("it is not a copy")
	}
	a.Picture("copied")
	features.Proved(t, "window.dragrows", features.Embedded, "")
}
