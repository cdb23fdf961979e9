package browser

import (
	"context"
	"errors"
	"strings"
	"time"

	"pintail/internal/prompt"
	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser/rows"
	"pintail/ui/report"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
)

// Item is one selected row.
type Item struct {
	At     storage.Location
	Size   int64
	Folder bool // a folder or a bucket
	// Marker is a delete marker, and Latest one that hides the object. Upload is the id of an unfinished upload of At.
	Marker, Latest bool
	Upload         string
	// Class is the storage class of an object, and Archived tells whether it cannot be read now, as the listing says.
	Class    string
	Archived bool
}

// Bucket tells whether the item is a bucket.
func (i Item) Bucket() bool { return i.At.IsBucket() }

// add hands a transfer to the queue; a refusal is reported.
func (vm *ViewModel) add(r transfer.Request) {
	r.Connection = vm.conn.Ref
	if r.TargetConnection == "" && (r.Kind == transfer.Copy || r.Kind == transfer.Move) {
		r.TargetConnection = vm.conn.Ref
	}
	vm.enqueue(r)
}

func (vm *ViewModel) enqueue(r transfer.Request) { vm.enqueueThen(r, nil) }

// enqueueThen calls added with the number of the transfer once it is in the queue.
func (vm *ViewModel) enqueueThen(r transfer.Request, added func(transfer.ID)) {
	tasks.Run(vm.Tasks, func(ctx context.Context) (transfer.ID, error) { return vm.Queue.Add(ctx, r) },
		func(id transfer.ID, err error) {
			if err == nil {
				vm.own[id] = true
				if vm.sizes[id].state == transfer.Failed { // it was over before its number was known here
					vm.explainFailure(transfer.Transfer{ID: id, Connection: r.Connection, Files: int64(len(r.Sources))})
				}
				if added != nil {
					added(id)
				}
			} else if !errors.Is(err, context.Canceled) {
				vm.fail(report.Failure{Err: err}, func() { vm.enqueueThen(r, added) })
			}
		})
}

// explainFailure makes one report of what failed in a transfer that was begun here, with a button that tries only that again.
func (vm *ViewModel) explainFailure(t transfer.Transfer) {
	tasks.Run(vm.Tasks, func(ctx context.Context) (transfer.Summary, error) { return vm.Queue.Wait(ctx, t.ID) }, func(s transfer.Summary, err error) {
		if err != nil {
			return // removed meanwhile, or the program ends
		}
		var failed []report.Failure
		for _, e := range s.Errors {
			failed = append(failed, report.Failure{What: plain(e.Source), Err: e.Err})
		}
		if len(failed) == 0 && s.Err != nil {
			failed = append(failed, report.Failure{What: transfers.Names(t), Err: s.Err})
		}
		if len(failed) == 0 {
			return
		}
		again := func() { vm.do("", func(ctx context.Context) error { return vm.Queue.Resume(ctx, t.ID) }, nil) }
		p := Problem{Failures: failed, Total: int(t.Files), Retry: again}
		vm.mend(&p, t, s.Errors)
		vm.Face.Report(p)
	})
}

func sources(items []Item) []transfer.Source {
	out := make([]transfer.Source, len(items))
	for i, it := range items {
		out[i] = transfer.Source{Remote: it.At}
	}
	return out
}

// options are what the preferences say about transfers of a kind; bucket is an upload's target.
func (vm *ViewModel) options(k transfer.Kind, bucket string) transfer.Options {
	p := vm.Preferences
	o := transfer.Options{Existing: prompt.Ask}
	switch k {
	case transfer.Upload:
		o.Existing = vm.conn.Existing(p, string(k))
		o.PartSize = vm.conn.PartSize(p)
		o.Threshold = vm.conn.Threshold(p)
		o.PreserveTime = vm.conn.KeepTime(p)
		o.Ignore = preferences.UploadIgnore.Get(p)
		vm.conn.UploadDefaults(&o.Write, p, bucket)
	case transfer.Download:
		o.Existing = vm.conn.Existing(p, string(k))
		o.PreserveTime = preferences.DownloadTimestamp.Get(p)
		o.NoVerify = !preferences.DownloadVerify.Get(p)
	}
	return o
}

// SyncOptions are what the preferences say of a synchronization with a bucket.
func (vm *ViewModel) SyncOptions(bucket string) transfer.Options {
	if vm.conn == nil { // disconnected meanwhile
		return transfer.Options{}
	}
	o := vm.options(transfer.Upload, bucket)
	o.Existing, o.NoVerify = "", !preferences.DownloadVerify.Get(vm.Preferences)
	return o
}

// Upload sends local files and folders into a folder.
func (vm *ViewModel) Upload(paths []string, into storage.Location) {
	if vm.conn == nil || into.IsRoot() || len(paths) == 0 {
		return
	}
	if vm.ReadOnly() { // dropped; the command is off
		vm.Face.Notice(text.T("readonly.drop"))
		return
	}
	src := make([]transfer.Source, len(paths))
	for i, p := range paths {
		src[i] = transfer.Source{Local: p}
	}
	vm.add(transfer.Request{Kind: transfer.Upload, Sources: src, Target: transfer.Target{Remote: into}, Options: vm.options(transfer.Upload, into.Bucket)})
	vm.Face.Notice(text.N("browser.notice_upload", len(paths), len(paths), Where(into)))
}

// Download fetches items into a local folder, "" for the usual one.
func (vm *ViewModel) Download(items []Item, into string) {
	items = readable(items)
	if vm.conn == nil || len(items) == 0 {
		return
	}
	if into == "" {
		into = vm.DownloadFolder()
	}
	vm.Face.Notice(text.N("browser.notice_download", len(items), len(items), into))
	if !vm.past.IsZero() {
		folders, files := parted(items)
		if len(folders) > 0 {
			vm.downloadPast(folders, into)
		}
		if items = files; len(items) == 0 {
			return
		}
	}
	vm.add(transfer.Request{Kind: transfer.Download, Sources: sources(items), Target: transfer.Target{Local: into},
		Options: vm.options(transfer.Download, "")})
}

// DownloadFolder is where downloads go.
func (vm *ViewModel) DownloadFolder() string {
	if d := preferences.DownloadFolder.Get(vm.Preferences); d != "" {
		return d
	}
	return vm.Downloads
}

// Rename gives an item another name in its folder. It runs as a transfer: copied, proved, then deleted.
func (vm *ViewModel) Rename(it Item, name string) {
	if vm.conn == nil || name == it.At.Name() || it.Bucket() {
		return
	}
	to := WithName(it.At, name)
	r := transfer.Request{Connection: vm.conn.Ref, TargetConnection: vm.conn.Ref, Kind: transfer.Move, Sources: sources([]Item{it}),
		Target: transfer.Target{Remote: to, Exact: true}, Options: vm.options(transfer.Move, "")}
	vm.destroying(vm.Word(), renaming(it.At.Name()), func() { vm.enqueue(r) })
}

// Duplicate copies one item under another name beside it.
func (vm *ViewModel) Duplicate(it Item, name string) {
	to := WithName(it.At, name)
	vm.add(transfer.Request{Kind: transfer.Copy, Sources: sources([]Item{it}), Target: transfer.Target{Remote: to, Exact: true},
		Options: vm.options(transfer.Copy, "")})
}

// Move puts items into another folder; Copy leaves them where they are too.
func (vm *ViewModel) Move(items []Item, into storage.Location, keep bool) {
	kind := transfer.Move
	if keep {
		kind = transfer.Copy
	}
	items = movable(items, into, keep)
	if vm.conn == nil || len(items) == 0 || into.IsRoot() {
		return
	}
	r := transfer.Request{Connection: vm.conn.Ref, TargetConnection: vm.conn.Ref, Kind: kind, Sources: sources(items),
		Target: transfer.Target{Remote: into}, Options: vm.options(kind, "")}
	if keep {
		vm.enqueue(r)
		return
	}
	vm.destroying(vm.Word(), moving(len(items)), func() { vm.enqueue(r) })
}

// movable leaves out what would go into itself, or is there already.
func movable(items []Item, into storage.Location, keep bool) []Item {
	var out []Item
	for _, it := range items {
		if it.Bucket() || !it.content() || it.Old() && !keep || it.Folder && Inside(into, it.At) || !keep && it.At.Parent() == into {
			continue
		}
		out = append(out, it)
	}
	return out
}

// CanMove tells whether a drop of items there does something.
func CanMove(items []Item, into storage.Location, keep bool) bool {
	return !into.IsRoot() && len(movable(items, into, keep)) > 0
}

// NewFolder makes a folder in another one.
func (vm *ViewModel) NewFolder(at storage.Location, name string, done func()) {
	s, again := vm.conn.Session, vm.policy()
	vm.do(name, func(ctx context.Context) error {
		return again.Do(ctx, func() error { return s.MakeFolder(ctx, at.Child(name, true)) })
	}, func() {
		vm.RefreshFolder(at)
		if done != nil {
			done()
		}
	})
}

// NewBucket makes a bucket in a region, "" for the connection's own.
func (vm *ViewModel) NewBucket(name, region string, done func()) {
	s, again := vm.conn.Session, vm.policy()
	vm.do(name, func(ctx context.Context) error {
		return again.Do(ctx, func() error { return s.MakeBucket(ctx, name, storage.MakeBucketOptions{Region: region}) })
	}, func() {
		vm.RefreshFolder(storage.Location{})
		if done != nil {
			done()
		}
	})
}

// Fate is what a deletion does to objects.
type Fate int

// The fates.
const (
	FateUnknown   Fate = iota // it could not be found out
	FateDestroyed             // there are no versions: gone for ever
	FateHidden                // a delete marker hides them, the versions stay
	FateNull                  // versioning is suspended: the null version is destroyed
)

// DeletePlan is what is known before a deletion, or another change of all that is selected, is confirmed. Counting goes on while the
// question is shown.
type DeletePlan struct {
	Items            []Item
	Objects          int64 // found so far in folders, buckets and selected files
	InBuckets        int64 // of these in buckets, which must be empty to be removed
	Bytes            int64
	Archived         int64 // of the objects, those that cannot be read before they are restored
	Restorable       int64 // of them and of the versions, those of classes that are archives or may be
	Folders, Buckets int
	Counting, More   bool // More: counting stopped at its limit, or because it was refused
	Fate             Fate
	Old              DeleteOld
}

// countLimit bounds the counting of a deletion: beyond it the number does not help the decision.
const countLimit = 100_000

// PlanDelete finds out what a deletion would do and calls changed on the window's thread as it learns. cancel ends it.
func (vm *ViewModel) PlanDelete(items []Item, changed func(DeletePlan)) (cancel func()) {
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	plan := DeletePlan{Items: items}
	var folders []storage.Location
	for _, it := range items {
		if it.Archived || !it.Folder && storage.MayBeArchived(it.Class) {
			plan.Restorable++
		}
		switch {
		case it.Bucket():
			plan.Buckets++
			folders = append(folders, it.At)
		case it.Folder:
			plan.Folders++
			folders = append(folders, it.At)
		case it.Old():
			plan.Old.add(it)
		default:
			plan.Objects++
			plan.Bytes += it.Size
			if it.Archived {
				plan.Archived++
			}
		}
	}
	plan.Counting = len(folders) > 0
	changed(plan)
	s, again := vm.conn.Session, vm.policy()
	tell := func(p DeletePlan) {
		vm.Tasks.Post(func() {
			if ctx.Err() == nil {
				changed(p)
			}
		})
	}
	vm.Tasks.GoIn(ctx, func(ctx context.Context) {
		(&counter{s: s, again: again, plan: plan, tell: tell, now: vm.Now}).run(ctx, folders)
	})
	return cancel
}

// counter counts what is below folders and finds the fate from the first object it meets.
type counter struct {
	s     *storage.Session
	again retry.Policy
	plan  DeletePlan
	tell  func(DeletePlan)
	last  time.Time
	now   func() time.Time
}

func (c *counter) run(ctx context.Context, folders []storage.Location) {
	for _, it := range c.plan.Items {
		if !it.Folder && !it.Old() {
			c.fate(ctx, it.At)
			break
		}
	}
	for _, f := range folders {
		for page, err := range retry.Objects(ctx, c.again, c.s, f.Bucket, f.Key, storage.ListOptions{Restore: true}) {
			if err != nil {
				c.plan.More = true
				break
			}
			for _, e := range page.Entries {
				c.plan.Objects++
				c.plan.Bytes += e.Size
				if storage.MayBeArchived(e.Class) {
					c.plan.Restorable++
				}
				if rows.Archived(e.Class, e.Restore.Ongoing, e.Restore.Until, c.now()) {
					c.plan.Archived++
				}
			}
			if f.IsBucket() {
				c.plan.InBuckets += int64(len(page.Entries))
			}
			if len(page.Entries) > 0 && c.plan.Fate == FateUnknown {
				c.fate(ctx, storage.Location{Bucket: f.Bucket, Key: page.Entries[0].Key})
			}
			if c.plan.Objects >= countLimit {
				c.plan.More = true
				break
			}
			if now := time.Now(); now.Sub(c.last) > 200*time.Millisecond {
				c.last = now
				c.tell(c.plan)
			}
		}
	}
	c.plan.Counting = false
	c.tell(c.plan)
}

// fate asks for one object's version: right for the bucket as it is for most of its objects. An object without one, or with the null
// version, may be older than the versioning of its bucket, which is asked for then.
func (c *counter) fate(ctx context.Context, l storage.Location) {
	info, err := c.s.Stat(ctx, l)
	if err != nil {
		return
	}
	if v := info.Location.Version; v != "" && v != "null" {
		c.plan.Fate = FateHidden
		return
	}
	c.plan.Fate = FateDestroyed
	if info.Location.Version == "null" {
		c.plan.Fate = FateNull
	}
	if v, err := c.s.Versioning(ctx, storage.Location{Bucket: l.Bucket}); err == nil && v.Status == "Enabled" {
		c.plan.Fate = FateHidden
	}
}

// Delete deletes items: objects and folders as a transfer, empty buckets at once after their contents.
func (vm *ViewModel) Delete(items []Item) {
	if vm.conn != nil && len(items) > 0 {
		vm.destroying(vm.Word(), deleting(items), func() { vm.delete(items) })
	}
}

func (vm *ViewModel) delete(items []Item) {
	var objects, uploads []Item
	var buckets []string
	for _, it := range items {
		switch {
		case it.Bucket():
			buckets = append(buckets, it.At.Bucket)
		case it.Upload != "":
			uploads = append(uploads, it)
		default:
			objects = append(objects, it)
		}
	}
	if len(objects) > 0 {
		vm.add(transfer.Request{Kind: transfer.Delete, Sources: sources(objects)})
	}
	if len(buckets) > 0 {
		vm.removeBuckets(buckets)
	}
	vm.abortUploads(uploads)
}

// removeBuckets removes buckets, which must be empty; what fails is one report.
func (vm *ViewModel) removeBuckets(names []string) {
	s, policy := vm.conn.Session, vm.policy()
	tasks.Run(vm.Tasks, func(ctx context.Context) ([]report.Failure, error) {
		var failed []report.Failure
		for _, n := range names {
			if err := policy.Do(ctx, func() error { return s.RemoveBucket(ctx, n) }); err != nil {
				failed = append(failed, report.Failure{What: n, Err: err})
			}
		}
		return failed, ctx.Err()
	}, func(failed []report.Failure, err error) {
		if err != nil {
			return
		}
		vm.RefreshFolder(storage.Location{})
		if len(failed) > 0 {
			again := make([]string, len(failed))
			for i, f := range failed {
				again[i] = f.What
			}
			vm.Face.Report(Problem{Failures: failed, Total: len(names), Retry: func() { vm.removeBuckets(again) }})
		}
	})
}

// Where is a folder in words, with the folders that hold it: "bucket/raw".
func Where(l storage.Location) string {
	if l.IsRoot() {
		return "/"
	}
	return plain(strings.TrimSuffix(l.Bucket+"/"+l.Key, "/"))
}

// Title is a place in words: the folder's name, or the bucket's.
func Title(l storage.Location) string {
	if l.IsRoot() {
		return "/"
	}
	return l.Name()
}
