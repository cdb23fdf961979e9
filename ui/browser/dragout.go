package browser

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// target is where another connection begins.
type target struct {
	ref  string
	into storage.Location
}

// errNoBucket says that a bookmark begins at the list of buckets, which holds no objects.
var errNoBucket = &storage.Error{Op: "CopyObject", Kind: storage.KindInvalid, Code: "NoBucket",
	Message: "the bookmark begins at the list of buckets: give it a bucket, or connect to it and paste there"}

// CopyTo copies items to where another connection begins. That is opened first, so that wrong credentials are found here and not
// by the transfer.
func (vm *ViewModel) CopyTo(spec connect.Spec, name string, items []Item) {
	items = objects(items)
	if vm.conn == nil || len(items) == 0 {
		return
	}
	from := vm.conn.Ref
	tasks.Run(vm.Tasks, func(ctx context.Context) (target, error) {
		c, err := vm.Connector.Open(ctx, spec)
		if err != nil {
			return target{}, err
		}
		t := target{ref: c.Ref, into: c.Start}
		if t.into.IsRoot() {
			err = errNoBucket
		}
		return t, errors.Join(err, c.Close())
	}, func(t target, err error) {
		switch {
		case errors.Is(err, prompt.ErrDismissed), errors.Is(err, context.Canceled):
		case err != nil:
			vm.fail(report.Failure{What: name, Err: err}, func() { vm.CopyTo(spec, name, items) })
		default:
			vm.enqueue(transfer.Request{Kind: transfer.Copy, Connection: from, TargetConnection: t.ref, Sources: sources(items),
				Target: transfer.Target{Remote: t.into}, Options: vm.options(transfer.Copy, "")})
			vm.Face.Notice(text.N("browser.notice_copy_to", len(items), len(items), name, Where(t.into)))
		}
	})
}

// objects leaves out buckets, which cannot be copied as a whole.
func objects(items []Item) []Item {
	var out []Item
	for _, it := range items {
		if !it.Bucket() && it.content() {
			out = append(out, it)
		}
	}
	return out
}

// dragOut follows rows that are dragged onto the sidebar: dropped on a bookmark they are copied there.
func (w *Window) dragOut(sel *model.Selection, at fyne.Position, what outline.Out) {
	id := ""
	if what != outline.OutEnded && w.split.FixedShown() {
		id = w.side.ItemAt(at)
	}
	spec, ok := w.Marks.Spec(id)
	if !ok || w.VM.At().IsRoot() || !w.VM.Past().IsZero() {
		w.side.SetDropTarget("")
		return
	}
	name := ""
	for _, r := range w.Marks.Rows() {
		if r.ID == id {
			name = plain(r.Title)
		}
	}
	if what == outline.OutDropped {
		w.side.SetDropTarget("")
		w.VM.CopyTo(spec, name, w.VM.Items(sel))
		return
	}
	w.side.SetDropTarget(id)
	w.layer.ShowLabel(text.N("browser.drag_copy_to", sel.Len(), sel.Len(), name), at)
}
