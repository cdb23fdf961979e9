package browser

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Clipboard holds the rows that were copied or cut, for all windows of the program.
type Clipboard struct {
	ref   string
	word  string // to be typed before what was cut is taken from where it is; "" = nothing
	items []Item
	cut   bool
}

// Empty tells whether there is nothing to paste.
func (c *Clipboard) Empty() bool { return len(c.items) == 0 }

// Copy takes rows for pasting; cut moves them then. Their addresses go to the system's clipboard as text.
func (vm *ViewModel) Copy(items []Item, cut bool) {
	if items = readable(items); cut {
		items = slices.DeleteFunc(items, Item.Old)
	}
	if vm.conn == nil || len(items) == 0 {
		return
	}
	*vm.Clipboard = Clipboard{ref: vm.conn.Ref, word: vm.Word(), items: items, cut: cut}
	lines := make([]string, len(items))
	for i, it := range items {
		lines[i] = it.At.String()
	}
	vm.Face.Clipboard(strings.Join(lines, "\n"))
	vm.Face.Changed(Status)
}

// Paste puts what was copied or cut into a folder of this window.
func (vm *ViewModel) Paste(into storage.Location) {
	c := vm.Clipboard
	if vm.conn == nil || c.Empty() || into.IsRoot() {
		return
	}
	same := c.ref == vm.conn.Ref
	kind := transfer.Copy
	if c.cut {
		kind = transfer.Move
	}
	items := c.items
	if same {
		// Pasting a copy where it came from makes duplicates.
		if !c.cut && len(items) == 1 && items[0].At.Parent() == into {
			vm.Duplicate(items[0], CopyName(items[0].At.Name(), vm.Now()))
			return
		}
		items = movable(items, into, !c.cut)
	}
	if len(items) == 0 {
		return
	}
	r := transfer.Request{Kind: kind, Connection: c.ref, TargetConnection: vm.conn.Ref, Sources: sources(items),
		Target: transfer.Target{Remote: into}, Options: vm.options(kind, into.Bucket)}
	vm.destroying(vm.wordOf(c), moving(len(items)), func() {
		vm.enqueue(r)
		if r.Kind == transfer.Move {
			*c = Clipboard{}
			vm.Face.Changed(Status)
		}
	})
}

// Presigned is the result of signing addresses.
type Presigned struct {
	URLs    []string
	Expires time.Time // the soonest end
	Sooner  bool      // because the credentials end then
}

// Presign signs GET addresses of the files among items for span; done gets them on the window's thread.
func (vm *ViewModel) Presign(items []Item, span time.Duration, done func(Presigned)) {
	s := vm.conn.Session
	tasks.Run(vm.Tasks, func(ctx context.Context) (Presigned, error) {
		var out Presigned
		for _, it := range items {
			if it.Folder || !it.content() {
				continue
			}
			p, err := s.Presign(ctx, it.At, "GET", span)
			if err != nil {
				return out, err
			}
			out.URLs = append(out.URLs, p.URL)
			if out.Expires.IsZero() || p.Expires.Before(out.Expires) {
				out.Expires, out.Sooner = p.Expires, p.Sooner
			}
		}
		return out, nil
	}, func(p Presigned, err error) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				vm.fail(report.Failure{Err: err}, nil)
			}
			return
		}
		done(p)
	})
}
