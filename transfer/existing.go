package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"sync"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
)

// side is the source of an item as a question about its target shows it.
type side struct {
	f        io.ReaderAt  // content; nil if info tells
	info     storage.Info // of a source that is an object
	name     string
	size     int64
	modified time.Time
}

func (s side) shown() prompt.Side {
	return prompt.Side{Name: s.name, Size: s.size, Modified: s.modified}
}

// answers remembers what a person has said for the whole transfer, and lets one question be asked at a time unless the prompter
// takes many.
type answers struct {
	mu      sync.Mutex // guards all below; held while a question is open, unless the prompter takes many
	all     prompt.Action
	waiting []context.CancelFunc // of questions that are open
}

// settle takes over an answer for all, which also ends the questions that are open. The caller holds mu.
func (a *answers) settle(all prompt.Action) {
	a.all = all
	for _, end := range a.waiting {
		end()
	}
	a.waiting = nil
}

// ask asks what to do about a target that exists.
func (r *run) ask(ctx context.Context, src, target prompt.Side) (prompt.Action, error) {
	r.answers.mu.Lock()
	defer r.answers.mu.Unlock()
	many, ok := r.q.cfg.Prompter.(interface{ ManyAtOnce() bool })
	together := ok && many.ManyAtOnce()
	if r.answers.all != "" {
		return r.answers.all, nil
	}
	if r.q.cfg.Prompter == nil {
		return "", prompt.ErrDismissed
	}
	more := -1
	if r.planned.Load() {
		more = int(max(0, r.files.Load()-r.filesDone.Load()-r.skipped.Load()-r.failed.Load()-1))
	}
	asking := ctx
	if together { // such a prompter shows the files that wait as one question
		var end context.CancelFunc
		asking, end = context.WithCancel(ctx)
		defer end()
		r.answers.waiting = append(r.answers.waiting, end)
		r.answers.mu.Unlock()
	}
	a, err := r.q.cfg.Prompter.Existing(asking, prompt.Existing{Source: src, Target: target, Kind: string(r.req.Kind), Connection: r.req.Connection, More: more})
	if together {
		r.answers.mu.Lock()
		if err != nil && r.answers.all != "" {
			return r.answers.all, nil
		}
	}
	if err != nil {
		return "", fmt.Errorf("ask about %s: %w", target.Name, err)
	}
	if a.Action == prompt.Ask {
		return "", prompt.ErrDismissed
	}
	if a.All {
		r.answers.settle(a.Action)
	}
	return a.Action, nil
}

// decide turns the wished action into one that can be done without asking.
func (r *run) decide(ctx context.Context, src, target prompt.Side) (prompt.Action, error) {
	a := r.req.Options.Existing
	if a == prompt.Ask {
		var err error
		if a, err = r.ask(ctx, src, target); err != nil {
			return "", err
		}
	}
	if a == prompt.Cancel {
		r.cancel(ErrStopped)
		return "", ErrStopped
	}
	return a, nil
}

// overwrites tells whether targets that exist are written over without a question.
func (r *run) overwrites() bool {
	a := r.req.Options.Existing
	return a == "" || a == prompt.Overwrite
}

func (it *liveItem) skip(note string) {
	it.result = ResultSkipped
	it.addNote(note)
}

const maxNumbers = 1000

var errNoFreeName = errors.New("no free name found")

// settleRemote decides about the target key of an upload or a copy. goOn is false when the item is skipped; ifNone says that the
// key must not exist when it is written.
func (r *run) settleRemote(ctx context.Context, it *liveItem, src side) (goOn, ifNone bool, err error) {
	if r.req.Kind == Sync {
		return r.guardRemote(ctx, it, src)
	}
	if r.overwrites() {
		return true, false, nil
	}
	if old, found, err := r.oldUpload(ctx, it); err != nil || found {
		if found {
			it.target = remoteEnd(old.loc) // decided in an earlier run
		}
		return true, false, err
	}
	info, exists, err := r.statTarget(ctx, it, it.to())
	if err != nil {
		return false, false, err
	}
	if exists && it.stage == stageUnsure {
		// An earlier run may have written it: then it is no target that was there before.
		same, err := sameContent(ctx, src, info)
		if err != nil {
			return false, false, err
		}
		if same {
			it.result, it.proof, it.wrote, it.stage = ResultDone, storage.ProofMD5, info.Location.Version, stageNone
			it.addNote(text.T("transfer.found_done"))
			return false, false, nil
		}
	}
	bare := it.stage == stageBare && exists && info.Size == src.size
	it.stage = stageNone
	if bare { // an earlier run has written it
		return true, false, nil
	}
	if !exists {
		return true, r.canCondition(ctx, it), r.intend(ctx, it)
	}
	target := prompt.Side{Name: it.to().String(), Size: info.Size, Modified: info.Modified}
	action, err := r.decide(ctx, src.shown(), target)
	if err != nil {
		return false, false, err
	}
	switch action {
	case prompt.Skip:
		it.skip(text.T("transfer.skip_exists"))
		return false, false, nil
	case prompt.Compare, prompt.Resume:
		same, err := sameContent(ctx, src, info)
		if err != nil || !same {
			return true, false, err
		}
		it.skip(text.T("transfer.skip_equal"))
		return false, false, nil
	case prompt.Rename:
		free, err := r.freeKey(ctx, it)
		if err != nil {
			return false, false, err
		}
		it.target = remoteEnd(free)
		it.addNote(text.T("transfer.renamed", free.Name()))
		return true, r.canCondition(ctx, it), r.intend(ctx, it)
	case prompt.RenameExisting:
		if err := r.moveAway(ctx, it, info); err != nil {
			return false, false, err
		}
		return true, false, r.intend(ctx, it)
	}
	return true, false, nil
}

// intend records that a key which does not exist is about to be written, so that after a kill it is not taken for one that
// was there before: it would be skipped, or written a second time under another name.
func (r *run) intend(ctx context.Context, it *liveItem) error {
	return r.write(ctx, false, func(t *tx) error {
		_, err := t.exec("UPDATE items SET stage = ?, target = ? WHERE transfer = ? AND seq = ?", stageUnsure, []byte(it.target), r.id, it.seq)
		return err
	})
}

// canCondition tells whether the server is known to keep If-None-Match; one that ignores or refuses it must not be given it.
func (r *run) canCondition(ctx context.Context, it *liveItem) bool {
	s, err := r.q.sessions.get(ctx, r.req.uploadRef())
	if err != nil {
		return false
	}
	c := s.Capabilities(it.to().Bucket).ConditionalWrites
	return c != nil && *c
}

func (r *run) statTarget(ctx context.Context, it *liveItem, l storage.Location) (storage.Info, bool, error) {
	var info storage.Info
	err := r.try(ctx, request{class: small, ref: r.req.uploadRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		info, err = s.Stat(ctx, l)
		return err
	}})
	if storage.KindOf(err) == storage.KindNotFound {
		return info, false, nil
	}
	return info, err == nil, err
}

// freeKey finds a key that does not exist.
func (r *run) freeKey(ctx context.Context, it *liveItem) (storage.Location, error) {
	to := it.to()
	for n := 1; n <= maxNumbers; n++ {
		l := storage.Location{Bucket: to.Bucket, Key: to.Parent().Key + Numbered(to.Name(), n)}
		_, exists, err := r.statTarget(ctx, it, l)
		if err != nil || !exists {
			return l, err
		}
	}
	return to, errNoFreeName
}

// moveAway copies what is at the target to a free key, proved, so that it may be overwritten.
func (r *run) moveAway(ctx context.Context, it *liveItem, info storage.Info) error {
	free, err := r.freeKey(ctx, it)
	if err != nil {
		return err
	}
	err = r.try(ctx, request{class: small, ref: r.req.uploadRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		w, err := s.Copy(ctx, it.to(), free, storage.CopyOptions{SourceIfMatch: info.ETag, Class: className(info.Class)})
		if err == nil && w.Proof == storage.ProofNone {
			return &storage.Error{Op: "CopyObject", Location: free, Kind: storage.KindNotS3, Code: "Unproved"}
		}
		return err
	}})
	if err == nil {
		it.addNote(text.T("transfer.renamed_existing", free.Name()))
	}
	return err
}

// sameContent tells whether a source has what an object has. Where no checksum tells, times must agree as well as sizes.
func sameContent(ctx context.Context, src side, info storage.Info) (bool, error) {
	if src.size != info.Size {
		return false, nil
	}
	if src.f == nil {
		if src.info.ETag == info.ETag && src.info.ETag != "" {
			return true, nil
		}
		_, same := src.info.Checksums.Same(info.Checksums)
		return same, nil
	}
	proof, err := prove(ctx, info, src.f, src.size, nil, nil)
	switch {
	case errors.Is(err, errMismatch):
		return false, nil
	case err != nil:
		return false, err
	case proof > storage.ProofSize:
		return true, nil
	}
	t := parseTime(info.Metadata["mtime"])
	return !t.IsZero() && t.Equal(src.modified), nil
}

// settleLocal decides about the target file of a download; rel becomes the name to write.
func (r *run) settleLocal(ctx context.Context, it *liveItem, d *localfs.Dest, rel *string) (bool, error) {
	if r.req.Kind == Sync {
		return r.guardLocal(ctx, it, d, *rel)
	}
	old, found, err := r.oldDownload(ctx, it)
	if err != nil {
		return false, err
	}
	if found && path.Dir(old.target) == path.Dir(*rel) {
		*rel = old.target // decided in an earlier run
	}
	if r.overwrites() && it.size >= 0 && classOf(it.size) == small {
		return true, nil // whatever is there; that a folder is, shows soon enough
	}
	fi, err := d.Lstat(*rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case fi.IsDir():
		return false, fmt.Errorf("%s: %w", d.Path(*rel), localfs.ErrIsFolder)
	}
	if r.overwrites() {
		return true, nil
	}
	src := prompt.Side{Name: it.from().String(), Size: it.size, Modified: it.modified}
	action, err := r.decide(ctx, src, prompt.Side{Name: d.Path(*rel), Size: fi.Size(), Modified: fi.ModTime()})
	if err != nil {
		return false, err
	}
	switch action {
	case prompt.Skip:
		it.skip(text.T("transfer.skip_exists"))
		return false, nil
	case prompt.Compare, prompt.Resume:
		same, err := r.sameLocal(ctx, it, d, *rel, fi)
		if err != nil || !same {
			return true, err
		}
		it.skip(text.T("transfer.skip_equal"))
		return false, nil
	case prompt.Rename:
		free, err := freeName(d, *rel)
		if err != nil {
			return false, err
		}
		*rel, it.target = free, free
		it.addNote(text.T("transfer.renamed", path.Base(free)))
	case prompt.RenameExisting:
		it.moveAway = true
	}
	return true, nil
}

// sameLocal compares a local file with the object.
func (r *run) sameLocal(ctx context.Context, it *liveItem, d *localfs.Dest, rel string, fi fs.FileInfo) (bool, error) {
	if !fi.Mode().IsRegular() || it.size >= 0 && it.size != fi.Size() {
		return false, nil
	}
	var info storage.Info
	err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		info, err = s.Stat(ctx, it.from())
		return err
	}})
	if err != nil {
		return false, err
	}
	f, err := d.Open(rel)
	if err != nil {
		return false, err
	}
	defer f.Close() // opened for reading
	return sameContent(ctx, side{f: f, size: fi.Size(), modified: fi.ModTime()}, info)
}

// freeName finds a name that is not taken.
func freeName(d *localfs.Dest, rel string) (string, error) {
	for n := 1; n <= maxNumbers; n++ {
		dir, name := path.Split(rel)
		free := dir + Numbered(name, n)
		if _, err := d.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", errNoFreeName
}

// makeWay gives the file that is at the target another name, if that is what was chosen. It happens only now that the new
// file is whole.
func (r *run) makeWay(it *liveItem, d *localfs.Dest, rel string) error {
	if r.req.Kind == Sync {
		return r.checkLocal(it, d, rel)
	}
	if !it.moveAway {
		return nil
	}
	free, err := freeName(d, rel)
	if err != nil {
		return err
	}
	if err := d.Rename(rel, free); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	it.addNote(text.T("transfer.renamed_existing", path.Base(free)))
	return nil
}

// linkDests are folders outside the destination that a link in it leads to and that a person allowed to write to.
type linkDests struct {
	mu   sync.Mutex // held while a question is open
	dest map[string]*localfs.Dest
	no   map[string]bool
}

func (l *linkDests) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, d := range l.dest {
		errs = append(errs, d.Close())
	}
	l.dest = nil
	return errors.Join(errs...)
}

// place is the folder and name where a target goes: in the destination, unless a link that the person has put there leads out
// of it and, asked once, the person says to follow it.
func (r *run) place(ctx context.Context, target string) (*localfs.Dest, string, error) {
	err := r.dest.MkdirAll(path.Dir(target))
	if !errors.Is(err, localfs.ErrEscapes) {
		return r.dest, target, err
	}
	link, rest, found := r.dest.LinkOut(path.Dir(target))
	if !found || r.q.cfg.Prompter == nil {
		return nil, "", err
	}
	r.links.mu.Lock()
	defer r.links.mu.Unlock()
	inside := path.Join(rest, path.Base(target))
	if d := r.links.dest[link]; d != nil {
		return d, inside, d.MkdirAll(path.Dir(inside))
	}
	if r.links.no[link] {
		return nil, "", err
	}
	at, lerr := filepath.EvalSymlinks(r.dest.Path(link))
	if lerr != nil {
		return nil, "", err
	}
	yes, perr := r.q.cfg.Prompter.Confirm(ctx, prompt.Confirm{
		Topic: prompt.TopicLink, Title: text.T("transfer.link_title"), Text: text.T("transfer.link_text", r.dest.Path(link), at),
		Yes: text.T("transfer.link_yes"),
	})
	if perr != nil || !yes {
		if ctx.Err() == nil {
			if r.links.no == nil {
				r.links.no = map[string]bool{}
			}
			r.links.no[link] = true
		}
		return nil, "", err
	}
	d, derr := localfs.OpenDest(at, false)
	if derr != nil {
		return nil, "", derr
	}
	if r.links.dest == nil {
		r.links.dest = map[string]*localfs.Dest{}
	}
	r.links.dest[link] = d
	return d, inside, d.MkdirAll(path.Dir(inside))
}
