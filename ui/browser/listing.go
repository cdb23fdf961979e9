package browser

import (
	"context"
	"errors"
	"iter"
	"time"

	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// batchEvery is how often pages that came meanwhile are put on screen; the first page goes there at once.
const batchEvery = 100 * time.Millisecond

// listing is one folder that is being listed.
type listing struct {
	cancel  context.CancelFunc
	key     model.Key // of the row; zero is the top
	at      storage.Location
	refresh bool
	stopped bool
	n       int
}

// columns are the ids of the outline's columns in the order of their declaration.
func columns() []string {
	return []string{"name", "size", "modified", "class", "kind", "owner", "etag", "region", "extension", "version"}
}

func (vm *ViewModel) newStore() *rows.Store {
	return rows.New(rows.Config{Columns: columns(), Post: vm.Tasks.Post, Changed: func(gone bool) {
		if gone {
			vm.Face.Changed(RowsGone)
		} else {
			vm.Face.Changed(Rows)
		}
	}, Base: Base(vm.Preferences), Now: vm.Now, MixFolders: !preferences.FoldersFirst.Get(vm.Preferences)})
}

// Store is the rows; it is the outline's model.
func (vm *ViewModel) Store() *rows.Store { return vm.store }

// Listing tells whether a folder is being listed.
func (vm *ViewModel) Listing() bool { return len(vm.listings) > 0 }

// Expand lists the folder of row k unless it has been.
func (vm *ViewModel) Expand(k model.Key) {
	if _, st := vm.store.Children(k); st == rows.Unlisted || st == rows.Failed {
		vm.list(k, false)
	}
}

// list starts listing the folder of row k (zero: the top).
func (vm *ViewModel) list(k model.Key, refresh bool) {
	if vm.conn == nil {
		return
	}
	if old := vm.listings[k]; old != nil {
		old.cancel()
	}
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	l := &listing{cancel: cancel, key: k, at: vm.store.Path(k), refresh: refresh}
	vm.listings[k] = l
	if refresh {
		vm.store.BeginRefresh(k)
	}
	vm.store.SetState(k, rows.Listing, "")
	vm.Face.Changed(Status)
	s := vm.conn.Session
	owner, again, what := vm.wantsOwner(), vm.policy(), vm.contents()
	vm.Tasks.GoIn(ctx, func(ctx context.Context) {
		b := &batcher{vm: vm, l: l, again: again, what: what}
		var err error
		if l.at.IsRoot() {
			err = b.buckets(ctx, s)
		} else {
			err = b.contents(ctx, s, owner)
		}
		b.flush()
		vm.Tasks.Post(func() { vm.listed(l, err) })
	})
}

// policy is how requests of the window are tried again. Until the server has answered once a failure of the network is shown at
// once: the address may be wrong.
func (vm *ViewModel) policy() retry.Policy {
	p := retry.Policy{Tries: int(preferences.ConnectionRetry.Get(vm.Preferences))}
	if !vm.accepted {
		p.Final = func(err error) bool { return storage.KindOf(err) == storage.KindNetwork }
	}
	return p
}

// batcher turns pages into rows off the window's thread and hands them over in batches.
type batcher struct {
	vm      *ViewModel
	l       *listing
	again   retry.Policy
	what    contents
	came    bool            // a page of versions
	folders map[string]bool // that have come; nil: nobody asks
	items   []rows.Item
	last    time.Time
}

func (b *batcher) flush() {
	items := b.items
	b.items, b.last = nil, time.Now()
	if len(items) > 0 {
		b.vm.Tasks.Post(func() { b.vm.arrived(b.l, items) })
	}
}

func (b *batcher) page() {
	if time.Since(b.last) >= batchEvery {
		b.flush()
	}
}

func (b *batcher) buckets(ctx context.Context, s *storage.Session) error {
	for page, err := range retry.Pages(ctx, b.again, func() iter.Seq2[storage.BucketPage, error] { return s.Buckets(ctx) }) {
		if err != nil {
			return err
		}
		for _, v := range page.Buckets {
			b.items = append(b.items, rows.Item{Kind: rows.Bucket, Name: v.Name, Modified: v.Created, Region: v.Region, Owner: page.Owner.Name})
		}
		b.page()
	}
	return nil
}

func (b *batcher) objects(ctx context.Context, s *storage.Session, owner bool) error {
	prefix := b.l.at.Key
	for page, err := range retry.Objects(ctx, b.again, s, b.l.at.Bucket, prefix, storage.ListOptions{Delimiter: "/", Owner: owner, Restore: true}) {
		if err != nil {
			return err
		}
		for _, p := range page.Prefixes {
			b.folder(p[len(prefix):])
		}
		for _, e := range page.Entries {
			if len(e.Key) <= len(prefix) { // the folder's own marker
				continue
			}
			b.items = append(b.items, object(e, prefix))
		}
		b.page()
	}
	return nil
}

func object(e storage.Entry, prefix string) rows.Item {
	class := e.Class
	if class == "" {
		class = "STANDARD"
	}
	owner := e.Owner.Name
	if owner == "" {
		owner = e.Owner.ID
	}
	return rows.Item{Kind: rows.Object, Name: e.Key[len(prefix):], Size: e.Size, Modified: e.Modified, Class: class, ETag: e.ETag,
		Owner: owner, Restoring: e.Restore.Ongoing, Until: e.Restore.Until}
}

// arrived puts a batch on screen.
func (vm *ViewModel) arrived(l *listing, items []rows.Item) {
	if vm.listings[l.key] != l {
		return
	}
	l.n += len(items)
	vm.store.Append(l.key, vm.visible(items))
	vm.accept()
	vm.Face.Changed(Rows)
}

// visible leaves out hidden names unless they are shown.
func (vm *ViewModel) visible(items []rows.Item) []rows.Item {
	if preferences.ShowHidden.Get(vm.Preferences) {
		return items
	}
	hidden := preferences.HiddenRegex.Get(vm.Preferences)
	out := items[:0]
	for _, it := range items {
		name := it.Name
		if it.Kind == rows.Folder {
			name = name[:len(name)-1]
		}
		if name == "" || !hidden.MatchString(name) {
			out = append(out, it)
		}
	}
	return out
}

// accept is called once the server has answered with these credentials: a typed secret may now be kept.
func (vm *ViewModel) accept() {
	if vm.accepted {
		return
	}
	vm.accepted = true
	c := vm.conn
	vm.Face.Connected(c)
	vm.keep(c)
	vm.awaitAgain()
}

// listed ends a listing.
func (vm *ViewModel) listed(l *listing, err error) {
	if vm.listings[l.key] != l {
		return
	}
	delete(vm.listings, l.key)
	l.cancel()
	switch {
	case err == nil:
		vm.accept()
		vm.end(l, rows.Listed, "")
		if l.key == 0 {
			vm.rootErr = nil
		}
	case l.stopped || errors.Is(err, context.Canceled):
		vm.end(l, rows.Stopped, text.T("browser.stopped"))
	case !vm.accepted && storage.KindOf(err) == storage.KindAuth:
		vm.end(l, rows.Failed, "")
		vm.again(l.at, err)
		return
	default:
		vm.end(l, rows.Failed, explain.Error(err).Title)
		if l.key == 0 {
			vm.rootErr = err
		} else {
			vm.fail(report.Failure{What: l.at.String(), Err: err}, func() { vm.list(l.key, l.refresh) })
		}
	}
	vm.Face.Changed(RowsGone)
	vm.Face.Changed(Status)
	if l.key == 0 {
		waiting := vm.waiting
		vm.waiting = nil
		for _, f := range waiting {
			f()
		}
	}
}

func (vm *ViewModel) end(l *listing, st rows.State, note string) {
	if l.refresh {
		vm.store.EndRefresh(l.key, st == rows.Listed)
	}
	vm.store.SetState(l.key, st, note)
}

// again asks for other credentials and goes on where it was.
func (vm *ViewModel) again(at storage.Location, refused error) {
	spec := vm.spec
	vm.rootErr = refused
	vm.Face.Changed(RowsGone)
	vm.connect(spec, at, func(ctx context.Context) (*connect.Connection, error) {
		return vm.Connector.Again(ctx, spec, refused)
	})
}

// Stop ends every listing that runs and keeps what has come; a connection that is being opened is given up.
func (vm *ViewModel) Stop() {
	if vm.connecting != nil {
		vm.connecting()
		vm.connecting, vm.pending = nil, nil
		vm.Face.Changed(Connection)
	}
	vm.haltDeed()
	for _, l := range vm.listings {
		l.stopped = true
		l.cancel()
	}
}

// stopListings forgets every listing at once: their rows are about to go.
func (vm *ViewModel) stopListings() {
	for _, l := range vm.listings {
		l.cancel()
	}
	clear(vm.listings)
}

// Refresh lists again what is shown; rows keep their place and selection.
func (vm *ViewModel) Refresh() {
	if vm.conn == nil {
		return
	}
	if vm.rootErr != nil {
		vm.rootErr = nil
		vm.list(0, true)
		vm.Face.Changed(RowsGone)
		return
	}
	vm.list(0, true)
	for _, k := range vm.openFolders() {
		vm.list(k, true)
	}
}

// openFolders are the rows that have been listed and are open.
func (vm *ViewModel) openFolders() []model.Key {
	var out []model.Key
	var row model.Row
	for i := range vm.store.Len() {
		if i >= autoRefreshLimit {
			break
		}
		row.Wanted = none
		vm.store.Row(i, &row)
		if row.Expanded {
			out = append(out, row.Key)
		}
	}
	return out
}

// none asks a row for no cells.
var none = []bool{false, false, false, false, false, false, false, false, false, false}

// autoRefreshLimit is how many rows a window may have for refreshing by itself: above, the user does it when it suits.
const autoRefreshLimit = 20_000

// RefreshFolder lists a folder again if it is on screen.
func (vm *ViewModel) RefreshFolder(at storage.Location) {
	if vm.conn == nil {
		return
	}
	if at == vm.at {
		vm.list(0, true)
		return
	}
	for _, k := range vm.openFolders() {
		if vm.store.Path(k) == at {
			vm.list(k, true)
		}
	}
}

// RefreshBelow lists every folder on screen again that lies at or below one of the places, or holds one of them.
func (vm *ViewModel) RefreshBelow(places ...storage.Location) {
	if vm.conn == nil || vm.store.Len() > autoRefreshLimit {
		return
	}
	touches := func(at storage.Location) bool {
		for _, p := range places {
			if Inside(at, p) || p.Parent() == at {
				return true
			}
		}
		return false
	}
	if touches(vm.at) {
		vm.list(0, true)
	}
	for _, k := range vm.openFolders() {
		if touches(vm.store.Path(k)) {
			vm.list(k, true)
		}
	}
}

// Items are the selected rows as items, children of selected folders left out, in no particular order.
func (vm *ViewModel) Items(sel *model.Selection) []Item {
	out := make([]Item, 0, sel.Len())
	for k := range sel.All() {
		it, ok := vm.store.Get(k)
		if !ok || vm.coveredBy(sel, k) {
			continue
		}
		item := itemOf(vm.store.Path(k), it)
		item.Archived = rows.Archived(it.Class, it.Restoring, it.Until, vm.Now())
		out = append(out, item)
	}
	return out
}

// coveredBy tells whether a folder above k is selected too.
func (vm *ViewModel) coveredBy(sel *model.Selection, k model.Key) bool {
	for p := vm.store.ParentKey(k); p != 0; p = vm.store.ParentKey(p) {
		if sel.Has(p) {
			return true
		}
	}
	return false
}

// Folder is where something dropped on row k goes: the row if it is a folder or bucket, else what holds it; the top for zero.
func (vm *ViewModel) Folder(k model.Key) storage.Location {
	for ; k != 0; k = vm.store.ParentKey(k) {
		if it, ok := vm.store.Get(k); ok && (it.Kind == rows.Bucket || it.Kind == rows.Folder) {
			return vm.store.Path(k)
		}
	}
	return vm.at
}

// Target is where an upload or a paste goes: into the one selected folder or bucket, beside the one selected object, into what holds
// all of several rows, else into the open folder. The top means nowhere.
func (vm *ViewModel) Target(sel *model.Selection) storage.Location {
	if sel.Len() == 0 || sel.Len() > summaryLimit {
		return vm.at
	}
	first := true
	var parent model.Key
	for k := range sel.All() {
		if sel.Len() == 1 {
			return vm.Folder(k)
		}
		p := vm.store.ParentKey(k)
		if !first && p != parent {
			return vm.at
		}
		first, parent = false, p
	}
	return vm.Folder(parent)
}

// Siblings lists the folders in a place for the path bar's menu: one page, so it may be incomplete.
func (vm *ViewModel) Siblings(of storage.Location, done func([]storage.Location)) {
	s := vm.conn.Session
	tasks.Run(vm.Tasks, func(ctx context.Context) ([]storage.Location, error) {
		var out []storage.Location
		if of.IsRoot() {
			for page, err := range s.Buckets(ctx) {
				if err != nil {
					return out, err
				}
				for _, b := range page.Buckets {
					out = append(out, storage.Location{Bucket: b.Name})
				}
			}
			return out, nil
		}
		for page, err := range s.List(ctx, of.Bucket, of.Key, storage.ListOptions{Delimiter: "/"}) {
			if err != nil {
				return out, err
			}
			for _, p := range page.Prefixes {
				out = append(out, storage.Location{Bucket: of.Bucket, Key: p})
			}
			break
		}
		return out, nil
	}, func(list []storage.Location, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			vm.Face.Notice(explain.Error(err).Sentence)
			return
		}
		done(list)
	})
}
