package browser

import (
	"context"
	"maps"
	"slices"

	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/tasks"
)

// Later is what goes on once what it needs can be read from the archive.
type Later struct {
	Transfer transfer.ID // that goes on, at the next start of the program too; 0 for something that no journal knows
	Do       func()
}

// Awaited are the transfers of all windows that wait for the archive. It belongs to the windows' thread.
type Awaited struct {
	// Changed is called when there is something to remember until the next start.
	Changed func()

	ids map[transfer.ID]*ViewModel // which window looks; nil for none
}

// IDs are the transfers that wait, in order.
func (a *Awaited) IDs() []transfer.ID { return slices.Sorted(maps.Keys(a.ids)) }

// Use takes the transfers that waited when the program ended.
func (a *Awaited) Use(ids []transfer.ID) {
	for _, id := range ids {
		a.add(id, nil)
	}
}

func (a *Awaited) add(id transfer.ID, vm *ViewModel) {
	if a.ids == nil {
		a.ids = map[transfer.ID]*ViewModel{}
	}
	a.ids[id] = vm
}

func (a *Awaited) changed() {
	if a.Changed != nil {
		a.Changed()
	}
}

// leave lets other windows look for what vm looked for.
func (a *Awaited) leave(vm *ViewModel) {
	for id, by := range a.ids {
		if by == vm {
			a.ids[id] = nil
		}
	}
}

// await remembers that a transfer waits for the archive.
func (vm *ViewModel) await(then *Later) {
	if then != nil && then.Transfer != 0 {
		vm.Awaited.add(then.Transfer, vm)
		vm.Awaited.changed()
	}
}

// awaitAgain looks for what transfers of this connection waited for when the program, or the window that looked, ended.
func (vm *ViewModel) awaitAgain() {
	for _, id := range vm.Awaited.IDs() {
		if vm.Awaited.ids[id] == nil {
			vm.lookAgain(id)
		}
	}
}

func (vm *ViewModel) lookAgain(id transfer.ID) {
	s, ref, policy := vm.conn.Session, vm.conn.Ref, vm.policy()
	t, ok := vm.transfer(id)
	switch {
	case !ok || t.State != transfer.Failed: // removed, or somebody has let it go on
		delete(vm.Awaited.ids, id)
		vm.Awaited.changed()
		return
	case t.Connection != ref:
		return
	}
	vm.Awaited.ids[id] = vm
	then := &Later{id, func() { vm.do("", func(ctx context.Context) error { return vm.Queue.Resume(ctx, id) }, nil) }}
	tasks.Run(vm.Tasks, func(ctx context.Context) (int, error) {
		sum, err := vm.Queue.Wait(ctx, id)
		if err != nil {
			return 0, err
		}
		w := restoreWatch{session: s, policy: policy, now: vm.Now, first: firstLook}
		return w.wait(ctx, locations(archivedOf(sum.Errors)))
	}, vm.afterRestore(s, then))
}

// transfer is how a transfer stands.
func (vm *ViewModel) transfer(id transfer.ID) (transfer.Transfer, bool) {
	_, list, _ := vm.Queue.Snapshot(0)
	i := slices.IndexFunc(list, func(t transfer.Transfer) bool { return t.ID == id })
	if i < 0 {
		return transfer.Transfer{}, false
	}
	return list[i], true
}

// afterRestore goes on with what waited for the archive, if anything of it has become readable while the session s was open.
func (vm *ViewModel) afterRestore(s *storage.Session, then *Later) func(int, error) {
	return func(n int, err error) {
		if err != nil || vm.conn == nil || vm.conn.Session != s {
			return
		}
		if then.Transfer != 0 {
			delete(vm.Awaited.ids, then.Transfer)
			vm.Awaited.changed()
		}
		if n > 0 {
			then.Do()
		}
	}
}
