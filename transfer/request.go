package transfer

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"pintail/internal/prompt"
	"pintail/storage"
)

const (
	defaultPartSize  = 10 << 20
	defaultThreshold = 100 << 20
	minPartSize      = 5 << 20
	maxPartSize      = 5 << 30
	maxSinglePut     = 5 << 30
	maxSingleCopy    = 5 << 30
	maxParts         = 10000
	maxKeyBytes      = 1024
	mib              = 1 << 20
)

// ErrRequest is the root of all reasons for which Add refuses a request: nothing was recorded or sent.
var ErrRequest = errors.New("this transfer cannot be made")

// ErrKey says that a name cannot be a key.
var ErrKey = errors.New("the name cannot be a key: more than 1,024 bytes, or none")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRequest, fmt.Sprintf(format, args...))
}

// validate refuses what cannot be right, before anything is recorded or sent.
func (r *Request) validate() error {
	if r.Kind == Sync {
		return r.validateSync()
	}
	if !slices.Contains([]Kind{Upload, Download, Copy, Move, Delete, Change, Restore}, r.Kind) {
		return refuse("unknown kind %q", r.Kind)
	}
	if err := r.validateChange(); err != nil {
		return err
	}
	if err := r.validateRestore(); err != nil {
		return err
	}
	if err := r.validateAdopt(); err != nil {
		return err
	}
	if len(r.Sources) == 0 {
		return refuse("nothing is to be transferred")
	}
	for _, s := range r.Sources {
		if err := r.validateSource(s); err != nil {
			return err
		}
	}
	if err := r.validateTarget(); err != nil {
		return err
	}
	return r.Options.validate()
}

func (r *Request) validateSource(s Source) error {
	local := s.Local != ""
	switch {
	case local == (s.Remote.Bucket != ""):
		return refuse("a source is either a local path or an address")
	case local != (r.Kind == Upload):
		return refuse("a source of %q cannot be %q", r.Kind, s.Local+s.Remote.Bucket)
	case strings.Contains(s.Remote.Bucket, "/"):
		return refuse("%q is no bucket", s.Remote.Bucket)
	case s.Remote.Version != "" && (s.Remote.IsFolder() || s.Remote.IsBucket()) && r.Kind != Delete:
		return refuse("a folder has no version")
	case strings.ContainsRune(s.Local, 0):
		return refuse("a path cannot hold a zero byte")
	}
	return nil
}

func (r *Request) validateTarget() error {
	t := r.Target
	switch {
	case r.Kind.inPlace():
		return nil
	case (r.Kind == Download) != (t.Local != ""), (r.Kind == Download) == (t.Remote.Bucket != ""):
		return refuse("%s needs a target of the other side", r.Kind)
	case strings.Contains(t.Remote.Bucket, "/"):
		return refuse("%q is no bucket", t.Remote.Bucket)
	case t.Exact && len(r.Sources) > 1:
		return refuse("several sources cannot have one name")
	case strings.ContainsRune(t.Local, 0):
		return refuse("a path cannot hold a zero byte")
	}
	if (r.Kind != Copy && r.Kind != Move) || (r.TargetConnection != "" && r.TargetConnection != r.Connection) {
		return nil
	}
	for _, s := range r.Sources {
		if err := r.validateInside(s.Remote); err != nil {
			return err
		}
	}
	return nil
}

// validateInside refuses to put a folder into itself, which would have no end, or anything on itself.
func (r *Request) validateInside(s storage.Location) error {
	if s.Bucket != r.Target.Remote.Bucket {
		return nil
	}
	to := r.targetPrefix()
	if s.IsFolder() || s.IsBucket() {
		if strings.HasPrefix(to, s.Key) && (s.IsBucket() || !r.Target.Exact || to != s.Key) {
			return refuse("%s cannot go into itself", s)
		}
	}
	name := to
	if !r.Target.Exact {
		name = to + s.Name()
		if s.IsFolder() {
			name += "/"
		}
	}
	if name == s.Key && s.Version == "" {
		return refuse("source and target are both %s", s)
	}
	return nil
}

// targetPrefix is what keys of the target begin with: a folder, or for Exact the key itself, which for a folder as the source
// ends in "/".
func (r *Request) targetPrefix() string {
	key := r.Target.Remote.Key
	if key == "" || strings.HasSuffix(key, "/") {
		return key
	}
	if !r.Target.Exact {
		return key + "/"
	}
	if s := r.Sources[0]; s.Local == "" && (s.Remote.IsFolder() || s.Remote.IsBucket()) {
		return key + "/"
	}
	return key
}

func (o *Options) validate() error {
	switch o.Existing {
	case "", prompt.Ask, prompt.Overwrite, prompt.Resume, prompt.Skip, prompt.Rename, prompt.RenameExisting, prompt.Compare, prompt.Cancel:
	default:
		return refuse("unknown action %q", o.Existing)
	}
	switch o.Symlinks {
	case "", FollowSymlinks, SkipSymlinks, FailSymlinks:
	default:
		return refuse("unknown policy for links %q", o.Symlinks)
	}
	if o.PartSize != 0 && (o.PartSize < minPartSize || o.PartSize > maxPartSize) {
		return refuse("parts have 5 MiB to 5 GiB, not %d bytes", o.PartSize)
	}
	if o.Threshold < 0 || o.Threshold > maxSinglePut {
		return refuse("the threshold is 0 to 5 GiB, not %d bytes", o.Threshold)
	}
	for _, globs := range [][]string{o.Ignore, o.Include, o.Exclude} {
		for _, g := range globs {
			if !doublestar.ValidatePattern(g) {
				return refuse("%q is no pattern", g)
			}
		}
	}
	return nil
}

// partSizeFor is the size of parts: as wished, grown by whole MiB so that most parts suffice. All parts of an upload but
// the last have it.
func partSizeFor(size, wish int64, most int32) int64 {
	if wish == 0 {
		wish = defaultPartSize
	}
	if most <= 0 || most > maxParts {
		most = maxParts
	}
	need := (size + int64(most) - 1) / int64(most)
	if need <= wish {
		return wish
	}
	return (need + mib - 1) / mib * mib
}

// span is where part number (from 1) of size bytes in all lies.
func span(number int32, partSize, size int64) (offset, length int64) {
	offset = int64(number-1) * partSize
	return offset, min(partSize, size-offset)
}

func partCount(size, partSize int64) int32 {
	return int32((size + partSize - 1) / partSize) // at most 10,000 by partSizeFor
}

func (r *Request) names() (names []string, count int) {
	for _, s := range r.Sources {
		if len(names) == 3 {
			break
		}
		if s.Local != "" {
			names = append(names, filepath.Base(s.Local))
		} else {
			names = append(names, s.Remote.Name())
		}
	}
	return names, len(r.Sources)
}

// ends are the two sides as a list shows them.
func (r *Request) ends() (from, to string) {
	first := r.Sources[0]
	switch {
	case len(r.Sources) == 1 && first.Local != "":
		from = first.Local
	case len(r.Sources) == 1:
		from = first.Remote.String()
	case first.Local != "":
		from = filepath.Dir(first.Local)
	default:
		from = first.Remote.Parent().String()
	}
	switch {
	case r.Kind.inPlace():
	case r.Target.Local != "":
		to = r.Target.Local
	default:
		to = r.Target.Remote.String()
	}
	return from, to
}

// targetRef is the connection of the target side.
func (r *Request) targetRef() string {
	if r.TargetConnection != "" {
		return r.TargetConnection
	}
	return r.Connection
}

// between tells whether a copy goes from one connection to another, so that the bytes pass through here.
func (r *Request) between() bool { return r.targetRef() != r.Connection }
