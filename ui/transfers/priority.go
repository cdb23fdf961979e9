package transfers

import (
	"context"
	"slices"

	"pintail/transfer"
)

// movable tells whether the place of t in the list says when it is served.
func movable(t transfer.Transfer) bool { return !t.State.Ended() }

// Movable tells whether a transfer can be dragged to another place.
func (vm *ViewModel) Movable(id transfer.ID) bool {
	t, ok := vm.feed.Get(id)
	return ok && movable(t)
}

// MoveTo puts the selected transfers that are not over before the one at place at of the list (its length = to the end), which is
// the order in which they are served from now on.
func (vm *ViewModel) MoveTo(at int) {
	list := vm.feed.Transfers()
	var before, moved, after []transfer.ID
	for i, t := range list {
		switch {
		case !movable(t):
		case vm.selected[t.ID]:
			moved = append(moved, t.ID)
		case i < at:
			before = append(before, t.ID)
		default:
			after = append(after, t.ID)
		}
	}
	if len(moved) == 0 {
		return
	}
	order := append(append(before, moved...), after...)
	// Only those get a place that stand before one that was moved or had a place: the rest stay alike.
	last := slices.Index(order, moved[len(moved)-1])
	for i, id := range order {
		if t, _ := vm.feed.Get(id); t.Priority > 0 {
			last = max(last, i)
		}
	}
	order = order[:last+1]
	vm.do(func(ctx context.Context) error { return vm.q.SetPriority(ctx, order...) })
}

// Move shifts the selected transfers by one place: up (-1) or down (1).
func (vm *ViewModel) Move(delta int) {
	list := vm.feed.Transfers()
	first, last := -1, -1
	for i, t := range list {
		if vm.selected[t.ID] && movable(t) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	switch {
	case first < 0:
	case delta < 0 && first > 0:
		vm.MoveTo(first - 1)
	case delta > 0 && last+1 < len(list):
		vm.MoveTo(last + 2)
	}
}
