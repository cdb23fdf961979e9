package windowtest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// openInfo starts the program on the sample data, selects the text file of a bucket and opens Info with the keyboard.
func openInfo(t *testing.T, o window.Options) *window.App {
	t.Helper()
	a := window.Open(t, o)
	tabTo(t, a, "welcome.demo")
	a.Keys("Return")
	a.Row("outline", "studio-media")
	selectRow(a, "studio", "studio-media")
	a.Keys("Return")
	a.Row("outline", "README.txt")
	selectRow(a, "README", "README.txt")
	a.Keys("ctrl+i")
	a.WaitText("info.general", "Storage class: STANDARD")
	return a
}

// metadataOf is a value of metadata; its name is of no case.
func metadataOf(h client.Head, name string) string {
	for k, v := range h.Metadata {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// Info by keyboard and mouse: what an object is, other headers and metadata after a look, somebody let in. The independent client
// sees each on the server.
func TestInfo_ShowsAndChangesAnObject(t *testing.T) {
	server := filepath.Join(t.TempDir(), "demo.json")
	a := openInfo(t, window.Options{Env: []string{"FYNE_THEME=light"}, Args: []string{"--demo-info", server}})
	aws := demoClient(t, server)
	const bucket, key = "studio-media", "README.txt"
	before := aws.Head(bucket, key)
	a.WaitText("info.general.more", "ETag: "+strings.Trim(before.ETag, `"`))
	a.Picture("info-general")

	a.PressRow("info.tabs", "Metadata", 1, 1)
	a.Row("info.headers", "Content-Type")
	a.PressRow("info.headers", "Content-Type", 1, 1)
	a.Keys("ctrl+a")
	a.Type("text/markdown")
	a.WaitText("info.headers", "Content-Type: text/markdown")
	tabTo(t, a, "info.metadata.add")
	a.Keys("space")
	a.Row("info.metadata", "new")
	a.Type("author")
	a.Keys("Tab")
	a.Type("A. Nonym")
	a.WaitText("info.metadata", "author: A. Nonym")
	a.WaitText("info.status", "2 changes")
	a.Picture("info-metadata")
	tabTo(t, a, "info.apply")
	a.Keys("Return")
	a.Enabled("dialog.ok")
	a.Picture("info-look")
	a.Keys("Return")
	a.WaitGone("dialog.ok")
	a.Until("the new metadata", func() bool { return metadataOf(aws.Head(bucket, key), "author") == "A. Nonym" })
	if h := aws.Head(bucket, key); h.ContentType != "text/markdown" || h.ContentLength != before.ContentLength {
		t.Errorf("aws sees %+v", h)
	}
	a.WaitText("info.metadata", "author: A. Nonym")

	a.PressRow("info.tabs", "Permissions", 1, 1)
	a.WaitText("info.grants", "FULL_CONTROL")
	pick(a, "info.grants.add", "Everyone")
	a.WaitText("info.grants", "Everyone: READ")
	a.Picture("info-permissions")
	a.Press("info.apply")
	a.Press("dialog.ok")
	a.WaitGone("dialog.ok")
	a.Until("the grant", func() bool {
		out, err := aws.Try("get-object-acl", map[string]any{"Bucket": bucket, "Key": key})
		return err == nil && strings.Contains(string(out), "groups/global/AllUsers")
	})
	if h := aws.Head(bucket, key); h.ContentType != "text/markdown" || metadataOf(h, "author") != "A. Nonym" {
		t.Errorf("after the grant aws sees %+v", h)
	}
	a.Keys("ctrl+i")
	a.WaitGone("info.tabs")
	features.Proved(t, "window.info", features.Embedded, "")
}
