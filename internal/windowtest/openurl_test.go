package windowtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/window"
)

// File → Open URL gives the desktop's opener an address at which the object is: here it fetches what a browser would show.
func TestOpenURL_InTheBrowser(t *testing.T) {
	server, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	aws := client.New(t, client.Account{Endpoint: server.URL(), Region: server.Region(), AccessKey: server.AccessKey(), SecretKey: server.SecretKey()})
	bucket := aws.NewBucket()
	aws.Put(bucket, "a page+1.html", []byte("<p>what the page says"))
	dir := t.TempDir()
	shown := filepath.Join(dir, "shown")
	writeFile(t, filepath.Join(dir, "xdg-open"), "#!/bin/sh\ncurl -s -o "+shown+".part \"$1\" && mv "+shown+".part "+shown+"\n")
	if err := os.Chmod(filepath.Join(dir, "xdg-open"), 0o700); err != nil {
		t.Fatal(err)
	}
	a := window.Open(t, window.Options{Width: 1100, Height: 760, Env: []string{"FYNE_THEME=light", "PATH=" + dir + ":" + os.Getenv("PATH")}})
	connect(a, accountOf(t, server.URL(), server.AccessKey(), server.SecretKey()))
	openFolder(a, bucket)
	clickRow(a, "a page+1.html")
	a.Keys("F10")
	a.Row("menu", "Open URL")
	a.Move(a.PointOfRow("menu", "Open URL"))
	a.Row("menu", "Website URL (only Amazon's are known)")
	a.Picture("open-url")
	a.PressRow("menu", "Pre-signed URL, 1 hour", 1, 1)
	a.WaitGone("menu")
	a.Until("the page", func() bool {
		got, err := os.ReadFile(shown)
		return err == nil && strings.Contains(string(got), "what the page says")
	})
}
