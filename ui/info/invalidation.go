package info

import (
	"context"
	"time"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/tasks"
)

// Forgetting is how far a distribution is with forgetting paths.
type Forgetting struct {
	ID    string // of the distribution
	Paths int
	Asked bool // the service has taken it
	Done  bool
	Err   error
}

// Words say how far it is.
func (f *Forgetting) Words() string {
	switch {
	case f == nil:
		return ""
	case f.Err != nil:
		return text.T("distribution.forget_failed", Reason(f.Err))
	case f.Done:
		return text.N("distribution.forgotten", f.Paths, f.Paths)
	case f.Asked:
		return text.N("distribution.forgetting", f.Paths, f.Paths)
	}
	return text.T("distribution.forget_asking")
}

// Forgetting is the last invalidation that was asked for here, nil for none.
func (vm *ViewModel) Forgetting() *Forgetting { return vm.cdn.asked }

// CanInvalidate tells whether the chosen distribution can be asked to forget something.
func (vm *ViewModel) CanInvalidate() bool {
	_, ok := vm.Distribution()
	busy := vm.cdn.asked != nil && !vm.cdn.asked.Done && vm.cdn.asked.Err == nil
	return ok && !busy && !vm.Partial() && !vm.subject.Session.ReadOnly()
}

// Invalidate asks the chosen distribution to forget what is selected, or all, and looks until it has.
func (vm *ViewModel) Invalidate(all bool) {
	d, ok := vm.Distribution()
	if !ok || !vm.CanInvalidate() {
		return
	}
	s, bucket, policy := vm.subject.Session, vm.cdn.bucket, vm.Policy()
	var paths []string
	for _, it := range vm.subject.Items {
		paths = append(paths, storage.DistributionPath(it.At))
	}
	if all {
		paths = []string{storage.DistributionPath(storage.Location{Bucket: bucket})}
	}
	f := &Forgetting{ID: d.ID, Paths: len(paths)}
	vm.cdn.asked = f
	every := vm.Poll
	if every == 0 {
		every = distributionPoll
	}
	tasks.Run(vm.Tasks, func(ctx context.Context) (struct{}, error) {
		i, err := s.Invalidate(ctx, bucket, d.ID, paths)
		if err == nil {
			vm.Tasks.Post(func() { f.Asked = true; vm.Changed() })
		}
		for err == nil && !i.Done {
			select {
			case <-ctx.Done():
				return struct{}{}, ctx.Err()
			case <-time.After(every):
			}
			err = policy.Do(ctx, func() (err error) { i, err = s.Invalidation(ctx, bucket, d.ID, i.ID); return err })
		}
		return struct{}{}, err
	}, func(_ struct{}, err error) {
		f.Done, f.Err = err == nil, err
		vm.Changed()
	})
	vm.Changed()
}
