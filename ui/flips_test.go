package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/connect"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/outline/model"
	"pintail/ui/settings"
)

// flip is one preference with what a person can see of it: on the wire, on the disk or in the windows.
type flip struct {
	name, from, to string // from "" is the default
	look           func() string
	before, after  string // "" is not compared
	wait           bool   // the windows follow by themselves: looked at until it is so
}

// flips changes preferences in the Preferences window of a running program.
type flips struct {
	*program
	t     *testing.T
	parts map[string]fyne.CanvasObject
	dir   string
	n     int
}

const flipBucket = "flips"

func newFlips(t *testing.T) *flips {
	t.Helper()
	f := &flips{program: newProgram(t), t: t, parts: map[string]fyne.CanvasObject{}, dir: t.TempDir()}
	f.must(f.server.AddBucket(flipBucket, time.Now(), false))
	f.start()
	s := f.session()
	for _, k := range []string{".dot", "a.txt", "xyz", "z/file"} {
		f.put(s, k, 1_500_000)
	}
	f.open(storage.Location{Bucket: flipBucket})
	f.app.settings = settings.Open(settings.Services{App: f.app.c.App, Preferences: f.app.c.Preferences,
		Register: func(id string, o fyne.CanvasObject) { f.parts[id] = o }, Here: func() (string, string) { return "", "" },
		ChooseFolder: func(string, func(string)) {}, Closed: func() { f.app.settings = nil }})
	t.Cleanup(func() { f.app.settings.Close() })
	return f
}

func (f *flips) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *flips) session() *storage.Session { return f.win.VM.Connection().Session }

func (f *flips) put(s *storage.Session, key string, size int64) {
	f.t.Helper()
	_, err := s.Put(f.t.Context(), storage.Location{Bucket: flipBucket, Key: key}, storage.Body{R: zeros{}, Size: size}, storage.WriteOptions{})
	f.must(err)
}

type zeros struct{}

func (zeros) ReadAt(b []byte, _ int64) (int, error) { clear(b); return len(b), nil }

// set changes a preference as a person does: chosen in the list, typed, and stored by the button.
func (f *flips) set(name, value string) {
	f.t.Helper()
	f.app.settings.ShowPreference(name)
	f.parts["settings.all.value"].(*kit.Entry).SetText(value)
	f.parts["settings.all.set"].(*kit.Button).Tapped(nil)
	want, err := f.app.c.Preferences.GetString(name)
	if err != nil || want != value {
		f.t.Fatalf("%s: %q was set, it is %q: %v", name, value, want, err)
	}
}

// file is a new local file of zeros.
func (f *flips) file(size int64) string {
	f.n++
	path := filepath.Join(f.dir, fmt.Sprintf("file%d", f.n))
	f.must(os.WriteFile(path, nil, 0o600))
	f.must(os.Truncate(path, size))
	return path
}

// done waits for the transfer that begin starts and gives its number.
func (f *flips) done(begin func()) transfer.ID {
	f.t.Helper()
	known := map[transfer.ID]bool{}
	_, list, _ := f.queue.Snapshot(0)
	for _, t := range list {
		known[t.ID] = true
	}
	var id transfer.ID
	begin()
	f.until("the transfer", func() bool {
		_, list, _ := f.queue.Snapshot(0)
		i := slices.IndexFunc(list, func(t transfer.Transfer) bool { return !known[t.ID] && t.State.Ended() })
		if i >= 0 {
			id = list[i].ID
		}
		return i >= 0
	})
	return id
}

// upload gives what shown sees of a new upload.
func (f *flips) upload(size int64, shown func(storage.Info) string) func() string {
	return func() string {
		path := f.file(size)
		f.done(func() { f.win.VM.Upload([]string{path}, storage.Location{Bucket: flipBucket}) })
		info, err := f.session().Stat(f.t.Context(), storage.Location{Bucket: flipBucket, Key: filepath.Base(path)})
		f.must(err)
		return shown(info)
	}
}

// parts counts the parts of an upload in parts.
func (f *flips) uploadParts() string {
	f.server.ResetRequests()
	return f.upload(7<<20, func(storage.Info) string { return fmt.Sprint(f.server.CountRequests("UploadPart", "", 0)) })()
}

// download fetches a.txt and gives the number of the transfer.
func (f *flips) download(into string) transfer.ID {
	return f.done(func() {
		f.win.VM.Download([]browser.Item{{At: storage.Location{Bucket: flipBucket, Key: "a.txt"}, Size: 1_500_000}}, into)
	})
}

// fresh looks at a new window on a place, and closes it.
func (f *flips) fresh(at storage.Location, shown func(w *browser.Window) string) func() string {
	return func() string {
		f.app.NewWindow()
		w := f.app.Windows()[len(f.app.Windows())-1]
		defer w.Close()
		w.VM.Connect(connect.Spec{Profile: profiles.VendorDemo}, at)
		f.until("the new window", func() bool { return w.VM.Connection() != nil && !w.VM.Listing() && w.VM.Store().Len() > 0 })
		return shown(w)
	}
}

// opened looks at a connection to an address that is not used.
func (f *flips) opened(spec connect.Spec, shown func(*connect.Connection, error) string) func() string {
	return func() string {
		spec.Typed = keychain.Typed{KeyID: "lab", Secret: keychain.NewSecret("secret")}
		c, err := connect.Open(f.t.Context(), f.env, spec)
		if err == nil {
			defer c.Close() // nothing is under way
		}
		return shown(c, err)
	}
}

func columns(w *browser.Window) string {
	var out []string
	for _, c := range w.List().State().Columns {
		if !c.Hidden {
			out = append(out, c.ID)
		}
	}
	return strings.Join(out, ",")
}

func (f *flips) part(id string) string {
	p, _ := f.app.c.Registry.Part(id)
	return p.Text
}

// sheet runs a command for the row of a name and gives the text of a control that it shows.
func (f *flips) sheet(at storage.Location, id command.ID, control string) func() string {
	return func() string {
		f.open(at)
		defer f.open(storage.Location{Bucket: flipBucket})
		for _, n := range f.names() {
			if !strings.HasSuffix(n, "/") && !strings.HasPrefix(n, ".") {
				f.selectRow(n)
				break
			}
		}
		f.win.Run(id)
		s := f.part(control)
		if key := f.win.Win.Canvas().OnTypedKey(); key != nil {
			key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		}
		return s
	}
}

func (f *flips) sizeOf(name string) string {
	s := f.win.VM.Store()
	i, ok := s.Index(s.FindChild(0, name))
	if !ok {
		return ""
	}
	var r model.Row
	s.Row(i, &r)
	return strings.Join(r.Cells, " ")
}
