package windowtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pintail/internal/testkit/window"
)

// tabTo presses Tab until a part has the keyboard.
func tabTo(t *testing.T, a *window.App, id string) {
	t.Helper()
	for range 30 {
		if a.Part(id).Focused {
			return
		}
		a.Keys("Tab")
	}
	t.Fatalf("Tab does not reach %s; see %s", id, a.Picture("tab"))
}

// choose types a path into the chooser that is open.
func choose(t *testing.T, a *window.App, path string) {
	t.Helper()
	a.Enabled("chooser.cancel")
	tabTo(t, a, "chooser.path")
	a.Keys("ctrl+a")
	a.Type(path)
	a.Until("the typed path", func() bool { return a.Part("chooser.path").Text == path })
	a.Keys("Return")
	a.WaitGone("chooser.ok")
}

// selectRow selects a row by the beginning of its name.
func selectRow(a *window.App, begin, name string) {
	a.Type(begin)
	waitSelected(a, name)
}

// limit sets the limit for uploads in the Transfers window: steps down from "Unlimited".
func limit(t *testing.T, a *window.App, option string) {
	t.Helper()
	tabTo(t, a, "transfers.bandwidth")
	a.Keys("space")
	a.Row("menu", "Uploads")
	a.Keys("Home", "Right")
	a.Row("menu", option)
	for range 12 {
		if slices.ContainsFunc(a.Rows("menu"), func(r window.Row) bool { return r.Name == option && r.Selected }) {
			break
		}
		a.Keys("Down")
	}
	a.Keys("Return")
	a.WaitGone("menu")
}

// The main job with the keyboard alone; the independent client sees each step on the server.
func TestKeyboard_MainJobWithoutMouse(t *testing.T) {
	scratch := t.TempDir()
	info := filepath.Join(scratch, "demo.json")
	a := window.Open(t, window.Options{Args: []string{"--demo-info", info}})
	aws := demoClient(t, info)
	const bucket = "studio-media"

	tabTo(t, a, "welcome.demo")
	a.Picture("welcome")
	a.Keys("Return")
	a.Row("outline", bucket)
	selectRow(a, "studio", bucket)
	a.Keys("Return")
	a.Row("outline", "logos")
	selectRow(a, "logos", "logos")
	a.Keys("Return")
	a.WaitText("pathbar", "logos")

	a.Keys("ctrl+shift+n")
	a.Part("dialog.field")
	a.Type("by keyboard")
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Row("outline", "by keyboard")
	if !aws.Exists(bucket, "logos/by keyboard/") {
		t.Error("aws does not see the new folder")
	}
	a.Picture("new-folder")

	local := filepath.Join(scratch, "letter.txt")
	if err := os.WriteFile(local, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.Keys("ctrl+a", "ctrl+shift+i") // with nothing selected uploads go into the folder that is shown
	a.Keys("alt+Up")
	choose(t, a, local)
	a.Row("outline", "letter.txt")
	if got := string(aws.Get(bucket, "logos/letter.txt")); got != "a letter" {
		t.Errorf("aws reads %q", got)
	}
	selectRow(a, "lett", "letter.txt")
	a.Keys("F2", "ctrl+a")
	a.Type("post.txt")
	a.Keys("Return")
	a.Row("outline", "post.txt")
	a.Until("the new name alone", func() bool {
		return aws.Exists(bucket, "logos/post.txt") && !aws.Exists(bucket, "logos/letter.txt")
	})
	a.Picture("renamed")

	selectRow(a, "post", "post.txt")
	a.Keys("alt+Down")
	a.Until("the downloaded file", func() bool {
		b, err := os.ReadFile(filepath.Join(a.Home, "downloads", "post.txt"))
		return err == nil && string(b) == "a letter"
	})
	a.Keys("Delete")
	a.WaitText("sheet", "keeps no versions")
	a.Picture("delete")
	tabTo(t, a, "dialog.ok")
	a.Keys("Return")
	a.WaitGone("sheet")
	a.Until("the end of the object", func() bool { return !aws.Exists(bucket, "logos/post.txt") })
	a.Until("the end of the row", func() bool { return !slices.Contains(a.Names("outline"), "post.txt") })

	pauseAndResume(t, a, filepath.Join(scratch, "film.bin"))
	if n := aws.Head(bucket, "logos/film.bin").ContentLength; n != 6<<20 {
		t.Errorf("aws sees %d bytes", n)
	}
}

// pauseAndResume uploads a file slowly, and pauses and resumes it in the Transfers window.
func pauseAndResume(t *testing.T, a *window.App, film string) {
	t.Helper()
	writeRandom(t, film, 6<<20)
	a.Keys("ctrl+t")
	a.Part("transfers.list")
	limit(t, a, "500 kB/s")
	a.Keys("ctrl+t")
	a.WaitGone("transfers.list")
	a.Keys("ctrl+a", "ctrl+shift+i")
	a.Keys("alt+Up")
	choose(t, a, film)
	a.Keys("ctrl+t")
	rowWith(a, "transfers.list", "film.bin", " of ")
	tabTo(t, a, "transfers.list")
	a.Keys("Home")
	a.Until("film.bin selected", func() bool {
		return slices.ContainsFunc(a.Rows("transfers.list"), func(r window.Row) bool { return r.Selected && containsAll(r.Name, "film.bin") })
	})
	a.Keys("space")
	rowWith(a, "transfers.list", "film.bin", "Paused")
	a.Picture("paused")
	limit(t, a, "Unlimited")
	tabTo(t, a, "transfers.list")
	a.Keys("space")
	rowWith(a, "transfers.list", "film.bin", "Done")
	a.Picture("done")
}
