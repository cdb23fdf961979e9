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
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/command"
	"pintail/ui/kit"
)

// shop is a window on a connection that is marked as production.
type shop struct {
	*program
	t *testing.T
	s *storage.Session
}

const shopBucket = "shop"

func newShop(t *testing.T) *shop {
	t.Helper()
	p := &shop{program: newProgram(t), t: t}
	p.start()
	p.must(p.win.VM.Connection().Session.MakeBucket(t.Context(), shopBucket, storage.MakeBucketOptions{ObjectLock: true}))
	p.bookmark(bookmarks.Bookmark{Nickname: "Shop", Path: shopBucket, Production: true})
	p.win.VM.Connect(p.spec("Shop"), storage.Location{})
	p.until("the connection", func() bool { return p.win.VM.Production() && !p.win.VM.Listing() })
	p.s = p.win.VM.Connection().Session
	return p
}

func (p *shop) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *shop) put(key, content string) {
	p.t.Helper()
	_, err := p.s.Put(p.t.Context(), storage.Location{Bucket: shopBucket, Key: key}, storage.Body{R: strings.NewReader(content), Size: int64(len(content))}, storage.WriteOptions{})
	p.must(err)
}

// all is what the bucket holds: versions, markers, unfinished uploads, and who may read the objects.
func (p *shop) all() string {
	var out []string
	for page, err := range p.s.ListVersions(p.t.Context(), shopBucket, "", storage.ListOptions{}) {
		p.must(err)
		for _, e := range page.Entries {
			out = append(out, fmt.Sprintln(e.Key, e.Version, e.Marker, e.Latest))
			if e.Latest && !e.Marker {
				acl, err := p.s.ACL(p.t.Context(), storage.Location{Bucket: shopBucket, Key: e.Key})
				if storage.KindOf(err) != storage.KindNotFound { // else it has gone since
					p.must(err)
				}
				info, _ := p.s.Stat(p.t.Context(), storage.Location{Bucket: shopBucket, Key: e.Key})
				out = append(out, fmt.Sprintln(len(acl.Grants), info.Lock.Hold, info.Class, info.Encryption.Type))
			}
		}
	}
	for page, err := range p.s.ListUploads(p.t.Context(), shopBucket, "", storage.ListOptions{}) {
		p.must(err)
		for _, u := range page.Uploads {
			out = append(out, fmt.Sprintln(u.Key, u.ID))
		}
	}
	return strings.Join(out, "")
}

func (p *shop) shown(key string) {
	p.t.Helper()
	p.open(storage.Location{Bucket: shopBucket})
	p.win.Run(command.Refresh)
	p.until(key, func() bool { return p.has(key) && !p.win.VM.Listing() })
}

// pick puts an object, shows it and selects it.
func (p *shop) pick(key string) {
	p.t.Helper()
	p.put(key, "now")
	p.shown(key)
	p.selectRow(key)
}

// selectOld shows what is old and selects the row of key for which of holds.
func (p *shop) selectOld(of func(command.Old) int) {
	p.t.Helper()
	p.must(preferences.ShowHidden.Set(p.app.c.Preferences, true))
	p.until("what is old", func() bool {
		s := p.win.VM.Store()
		for i := range s.Len() {
			p.list().Select(s.Key(i))
			if st := p.win.State(); of(st.Old) == 1 && !p.win.VM.Listing() {
				return true
			}
		}
		return false
	})
}

// synchronize opens the window for a plan that deletes what only the server has.
func (p *shop) synchronize() {
	p.pick("only-there.txt")
	p.list().SelectNone()
	p.win.Run(command.Synchronize)
	w := p.app.syncs[0]
	dir := p.t.TempDir()
	p.must(os.WriteFile(filepath.Join(dir, "only here.txt"), nil, 0o600)) // from an empty folder no deletion is planned
	p.part("synchronize.local").(*kit.Entry).SetText(dir)
	p.part("synchronize.delete").(*kit.Check).SetChecked(true)
	test.Tap(p.part("synchronize.compare").(*kit.Button))
	p.until("the plan", w.VM.CanStart)
	test.Tap(p.part("synchronize.start").(*kit.Button))
}

// begins are for each command that destroys the steps up to its question.
func (p *shop) begins() map[command.ID]func() {
	return map[command.ID]func(){
		command.Delete: func() { p.pick("delete.txt"); p.win.Run(command.Delete) },
		command.Rename: func() {
			p.pick("rename.txt")
			p.win.Run(command.Rename)
			p.typeText("other")
			p.key(fyne.KeyReturn)
		},
		command.Paste: func() {
			p.put("folder/there.txt", "there")
			p.pick("cut.txt")
			p.win.Run(command.Cut)
			p.open(storage.Location{Bucket: shopBucket, Key: "folder/"})
			p.win.Run(command.Paste)
		},
		command.MakePrivate: func() {
			p.put("private.txt", "now")
			_, err := p.s.SetCannedACL(p.t.Context(), storage.Location{Bucket: shopBucket, Key: "private.txt"}, "public-read")
			p.must(err)
			p.shown("private.txt")
			p.selectRow("private.txt")
			p.win.Run(command.MakePrivate)
		},
		command.ChangeClass: func() {
			p.pick("class.txt")
			p.win.Run(command.ChangeClass)
			p.part("class.class").(*kit.Select).TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		},
		command.Encrypt: func() {
			p.pick("encrypt.txt")
			p.win.Run(command.Encrypt)
			p.part("encrypt.kind").(*kit.Select).TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		},
		command.MakePublic: func() { p.pick("public.txt"); p.win.Run(command.MakePublic) },
		command.Revert: func() {
			p.put("revert.txt", "before")
			p.pick("revert.txt")
			p.selectOld(func(o command.Old) int { return o.Revertible })
			p.win.Run(command.Revert)
		},
		command.AbortUpload: func() {
			_, err := p.s.CreateUpload(p.t.Context(), storage.Location{Bucket: shopBucket, Key: "upload.bin"}, storage.WriteOptions{})
			p.must(err)
			p.pick("beside.txt")
			p.selectOld(func(o command.Old) int { return o.Uploads })
			p.win.Run(command.AbortUpload)
		},
		command.RestorePoint: func() {
			p.pick("new.txt")
			p.win.VM.AsOf(p.win.VM.Now().Add(-time.Hour))
			p.until("the past", func() bool { return !p.win.VM.Listing() })
			p.win.Run(command.RestorePoint)
		},
		command.ObjectLock: func() {
			p.pick("lock.txt")
			p.win.Run(command.ObjectLock)
			p.part("lock.hold").(*kit.Select).TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		},
		command.Synchronize: p.synchronize,
	}
}

// TestProduction_EveryDestructiveCommandAsksForTheName: nothing changes before the connection's name has been typed, and it does then.
func TestProduction_EveryDestructiveCommandAsksForTheName(t *testing.T) {
	for _, c := range command.New("linux").All() {
		if !command.Destroys(c.ID) {
			continue
		}
		t.Run(string(c.ID), func(t *testing.T) {
			p := newShop(t)
			begin := p.begins()[c.ID]
			if begin == nil {
				t.Fatal("no test of a command that destroys")
			}
			begin()
			before := p.all()
			yes, field := p.part("dialog.ok").(*kit.Button), p.part("dialog.field").(*kit.Entry)
			field.SetText("shop")
			if !yes.Disabled() {
				t.Error("possible without the name")
			}
			test.Tap(yes)
			if n := len(p.app.Transfers()); n != 0 || p.all() != before {
				t.Errorf("%d transfers; before\n%snow\n%s", n, before, p.all())
			}
			field.SetText("Shop")
			p.until("the button", func() bool { return !yes.Disabled() })
			test.Tap(yes)
			if c.ID == command.Synchronize { // its plan asks again, by the number of files: nobody answers here
				p.until("the plan's own question", func() bool { return p.app.syncs[0].VM.CanStart() })
				return
			}
			p.until("the change", func() bool { return p.all() != before })
		})
	}
}

// TestProduction_DraggedRowsAskForTheName: moving by drag asks, copying does not.
func TestProduction_DraggedRowsAskForTheName(t *testing.T) {
	p := newShop(t)
	p.put("folder/there.txt", "there")
	p.pick("dragged.txt")
	into := p.win.VM.Store().FindChild(0, "folder/")
	before := p.all()
	p.list().OnDrop(p.list().Selection(), into, false)
	yes := p.part("dialog.ok").(*kit.Button)
	if !yes.Disabled() || p.all() != before {
		t.Fatalf("a move without the name: %s", p.all())
	}
	test.Tap(p.part("dialog.cancel").(*kit.Button))
	p.list().OnDrop(p.list().Selection(), into, true)
	p.until("the copy", func() bool { return strings.Count(p.all(), "dragged.txt") == 2 })
	if slices.Contains(p.names(), "dragged.txt") == false {
		t.Error("the copied row is gone")
	}
}
