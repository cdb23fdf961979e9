package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/storage"
)

// requestRecord is a [Request] in the journal. Paths and keys are byte strings that JSON texts cannot hold, so they are kept
// as []byte.
type requestRecord struct {
	Kind             Kind
	Connection       string
	TargetConnection string `json:",omitempty"`
	Sources          []placeRecord
	Target           placeRecord
	Exact            bool `json:",omitempty"`
	Options          Options
	Sync             *SyncOptions            `json:",omitempty"`
	Edit             *storage.Edit           `json:",omitempty"`
	Restore          *storage.RestoreOptions `json:",omitempty"`
	Adopt            *adoptRecord            `json:",omitempty"`
}

// adoptRecord is an upload of somebody else's, to the target's key.
type adoptRecord struct {
	ID         string
	Algorithm  storage.ChecksumAlgorithm `json:",omitempty"`
	FullObject bool                      `json:",omitempty"`
}

type placeRecord struct {
	Local   []byte `json:",omitempty"`
	Bucket  string `json:",omitempty"`
	Key     []byte `json:",omitempty"`
	Version string `json:",omitempty"`
}

func placeOf(local string, l storage.Location) placeRecord {
	return placeRecord{Local: []byte(local), Bucket: l.Bucket, Key: []byte(l.Key), Version: l.Version}
}

func (p placeRecord) location() storage.Location {
	return storage.Location{Bucket: p.Bucket, Key: string(p.Key), Version: p.Version}
}

func encodeRequest(r Request) ([]byte, error) {
	rec := requestRecord{
		Kind: r.Kind, Connection: r.Connection, TargetConnection: r.TargetConnection,
		Target: placeOf(r.Target.Local, r.Target.Remote), Exact: r.Target.Exact, Options: r.Options, Sync: r.Sync, Edit: r.Edit, Restore: r.Restore,
	}
	if u := r.Adopt; u != nil {
		rec.Adopt = &adoptRecord{u.ID, u.Algorithm, u.FullObject}
	}
	for _, s := range r.Sources {
		rec.Sources = append(rec.Sources, placeOf(s.Local, s.Remote))
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("record request: %w", err)
	}
	return b, nil
}

// decodeRequest reads what encodeRequest wrote. Anything that Add would refuse is refused here too: the file may have
// been changed by others.
// The error is [ErrRecord].
func decodeRequest(b []byte) (Request, error) {
	var rec requestRecord
	if err := json.Unmarshal(b, &rec); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	r := Request{
		Kind: rec.Kind, Connection: rec.Connection, TargetConnection: rec.TargetConnection, Options: rec.Options, Sync: rec.Sync, Edit: rec.Edit, Restore: rec.Restore,
		Target: Target{Local: string(rec.Target.Local), Remote: rec.Target.location(), Exact: rec.Exact},
	}
	if u := rec.Adopt; u != nil {
		r.Adopt = &storage.Upload{Key: r.Target.Remote.Key, ID: u.ID, Algorithm: u.Algorithm, FullObject: u.FullObject}
	}
	for _, s := range rec.Sources {
		r.Sources = append(r.Sources, Source{Local: string(s.Local), Remote: s.location()})
	}
	if err := r.validate(); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return r, nil
}

// sentinels are the errors that keep their meaning through the journal.
var sentinels = map[string]error{
	"temp": localfs.ErrTemp, "plan-changed": ErrPlanChanged, "plan-lost": ErrPlanLost, "conflict": ErrConflict, "held": ErrHeld,
	"changed": ErrChanged, "object-changed": ErrObjectChanged, "not-carried": ErrNotCarried, "gave-up": ErrGaveUp, "stopped": ErrStopped, "key": ErrKey, "folder-content": ErrFolderContent,
	"request": ErrRequest, "journal": ErrJournal, "journal-newer": ErrJournalNewer, "journal-damaged": ErrJournalDamaged, "journal-busy": ErrJournalBusy, "mismatch": errMismatch,
	"full": localfs.ErrNoSpace, "path": localfs.ErrPathTooLong, "name": localfs.ErrNoName, "escapes": localfs.ErrEscapes, "special": localfs.ErrSpecial,
	"link": localfs.ErrLink, "loop": localfs.ErrLoop, "no-target": localfs.ErrNoTarget, "folder": localfs.ErrIsFolder, "file": localfs.ErrNotFolder, "size": localfs.ErrSize, "dismissed": prompt.ErrDismissed,
}

// fileSentinels are those of the file system. They are recorded only of errors that are not the server's, which may match them as well.
var fileSentinels = map[string]error{
	"not-exist": fs.ErrNotExist, "permission": fs.ErrPermission, "exist": fs.ErrExist, "io": syscall.EIO, "read-only": syscall.EROFS,
	"long-name": syscall.ENAMETOOLONG, "no-folder": syscall.ENOTDIR, "is-folder": syscall.EISDIR, "no-space": syscall.ENOSPC, "quota": syscall.EDQUOT,
	"open-files": syscall.EMFILE, "too-large": syscall.EFBIG,
}

// errorRecord is an error in the journal: its text, its meaning and, if the server was involved, what it said.
type errorRecord struct {
	Text    string         `json:"text"`
	Is      []string       `json:"is,omitempty"`
	File    *fileRecord    `json:"file,omitempty"`
	Storage *storageRecord `json:"storage,omitempty"`
}

// fileRecord is which file it was, and what was done with it.
type fileRecord struct {
	Op   string `json:"op"`
	Path []byte `json:"path"`
}

type storageRecord struct {
	Op, Bucket, Code, Message, RequestID, Host, Permission, Version string
	Key                                                             []byte
	Status                                                          int
	Kind                                                            storage.Kind
	Cause                                                           string
}

func encodeError(err error) []byte {
	if err == nil {
		return nil
	}
	rec := errorRecord{Text: err.Error()}
	for name, s := range sentinels {
		if errors.Is(err, s) {
			rec.Is = append(rec.Is, name)
		}
	}
	var e *storage.Error
	if !errors.As(err, &e) {
		rec.ofFile(err)
	} else {
		rec.Storage = &storageRecord{
			Op: e.Op, Bucket: e.Location.Bucket, Key: []byte(e.Location.Key), Version: e.Location.Version, Code: e.Code, Message: e.Message,
			RequestID: e.RequestID, Host: e.Host, Permission: e.Permission, Status: e.HTTPStatus, Kind: e.Kind,
		}
		if e.Err != nil {
			rec.Storage.Cause = e.Err.Error()
		}
	}
	b, merr := json.Marshal(rec)
	if merr != nil {
		return nil
	}
	return b
}

// ofFile records what the file system said.
func (rec *errorRecord) ofFile(err error) {
	for name, s := range fileSentinels {
		if errors.Is(err, s) {
			rec.Is = append(rec.Is, name)
		}
	}
	slices.Sort(rec.Is)
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		rec.File = &fileRecord{p.Op, []byte(p.Path)}
	case errors.As(err, &l):
		rec.File = &fileRecord{l.Op, []byte(l.New)}
	}
}

// recordedError is an error read back: the same text and the same answers to errors.Is and errors.As.
type recordedError struct {
	text   string
	causes []error
}

func (e *recordedError) Error() string   { return e.text }
func (e *recordedError) Unwrap() []error { return e.causes }

func decodeError(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	var rec errorRecord
	if json.Unmarshal(b, &rec) != nil {
		return &recordedError{text: "unreadable record of an error"}
	}
	e := &recordedError{text: rec.Text}
	for _, name := range rec.Is {
		if s := sentinels[name]; s != nil {
			e.causes = append(e.causes, s)
		}
		if s := fileSentinels[name]; s != nil {
			e.causes = append(e.causes, s)
		}
	}
	if f := rec.File; f != nil {
		e.causes = append(e.causes, &fs.PathError{Op: f.Op, Path: string(f.Path), Err: errors.Join(e.causes...)})
	}
	if s := rec.Storage; s != nil {
		se := &storage.Error{
			Op: s.Op, Location: storage.Location{Bucket: s.Bucket, Key: string(s.Key), Version: s.Version}, Code: s.Code, Message: s.Message,
			RequestID: s.RequestID, Host: s.Host, Permission: s.Permission, HTTPStatus: s.Status, Kind: s.Kind,
		}
		if s.Cause != "" {
			se.Err = errors.New(s.Cause)
		}
		e.causes = append(e.causes, se)
	}
	return e
}

func unixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNano(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
