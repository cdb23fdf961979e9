package windowtest_test

import (
	"testing"

	"pintail/internal/testkit/window"
)

// Share… offers a link first, and making public only over the sheet that says what that does.
func TestShare_LinkFirst(t *testing.T) {
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=dark"}})
	tabTo(t, a, "welcome.demo")
	a.Keys("Return")
	a.Row("outline", "studio-media")
	openFolder(a, "studio-media")
	selectRow(a, "README", "README.txt")
	menuByKeyboard(t, a, "Share…")
	a.WaitText("dialog.text", "A pre-signed link lets in those who have it")
	a.Picture("share")
	a.Keys("Return")
	a.Enabled("links.copy")
	a.Keys("Escape")
	a.WaitGone("links.copy")
	menuByKeyboard(t, a, "Share…")
	a.Press("share.public")
	a.WaitText("dialog.text", "Everybody on the internet will be able to download it")
	a.Keys("Escape")
	a.WaitGone("dialog.ok")
	a.Press("pathbar.up")
	clickRow(a, "studio-media")
	menuByKeyboard(t, a, "Share…")
	a.WaitText("dialog.text", "A pre-signed link is for objects")
	if a.Part("share.link").Enabled {
		t.Error("a link of a bucket is offered")
	}
}
