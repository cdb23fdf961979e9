package demo

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// store is all data of a server. Its mutex guards everything but the bytes of bodies, which never change.
type store struct {
	dir     string
	mu      sync.RWMutex
	buckets map[string]*bucket
	buffers sync.Pool // *[]byte of copyBuffer bytes
}

const copyBuffer = 64 << 10

type bucket struct {
	name       string
	region     string
	created    time.Time
	versioning string // "", Enabled or Suspended
	acl        []grant
	aclsOff    bool              // object ownership BucketOwnerEnforced
	settings   map[string]string // the inside of their documents, by sub-resource
	sse        encryption        // of new objects that ask for none
	lockOn     bool              // object lock, for ever
	retention  period            // of new versions that ask for none
	tags       []field
	entries    []*entry // sorted by the bytes of the key
	uploads    map[string]*upload
}

// entry is a key with its versions, newest first; it is never empty.
type entry struct {
	key      string
	versions []*version
}

// version is an object or a delete marker. All but tags, acl, lock and restore is fixed once it is stored; these change after [version.own].
type version struct {
	id       string // "null" when the bucket was not versioned
	marker   bool
	modified time.Time
	etag     string // without quotes
	size     int64
	body     content
	*attributes
}

// attributes are what a client says of an object.
type attributes struct {
	class string
	encryption
	headers map[string]string // canonical header name to value
	meta    map[string]string // lower-case name to value, decoded
	tags    []field
	acl     []grant
	lock    lock
	sum     checksum
	parts   []partInfo // of a multipart object
	restore *restore
}

// partInfo is what is remembered of a part after the upload is complete.
type partInfo struct {
	number int
	size   int64
	sum    []byte
}

func newStore(dir string) *store {
	return &store{dir: dir, buckets: map[string]*bucket{}, buffers: sync.Pool{New: func() any {
		b := make([]byte, copyBuffer)
		return &b
	}}}
}

// own gives v attributes that it shares with no other version. It must come before any change of them.
func (v *version) own() {
	a := *v.attributes
	v.attributes = &a
}

// close removes the files of all bodies.
func (st *store) close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	var errs []error
	for _, b := range st.buckets {
		for _, e := range b.entries {
			for _, v := range e.versions {
				errs = append(errs, v.body.release())
			}
		}
		for _, u := range b.uploads {
			errs = append(errs, u.release())
		}
	}
	st.buckets = map[string]*bucket{}
	return errors.Join(errs...)
}

// find returns the index of the first entry whose key is at least key, and whether it is that key.
func (b *bucket) find(key string) (int, bool) {
	return slices.BinarySearchFunc(b.entries, key, func(e *entry, k string) int { return strings.Compare(e.key, k) })
}

func (b *bucket) entry(key string) *entry {
	if i, ok := b.find(key); ok {
		return b.entries[i]
	}
	return nil
}

// current is the newest version, which may be a marker, or nil.
func (b *bucket) current(key string) *version {
	if e := b.entry(key); e != nil {
		return e.versions[0]
	}
	return nil
}

// live is the newest version when it is an object.
func (b *bucket) live(key string) *version {
	if v := b.current(key); v != nil && !v.marker {
		return v
	}
	return nil
}

// put adds v by the rules of the bucket's versioning, and says which id it has to show ("" when unversioned).
func (b *bucket) put(key string, v *version) (shown string) {
	i, ok := b.find(key)
	if !ok {
		b.entries = slices.Insert(b.entries, i, &entry{key: key})
	}
	e := b.entries[i]
	v.id = "null"
	if b.versioning == "Enabled" {
		v.id = randomID(16)
	} else {
		e.drop("null")
	}
	b.keepByDefault(v)
	e.versions = slices.Insert(e.versions, 0, v)
	if b.versioning == "" {
		return ""
	}
	return v.id
}

func (e *entry) index(id string) int {
	return slices.IndexFunc(e.versions, func(v *version) bool { return v.id == id })
}

// drop removes one version and returns it, or nil.
func (e *entry) drop(id string) *version {
	i := e.index(id)
	if i < 0 {
		return nil
	}
	v := e.versions[i]
	e.versions = slices.Delete(e.versions, i, i+1)
	_ = v.body.release() // a file that cannot be removed goes with the folder
	return v
}

// remove drops one version, and the entry with its last.
func (b *bucket) remove(key, id string) *version {
	i, ok := b.find(key)
	if !ok {
		return nil
	}
	v := b.entries[i].drop(id)
	if len(b.entries[i].versions) == 0 {
		b.entries = slices.Delete(b.entries, i, i+1)
	}
	return v
}

// blob is a piece of a body, in memory or in a file, shared by all objects that were copied from one another.
type blob struct {
	data []byte
	path string
	size int64
	refs atomic.Int64
}

// content is a whole body: the pieces in order.
type content []*blob

func (c content) size() int64 {
	var n int64
	for _, b := range c {
		n += b.size
	}
	return n
}

// retain must be called under the store's lock, or by somebody who holds the content already.
func (c content) retain() content {
	for _, b := range c {
		b.refs.Add(1)
	}
	return c
}

func (c content) release() error {
	var errs []error
	for _, b := range c {
		if b.refs.Add(-1) == 0 && b.path != "" {
			errs = append(errs, os.Remove(b.path))
		}
	}
	return errors.Join(errs...)
}

// copyRange writes n bytes from offset on.
func (c content) copyRange(w io.Writer, offset, n int64) error {
	for _, b := range c {
		if offset >= b.size {
			offset -= b.size
			continue
		}
		take := min(n, b.size-offset)
		if take <= 0 {
			return nil
		}
		if err := b.copyRange(w, offset, take); err != nil {
			return err
		}
		n, offset = n-take, 0
	}
	return nil
}

// reader reads a span of the body piece by piece.
func (c content) reader(sp span) io.Reader { return &spanReader{c, sp} }

type spanReader struct {
	c    content
	left span
}

func (r *spanReader) Read(p []byte) (int, error) {
	n := min(int64(len(p)), r.left.size)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	if err := r.c.copyRange(&fillWriter{p[:0:n]}, r.left.start, n); err != nil {
		return 0, err
	}
	r.left = span{r.left.start + n, r.left.size - n}
	return int(n), nil
}

// fillWriter appends to a slice that is large enough.
type fillWriter struct{ buf []byte }

func (w *fillWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

func (b *blob) copyRange(w io.Writer, offset, n int64) error {
	if b.path == "" {
		_, err := w.Write(b.data[offset : offset+n])
		return err
	}
	f, err := os.Open(b.path)
	if err != nil {
		return fmt.Errorf("open a spilled body: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, io.NewSectionReader(f, offset, n))
	return err
}

// spillSize is the largest body that stays in memory.
const spillSize = 1 << 20

// received is a body that has come in, with its hashes.
type received struct {
	content content
	md5     []byte
	sums    map[*checksumAlgo][]byte
}

func (r *received) size() int64 { return r.content.size() }

func (r *received) etag() string { return hex.EncodeToString(r.md5) }

// receive reads a body to its end. The caller owns the content, which holds one reference.
func (st *store) receive(body io.Reader, limit int64, algos ...*checksumAlgo) (*received, error) {
	sum := md5.New()
	writers := []io.Writer{sum}
	hashes := map[*checksumAlgo]hash.Hash{}
	for _, a := range algos {
		if a != nil && hashes[a] == nil {
			hashes[a] = a.new()
			writers = append(writers, hashes[a])
		}
	}
	sink := &spill{dir: st.dir}
	buf, _ := st.buffers.Get().(*[]byte)
	n, err := io.CopyBuffer(io.MultiWriter(append(writers, sink)...), io.LimitReader(body, limit+1), *buf)
	st.buffers.Put(buf)
	if err == nil && n > limit {
		err = fail("EntityTooLarge", "", field{"MaxSizeAllowed", fmt.Sprint(limit)})
	}
	if err = errors.Join(err, sink.close()); err != nil {
		return nil, errors.Join(err, sink.discard())
	}
	b := &blob{data: sink.buf, path: sink.path, size: n}
	b.refs.Store(1)
	r := &received{content: content{b}, md5: sum.Sum(nil), sums: map[*checksumAlgo][]byte{}}
	for a, h := range hashes {
		r.sums[a] = h.Sum(nil)
	}
	return r, nil
}

// spill keeps what is written in memory and moves to a file when it grows.
type spill struct {
	dir  string
	buf  []byte
	file *os.File
	path string
}

func (s *spill) Write(p []byte) (int, error) {
	if s.file == nil && len(s.buf)+len(p) <= spillSize {
		s.buf = append(s.buf, p...)
		return len(p), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "body-*")
		if err != nil {
			return 0, fmt.Errorf("spill a body: %w", err)
		}
		s.file, s.path = f, f.Name()
		if _, err := f.Write(s.buf); err != nil {
			return 0, fmt.Errorf("spill a body: %w", err)
		}
		s.buf = nil
	}
	return s.file.Write(p)
}

func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

func (s *spill) discard() error {
	if s.path == "" {
		return nil
	}
	return os.Remove(s.path)
}
