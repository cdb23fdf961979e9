package transfer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"pintail/internal/localfs"
)

// syncMerge reads both sides of a plan side by side.
type syncMerge struct {
	p       *SyncPlan
	ctx     context.Context
	o       *SyncOptions
	a, b    *syncStream
	folders bool // keys that end in "/" are folders: one side is local
	forward Kind // what is only in a

	left    prefixes // keys that a has and that were left out: b's are not extra
	leftB   prefixes // the same of b: nothing is put there
	files   prefixes // remote files: no local folder can have their names
	markers prefixes // folders that a names

	jobs jobQueue
	same compareJob // that of names which [compareJob.quick] finds equal, used again and again
}

// prefixes are keys of a stream of which one may be what later keys begin with.
type prefixes []string

// push adds a key; keys come in order.
func (s *prefixes) push(key string) {
	s.drop(key)
	*s = append(*s, key)
}

// drop forgets what neither key nor any later one begins with.
func (s *prefixes) drop(key string) {
	for n := len(*s); n > 0 && !strings.HasPrefix(key, (*s)[n-1]); n-- {
		*s = (*s)[:n-1]
	}
}

// covers tells whether key is one of the keys or in a folder of that name.
func (s *prefixes) covers(key string) bool {
	s.drop(key)
	for _, k := range *s {
		if k == key || strings.HasSuffix(k, "/") || key[len(k):] != "" && key[len(k)] == '/' {
			return true
		}
	}
	return false
}

// deepest is the longest key left, which is a folder that key is in.
func (s *prefixes) deepest(key string) string {
	s.drop(key)
	if n := len(*s); n > 0 {
		return (*s)[n-1]
	}
	return ""
}

// open begins to read a side.
func (p *SyncPlan) open(ctx context.Context, end *syncEnd, target bool) (*syncStream, func()) {
	if end.local != "" {
		return p.localStream(end, target)
	}
	return p.remoteStream(ctx, end)
}

// merge compares the two sides, key by key.
func (p *SyncPlan) merge(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := &syncMerge{p: p, ctx: ctx, o: p.req.sync(), folders: p.a.local != "" || p.b.local != "", forward: Copy}
	switch {
	case p.a.local != "":
		m.forward = Upload
	case p.b.local != "":
		m.forward = Download
	}
	var stopA, stopB func()
	m.a, stopA = p.open(ctx, &p.a, m.o.Mirror)
	defer stopA()
	m.b, stopB = p.open(ctx, &p.b, true)
	defer stopB()
	m.jobs.start(p)
	err := errors.Join(m.a.advance(), m.b.advance())
	for err == nil && (m.a.more || m.b.more) {
		if err = ctx.Err(); err != nil {
			break
		}
		err = m.step()
	}
	if err != nil {
		cancel() // what is still being compared is of no use
	}
	if jerr := m.jobs.finish(ctx); err == nil {
		err = jerr
	}
	if err == nil && !m.a.any && m.b.any && m.o.Delete && m.o.MaxDelete == nil {
		p.hold(ErrEmptySource)
	}
	return err
}

// step handles the lesser of the two keys, or both if they are one.
func (m *syncMerge) step() error {
	x, y := &m.a.head, &m.b.head
	switch {
	case m.a.more && x.bad != nil:
		return errors.Join(m.unreadable(m.a, Upload), m.a.advance())
	case m.b.more && y.bad != nil:
		return errors.Join(m.unreadable(m.b, Download), m.b.advance())
	case !m.b.more || m.a.more && x.key < y.key:
		return errors.Join(m.onlyA(x), m.a.advance())
	case !m.a.more || y.key < x.key:
		return errors.Join(m.onlyB(y), m.b.advance())
	}
	return errors.Join(m.both(x, y), m.a.advance(), m.b.advance())
}

// unreadable notes what cannot be read. From now on nothing can be said of what is not there.
func (m *syncMerge) unreadable(s *syncStream, do Kind) error {
	m.seen(s, &s.head)
	m.p.hold(fmt.Errorf("%w: %w", ErrHeld, s.head.bad))
	return m.emit(syncRecord{class: SyncProblem, do: do, why: WhyError, key: s.head.key, path: s.head.path, err: s.head.bad})
}

// seen notes what later keys need to know of an item that has been handled.
func (m *syncMerge) seen(s *syncStream, i *syncItem) {
	switch {
	case i.left != nil || i.bad != nil:
		if s == m.a {
			m.left.push(i.key)
		} else {
			m.leftB.push(i.key)
		}
	case s == m.a && m.folders && i.folder():
		m.markers.push(i.key)
	case m.folders && s.end.local == "" && !i.folder():
		m.files.push(i.key)
	}
}

// onlyA handles what the target lacks.
func (m *syncMerge) onlyA(x *syncItem) error {
	m.p.saw()
	defer m.seen(m.a, x)
	if x.left != nil {
		return m.emit(syncRecord{class: SyncLeft, do: m.forward, why: WhyLeft, key: x.key, path: x.path, err: x.left})
	}
	if m.folders && x.folder() && m.b.below(x.key) && (m.b.end.local != "" || !m.o.Delete) {
		m.p.same() // it is there by what is in it
		return nil
	}
	return m.bring(m.forward, x)
}

// bring plans a file or folder that is new on the other side.
func (m *syncMerge) bring(do Kind, x *syncItem) error {
	r := syncRecord{class: SyncNew, do: do, why: WhyOnlyHere, key: x.key, source: x.fileState, sourceThere: true, folder: m.folders && x.folder()}
	m.setPath(&r, x, do == Upload)
	_, to := m.p.ends(do)
	covered := to == &m.p.b && m.leftB.covers(x.key) || to == &m.p.a && m.left.covers(x.key)
	var err error
	switch do {
	case Download:
		var rel string
		switch rel, err = localfs.KeyToLocal(x.key); {
		case err != nil:
		case r.folder && x.size > 0:
			err = ErrFolderContent
		case covered || m.files.covers(x.key):
			return m.conflict(r, WhyName)
		default:
			return m.bringDown(r, to, rel)
		}
	default:
		if len(to.remote.Key)+len(x.key) > maxKeyBytes {
			err = fmt.Errorf("key of %d bytes: %w", len(to.remote.Key)+len(x.key), ErrKey)
		} else if covered {
			return m.conflict(r, WhyName)
		}
	}
	if err != nil {
		r.class, r.why, r.err = SyncProblem, WhyError, err
	}
	return m.emit(r)
}

// bringDown looks at the disk before a new name: a folder of that name, or another that the disk takes for the same, is in no walk.
func (m *syncMerge) bringDown(r syncRecord, to *syncEnd, rel string) error {
	there, err := to.lstat(rel)
	switch {
	case errors.Is(err, syscall.ENOTDIR) || there && err == nil:
		return m.conflict(r, WhyName)
	case err != nil:
		r.class, r.why, r.err = SyncProblem, WhyError, err
	}
	return m.emit(r)
}

// setPath keeps a local name that is not the one its key would get.
func (m *syncMerge) setPath(r *syncRecord, i *syncItem, local bool) {
	if !local || i.path == "" {
		return
	}
	end := &m.p.a
	if end.local == "" {
		end = &m.p.b
	}
	if made, _ := end.name(i.key, ""); made != i.path {
		r.path = i.path
	}
}

func (m *syncMerge) conflict(r syncRecord, why SyncReason) error {
	r.class, r.why, r.err = SyncConflict, why, ErrConflict
	return m.emit(r)
}

// onlyB handles what the source lacks.
func (m *syncMerge) onlyB(y *syncItem) error {
	m.p.saw()
	defer m.seen(m.b, y)
	switch {
	case y.left != nil:
		return m.emit(syncRecord{class: SyncLeft, do: Delete, why: WhyLeft, key: y.key, path: y.path, err: y.left})
	case m.left.covers(y.key):
		m.p.kept()
		return nil
	case m.folders && y.folder() && m.a.below(y.key):
		m.p.same()
		return nil
	case m.o.Mirror:
		back := Download
		if m.b.end.local != "" {
			back = Upload
		}
		return m.bring(back, y)
	case !m.o.Delete:
		m.p.kept()
		return nil
	}
	r := syncRecord{class: SyncDeleted, do: Delete, why: WhyOnlyHere, key: y.key, target: y.fileState, targetThere: true, folder: m.folders && y.folder()}
	m.setPath(&r, y, m.b.end.local != "")
	if m.b.end.local != "" {
		if folder := m.markers.deepest(y.key); folder != "" {
			rel, err := localfs.KeyToLocal(folder)
			if err != nil {
				rel = r.path // not a name: then it is no folder here
			}
			r.keep = len(rel)
		}
	}
	return m.emit(r)
}

// both handles what both sides have.
func (m *syncMerge) both(x, y *syncItem) error {
	m.p.saw()
	defer m.seen(m.a, x)
	defer m.seen(m.b, y)
	j := &m.same
	*j = compareJob{m: m, r: syncRecord{
		class: SyncChanged, do: m.forward, key: x.key, source: x.fileState, target: y.fileState, sourceThere: true, targetThere: true,
	}}
	local := x
	if m.b.end.local != "" {
		local = y
	}
	j.path = local.path
	if x.left == nil && y.left == nil && (m.folders && x.folder() || m.o.SkipExisting || j.quick() && !j.differs) {
		m.p.same() // nearly always: nothing more is worked out for it
		return nil
	}
	m.setPath(&j.r, local, m.folders)
	switch {
	case x.left != nil:
		j.r.class, j.r.why, j.r.err = SyncLeft, WhyLeft, x.left
		return m.emit(j.r)
	case y.left != nil:
		return m.conflict(j.r, WhyName)
	}
	kept := *j
	if kept.decided {
		return m.settle(&kept)
	}
	return m.jobs.add(m.ctx, &kept)
}

// emit plans an entry, after those that are still being compared.
func (m *syncMerge) emit(r syncRecord) error {
	return m.settle(&compareJob{m: m, r: r, decided: true, differs: true})
}

// settle takes up what is decided, in the order of the keys.
func (m *syncMerge) settle(j *compareJob) error {
	if len(m.jobs.open) > 0 && j.differs {
		return m.jobs.append(m.ctx, j)
	}
	return m.p.take(j)
}

// take puts a decided comparison into the plan.
func (p *SyncPlan) take(j *compareJob) error {
	if j.err != nil {
		return j.err
	}
	if !j.differs {
		p.same()
		return nil
	}
	return p.add(&j.r)
}

// add keeps an entry and counts it.
func (p *SyncPlan) add(r *syncRecord) error {
	on := r.class != SyncLeft && (r.class != SyncDeleted || p.held() == nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.store.add(r, on); err != nil {
		return err
	}
	t := &p.totals
	c := map[SyncClass]*SyncCount{
		SyncNew: &t.New, SyncChanged: &t.Changed, SyncDeleted: &t.Extra, SyncConflict: &t.Conflicts, SyncProblem: &t.Problems, SyncLeft: &t.Left,
	}[r.class]
	c.Files++
	c.Bytes += r.bytes()
	if r.class == SyncDeleted {
		c.Bytes += r.target.size
	}
	if on {
		p.countOn(r, 1)
	}
	p.tell(false)
	return nil
}

// countOn counts an entry that is switched on, or with sign -1 off. The caller holds mu.
func (p *SyncPlan) countOn(r *syncRecord, sign int64) {
	if r.class == SyncConflict || r.class == SyncProblem {
		return
	}
	t := &p.totals
	c := map[Kind]*SyncCount{Upload: &t.Up, Download: &t.Down, Copy: &t.Copied, Delete: &t.Deleted}[r.do]
	c.Files += sign
	c.Bytes += sign * max(r.bytes(), 0)
	if r.do == Delete {
		c.Bytes += sign * r.target.size
	}
	t.Requests += sign * p.requests(r)
}

// requests is about how many requests an entry takes.
func (p *SyncPlan) requests(r *syncRecord) int64 {
	run := run{req: p.req}
	size, n := r.source.size, int64(1)
	switch r.do {
	case Upload:
		if r.targetThere {
			n++
		}
		if size > run.threshold() {
			n += 1 + int64(partCount(size, partSizeFor(size, p.req.Options.PartSize, 0)))
		}
	case Download:
		if size > run.wishPart() {
			n += (size - 1) / run.wishPart()
		}
	case Copy:
		n += 1 + size/maxSingleCopy*10
	case Delete:
		if p.b.local != "" {
			n = 0
		}
	}
	return n
}

// hold holds deletions back, those found already too.
func (p *SyncPlan) hold(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.totals.Held != nil {
		return
	}
	p.totals.Held = err
	for i, mark := range p.store.marks {
		if SyncClass(mark&^markOn) == SyncDeleted && mark&markOn != 0 {
			p.store.marks[i] = byte(SyncDeleted)
			p.totals.Requests--
		}
	}
	p.totals.Deleted = SyncCount{}
}

func (p *SyncPlan) held() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.totals.Held
}

func (p *SyncPlan) saw() { p.seenCount.Add(1) }

func (p *SyncPlan) same() { p.sameCount.Add(1) }

func (p *SyncPlan) kept() { p.keptCount.Add(1) }
