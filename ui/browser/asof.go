package browser

import (
	"context"
	"iter"
	"time"

	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/browser/rows"
)

// Past is the time that the window shows; zero for now.
func (vm *ViewModel) Past() time.Time { return vm.past }

// AsOf shows the folder as it was at a time, for reading only; the zero time shows it as it is now.
func (vm *ViewModel) AsOf(at time.Time) {
	if vm.conn == nil || vm.at.IsRoot() {
		return
	}
	vm.past = at
	vm.show(vm.at)
}

// thens tells what the keys at a place were, page by page. After a failure it goes on behind the last key that came.
func thens(ctx context.Context, again retry.Policy, s *storage.Session, loc storage.Location, at time.Time, o storage.ListOptions) iter.Seq2[storage.AsOfPage, error] {
	return func(yield func(storage.AsOfPage, error) bool) {
		stopped := false
		err := again.Do(ctx, func() error {
			for page, err := range s.AsOf(ctx, loc, at, o) {
				if err != nil {
					return err
				}
				if n := len(page.Keys); n > 0 {
					o.StartAfter = page.Keys[n-1].Key
				}
				if stopped = !yield(page, nil); stopped {
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(storage.AsOfPage{}, err)
		}
	}
}

// asOf lists a folder as it was. A folder is shown when there is anything below it, then or now.
func (b *batcher) asOf(ctx context.Context, s *storage.Session) error {
	at := b.l.at
	b.folders = map[string]bool{}
	for page, err := range thens(ctx, b.again, s, at, b.what.past, storage.ListOptions{Delimiter: "/"}) {
		if err != nil {
			return err
		}
		for _, p := range page.Prefixes {
			b.folder(p[len(at.Key):])
		}
		for _, k := range page.Keys {
			if k.Existed() && len(k.Key) > len(at.Key) {
				b.items = append(b.items, then(k, at.Key))
			}
		}
		b.page()
	}
	return nil
}

// then is what a key was as a row, with what has become of it.
func then(k storage.Then, prefix string) rows.Item {
	it := object(k.Was, prefix)
	it.Version, it.Restoring, it.Until = k.Was.Version, false, time.Time{}
	switch {
	case !k.Exists():
		it.Note = text.T("old.since_deleted")
	case k.Action != storage.RewindNothing:
		it.Note = text.T("old.since_changed")
	}
	return it
}

// RewindPlan is what there is to do to put a folder back as it was.
type RewindPlan struct {
	At                               storage.Location
	To                               time.Time
	Copies, Undeletes, Deletes, Same int64
	Bytes                            int64          // that are copied
	First                            []storage.Then // the first of what changes
	Counting                         bool
	Err                              error // the count is not complete
}

// Changes is how many keys change.
func (p RewindPlan) Changes() int64 { return p.Copies + p.Undeletes + p.Deletes }

// planShown bounds how many changes a preview lists; all are counted.
const planShown = 5000

func (p *RewindPlan) take(k storage.Then) {
	switch k.Action {
	case storage.RewindNothing:
		p.Same++
		return
	case storage.RewindCopy:
		p.Copies++
		p.Bytes += k.Was.Size
	case storage.RewindUndelete:
		p.Undeletes++
	case storage.RewindDelete:
		p.Deletes++
	}
	if len(p.First) < planShown {
		p.First = append(p.First, k)
	}
}

// PlanRewind counts what putting a folder or bucket back as it was would change, and calls changed on the window's thread as it
// learns. cancel ends it.
func (vm *ViewModel) PlanRewind(loc storage.Location, to time.Time, changed func(RewindPlan)) (cancel func()) {
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	s, again := vm.session(), vm.policy()
	p := RewindPlan{At: loc, To: to, Counting: true}
	tell := func(p RewindPlan) {
		vm.Tasks.Post(func() {
			if ctx.Err() == nil {
				changed(p)
			}
		})
	}
	changed(p)
	vm.Tasks.GoIn(ctx, func(ctx context.Context) {
		last := time.Now()
		for k, err := range keysThen(ctx, again, s, loc, to) {
			if err != nil {
				p.Err = err
				break
			}
			p.take(k)
			if now := time.Now(); now.Sub(last) > 2*batchEvery {
				last = now
				tell(p)
			}
		}
		p.Counting = false
		tell(p)
	})
	return cancel
}

// keysThen are all keys below a place as they were. What is a copy of what was needs nothing: a rewind that was stopped goes on where
// it ended.
func keysThen(ctx context.Context, again retry.Policy, s *storage.Session, loc storage.Location, to time.Time) iter.Seq2[storage.Then, error] {
	return func(yield func(storage.Then, error) bool) {
		for page, err := range thens(ctx, again, s, loc, to, storage.ListOptions{}) {
			if err != nil {
				yield(storage.Then{}, err)
				return
			}
			for _, k := range page.Keys {
				if k.Action == storage.RewindCopy {
					same := false
					if err := again.Do(ctx, func() (err error) { same, err = s.Alike(ctx, loc.Bucket, k); return err }); err == nil && same {
						k.Action = storage.RewindNothing // what cannot be compared is put back
					}
				}
				if !yield(k, nil) {
					return
				}
			}
		}
	}
}

// Rewind puts what a plan counted back as it was: old versions are copied, delete markers removed, and what was not there gets one. It
// lists again, so nothing of a large folder is held, and does what there is to do then. Afterwards the window shows what is now.
func (vm *ViewModel) Rewind(p RewindPlan) {
	vm.destroying(vm.Word(), rewinding(p), func() { vm.rewind(p) })
}

func (vm *ViewModel) rewind(p RewindPlan) {
	s, again := vm.session(), vm.policy()
	vm.each(&deed{place: p.At, total: p.Changes(), name: func(n string) string { return text.T("old.rewinding", n) },
		tasks: func(ctx context.Context) iter.Seq2[task, error] {
			return func(yield func(task, error) bool) {
				for k, err := range keysThen(ctx, again, s, p.At, p.To) {
					if err == nil && k.Action == storage.RewindNothing {
						continue
					}
					t := task{Item{At: storage.Location{Bucket: p.At.Bucket, Key: k.Key}}, func(ctx context.Context) error {
						return again.Do(ctx, func() error { _, err := s.Rewind(ctx, p.At.Bucket, k); return err })
					}}
					if !yield(t, err) || err != nil {
						return
					}
				}
			}
		},
		done:  func(n int) string { return text.N("old.rewound", n, n, momentText(p.To)) },
		again: func([]Item) { vm.rewind(p) },
		after: func() { vm.AsOf(time.Time{}) }})
}

// momentText is a time as people write it, to the second: a moment between two versions may be that short.
func momentText(t time.Time) string { return t.Local().Format("2 Jan 2006 15:04:05") }
