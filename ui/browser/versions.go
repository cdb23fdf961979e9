package browser

import (
	"context"
	"errors"
	"time"

	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/command"
	"pintail/ui/outline/model"
)

// contents is what a listing of a folder is asked for.
type contents struct {
	versions bool      // old versions and delete markers too
	uploads  bool      // unfinished uploads too
	past     time.Time // what was then instead; zero for what is
}

// contents is what the preferences say.
func (vm *ViewModel) contents() contents {
	hidden := preferences.ShowHidden.Get(vm.Preferences)
	return contents{past: vm.past, uploads: hidden, versions: hidden || preferences.ShowVersions.Get(vm.Preferences)}
}

// Old tells whether the item is a version that is not the current one by itself, a delete marker or an unfinished upload.
func (i Item) Old() bool { return i.At.Version != "" || i.Upload != "" }

// content tells whether there is something to read.
func (i Item) content() bool { return !i.Marker && i.Upload == "" }

// readable leaves out what has no content.
func readable(items []Item) []Item {
	out := make([]Item, 0, len(items))
	for _, it := range items {
		if it.content() {
			out = append(out, it)
		}
	}
	return out
}

// itemOf is a row as an item.
func itemOf(at storage.Location, it rows.Item) Item {
	out := Item{At: at, Size: it.Size, Folder: isContainer(it.Kind), Marker: it.Kind == rows.Marker, Latest: it.Latest, Class: it.Class}
	if it.Kind == rows.Upload {
		out.Upload = it.Version
	}
	return out
}

// isOld tells whether row k is old in the sense of [Item.Old].
func (vm *ViewModel) isOld(k model.Key) bool {
	it, ok := vm.store.Get(k)
	return ok && (!vm.past.IsZero() || itemOf(vm.store.Path(k), it).Old())
}

// countOld counts a selected row.
func countOld(o *command.Old, it rows.Item) {
	switch it.Kind {
	case rows.Version:
		o.Revertible++
	case rows.Marker:
		o.Empty++
		if it.Latest {
			o.Deleted++
		}
	case rows.Upload:
		o.Empty++
		o.Uploads++
	default:
		return
	}
	o.Selected++
}

// contents lists a folder. Where old versions cannot be listed, the objects are, and the reason is said.
func (b *batcher) contents(ctx context.Context, s *storage.Session, owner bool) error {
	if !b.what.past.IsZero() {
		return b.asOf(ctx, s)
	}
	if b.what.uploads {
		b.folders = map[string]bool{}
	}
	err := b.current(ctx, s, owner)
	if err == nil && b.what.uploads {
		err = b.uploads(ctx, s)
	}
	return err
}

// current lists the objects of a folder, with their versions if they are wanted.
func (b *batcher) current(ctx context.Context, s *storage.Session, owner bool) error {
	if !b.what.versions {
		return b.objects(ctx, s, owner)
	}
	err := b.versions(ctx, s)
	k := storage.KindOf(err)
	if len(b.items) > 0 || b.came || k != storage.KindPermission && k != storage.KindUnsupported {
		return err
	}
	if nerr := b.objects(ctx, s, owner); nerr != nil {
		return nerr
	}
	b.vm.Tasks.Post(func() { b.vm.Face.Notice(text.T("old.not_listed", reason(err))) })
	return nil
}

// versions lists the versions and delete markers of a folder.
func (b *batcher) versions(ctx context.Context, s *storage.Session) error {
	at := b.l.at
	for page, err := range retry.Versions(ctx, b.again, s, at.Bucket, at.Key, storage.ListOptions{Delimiter: "/", Restore: true}) {
		if err != nil {
			return err
		}
		b.came = true
		for _, p := range page.Prefixes {
			b.folder(p[len(at.Key):])
		}
		for _, e := range page.Entries {
			if len(e.Key) > len(at.Key) { // else the folder's own marker
				b.items = append(b.items, version(e, at.Key))
			}
		}
		b.page()
	}
	return nil
}

// version is an entry of a listing of versions as a row.
func version(e storage.Entry, prefix string) rows.Item {
	it := object(e, prefix)
	it.Version, it.Latest = e.Version, e.Marker && e.Latest
	switch {
	case e.Marker:
		it.Kind, it.Class = rows.Marker, ""
	case !e.Latest:
		it.Kind = rows.Version
	}
	return it
}

// revertible are the old versions among items; twice tells that two are of one object, so that nobody knows which is meant.
func revertible(items []Item) (out []Item, twice bool) {
	seen := map[storage.Location]bool{}
	for _, it := range items {
		if it.At.Version == "" || it.Marker {
			continue
		}
		key := it.At
		key.Version = ""
		twice = twice || seen[key]
		seen[key] = true
		out = append(out, it)
	}
	return out, twice
}

// Revert makes old versions the current ones, each by a copy on the server; the versions in between stay.
func (vm *ViewModel) Revert(items []Item) {
	items, twice := revertible(items)
	if twice {
		vm.Face.Notice(text.T("old.twice"))
		return
	}
	vm.destroying(vm.Word(), reverting(len(items)), func() { vm.revert(items) })
}

func (vm *ViewModel) revert(items []Item) {
	s, again := vm.session(), vm.policy()
	vm.each(&deed{items: items, name: func(n string) string { return text.T("old.reverting", n) },
		do: func(ctx context.Context, it Item) error {
			return again.Do(ctx, func() error { _, err := s.Revert(ctx, it.At, storage.RevertOptions{}); return err })
		},
		done: func(n int) string { return text.N("old.reverted", n, n) }, again: vm.revert})
}

// Undelete removes the delete markers that hide objects. code is "SERIAL CODE" of a device, "" for none; askCode asks for one where
// the bucket wants it and then calls its argument.
func (vm *ViewModel) Undelete(items []Item, code string, askCode func(then func(code string))) {
	var hidden []Item
	for _, it := range items {
		if it.Marker && it.Latest {
			hidden = append(hidden, it)
		}
	}
	s, again := vm.session(), vm.policy()
	vm.each(&deed{items: hidden, lanes: lanesFor(code), name: func(n string) string { return text.T("old.undeleting", n) },
		do: func(ctx context.Context, it Item) error {
			at := it.At
			at.Version = ""
			return again.Do(ctx, func() error { _, err := s.Undelete(ctx, at, code); return notDeleted(err) })
		},
		done:  func(n int) string { return text.N("old.undeleted", n, n) },
		again: func(rest []Item) { vm.Undelete(rest, "", askCode) },
		code: func(rest []Item) {
			askCode(func(code string) { vm.Undelete(rest, code, askCode) })
		}})
}

// notDeleted takes an object that is there already for undeleted: a try whose answer was lost, or somebody else, has done it.
func notDeleted(err error) error {
	var e *storage.Error
	if errors.As(err, &e) && e.Code == "NotDeleted" {
		return nil
	}
	return err
}

// lanesFor is how many requests run at once: a code is good for one.
func lanesFor(code string) int {
	if code != "" {
		return 1
	}
	return deedLanes
}

// DeleteOld is what a deletion takes that is old.
type DeleteOld struct {
	Versions        int // destroyed for ever
	Bytes           int64
	Hiding, Markers int // delete markers that hide an object, and others
	Uploads         int
	Held            int64 // bytes that the uploads hold
}

func (d *DeleteOld) add(it Item) {
	switch {
	case it.Upload != "":
		d.Uploads++
		d.Held += max(it.Size, 0)
	case it.Latest:
		d.Hiding++
	case it.Marker:
		d.Markers++
	default:
		d.Versions++
		d.Bytes += it.Size
	}
}
