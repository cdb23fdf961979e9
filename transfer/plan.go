package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/pattern"
	"pintail/internal/text"
	"pintail/storage"
)

// planning turns the sources into items, in batches, while the first items run already. What it has found and how far it has
// got are one commit, so that after a kill it goes on where it was. It never holds the whole list.
type planning struct {
	r       *run
	c       cursor
	tops    map[string]int
	batch   []itemRow
	seq     int64
	folding localfs.Folding
	begun   time.Time
	left    bool // the present source could not be listed, and the cursor has gone past it
}

// cursor is how far a plan has got.
type cursor struct {
	Source  int      `json:"source"`            // index of the present source
	After   []byte   `json:"after,omitempty"`   // all of its keys up to this one are planned
	Version string   `json:"version,omitempty"` // and of that key up to this version
	Held    []holder `json:"held,omitempty"`    // files that may turn out to be folders, too
	Seen    bool     `json:"seen,omitempty"`    // something was there to delete, and may be gone by now
	// Failed are folders that could not be listed; Again those that are to be listed once more, after all sources. What is
	// planned of the first of Again since then is in After and Held.
	Failed []unlisted `json:"failed,omitempty"`
	Again  []unlisted `json:"again,omitempty"`
}

// holder is a file whose key may still come up as a folder: "a" before "a/b".
type holder struct {
	Key      []byte
	Size     int64
	Modified int64
	ETag     string
	Version  string
}

const planBatch = 1000

func (p *planning) run(ctx context.Context, saved []byte) error {
	if len(saved) > 0 {
		if err := json.Unmarshal(saved, &p.c); err != nil {
			return fmt.Errorf("read plan: %w", err)
		}
	}
	p.begun = p.r.q.now()
	p.tops = map[string]int{}
	err := p.r.q.j.r.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM items WHERE transfer = ?", p.r.id).Scan(&p.seq)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if p.r.dest != nil {
		p.folding = p.r.dest.Folding()
	}
	names := make([]string, len(p.r.req.Sources)) // those of sources planned before are needed to tell later ones apart
	for i, s := range p.r.req.Sources {
		names[i] = p.topName(s)
	}
	for p.begin() {
		i := p.present()
		if err := p.source(ctx, p.r.req.Sources[i], names[i]); err != nil {
			return err
		}
		if !p.left {
			p.c = p.c.past(len(names))
		}
		if len(p.batch) >= planBatch {
			if err := p.flush(ctx, false); err != nil {
				return err
			}
		}
	}
	return p.flush(ctx, true)
}

// topName is the name of a source below the target; a second source of the same name gets a number.
func (p *planning) topName(s Source) string {
	name := s.Remote.Name()
	if s.Local != "" {
		name = localfs.LocalToKey(filepath.Base(s.Local))
	}
	if p.r.req.Kind.inPlace() || p.r.req.Target.Exact {
		return name
	}
	p.tops[name]++
	if n := p.tops[name]; n > 1 {
		return Numbered(name, n-1)
	}
	return name
}

// Numbered is name with a number before its extension: "photo (1).jpg".
func Numbered(name string, n int) string {
	ext := path.Ext(name)
	if ext == name {
		ext = ""
	}
	return strings.TrimSuffix(name, ext) + " (" + strconv.Itoa(n) + ")" + ext
}

func (p *planning) source(ctx context.Context, s Source, name string) error {
	if s.Local != "" {
		return p.local(ctx, s.Local, name)
	}
	folder := s.Remote.IsFolder() || s.Remote.IsBucket()
	switch {
	case folder && p.r.req.Kind == Delete && p.r.req.Options.Versions:
		return p.versions(ctx, s.Remote)
	case folder:
		return p.listing(ctx, s.Remote, name)
	case p.r.req.Kind == Delete && p.r.req.Options.Versions && s.Remote.Version == "":
		return p.versions(ctx, s.Remote)
	}
	return p.object(ctx, s.Remote, name)
}

// object plans one object. Its size is told by the first GET, not by a request of its own.
func (p *planning) object(ctx context.Context, l storage.Location, name string) error {
	it := itemRow{source: remoteEnd(l), version: l.Version, size: -1}
	switch p.r.req.Kind {
	case Delete:
		it.kind, it.size = itemDelete, 0
	case Change, Restore:
		it.size = 0 // it goes with the small ones, until its head tells
	case Download:
		rel := filepath.Base(p.r.req.Target.Local)
		if !p.r.req.Target.Exact {
			var err error
			if rel, err = localfs.KeyToLocal(name); err != nil {
				return p.report(ctx, it.source, "", err)
			}
		}
		it.target = rel
	default:
		it.target = p.r.req.Target.Remote.Bucket + "/" + p.key(name)
	}
	return p.add(ctx, it)
}

// key is the target key of a source of the given name.
func (p *planning) key(name string) string {
	if p.r.req.Target.Exact {
		return p.r.req.targetPrefix()
	}
	return p.r.req.targetPrefix() + name
}

// local plans a local file or tree.
func (p *planning) local(ctx context.Context, dir, name string) error {
	fi, err := os.Stat(dir)
	if err != nil {
		return p.report(ctx, dir, "", err)
	}
	bucket := p.r.req.Target.Remote.Bucket
	if !fi.IsDir() {
		if !fi.Mode().IsRegular() {
			return p.skip(ctx, dir, localfs.ErrSpecial)
		}
		return p.file(ctx, localfs.Entry{Path: dir, Size: fi.Size(), Modified: fi.ModTime()}, bucket, p.key(name))
	}
	prefix := p.key(name)
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	policy := map[Symlinks]localfs.LinkPolicy{SkipSymlinks: localfs.SkipLinks, FailSymlinks: localfs.FailLinks}[p.r.req.Options.Symlinks]
	empty := true
	for e := range localfs.Walk(dir, localfs.WalkOptions{Links: policy, Prune: p.prune, After: string(p.c.After)}) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		empty = false
		if err := p.entry(ctx, e, bucket, prefix); err != nil {
			return err
		}
		p.c.After = []byte(e.Key)
	}
	if empty && len(p.c.After) == 0 && prefix != "" {
		return p.add(ctx, itemRow{kind: itemFolder, source: dir, target: bucket + "/" + prefix})
	}
	return nil
}

func (p *planning) entry(ctx context.Context, e localfs.Entry, bucket, prefix string) error {
	switch e.Kind {
	case localfs.Broken:
		return p.report(ctx, e.Path, "", e.Err)
	case localfs.Skipped:
		return p.skip(ctx, e.Path, e.Err)
	case localfs.Folder:
		if len(p.r.req.Options.Include) > 0 {
			return nil
		}
		return p.add(ctx, itemRow{kind: itemFolder, source: e.Path, target: bucket + "/" + prefix + e.Key})
	}
	if !p.wanted(e.Key, e.Modified) {
		return nil
	}
	return p.file(ctx, e, bucket, prefix+e.Key)
}

func (p *planning) file(ctx context.Context, e localfs.Entry, bucket, key string) error {
	if key == "" || len(key) > maxKeyBytes {
		return p.report(ctx, e.Path, bucket+"/"+key, fmt.Errorf("key of %d bytes: %w", len(key), ErrKey))
	}
	return p.add(ctx, itemRow{source: e.Path, target: bucket + "/" + key, size: e.Size, modified: e.Modified})
}

// prune leaves out what the options ignore or exclude, whole folders at once.
func (p *planning) prune(key string, folder bool) bool {
	o := &p.r.req.Options
	key = strings.TrimSuffix(key, "/")
	name := path.Base(key)
	for _, g := range o.Ignore {
		if pattern.Match(g, name) {
			return true
		}
	}
	for _, g := range o.Exclude {
		if pattern.Match(g, key) {
			return true
		}
	}
	return false
}

// wanted applies what holds for single files.
func (p *planning) wanted(key string, modified time.Time) bool {
	o := &p.r.req.Options
	if o.Older > 0 && p.begun.Sub(modified) < o.Older {
		return false
	}
	if o.Newer > 0 && p.begun.Sub(modified) > o.Newer {
		return false
	}
	if len(o.Include) == 0 {
		return true
	}
	for _, g := range o.Include {
		if pattern.Match(g, key) || pattern.Match(g, path.Base(key)) {
			return true
		}
	}
	return false
}

// report plans an item that has failed already.
func (p *planning) report(ctx context.Context, source, target string, err error) error {
	return p.add(ctx, itemRow{kind: itemReport, source: source, target: target, result: ResultFailed, err: err})
}

// skip plans an item that is left out and named.
func (p *planning) skip(ctx context.Context, source string, why error) error {
	return p.add(ctx, itemRow{kind: itemReport, source: source, result: ResultSkipped, note: skipNote(why)})
}

// skipNote says why something is left out.
func skipNote(why error) string {
	return map[error]string{
		localfs.ErrLink: text.T("transfer.skip_link"), localfs.ErrSpecial: text.T("transfer.skip_special"),
		localfs.ErrLoop: text.T("transfer.skip_loop"), localfs.ErrTemp: text.T("transfer.skip_temp"),
	}[why]
}

func (p *planning) add(ctx context.Context, it itemRow) error {
	p.seq++
	it.seq = p.seq
	p.batch = append(p.batch, it)
	// The first items go out at once, so that work begins with them.
	if len(p.batch) < planBatch && p.seq > 32 || p.seq <= 32 && len(p.batch) < 32 {
		return nil
	}
	return p.flush(ctx, false)
}

// flush commits a batch with the cursor that belongs to it.
func (p *planning) flush(ctx context.Context, last bool) error {
	c, err := json.Marshal(p.c)
	if err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	var files, bytes, skipped, failed int64
	err = p.r.write(ctx, false, func(t *tx) error {
		files, bytes, skipped, failed = 0, 0, 0, 0
		for i := range p.batch {
			it := p.batch[i]
			if err := p.distinct(t, &it); err != nil {
				return err
			}
			if err := t.addItem(p.r.id, it); err != nil {
				return err
			}
			files++
			switch it.result {
			case ResultSkipped:
				skipped++
			case ResultFailed:
				failed++
			case Pending:
				bytes += max(0, it.size)
			}
		}
		_, err := t.exec(`UPDATE transfers SET cursor = ?, files = files + ?, bytes = bytes + ?, skipped = skipped + ?, failed = failed + ?, planned = ?,
			started = CASE WHEN started = 0 THEN ? ELSE started END WHERE id = ?`, c, files, bytes, skipped, failed, last, unixNano(p.begun), p.r.id)
		if err != nil || !last {
			return err
		}
		return t.bump(p.r.id)
	})
	if err != nil {
		return err
	}
	done := p.batch
	p.batch = nil
	p.r.files.Add(files)
	p.r.bytes.Add(bytes)
	p.r.skipped.Add(skipped)
	p.r.failed.Add(failed)
	p.r.planGrew(false)
	p.r.q.progress()
	if p.r.req.OnItem != nil {
		for _, it := range done {
			if it.result != Pending {
				p.r.notifyMu.Lock()
				p.r.req.OnItem(p.r.view(it))
				p.r.notifyMu.Unlock()
			}
		}
	}
	return nil
}

var errManyNames = errors.New("too many names that the destination takes for one")

// distinct gives a download a name that the destination does not take for one of the same transfer.
func (p *planning) distinct(t *tx, it *itemRow) error {
	if p.r.req.Kind != Download || it.kind != itemFile || it.result != Pending || p.folding == (localfs.Folding{}) {
		return nil
	}
	wish := it.target
	for n := 0; n < 10000; n++ {
		if n > 0 {
			it.target = localfs.WithSuffix(wish, n)
		}
		added, err := t.exec("INSERT OR IGNORE INTO names VALUES (?, ?)", p.r.id, []byte(p.folding.Key(it.target)))
		if err != nil {
			return err
		}
		if added == 1 {
			if n > 0 {
				it.note = text.T("transfer.renamed_collision", path.Base(it.target))
			}
			return nil
		}
	}
	return errManyNames
}
