package transfer

import (
	"time"

	"pintail/internal/prompt"
	"pintail/storage"
)

// ID names a transfer in the journal. It is never used again.
type ID int64

// Kind is what a transfer does.
type Kind string

// The kinds of transfers.
const (
	Upload   Kind = "upload"   // local files to objects
	Download Kind = "download" // objects to local files
	Copy     Kind = "copy"     // objects to objects, by the server or, between two connections, through this machine
	Move     Kind = "move"     // a copy that deletes each source once its copy is proved
	Delete   Kind = "delete"   // objects, or everything below a folder
	Change   Kind = "change"   // of what belongs to objects beside their bytes: see [Changing]
	Restore  Kind = "restore"  // of archived objects, so that they can be read: see [Restoring]
)

// Source is what is transferred: a local path or a remote location, never both. A folder (a local directory, a key that
// ends in "/", or a bucket) stands for everything below it.
type Source struct {
	Local  string           `json:",omitempty"`
	Remote storage.Location `json:",omitzero"`
}

// Target is where the sources go: a local path or a remote location. Unused by [Delete], [Change] and [Restore].
type Target struct {
	Local  string           `json:",omitempty"`
	Remote storage.Location `json:",omitzero"`
	// Exact: this is the very name of the one source (of a folder: what is below it comes directly below this name).
	// Otherwise it is the folder that the sources are put into, each under its own name.
	Exact bool `json:",omitempty"`
}

// Symlinks says what an upload does with symbolic links.
type Symlinks string

// The policies for symbolic links.
const (
	FollowSymlinks Symlinks = "follow" // as if the file or folder were there; a loop is cut and named. The default
	SkipSymlinks   Symlinks = "skip"
	FailSymlinks   Symlinks = "fail" // each link is a failed item
)

// Options says how a transfer is made. The zero value of a field has the meaning given with it.
type Options struct {
	Existing     prompt.Action        `json:",omitempty"` // of a target that is there; "" = overwrite
	Write        storage.WriteOptions // of uploads and copies; an empty content type is found by name and content
	ReplaceMeta  bool                 `json:",omitempty"` // a copy takes Write instead of what the source object has
	PartSize     int64                `json:",omitempty"` // 0 = 10 MiB; grows so that 10,000 parts suffice
	Threshold    int64                `json:",omitempty"` // files above it are uploaded in parts; 0 = 100 MiB
	NoVerify     bool                 `json:",omitempty"` // downloads are compared by size only
	PreserveTime bool                 `json:",omitempty"` // uploads record the file's time, downloads set it
	Symlinks     Symlinks             `json:",omitempty"` // "" = follow
	Ignore       []string             `json:",omitempty"` // file names (globs) that are left out of folders
	Include      []string             `json:",omitempty"` // if any: only paths below the folder that match one (globs, **)
	Exclude      []string             `json:",omitempty"` // paths below the folder that are left out (globs, **)
	Older, Newer time.Duration        `json:",omitempty"` // only what was changed longer, or less, than so long ago
	Plain        bool                 `json:",omitempty"` // Copy, Move and Change: an access list, a lock and tags that do not come by themselves are left behind
	// KeyFile is the file of a key for SSE-C (see [storage.ReadCustomerKey]) that objects are written and read with. Its path is
	// recorded, the key is not: the file must be there whenever the transfer runs.
	KeyFile  string `json:",omitempty"`
	Versions bool   `json:",omitempty"` // Delete: all versions and delete markers of each key
}

// Request asks for a transfer. Connection and TargetConnection are opaque to the engine: they are recorded in the journal and
// given to [Config.Connect]; they must hold no secret.
type Request struct {
	Kind             Kind
	Connection       string // of the remote side; of the source for [Copy] and [Move]
	TargetConnection string `json:",omitempty"` // of the target of [Copy] and [Move]; "" = Connection
	Sources          []Source
	Target           Target
	Options          Options
	Sync             *SyncOptions            `json:",omitempty"` // of [Sync]
	Edit             *storage.Edit           `json:",omitempty"` // of [Change]
	Restore          *storage.RestoreOptions `json:",omitempty"` // of [Restore]
	// Adopt is an unfinished upload, begun by somebody else, that the [Upload] of one file goes on with. It belongs to the transfer
	// from then on. What its creator gave the object (class, encryption, metadata) stays: Options.Write does not count.
	Adopt *storage.Upload `json:",omitempty"`
	// OnItem is called when an item ends, one call at a time, from a goroutine of the queue. Nil = none. Not recorded.
	OnItem func(Item) `json:"-"`
}

// State is how a transfer stands.
type State string

// The states of a transfer.
const (
	Queued   State = "queued"   // accepted, not begun
	Planning State = "planning" // sources are being listed; items may run already
	Running  State = "running"
	Paused   State = "paused"  // by a person, or because credentials have ended: see Err
	Waiting  State = "waiting" // for the network; goes on by itself
	Stopped  State = "stopped" // by a person, or cut off by the end of a process: see Interrupted
	Done     State = "done"    // every item is done or skipped
	Failed   State = "failed"  // some items are not done; Resume tries those again
	Foreign  State = "foreign" // another process owns it
)

// Ended tells whether nothing more happens by itself.
func (s State) Ended() bool { return s == Done || s == Failed || s == Stopped }

// Transfer is one transfer as a list shows it. Nothing is formatted.
type Transfer struct {
	ID                                         ID
	Kind                                       Kind
	State                                      State
	Names                                      []string // of the first three sources
	NameCount                                  int
	From, To                                   string                  // raw: a path or an s3:// address
	Edit                                       *storage.Edit           // of a [Change]; the engine's own: not to be changed
	Restore                                    *storage.RestoreOptions // of a [Restore]; the same
	Connection, TargetConnection               string
	Files, FilesDone, Skipped, Failed, Unknown int64 // Files counts all items found so far
	Bytes, BytesDone                           int64
	Planned                                    bool          // Files and Bytes are final
	Interrupted                                bool          // Stopped because its process ended, not by a person
	Rate                                       float64       // bytes a second, of the last seconds
	Left                                       time.Duration // -1 = unknown: not planned to the end, or nothing moves
	NextTry                                    time.Time     // when the next try is made, if nothing gets through now; zero = it is under way
	Message                                    string        // one sentence on why it stands as it does; may be empty
	Err                                        error         // what Message is about
	Added, Started, Ended                      time.Time     // zero = not yet
	Priority                                   int           // its place in the order of [Queue.SetPriority], 1 = first; 0 = behind all that have one
	Owner                                      string        // who runs it, if [Foreign]
	Revision                                   uint64
}

// Result is how an item ended. There is no fifth.
type Result string

// The results of items.
const (
	Pending       Result = ""        // not ended
	ResultDone    Result = "done"    // proved, see Proof
	ResultFailed  Result = "failed"  // nothing visible is left of it but what [ErrNotCarried] says; may be resumed
	ResultUnknown Result = "unknown" // the request may have taken effect and that cannot be found out now
	ResultSkipped Result = "skipped" // on purpose: see Note
)

// Item is one file or object of a transfer. ID counts from 1 in the order of planning.
type Item struct {
	ID             int64
	Source, Target string // raw: a path or an s3:// address
	Bytes, Done    int64  // Bytes is -1 until known
	Result         Result
	Running        bool
	Proof          storage.Proof
	Version        string // of the object that was written
	Err            error
	Note           string // what a person should know: renamed, started anew, why skipped
	Seconds        float64
}

// ItemError is the failure of one item.
type ItemError struct {
	Item           int64
	Source, Target string
	Err            error
}

// Summary is what a transfer came to.
type Summary struct {
	State                          State
	Done, Skipped, Failed, Unknown int64
	Bytes                          int64 // of the items that are done
	Seconds                        float64
	Errors                         []ItemError // the first 1,000
	Err                            error       // why the transfer as a whole ended, if not by its items
}

// Limits bounds what all transfers together use. It may be changed while they run.
type Limits struct {
	Connections        int   // requests in flight, a hard cap; 0 = adapts by itself
	UpBytes, DownBytes int64 // a second; 0 = none
}
