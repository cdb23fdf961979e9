package windowtest_test

import (
	"path/filepath"
	"slices"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// TestProfiles_DroppedChangedAndOffered: a profile that is dropped on the window of profiles is installed, can be changed there, and is
// offered by the connection window.
func TestProfiles_DroppedChangedAndOffered(t *testing.T) {
	a := window.Open(t, window.Options{})
	g := gallery{t, a}
	a.Part("welcome.demo")
	a.Keys("F10")
	a.Part("menu")
	a.Keys("Right", "Right", "Right", "Right")
	a.Row("menu", "Connection profiles…")
	a.Keys("End", "Return")
	a.Row("profilelist.list", "Amazon S3")
	file := filepath.Join(t.TempDir(), "lab.cyberduckprofile")
	writeFile(t, file, `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>lab</string><key>Description</key><string>Aalab</string>
<key>Default Hostname</key><string>lab.example.com</string></dict></plist>`)
	a.DropFiles(a.PointOfRow("profilelist.list", "Amazon S3"), nil, file)
	a.WaitText("profilelist.status", "1 installed")
	a.Press("profilelist.search")
	a.Type("aalab")
	a.Until("one row", func() bool { return slices.Equal(a.Names("profilelist.list"), []string{"Aalab"}) })
	g.take("found")
	a.PressRow("profilelist.list", "Aalab", 1, 1)
	a.Enabled("profilelist.edit")
	a.Press("profilelist.edit")
	a.Part("profilelist.edit.title")
	a.Enter("profilelist.edit.title", "Aalab two")
	g.take("edit")
	a.Keys("Return")
	a.Row("profilelist.list", "Aalab two")
	a.Keys("Escape", "Escape")
	a.WaitGone("profilelist.list")
	a.Keys("ctrl+o")
	a.Press("connection.profile")
	a.Row("menu", "Aalab two")
	a.Keys("End", "Return") // one's own are behind the bundled ones
	a.WaitText("connection.url", "https://lab.example.com")
	features.Proved(t, "window.profiles", features.Embedded, "")
}
