package transfer

import (
	"errors"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// Sync makes a target like its source, or with [SyncOptions.Mirror] two sides like each other. Its request has one source and
// one target, each a folder (a local directory, a key that ends in "/", or a bucket) and not both local. It is planned by
// [Queue.PlanSync], shown, and only then carried out by [SyncPlan.Start].
const Sync Kind = "sync"

// Compare says how two files that are on both sides are told apart.
type Compare string

// The ways to compare. Sizes are always compared first.
const (
	CompareTime     Compare = "mtime"    // and the time: see [SyncOptions.Compare]. The default
	CompareSize     Compare = "size"     // nothing but the size
	CompareChecksum Compare = "checksum" // and the content, by what the server keeps of it; nothing is downloaded
)

// SyncOptions says how a [Sync] is made.
type SyncOptions struct {
	// Mirror: what is missing on one side comes from the other, of what differs the newer one wins. Nothing is deleted. Needs
	// one local side.
	Mirror bool `json:",omitempty"`
	// Delete removes from the target what the source does not have. It needs both sides to have been listed to their ends.
	Delete bool `json:",omitempty"`
	// MaxDelete: more deletions than this and nothing at all is done. Nil = the prompter is asked before any deletion.
	MaxDelete *int64 `json:",omitempty"`
	// Compare; "" = [CompareTime], by which two files of one size are the same
	//   - to the server: when the local time is not after the object's Last-Modified, as with aws s3 sync, or it is the time in
	//     the object's metadata "mtime" (the form of rclone, which is also what is written);
	//   - from the server: when the local time is, to the second, the object's Last-Modified, or its metadata "mtime". Here aws
	//     s3 sync would miss a newer object;
	//   - both ways: as from the server, else when a checksum or an MD5 says so;
	//   - from server to server: when the ETags are equal or the target is not older.
	// The metadata costs a request, made only where Last-Modified does not settle it.
	Compare Compare `json:",omitempty"`
	// SkipExisting leaves alone whatever the target has, the same or not.
	SkipExisting bool `json:",omitempty"`
}

// SyncClass is what a plan found out about one name.
type SyncClass uint8

// The classes. Of what is the same nothing but the number is kept.
const (
	SyncNew      SyncClass = iota + 1 // one side only
	SyncChanged                       // both sides, to be replaced on one
	SyncDeleted                       // the target only, to be deleted there
	SyncConflict                      // both sides, and nothing says which is right; or two names that exclude each other
	SyncProblem                       // cannot be transferred: see Err
	SyncLeft                          // left out on purpose: links, pipes, unfinished downloads
)

// SyncReason is why an entry is what it is.
type SyncReason string

// The reasons.
const (
	WhyOnlyHere SyncReason = "only"    // it is on one side only
	WhySize     SyncReason = "size"    // sizes differ
	WhyNewer    SyncReason = "newer"   // the source is newer
	WhyTime     SyncReason = "time"    // times differ, and the source is older
	WhyContent  SyncReason = "content" // checksums differ
	WhyUnsure   SyncReason = "unsure"  // both differ and neither is newer
	WhyName     SyncReason = "name"    // a file and a folder, or two names that the disk takes for one
	WhyError    SyncReason = "error"   // see Err
	WhyLeft     SyncReason = "left"    // see Err
)

// SyncSide is a file or object of an entry.
type SyncSide struct {
	Name     string // raw: a path or an s3:// address
	There    bool   // it exists; else it is where it would be
	Size     int64
	Modified time.Time
}

// SyncEntry is one line of a plan. Do is [Upload], [Download], [Copy] or [Delete]; "" where nothing can be done. Of a deletion Target
// is what is deleted. Folder: an empty folder. On: it will be carried out, or of a conflict or problem that it will be
// reported; deletions that are held back cannot be switched on.
type SyncEntry struct {
	Index          int // of the entry in the plan, from 0
	Key            string
	Class          SyncClass
	Do             Kind
	Why            SyncReason
	Source, Target SyncSide
	Bytes          int64 // to be moved
	Folder         bool
	On             bool
	Err            error
}

// Reason is a sentence on why the entry is what it is.
func (e SyncEntry) Reason() string {
	switch e.Why {
	case WhyOnlyHere:
		if e.Class == SyncDeleted {
			return text.T("sync.why.extra")
		}
		return text.T("sync.why.only")
	case WhySize:
		return text.T("sync.why.size")
	case WhyNewer:
		return text.T("sync.why.newer")
	case WhyTime:
		return text.T("sync.why.time")
	case WhyContent:
		return text.T("sync.why.content")
	case WhyUnsure:
		return text.T("sync.why.unsure")
	case WhyName:
		return text.T("sync.why.name")
	case WhyLeft:
		return leftNote(e.Err)
	}
	if e.Err != nil {
		return e.Err.Error()
	}
	return ""
}

// SyncCount is a number of entries and the bytes they move.
type SyncCount struct{ Files, Bytes int64 }

// SyncTotals sums a plan up. Up, Down, Copied and Deleted count what is switched on, New to Left whatever was found.
type SyncTotals struct {
	New, Changed, Extra, Conflicts, Problems, Left SyncCount
	Same                                           int64 // names that need nothing
	Kept                                           int64 // names that only the target has, and keeps: no Delete
	Up, Down, Copied, Deleted                      SyncCount
	Requests                                       int64 // that carrying it out will take, about
	Seen                                           int64 // names compared so far
	Held                                           error // why deletions are held back; nil = they are not
	Done                                           bool  // the plan is complete
}

// Differs tells whether anything is not as it should be.
func (t SyncTotals) Differs() bool {
	return t.New.Files+t.Changed.Files+t.Extra.Files+t.Conflicts.Files+t.Problems.Files > 0
}

// On is the number of entries that will be carried out.
func (t SyncTotals) On() int64 { return t.Up.Files + t.Down.Files + t.Copied.Files + t.Deleted.Files }

var (
	// ErrPlanChanged says that a file or object is not what it was when the plan was made. It was left as it is.
	ErrPlanChanged = errors.New("changed since the plan was made")
	// ErrPlanLost says that a plan was cut off before all of it was recorded. Nothing of it was carried out: it has to be made anew.
	ErrPlanLost = errors.New("the plan was cut off before it was recorded")
	// ErrNothingToDo says that both sides are as they should be.
	ErrNothingToDo = errors.New("nothing differs")
	// ErrConflict says that both sides of a name differ and nothing tells which is right, or that names exclude each other.
	ErrConflict = errors.New("both sides differ and nothing tells which is right")
	// ErrOrder says that a listing is not in the order of its keys, so that nothing can be concluded from what is not in it.
	ErrOrder = errors.New("the listing is not in the order of its keys")
	// ErrHeld says that deletions are held back: a side was not read to its end without a failure, or other items failed.
	ErrHeld = errors.New("nothing is deleted because not everything else went well")
	// ErrEmptySource says that the source has nothing at all, so that everything in the target would be deleted.
	ErrEmptySource = errors.New("the source is empty, so everything in the target would be deleted")
	// ErrTooManyDeletes says that more would be deleted than allowed. Nothing was done.
	ErrTooManyDeletes = errors.New("more would be deleted than is allowed")
	// ErrNotAgreed says that a person was asked and did not agree, or that nobody was there to ask. Nothing was done.
	ErrNotAgreed = errors.New("the deletion was not agreed to")
)

// syncGuard is what an item of a sync finds at both ends, or it is left alone. It is in the journal as JSON.
type syncGuard struct {
	Do     Kind   `json:"do"`
	Local  bool   `json:"local,omitempty"` // of a deletion: it is a local file
	Folder bool   `json:"folder,omitempty"`
	There  bool   `json:"there,omitempty"` // the target exists
	Size   int64  `json:"size,omitempty"`  // of the target
	Time   int64  `json:"time,omitempty"`  // of a local target, in Unix nanoseconds
	ETag   string `json:"etag,omitempty"`  // of a remote target
	Source int64  `json:"source"`          // size of the source
	// Keep is how much of a local path is kept when a file in it is deleted: folders below it go once they are empty.
	Keep int `json:"keep,omitempty"`
}

// fileState is one file or object as a walk or a listing tells it.
type fileState struct {
	size     int64
	modified time.Time
	etag     string
	class    string
}

func stateOf(e storage.Entry) fileState {
	return fileState{size: e.Size, modified: e.Modified, etag: e.ETag, class: e.Class}
}

// leftNote is skipNote for an error that was in a plan.
func leftNote(err error) string {
	for _, why := range []error{localfs.ErrLink, localfs.ErrSpecial, localfs.ErrLoop, localfs.ErrTemp} {
		if errors.Is(err, why) {
			return skipNote(why)
		}
	}
	return ""
}
