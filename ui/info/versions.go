package info

import (
	"context"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// versionLimit bounds how many versions are shown; an object with more has its newest shown, and it is said.
const versionLimit = 10_000

// history is what the Versions tab has read: the versions of an object, or what was deleted in a folder.
type history struct {
	entries []storage.Entry
	more    bool // there are more than are shown
}

func (vm *ViewModel) loadVersions() {
	it, ok := vm.single()
	if !ok {
		return
	}
	s := vm.subject.Session
	ask(vm, &vm.history, func(ctx context.Context) (history, error) {
		if it.Folder {
			return deletedIn(ctx, s, it.At)
		}
		var h history
		for page, err := range s.Versions(ctx, it.At, storage.ListOptions{}) {
			if err != nil {
				return h, err
			}
			if h.entries = append(h.entries, page...); len(h.entries) > versionLimit {
				return history{h.entries[:versionLimit], true}, nil
			}
		}
		return h, nil
	})
}

// deletedIn finds the objects right in a folder that a delete marker hides.
func deletedIn(ctx context.Context, s *storage.Session, at storage.Location) (history, error) {
	var h history
	for page, err := range s.ListVersions(ctx, at.Bucket, at.Key, storage.ListOptions{Delimiter: "/"}) {
		if err != nil {
			return h, err
		}
		for _, e := range page.Entries {
			if !e.Latest || !e.Marker {
				continue
			}
			if len(h.entries) == versionLimit {
				h.more = true
				return h, nil
			}
			h.entries = append(h.entries, e)
		}
	}
	return h, nil
}

// Versions are the rows of the Versions tab.
func (vm *ViewModel) Versions() []storage.Entry { return vm.history.value.entries }

// VersionState says why there are no rows: a reason, or "" while they are being asked for.
func (vm *ViewModel) VersionState() (reason string) {
	it, one := vm.single()
	switch {
	case vm.Empty():
		return text.T("info.nothing")
	case !one:
		return text.T("info.one_only")
	case vm.history.state == failed:
		return Reason(vm.history.err)
	case vm.history.state == ready && len(vm.history.value.entries) == 0 && it.Folder:
		return text.T("info.none_deleted")
	case vm.history.state == ready && len(vm.history.value.entries) == 0:
		return text.T("info.no_versions")
	}
	return ""
}

// VersionNote is what has to be said below the rows.
func (vm *ViewModel) VersionNote() string {
	if vm.history.value.more {
		return text.T("info.more_versions", units.FormatCount(versionLimit))
	}
	return ""
}

// at is the place of a row.
func (vm *ViewModel) versionAt(e storage.Entry) storage.Location {
	return storage.Location{Bucket: vm.subject.Items[0].At.Bucket, Key: e.Key, Version: e.Version}
}

// VersionDeed is something that can be done with a version.
type VersionDeed int

// The deeds.
const (
	FetchVersion VersionDeed = iota
	RevertTo
	Undelete
	DeleteVersion
)

// Can tells whether a deed does something with a row.
func (vm *ViewModel) Can(d VersionDeed, e storage.Entry) bool {
	if vm.deed || e.Version == "" {
		return false
	}
	switch d {
	case FetchVersion:
		return !e.Marker
	case RevertTo:
		return !e.Marker && !e.Latest
	case Undelete:
		return e.Marker && e.Latest
	}
	return true
}

// Do carries out a deed other than a download and tells done what came of it. mfa is "SERIAL CODE", "" without.
func (vm *ViewModel) Do(d VersionDeed, e storage.Entry, mfa string, done func(error)) {
	if !vm.Can(d, e) {
		return
	}
	s, at := vm.subject.Session, vm.versionAt(e)
	vm.deed = true
	shown := vm.ctx
	tasks.Run(vm.Tasks, func(ctx context.Context) (struct{}, error) {
		var err error
		switch d {
		case RevertTo:
			_, err = s.Revert(ctx, at, storage.RevertOptions{})
		case Undelete:
			_, err = s.Undelete(ctx, storage.Location{Bucket: at.Bucket, Key: at.Key}, mfa)
		case DeleteVersion:
			_, err = s.DeleteVersion(ctx, at, mfa)
		}
		return struct{}{}, err
	}, func(_ struct{}, err error) {
		vm.deed = false
		if vm.Touched != nil {
			vm.Touched(storage.Location{Bucket: at.Bucket, Key: at.Key})
		}
		if shown.Err() == nil {
			vm.Reload()
		}
		done(err)
	})
	vm.Changed()
}

// versionModel is the rows for the outline.
type versionModel struct{ vm *ViewModel }

// The columns of versions, in the order of their declaration.
const (
	verDate = iota
	verSize
	verClass
	verVersion
	verOwner
	verETag
)

func (m versionModel) Len() int             { return len(m.vm.Versions()) }
func (m versionModel) Key(i int) model.Key  { return model.Key(i + 1) }
func (m versionModel) Toggle(int, bool)     {}
func (m versionModel) Parent(int) int       { return -1 }
func (m versionModel) Sort(string, bool)    {}
func (m versionModel) Find(string, int) int { return -1 }
func (m versionModel) Index(k model.Key) (int, bool) {
	return int(k) - 1, k > 0 && int(k) <= m.Len()
}

func (m versionModel) Row(i int, into *model.Row) {
	*into = model.Row{Key: m.Key(i), Cells: into.Cells[:0], Wanted: into.Wanted, Icon: "kind-version"}
	e := m.vm.Versions()[i]
	when := units.FormatDate(e.Modified, m.vm.Now())
	into.SetCell(verDate, when)
	if it, ok := m.vm.single(); ok && it.Folder {
		into.SetCell(verDate, rows.DisplayName(storage.Location{Bucket: it.At.Bucket, Key: e.Key}.Name()))
		into.Note = when
	}
	switch {
	case e.Marker:
		into.Icon, into.Dimmed = "kind-marker", true
		into.SetCell(verSize, "–")
		into.SetCell(verClass, text.T("info.deleted"))
	default:
		into.SetCell(verSize, units.FormatBytes(e.Size, m.vm.Base()))
		into.SetCell(verClass, or(e.Class, "STANDARD"))
	}
	if e.Latest && !e.Marker {
		into.Note = text.T("info.current")
	}
	into.SetCell(verVersion, e.Version)
	into.SetCell(verOwner, or(e.Owner.Name, e.Owner.ID))
	into.SetCell(verETag, e.ETag)
}
