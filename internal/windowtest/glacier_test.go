package windowtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// fileMenu chooses from the File menu, which the keyboard opens.
func fileMenu(a *window.App, title string) {
	a.Keys("F10")
	a.Row("menu", title)
	a.PressRow("menu", title, 1, 1)
	a.WaitGone("menu")
}

// waitNote waits until the outline says something of a row behind its name.
func waitNote(a *window.App, name, note string) { a.WaitText("outline", name+": "+note) }

// A film in an archive: the menu asks for it with days and a tier, its row says how far it is, and when the server's clock has moved
// on it is downloaded. Another one is asked for because its download failed, and comes by itself once it is there.
func TestGlacier_ByMenu(t *testing.T) {
	server, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	aws := client.New(t, client.Account{Endpoint: server.URL(), Region: server.Region(), AccessKey: server.AccessKey(), SecretKey: server.SecretKey()})
	bucket := aws.NewBucket()
	for _, key := range []string{"film.mov", "sound.wav"} {
		aws.Put(bucket, key, []byte(key))
		if _, err := aws.Try("copy-object", map[string]any{"Bucket": bucket, "Key": key, "CopySource": bucket + "/" + key, "StorageClass": "GLACIER"}); err != nil {
			t.Fatal(err)
		}
	}
	a := window.Open(t, window.Options{Width: 1100, Height: 700, Env: []string{"FYNE_THEME=light"}})
	connect(a, accountOf(t, server.URL(), server.AccessKey(), server.SecretKey()))
	openFolder(a, bucket)
	waitNote(a, "film.mov", "archived")
	clickRow(a, "film.mov")
	fileMenu(a, "Restore…")
	a.Part("restore.days")
	a.Keys("ctrl+a") // it has the keyboard, though the mouse chose from the menu
	a.Type("3")
	pick(a, "restore.tier", "Bulk")
	a.WaitText("dialog.text", "read for 3 days")
	a.Picture("glacier-restore")
	a.Press("dialog.ok")
	waitNote(a, "film.mov", "restoring")
	a.Picture("glacier-restoring")
	got, err := aws.Try("head-object", map[string]any{"Bucket": bucket, "Key": "film.mov"})
	if err != nil || !strings.Contains(string(got), `ongoing-request=\"true\"`) {
		t.Errorf("aws sees %s, %v", got, err)
	}

	server.AdvanceClock(13 * time.Hour) // Bulk takes twelve
	a.Keys("ctrl+r")
	waitNote(a, "film.mov", "available until ")
	a.Picture("glacier-available")
	clickRow(a, "film.mov")
	a.Keys("alt+Down")
	downloaded(a, "film.mov")

	clickRow(a, "sound.wav")
	a.Keys("alt+Down")
	a.WaitText("dialog.text", "cannot be read before it is restored")
	a.Picture("glacier-offer")
	pick(a, "restore.tier", "Expedited")
	a.Press("dialog.ok")
	waitNote(a, "sound.wav", "restoring")
	a.Until("the wish is kept", func() bool {
		raw, err := os.ReadFile(filepath.Join(a.Home, "state", "windows.json"))
		return err == nil && strings.Contains(string(raw), `"awaited":[`)
	})
	a.Restart() // who waits for hours does not leave the program open
	signIn(a, server.SecretKey())
	waitNote(a, "sound.wav", "restoring")
	server.AdvanceClock(6 * time.Minute)
	downloaded(a, "sound.wav")
	features.Proved(t, "window.restore", features.Embedded, "")
}

// downloaded waits for a file that holds its own name.
func downloaded(a *window.App, name string) {
	a.Until(name+" downloaded", func() bool {
		got, err := os.ReadFile(filepath.Join(a.Home, "downloads", name))
		return err == nil && string(got) == name
	})
}
