package transfer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// syncRecord is an entry as a plan keeps it. Names of files are made from the key; path is only set where a local name is another.
type syncRecord struct {
	class       SyncClass
	do          Kind
	why         SyncReason
	folder      bool
	keep        int // see syncGuard
	key         string
	path        string
	source      fileState
	target      fileState
	sourceThere bool
	targetThere bool
	err         error
}

var syncKinds = []Kind{"", Upload, Download, Copy, Delete}

var syncReasons = []SyncReason{"", WhyOnlyHere, WhySize, WhyNewer, WhyTime, WhyContent, WhyUnsure, WhyName, WhyError, WhyLeft}

const (
	bitFolder = 1 << iota
	bitSource
	bitTarget
)

func (r *syncRecord) append(b []byte) []byte {
	var bits byte
	for i, set := range []bool{r.folder, r.sourceThere, r.targetThere} {
		if set {
			bits |= 1 << i
		}
	}
	b = append(b, byte(r.class), byte(slices.Index(syncKinds, r.do)), byte(slices.Index(syncReasons, r.why)), bits)
	b = binary.AppendUvarint(b, uint64(r.keep))
	b = appendText(b, r.key)
	b = appendText(b, r.path)
	for _, s := range []*fileState{&r.source, &r.target} {
		b = binary.AppendVarint(b, s.size)
		b = binary.AppendVarint(b, unixNano(s.modified))
		b = appendText(b, s.etag)
		b = appendText(b, s.class)
	}
	return appendText(b, string(encodeError(r.err)))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// recordReader reads records from bytes that append wrote. What does not fit sets bad.
type recordReader struct {
	b   []byte
	bad bool
}

func (d *recordReader) text() string {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || uint64(len(d.b)-size) < n {
		d.bad, d.b = true, nil
		return ""
	}
	s := string(d.b[size : size+int(n)])
	d.b = d.b[size+int(n):]
	return s
}

func (d *recordReader) number() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *recordReader) next() (r syncRecord) {
	if len(d.b) < 4 || int(d.b[1]) >= len(syncKinds) || int(d.b[2]) >= len(syncReasons) {
		d.bad, d.b = true, nil
		return r
	}
	r.class, r.do, r.why = SyncClass(d.b[0]), syncKinds[d.b[1]], syncReasons[d.b[2]]
	r.folder, r.sourceThere, r.targetThere = d.b[3]&bitFolder != 0, d.b[3]&bitSource != 0, d.b[3]&bitTarget != 0
	d.b = d.b[4:]
	keep, size := binary.Uvarint(d.b)
	d.b = d.b[max(0, size):]
	r.keep, r.key, r.path = int(keep), d.text(), d.text()
	for _, s := range []*fileState{&r.source, &r.target} {
		s.size, s.modified = d.number(), fromNano(d.number())
		s.etag, s.class = d.text(), d.text()
	}
	r.err = decodeError([]byte(d.text()))
	return r
}

// syncBlock is how many entries are read back at once.
const syncBlock = 128

// syncStore holds the entries of a plan: in memory while they are few, else in a file, which nobody else can read and which goes
// with the plan. For each entry a byte stays in memory.
type syncStore struct {
	dir    string
	file   *os.File
	blocks []int64 // where each block of syncBlock entries begins
	marks  []byte  // class and switch of each entry
	buf    []byte  // what is not in the file yet
	size   int64   // of the file
	cached int     // number of the block in block; -1 = none
	block  []syncRecord
}

const (
	markOn      = 0x80
	storeBuffer = 256 << 10
)

func (s *syncStore) add(r *syncRecord, on bool) error {
	if len(s.marks)%syncBlock == 0 {
		s.blocks = append(s.blocks, s.size+int64(len(s.buf)))
	}
	mark := byte(r.class)
	if on {
		mark |= markOn
	}
	s.marks = append(s.marks, mark)
	s.buf = r.append(s.buf)
	s.cached = -1
	if len(s.buf) < storeBuffer {
		return nil
	}
	return s.spill()
}

func (s *syncStore) spill() (err error) {
	if s.file == nil {
		if s.file, err = newSpill(s.dir); err != nil {
			return err
		}
	}
	if _, err := s.file.WriteAt(s.buf, s.size); err != nil {
		return fmt.Errorf("keep sync plan: %w", err)
	}
	s.size += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

const spillPattern = "sync-plan-*.tmp"

// newSpill makes a file without a name, where the system allows that; what a killed process left elsewhere is removed.
func newSpill(dir string) (*os.File, error) {
	old, err := filepath.Glob(filepath.Join(dir, spillPattern))
	if err != nil {
		return nil, fmt.Errorf("keep sync plan: %w", err)
	}
	for _, name := range old {
		if fi, err := os.Lstat(name); err == nil && time.Since(fi.ModTime()) > 24*time.Hour {
			_ = os.Remove(name) // in use, or it will be found again
		}
	}
	f, err := os.CreateTemp(dir, spillPattern)
	if err != nil {
		return nil, fmt.Errorf("keep sync plan: %w", err)
	}
	_ = os.Remove(f.Name()) // Windows removes it when it is closed: see close
	return f, nil
}

func (s *syncStore) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	_ = os.Remove(name) // gone already, but on Windows
	s.file = nil
	return err
}

// record reads an entry back.
func (s *syncStore) record(i int) (syncRecord, error) {
	n := i / syncBlock
	if s.cached != n {
		if err := s.load(n); err != nil {
			return syncRecord{}, err
		}
	}
	return s.block[i%syncBlock], nil
}

var errPlanFile = errors.New("the record of the sync plan cannot be read")

func (s *syncStore) load(n int) error {
	from, to := s.blocks[n], s.size+int64(len(s.buf))
	if n+1 < len(s.blocks) {
		to = s.blocks[n+1]
	}
	b := make([]byte, to-from)
	got := 0
	if from < s.size {
		var err error
		if got, err = s.file.ReadAt(b[:min(to, s.size)-from], from); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read sync plan: %w", err)
		}
	}
	copy(b[got:], s.buf[max(0, from-s.size):])
	d := recordReader{b: b}
	s.block, s.cached = s.block[:0], -1
	for len(d.b) > 0 {
		s.block = append(s.block, d.next())
	}
	if d.bad || len(s.block) != min(syncBlock, len(s.marks)-n*syncBlock) {
		return errPlanFile
	}
	s.cached = n
	return nil
}
