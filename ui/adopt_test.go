package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer/transfertest"
	"pintail/ui/command"
	"pintail/ui/kit"
)

// typedFiles is a chooser's file system of which nothing is listed, so that names are typed.
type typedFiles struct{ noFiles }

func (typedFiles) Abs(s string) (string, bool, bool) {
	fi, err := os.Stat(s)
	return s, err == nil && fi.IsDir(), err == nil
}

// An unfinished upload is continued by its command: the file is chosen, the sheet says what is sent, the object is the file.
func TestApp_UnfinishedUploadIsContinuedFromAFile(t *testing.T) {
	p := newProgram(t)
	p.app.c.Files = typedFiles{}
	p.start()
	s, at := p.win.VM.Connection().Session, storage.Location{Bucket: "studio-media", Key: "film.bin"}
	content := transfertest.Bytes(11<<20, 3)
	u, err := s.CreateUpload(t.Context(), at, storage.WriteOptions{})
	if err == nil {
		_, err = s.UploadPart(t.Context(), at, u, 1, storage.Body{R: bytes.NewReader(content[:5<<20]), Size: 5 << 20})
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, other := filepath.Join(dir, "film.bin"), filepath.Join(dir, "other.bin")
	for name, b := range map[string][]byte{file: content, other: content[:9]} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := preferences.ShowHidden.Set(p.app.c.Preferences, true); err != nil {
		t.Fatal(err)
	}
	p.open(storage.Location{Bucket: at.Bucket})
	choose := func(file string) {
		p.app.c.Registry.Remove("chooser.ok")
		for i, n := range p.names() { // an upload has no name to look for
			if n == "film.bin" {
				p.list().Select(p.win.VM.Store().Key(i))
			}
		}
		p.win.Run(command.AdoptUpload)
		p.until("the chooser", func() bool { _, ok := p.app.c.Registry.Object("chooser.ok"); return ok })
		o, _ := p.app.c.Registry.Object("chooser.path")
		p.until("its folder", func() bool { return o.(*kit.Entry).Text == "" })
		o.(*kit.Entry).SetText(file)
		p.tap("chooser.ok")
	}
	choose(other)
	p.until("the refusal", func() bool { return strings.Contains(p.texts(), "the file has 9 bytes and is too small for part 1") })
	p.win.Win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	choose(file)
	p.until("the comparison", func() bool {
		return strings.Contains(p.texts(), "It is the same as in film.bin. 6.0 MiB will be sent.")
	})
	p.tap("dialog.ok")
	p.until("the object", func() bool {
		info, err := s.Stat(t.Context(), at)
		return err == nil && info.Size == int64(len(content)) && len(p.app.Transfers()) == 1
	})
	if n := p.server.CountRequests("UploadPart", "film.bin", 0); n != 3 {
		t.Errorf("%d parts were sent, want the one of before and two", n)
	}
}

// tap presses a button; texts is all that the parts of the window say.
func (p *program) tap(id string) {
	p.t.Helper()
	o, ok := p.app.c.Registry.Object(id)
	if !ok {
		p.t.Fatalf("there is no %s", id)
	}
	o.(*kit.Button).Tapped(nil)
}

func (p *program) texts() string {
	var out []string
	for _, part := range p.app.c.Registry.Dump() {
		out = append(out, part.Text)
	}
	return strings.Join(strings.Fields(strings.Join(out, " ")), " ") // without the ends of lines
}
