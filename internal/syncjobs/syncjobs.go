// Package syncjobs keeps named synchronisations: both sides, how they are connected, and the options. It must never hold a
// secret, and it runs nothing: [Job.Request] is what the transfer engine is asked.
// Start reading at [Store].
package syncjobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pintail/internal/atomicfile"
	"pintail/storage"
	"pintail/transfer"
)

// ErrNotFound says that there is no job of a name.
var ErrNotFound = errors.New("there is no sync job of this name")

// ErrName says that a name cannot be that of a job.
var ErrName = errors.New("the name of a sync job has 1 to 100 characters, none of them a control character")

// ErrFile says that the file of jobs cannot be read. It is left as it is.
var ErrFile = errors.New("the file of sync jobs cannot be read")

// Side is a local folder or a folder on a server. Key is raw bytes: it need not be text.
type Side struct {
	Local      string `json:"local,omitempty"` // absolute
	Connection string `json:"connection,omitempty"`
	Bucket     string `json:"bucket,omitempty"`
	Key        []byte `json:"key,omitempty"`
}

func (s Side) location() storage.Location {
	return storage.Location{Bucket: s.Bucket, Key: string(s.Key)}
}

// Job is a saved synchronisation.
type Job struct {
	Name    string               `json:"name"`
	From    Side                 `json:"from"`
	To      Side                 `json:"to"`
	Options transfer.Options     `json:"options"`
	Sync    transfer.SyncOptions `json:"sync"`
}

// FromRequest makes a job of a request, whose local paths must be absolute.
func FromRequest(name string, r transfer.Request) Job {
	side := func(local, ref string, l storage.Location) Side {
		if local != "" {
			return Side{Local: local}
		}
		return Side{Connection: ref, Bucket: l.Bucket, Key: []byte(l.Key)}
	}
	j := Job{Name: name, Options: r.Options}
	if len(r.Sources) > 0 {
		j.From = side(r.Sources[0].Local, r.Connection, r.Sources[0].Remote)
	}
	target := r.TargetConnection
	if target == "" {
		target = r.Connection
	}
	j.To = side(r.Target.Local, target, r.Target.Remote)
	if r.Sync != nil {
		j.Sync = *r.Sync
	}
	return j
}

// Request is the job as the engine is asked for it.
func (j Job) Request() transfer.Request {
	o := j.Sync
	r := transfer.Request{Kind: transfer.Sync, Connection: j.From.Connection, Options: j.Options, Sync: &o}
	r.Sources = []transfer.Source{{Local: j.From.Local, Remote: j.From.location()}}
	r.Target = transfer.Target{Local: j.To.Local, Remote: j.To.location(), Exact: true}
	if j.From.Local != "" {
		r.Connection = j.To.Connection
	} else if j.To.Local == "" && j.To.Connection != j.From.Connection {
		r.TargetConnection = j.To.Connection
	}
	return r
}

// Store is the file of jobs. It is read for each call and replaced as a whole, so that window and command line can share it.
type Store struct{ path string }

// Open names the file; it need not exist.
func Open(path string) *Store { return &Store{path} }

type file struct {
	Version int   `json:"version"`
	Jobs    []Job `json:"jobs"`
}

const version = 1

// List returns the jobs by name. A file that cannot be understood is [ErrFile].
func (s *Store) List() ([]Job, error) {
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFile, s.path, err)
	}
	if f.Version != version {
		return nil, fmt.Errorf("%w: %s has version %d", ErrFile, s.path, f.Version)
	}
	slices.SortFunc(f.Jobs, func(a, b Job) int { return strings.Compare(a.Name, b.Name) })
	return f.Jobs, nil
}

// Get returns a job, or [ErrNotFound].
func (s *Store) Get(name string) (Job, error) {
	jobs, err := s.List()
	if err != nil {
		return Job{}, err
	}
	for _, j := range jobs {
		if j.Name == name {
			return j, nil
		}
	}
	return Job{}, fmt.Errorf("%q: %w", name, ErrNotFound)
}

// Put adds a job or replaces the one of its name.
func (s *Store) Put(j Job) error {
	if j.Name == "" || utf8.RuneCountInString(j.Name) > 100 || !utf8.ValidString(j.Name) || strings.ContainsFunc(j.Name, unicode.IsControl) {
		return fmt.Errorf("%q: %w", j.Name, ErrName)
	}
	jobs, err := s.List()
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(o Job) bool { return o.Name == j.Name })
	return s.write(append(jobs, j))
}

// Remove forgets a job, or returns [ErrNotFound].
func (s *Store) Remove(name string) error {
	jobs, err := s.List()
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(jobs), func(o Job) bool { return o.Name == name })
	if len(left) == len(jobs) {
		return fmt.Errorf("%q: %w", name, ErrNotFound)
	}
	return s.write(left)
}

func (s *Store) write(jobs []Job) error {
	b, err := json.MarshalIndent(file{Version: version, Jobs: jobs}, "", "  ")
	if err != nil {
		return fmt.Errorf("keep sync jobs: %w", err)
	}
	if err := atomicfile.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("keep sync jobs: %w", err)
	}
	return atomicfile.Write(s.path, append(b, '\n'), 0o600)
}
