package rows

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
)

// rec is the fixed part of a row: 64 bytes. Texts lie in the arena, rare things in Store.extras.
type rec struct {
	name    uint32 // in the arena
	parent  uint32
	dir     uint32 // place in Store.dirs, zero for rows without children
	ver     uint32 // version id in the arena
	size    int64
	mod     int64 // ms since 1970, MinInt64 for unknown
	etag    [16]byte
	nameLen uint16
	class   uint16 // Store.words
	owner   uint16
	parts   uint16 // of a multipart ETag
	round   uint16 // of listings in which the row came, modulo 1,024
	verLen  uint8
	kind    Kind
	flags   uint8
}

const (
	flagOpen   uint8 = 1 << iota // expanded
	flagDead                     // removed
	flagMatch                    // passes the filter
	flagETag                     // etag holds a value
	flagLatest                   // a delete marker that hides the object
)

func (r *rec) modified() time.Time {
	if r.mod == math.MinInt64 {
		return time.Time{}
	}
	return time.UnixMilli(r.mod)
}

// packETag stores an ETag of the usual form (32 lower-case hex digits, perhaps "-" and a number); false for others.
func (r *rec) packETag(s string) bool {
	r.flags &^= flagETag
	r.parts = 0
	if s == "" {
		return true
	}
	sum, parts, multi := strings.Cut(s, "-")
	if len(sum) != 32 || strings.ToLower(sum) != sum {
		return false
	}
	if multi {
		n, err := strconv.ParseUint(parts, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != parts {
			return false
		}
		r.parts = uint16(n)
	}
	if _, err := hex.Decode(r.etag[:], []byte(sum)); err != nil {
		r.parts = 0
		return false
	}
	r.flags |= flagETag
	return true
}

func (r *rec) unpackETag() string {
	if r.flags&flagETag == 0 {
		return ""
	}
	s := hex.EncodeToString(r.etag[:])
	if r.parts > 0 {
		s += "-" + strconv.Itoa(int(r.parts))
	}
	return s
}

const tableBlock = 4096

// table is the records by id, in blocks, so that growing never copies them.
type table struct {
	blocks []*[tableBlock]rec
	n      int
}

func (t *table) len() int { return t.n }

func (t *table) at(id uint32) *rec { return &t.blocks[id/tableBlock][id%tableBlock] }

func (t *table) add(r rec) uint32 {
	if t.n%tableBlock == 0 {
		t.blocks = append(t.blocks, new([tableBlock]rec))
	}
	id := uint32(t.n)
	t.n++
	*t.at(id) = r
	return id
}

const (
	arenaShift = 20
	arenaBlock = 1 << arenaShift
	arenaMask  = arenaBlock - 1
	arenaFirst = 16 << 10 // a small store needs no megabyte
)

// arena is the bytes of all names. Written bytes never change or move, so background work may read them.
type arena struct{ blocks [][]byte }

func (a *arena) add(s string) uint32 {
	if len(s) > math.MaxUint16 { // S3 allows 1,024; no server is trusted in this
		s = s[:math.MaxUint16]
	}
	last := len(a.blocks) - 1
	if last < 0 || len(a.blocks[last])+len(s) > cap(a.blocks[last]) {
		size := arenaBlock
		if last < 0 {
			size = max(arenaFirst, len(s))
		}
		a.blocks = append(a.blocks, make([]byte, 0, size))
		last++
	}
	off := uint32(last)<<arenaShift | uint32(len(a.blocks[last]))
	a.blocks[last] = append(a.blocks[last], s...)
	return off
}

func (a *arena) bytes(off uint32, n int) []byte {
	if n == 0 {
		return nil
	}
	at := int(off & arenaMask)
	return a.blocks[off>>arenaShift][at : at+n : at+n]
}

// snapshot is the arena as it is now, for reading elsewhere while it grows.
func (a *arena) snapshot() arena { return arena{blocks: append([][]byte(nil), a.blocks...)} }

// intern keeps each word once; zero is the empty word. After 65,535 different words all further ones are lost,
// which no listing has (owners and storage classes).
type intern struct {
	ids   map[string]uint16
	words []string
}

func (n *intern) id(s string) uint16 {
	if s == "" {
		return 0
	}
	if id, ok := n.ids[s]; ok {
		return id
	}
	if n.ids == nil {
		n.ids, n.words = map[string]uint16{}, []string{""}
	}
	if len(n.words) > math.MaxUint16 {
		return 0
	}
	id := uint16(len(n.words))
	n.words = append(n.words, s)
	n.ids[s] = id
	return id
}

func (n *intern) word(id uint16) string {
	if id == 0 {
		return ""
	}
	return n.words[id]
}
