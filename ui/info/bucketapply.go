package info

import (
	"context"
	"errors"

	"pintail/storage"
)

// bucketWrite is one change of a bucket. done forgets the draft of it, on the window's thread.
type bucketWrite struct {
	do   func(context.Context, *storage.Session, storage.Location) error
	done func()
}

// bucketDraft is what was changed of a bucket on the shown tab: its settings, beside that its access list, tags or a document.
type bucketDraft struct{ vm *ViewModel }

func (d bucketDraft) changes() []Change {
	vm := d.vm
	var out []Change
	switch vm.tab {
	case Permissions:
		out = vm.access.changes()
	case Metadata:
		out = vm.meta.changes()
	}
	out = append(out, vm.settings.changes(vm.tab)...)
	return append(out, vm.docs.changes(vm.tab, d.name())...)
}

func (d bucketDraft) name() string { return d.vm.subject.Items[0].At.Bucket }

func (d bucketDraft) problem() string {
	vm := d.vm
	words := ""
	switch vm.tab {
	case Permissions:
		words = vm.access.problem()
	case Metadata:
		words = vm.meta.problem()
	case Service:
		words = vm.settings.problem()
	}
	return or(words, vm.docs.problem(vm.tab, d.name()))
}

// edit is none: nothing is copied.
func (d bucketDraft) edit() storage.Edit { return storage.Edit{} }

func (d bucketDraft) writes() []bucketWrite {
	vm := d.vm
	out := vm.settings.writes(vm.tab)
	switch vm.tab {
	case Permissions:
		if len(vm.access.changes()) > 0 { // behind the ownership and the block, which decide whether a list is taken
			out = append(out, vm.writeBucketACL())
		}
	case Metadata:
		if len(vm.meta.changes()) > 0 {
			out = append(out, vm.writeBucketTags())
		}
	}
	return append(out, vm.docs.writes(vm.tab, d.name())...)
}

// writeBucketACL changes the access list of a bucket.
func (vm *ViewModel) writeBucketACL() bucketWrite {
	e := vm.access.edit()
	return bucketWrite{do: func(ctx context.Context, s *storage.Session, at storage.Location) (err error) {
		if e.ACL.Canned != "" {
			_, err = s.SetCannedACL(ctx, at, e.ACL.Canned)
		} else {
			_, err = s.ChangeACL(ctx, at, e.ACL.Grant, e.ACL.Revoke)
		}
		return err
	}, done: func() { vm.access, vm.acls = access{}, part[[]storage.ACL]{} }}
}

// writeBucketTags changes the tags of a bucket, and keeps those that were not touched.
func (vm *ViewModel) writeBucketTags() bucketWrite {
	set, remove := vm.meta.groups[Tags].edit()
	return bucketWrite{do: func(ctx context.Context, s *storage.Session, at storage.Location) error {
		tags, err := s.BucketTags(ctx, at)
		if err != nil {
			return err
		}
		for _, k := range remove {
			delete(tags, k)
		}
		for k, v := range set {
			tags[k] = v
		}
		return s.SetBucketTags(ctx, at, tags)
	}, done: func() { vm.meta, vm.tags = metadata{}, part[[]map[string]string]{} }}
}

// bucket is the one selected bucket.
func (vm *ViewModel) bucket() (storage.Location, bool) {
	it, ok := vm.single()
	return it.At, ok && it.At.IsBucket()
}

// changeBucket carries writes out on a bucket, in their order. One that fails stops none of the others.
func (vm *ViewModel) changeBucket(s *storage.Session, at storage.Location, writes []bucketWrite) {
	policy := vm.Policy()
	errs := make([]error, len(writes))
	vm.start([]storage.Location{at}, func(ctx context.Context, at storage.Location) ([]string, error) {
		for i, w := range writes {
			if errs[i] = policy.Do(ctx, func() error { return w.do(ctx, s, at) }); ctx.Err() != nil && errs[i] != nil {
				for j := i + 1; j < len(writes); j++ {
					errs[j] = errs[i]
				}
				return nil, errs[i]
			}
		}
		return nil, errors.Join(errs...)
	}, func(o *Outcome) {
		now, shown := vm.bucket()
		shown = shown && now == at && vm.subject.Session == s
		var left []bucketWrite
		o.Bucket, o.Done, o.Total, o.Failed = true, 0, len(writes), nil
		for i, err := range errs {
			switch {
			case errors.Is(err, storage.ErrNotReadBack):
				o.Unread++
				fallthrough
			case err == nil:
				o.Done++
				if shown {
					writes[i].done()
				}
			default:
				left = append(left, writes[i])
				if !o.Stopped {
					o.Failed = append(o.Failed, Failure{at, err})
				}
			}
		}
		o.Retry = func() { vm.changeBucket(s, at, left) }
		if shown {
			vm.readAgain()
		}
	})
}

// readAgain asks anew for what is shown of a bucket and keeps what is not applied yet.
func (vm *ViewModel) readAgain() {
	if vm.unsent() == 0 {
		vm.Reload()
		return
	}
	for i := range vm.settings.read {
		vm.settings.read[i].state = idle // the value stays until the new one has come
	}
	for key, p := range vm.docs.read {
		if _, id := splitKey(key); id == "" {
			p.state = idle
		}
	}
	for feature := range vm.docs.listed {
		vm.docs.listed[feature] = &listed{}
	}
	vm.effective = part[storage.AccessFacts]{}
	vm.load()
	vm.Changed()
}
