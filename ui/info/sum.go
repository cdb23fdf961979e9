package info

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/tasks"
)

const sumEvery = 150 * time.Millisecond // between two looks at a count under way

// Sum is what folders and buckets hold. It grows while it is being counted.
type Sum struct {
	Objects, Bytes int64
	Classes        []ClassSum
	Running        bool
	Started        bool
	Stopped        bool // by the user: there is more
	Err            error
	stop           context.CancelFunc
}

// ClassSum is the share of one storage class.
type ClassSum struct {
	Class          string
	Objects, Bytes int64
}

// CanCalculate tells whether there is something to count.
func (vm *ViewModel) CanCalculate() bool { return !vm.Empty() && !vm.objectsOnly() }

// Sum is what was counted so far.
func (vm *ViewModel) Sum() Sum { return vm.sum }

// Calculate counts what is in the selected folders and buckets; StopCalculating ends it and keeps what came.
func (vm *ViewModel) Calculate() {
	if !vm.CanCalculate() || vm.sum.Running {
		return
	}
	ctx, stop := context.WithCancel(vm.ctx)
	vm.sum = Sum{Running: true, Started: true, stop: stop}
	c := &counter{classes: map[string]*ClassSum{}, report: func(s Sum) {
		vm.Tasks.Post(func() {
			if ctx.Err() == nil {
				s.Running, s.Started, s.stop = true, true, stop
				vm.sum = s
				vm.Changed()
			}
		})
	}}
	s, items, policy := vm.subject.Session, vm.subject.Items, vm.Policy()
	shown := vm.ctx
	tasks.RunIn(vm.Tasks, ctx, func(ctx context.Context) (Sum, error) {
		err := c.count(ctx, policy, s, items)
		return c.sum(), err
	}, func(sum Sum, err error) {
		stop()
		if shown.Err() != nil {
			return
		}
		sum.Started = true
		if errors.Is(err, context.Canceled) || storage.KindOf(err) == storage.KindCancelled {
			sum.Stopped, err = true, nil
		}
		sum.Err = err
		vm.sum = sum
		vm.Changed()
	})
	vm.Changed()
}

// StopCalculating ends a count.
func (vm *ViewModel) StopCalculating() {
	if vm.sum.Running {
		vm.sum.stop()
	}
}

// counter adds up objects off the window's thread.
type counter struct {
	objects, bytes int64
	classes        map[string]*ClassSum
	told           time.Time
	report         func(Sum)
}

func (c *counter) add(e storage.Entry) {
	c.objects++
	c.bytes += e.Size
	class := cmp.Or(e.Class, "STANDARD")
	k := c.classes[class]
	if k == nil {
		k = &ClassSum{Class: class}
		c.classes[class] = k
	}
	k.Objects++
	k.Bytes += e.Size
}

func (c *counter) count(ctx context.Context, p retry.Policy, s *storage.Session, items []Item) error {
	for _, it := range items {
		if !it.Folder {
			c.add(storage.Entry{Size: it.Size, Class: it.Class})
			continue
		}
		for page, err := range retry.Objects(ctx, p, s, it.At.Bucket, it.At.Key, storage.ListOptions{}) {
			if err != nil {
				return err
			}
			for _, e := range page.Entries {
				c.add(e)
			}
			if time.Since(c.told) > sumEvery {
				c.told = time.Now()
				c.report(c.sum())
			}
		}
	}
	return nil
}

func (c *counter) sum() Sum {
	s := Sum{Objects: c.objects, Bytes: c.bytes}
	for _, k := range c.classes {
		s.Classes = append(s.Classes, *k)
	}
	slices.SortFunc(s.Classes, func(a, b ClassSum) int { return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Class, b.Class)) })
	return s
}

// SumFacts is the count as a table; empty before it was asked for.
func (vm *ViewModel) SumFacts() Section {
	s := Section{Title: text.T("info.content")}
	if !vm.sum.Started {
		return s
	}
	s.Facts = []Fact{{ID: "sum.objects", Label: text.T("info.objects"), Value: units.FormatCount(vm.sum.Objects)},
		{ID: "sum.bytes", Label: text.T("info.size_label"), Value: vm.size(vm.sum.Bytes)}}
	switch {
	case vm.sum.Running:
		s.Facts[0].Note = text.T("info.counting")
	case vm.sum.Stopped:
		s.Facts[0].Note = text.T("info.count_stopped")
	case vm.sum.Err != nil:
		s.Facts = append(s.Facts, Fact{ID: "sum.err", Label: text.T("info.count_failed"), Reason: Reason(vm.sum.Err)})
	}
	for _, k := range vm.sum.Classes {
		s.Facts = append(s.Facts, Fact{ID: "sum." + k.Class, Label: k.Class, Value: text.N("info.class_sum", int(min(k.Objects, 1000)),
			units.FormatCount(k.Objects), units.FormatBytes(k.Bytes, vm.Base()))})
	}
	return s
}
