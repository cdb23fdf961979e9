// Package rows holds the rows of a browsed connection: buckets, folders, objects, a million of them in about 100 bytes each.
// It must never change a key (names are raw bytes), wait for anything on the window's thread, or import the toolkit.
// Start reading at [Store]; it is the outline's model.
package rows

import (
	"context"
	"math"
	"sync"
	"time"

	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/outline/model"
)

// Kind is what a row is.
type Kind uint8

// The kinds. The order is that of the Kind column.
const (
	Bucket  Kind = iota
	Folder       // a prefix; its name ends in "/"
	Object       // the current version
	Version      // an older version
	Marker       // a delete marker
	Upload       // an unfinished upload
)

// Item is one row as its owner knows it.
type Item struct {
	Kind Kind
	// Name is the raw part of the key below the parent: a folder's ends in "/", and "/" alone is an empty name.
	Name     string
	Size     int64
	Modified time.Time // zero: unknown
	Class    string
	ETag     string
	Version  string // of an unfinished upload its id
	// Latest tells of a delete marker that it is the one that hides the object.
	Latest bool
	Owner  string
	Region string // of buckets
	// Restoring and Until tell how far the restore of an archived object is.
	Restoring bool
	Until     time.Time
	// Encryption is known for few rows only.
	Encryption string
	// Note is grey text behind the name.
	Note string
}

// State says how far the listing of a folder is.
type State uint8

// The states of a folder.
const (
	Unlisted State = iota
	Listing        // pages are on their way
	Listed         // complete
	Stopped        // some pages came; the rest was not asked for
	Failed         // the listing failed; the note says why
)

// Config is what a store needs.
type Config struct {
	// Columns are the ids of the columns in the order in which the outline has them declared.
	Columns []string
	// Post runs a function on the window's thread; sorting and filtering of many rows come back through it.
	Post func(func())
	// Changed is called on the window's thread when the order or the filter of many rows has taken effect.
	Changed func(gone bool)
	// Base is the unit of sizes.
	Base units.Base
	// Now and Location are for showing times; nil is the system's.
	Now  func() time.Time
	Zone *time.Location
	// MixFolders sorts folders among the files instead of first.
	MixFolders bool
}

// rounds is how many listings of a folder are told apart.
const rounds = 1024

// inline is how many rows may be sorted or filtered at once on the window's thread.
const inline = 20_000

// Store is the rows. It belongs to the window's thread; only its own background work runs elsewhere.
type Store struct {
	cfg    Config
	at     storage.Location
	recs   table
	text   arena
	words  intern
	extras map[uint32]*extra
	dirs   []dir
	live   int
	old    bool // there are or were old versions, markers or uploads
	past   bool // the rows are what was: see Past
	round  uint16

	refreshes map[uint32]*refresh // new listings under way, by their folder

	order  order
	filter filter

	flat      []uint32 // ids of the rows to show, from top to bottom
	flatDirty bool
	pos       []uint32 // id → place in flat, right for places below posValid
	posValid  int

	work sync.WaitGroup
	stop context.CancelFunc
	ctx  context.Context
	jobs jobState
}

// dir is what a row with children has beside its record.
type dir struct {
	id    uint32
	kids  []uint32 // in the order of s.order
	shown int      // rows below it that are in flat; right only if it is open and shown
	state State
}

// extra is what few rows have.
type extra struct {
	etag, version, region, encryption, note string
	restoring                               bool
	until                                   time.Time
}

// New returns an empty store. Close it when done.
func New(cfg Config) *Store {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	if cfg.Post == nil {
		cfg.Post = func(f func()) { f() }
	}
	s := &Store{cfg: cfg}
	s.order = order{column: "name", mix: cfg.MixFolders}
	s.Reset(storage.Location{})
	return s
}

// Reset empties the store: its top rows are now what lies at the location at. Order and filter stay.
func (s *Store) Reset(at storage.Location) {
	s.cancelWork()
	s.at = at
	s.recs, s.text, s.words = table{}, arena{}, intern{}
	s.extras = map[uint32]*extra{}
	s.dirs = []dir{{}, {id: 0}} // the first is nobody's, the second is the top
	s.recs.add(rec{dir: 1, flags: flagOpen})
	s.live, s.old, s.past = 0, false, false
	s.refreshes = map[uint32]*refresh{}
	s.flat, s.flatDirty, s.pos, s.posValid = nil, false, nil, 0
}

// cancelWork stops the background work and begins a new life for what follows.
func (s *Store) cancelWork() {
	if s.stop != nil {
		s.stop()
	}
	if s.jobs.sorting != 0 {
		s.order = s.jobs.next
	}
	if s.jobs.filtering != 0 {
		s.filter = newFilter(s.jobs.wanted)
	}
	s.ctx, s.stop = context.WithCancel(context.Background()) // the store is the owner; Close and Reset end it
	s.jobs = jobState{gen: s.jobs.gen + 1}
}

// Close stops the background work and waits for its end.
func (s *Store) Close() {
	s.stop()
	s.work.Wait()
}

// At is the location of which the top rows are the content.
func (s *Store) At() storage.Location { return s.at }

// Count is the number of rows, shown or not.
func (s *Store) Count() int { return s.live }

// dirOf is the dir of a row that has children, making one if need be.
func (s *Store) dirOf(id uint32) *dir {
	r := s.recs.at(id)
	if r.dir == 0 {
		s.dirs = append(s.dirs, dir{id: id})
		r.dir = uint32(len(s.dirs) - 1)
	}
	return &s.dirs[r.dir]
}

// alive is the record of a key, nil when it is gone or never was.
func (s *Store) alive(k model.Key) *rec {
	if k >= model.Key(s.recs.len()) {
		return nil
	}
	if r := s.recs.at(uint32(k)); r.flags&flagDead == 0 {
		return r
	}
	return nil
}

// store puts an item into a record; name and parent are those of r already when only the rest is new.
func (s *Store) fill(id uint32, r *rec, it *Item) {
	r.kind, r.size = it.Kind, it.Size
	r.flags &^= flagLatest
	if it.Latest {
		r.flags |= flagLatest
	}
	s.old = s.old || byVersion(it.Kind)
	r.mod = math.MinInt64
	if !it.Modified.IsZero() {
		r.mod = it.Modified.UnixMilli()
	}
	r.class, r.owner = s.words.id(it.Class), s.words.id(it.Owner)
	var x extra
	if !r.packETag(it.ETag) {
		x.etag = it.ETag
	}
	r.ver, r.verLen = 0, 0
	switch n := len(it.Version); {
	case n > 255:
		x.version = it.Version
	case n > 0:
		r.ver, r.verLen = s.text.add(it.Version), uint8(n)
	}
	x.region, x.encryption, x.note = it.Region, it.Encryption, it.Note
	x.restoring, x.until = it.Restoring, it.Until
	if x != (extra{}) {
		s.extras[id] = &x
	} else if len(s.extras) > 0 {
		delete(s.extras, id)
	}
}

// create makes a record for an item below parent; it is in no list yet.
func (s *Store) create(parent uint32, it *Item) uint32 {
	r := rec{round: s.round % rounds, parent: parent, name: s.text.add(it.Name), nameLen: uint16(min(len(it.Name), math.MaxUint16))}
	id := s.recs.add(r)
	s.fill(id, s.recs.at(id), it)
	s.live++
	return id
}

// Get is the item of row k; false when it is gone.
func (s *Store) Get(k model.Key) (Item, bool) {
	r := s.alive(k)
	if r == nil || k == 0 {
		return Item{}, false
	}
	it := Item{Kind: r.kind, Name: string(s.name(r)), Size: r.size, Class: s.words.word(r.class), Owner: s.words.word(r.owner),
		ETag: r.unpackETag(), Version: string(s.text.bytes(r.ver, int(r.verLen))), Modified: r.modified(),
		Latest: r.flags&flagLatest != 0}
	if x := s.extras[uint32(k)]; x != nil {
		if x.etag != "" {
			it.ETag = x.etag
		}
		if x.version != "" {
			it.Version = x.version
		}
		it.Region, it.Encryption, it.Note, it.Restoring, it.Until = x.region, x.encryption, x.note, x.restoring, x.until
	}
	return it, true
}

func (s *Store) name(r *rec) []byte { return s.text.bytes(r.name, int(r.nameLen)) }

// Children is how many rows lie directly below k (zero is the top) and how far their listing is.
func (s *Store) Children(k model.Key) (int, State) {
	r := s.alive(k)
	if r == nil || r.dir == 0 {
		return 0, Unlisted
	}
	d := &s.dirs[r.dir]
	return len(d.kids), d.state
}

// ChildKeys is the rows directly below k in their order.
func (s *Store) ChildKeys(k model.Key) []model.Key {
	r := s.alive(k)
	if r == nil || r.dir == 0 {
		return nil
	}
	kids := s.dirs[r.dir].kids
	out := make([]model.Key, len(kids))
	for i, id := range kids {
		out[i] = model.Key(id)
	}
	return out
}

// SetState says how far the listing of k is; note is shown behind its name, empty for none.
func (s *Store) SetState(k model.Key, st State, note string) {
	if s.alive(k) == nil {
		return
	}
	s.dirOf(uint32(k)).state = st
	s.SetNote(k, note)
}

// SetNote shows grey text behind the name of k.
func (s *Store) SetNote(k model.Key, note string) {
	if s.alive(k) == nil || k == 0 {
		return
	}
	x := s.extras[uint32(k)]
	if x == nil {
		if note == "" {
			return
		}
		x = &extra{}
		s.extras[uint32(k)] = x
	}
	x.note = note
}

// Past says that the objects are versions of the past: the location of each names its version. Reset ends it.
func (s *Store) Past() { s.past = true }

// HasOld tells whether there may be old versions, delete markers or unfinished uploads among the rows.
func (s *Store) HasOld() bool { return s.old }

// Path is the location of row k; of zero it is that of the store. A key is the exact bytes that S3 has. An old version and a delete
// marker are named by their version; an object is the current version, whichever that is.
func (s *Store) Path(k model.Key) storage.Location {
	at := s.at
	if s.alive(k) == nil || k == 0 {
		return at
	}
	at.Version = ""
	var parts []string
	for id := uint32(k); id != 0; id = s.recs.at(id).parent {
		parts = append(parts, string(s.name(s.recs.at(id))))
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if at.Bucket == "" {
			at.Bucket = parts[i]
		} else {
			at.Key += parts[i]
		}
	}
	if it, ok := s.Get(k); ok && (it.Kind == Version || it.Kind == Marker || it.Kind == Object && s.past) {
		at.Version = it.Version
	}
	return at
}

// ParentKey is the row that holds k, zero for the top.
func (s *Store) ParentKey(k model.Key) model.Key {
	if r := s.alive(k); r != nil {
		return model.Key(r.parent)
	}
	return 0
}

// FindChild is the folder or object directly below parent with exactly that raw name, or zero. What only was there is not found.
func (s *Store) FindChild(parent model.Key, name string) model.Key {
	r := s.alive(parent)
	if r == nil || r.dir == 0 {
		return 0
	}
	for _, id := range s.dirs[r.dir].kids {
		if r := s.recs.at(id); !byVersion(r.kind) && string(s.name(r)) == name {
			return model.Key(id)
		}
	}
	return 0
}

func (s *Store) versionOf(id uint32, r *rec) []byte {
	if x := s.extras[id]; x != nil && x.version != "" {
		return []byte(x.version)
	}
	return s.text.bytes(r.ver, int(r.verLen))
}
