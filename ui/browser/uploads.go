package browser

import (
	"context"
	"errors"
	"iter"
	"sync"

	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser/rows"
	"pintail/ui/kit"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// sizedUploads is for how many unfinished uploads of a folder their stored bytes are asked for, a request each.
const sizedUploads = 200

// folder takes a folder that a listing names.
func (b *batcher) folder(name string) {
	if b.folders[name] {
		return
	}
	if b.folders != nil {
		b.folders[name] = true
	}
	b.items = append(b.items, rows.Item{Kind: rows.Folder, Name: name})
}

// uploads lists the unfinished uploads of a folder. Where they cannot be listed the rest is shown all the same.
func (b *batcher) uploads(ctx context.Context, s *storage.Session) error {
	at := b.l.at
	ours, err := b.vm.Queue.Unfinished(ctx)
	if err != nil {
		return err
	}
	left := sizedUploads
	for page, err := range retry.Pages(ctx, b.again, func() iter.Seq2[storage.UploadPage, error] {
		return s.ListUploads(ctx, at.Bucket, at.Key, storage.ListOptions{Delimiter: "/"})
	}) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case storage.KindOf(err) == storage.KindUnsupported:
			return nil
		case err != nil:
			b.vm.Tasks.Post(func() { b.vm.Face.Notice(text.T("old.no_uploads", reason(err))) })
			return nil
		}
		for _, p := range page.Prefixes {
			b.folder(p[len(at.Key):])
		}
		sizes := b.held(ctx, s, page.Uploads[:min(left, len(page.Uploads))])
		left -= len(sizes)
		for i, u := range page.Uploads {
			if len(u.Key) <= len(at.Key) {
				continue
			}
			size := int64(-1)
			if i < len(sizes) {
				size = sizes[i]
			}
			b.items = append(b.items, b.upload(u, u.Key[len(at.Key):], size, ours[u.ID].Transfer))
		}
		b.page()
	}
	return nil
}

// upload is an unfinished upload as a row; transfer is the one of ours that it belongs to, 0 for none.
func (b *batcher) upload(u storage.Upload, name string, size int64, of transfer.ID) rows.Item {
	it := rows.Item{Kind: rows.Upload, Name: name, Size: size, Modified: u.Initiated, Class: u.Class, Owner: or(u.Initiator.Name, u.Initiator.ID), Version: u.ID}
	if !u.Initiated.IsZero() {
		it.Note = text.T("old.begun", units.FormatSpan(max(b.vm.Now().Sub(u.Initiated), 0)))
	}
	if of != 0 {
		it.Note = text.T("old.of_transfer", of)
	}
	return it
}

// held asks how many bytes the server holds of uploads; -1 where it does not say.
func (b *batcher) held(ctx context.Context, s *storage.Session, list []storage.Upload) []int64 {
	sizes := make([]int64, len(list))
	slots := make(chan struct{}, deedLanes)
	var wg sync.WaitGroup
	for i, u := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			_, bytes, err := s.StoredParts(ctx, storage.Location{Bucket: b.l.at.Bucket, Key: u.Key}, u.ID)
			if sizes[i] = bytes; err != nil {
				sizes[i] = -1 // the row shows the upload all the same
			}
		})
	}
	wg.Wait()
	return sizes
}

// strangers leaves out uploads of our own transfers, which go on or end with these, and hands the rest on.
func (vm *ViewModel) strangers(items []Item, then func([]Item)) {
	tasks.Run(vm.Tasks, vm.Queue.Unfinished, func(ours map[string]transfer.Unfinished, err error) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				vm.fail(report.Failure{Err: err}, nil)
			}
			return
		}
		var mine int
		var out []Item
		for _, it := range items {
			switch _, known := ours[it.Upload]; {
			case it.Upload == "":
			case known:
				mine++
			default:
				out = append(out, it)
			}
		}
		if mine > 0 {
			vm.Face.Notice(text.N("old.ours_left", mine, mine))
		}
		then(out)
	})
}

// AbortUploads throws unfinished uploads away, except those of our own transfers.
func (vm *ViewModel) AbortUploads(items []Item) {
	if vm.conn != nil && len(items) > 0 {
		vm.destroying(vm.Word(), deleting(items), func() { vm.abortUploads(items) })
	}
}

func (vm *ViewModel) abortUploads(items []Item) {
	if vm.conn == nil || len(items) == 0 {
		return
	}
	s, again := vm.session(), vm.policy()
	vm.strangers(items, func(items []Item) {
		vm.each(&deed{items: items, name: func(n string) string { return text.T("old.aborting", n) },
			do: func(ctx context.Context, it Item) error {
				return again.Do(ctx, func() error { return s.AbortUpload(ctx, it.At, it.Upload) })
			},
			done: func(n int) string { return text.N("old.aborted", n, n) }, again: vm.abortUploads})
	})
}

// CompleteUploads puts the stored parts of unfinished uploads together, except those of our own transfers.
func (vm *ViewModel) CompleteUploads(items []Item) {
	if vm.conn == nil || len(items) == 0 {
		return
	}
	s, again := vm.session(), vm.policy()
	vm.strangers(items, func(items []Item) {
		vm.each(&deed{items: items, name: func(n string) string { return text.T("old.completing", n) },
			do: func(ctx context.Context, it Item) error {
				return again.Do(ctx, func() error { _, err := s.CompleteStored(ctx, it.At, it.Upload); return err })
			},
			done: func(n int) string { return text.N("old.completed", n, n) }, again: vm.CompleteUploads})
	})
}

// deleteYes is what the button of a deletion says.
func deleteYes(items []Item) string {
	for _, it := range items {
		if it.Upload == "" {
			return text.T("browser.delete_yes")
		}
	}
	return text.T("old.abort_yes")
}

// askComplete says what completing means and does it when that is wanted.
func (w *Window) askComplete(items []Item) {
	if len(items) == 0 {
		return
	}
	var old DeleteOld
	for _, it := range items {
		old.add(it)
	}
	title := text.N("old.complete_many", len(items), len(items))
	if len(items) == 1 {
		title = text.T("old.complete_one", plain(items[0].At.Name()))
	}
	var s *kit.Sheet
	yes := kit.NewButton(text.T("old.complete_yes"), kit.Default, func() { s.Close(); w.VM.CompleteUploads(items) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	w.register("dialog.ok", yes)
	w.register("dialog.cancel", no)
	words := text.T("old.complete_words", units.FormatBytes(old.Held, Base(w.s.Preferences)))
	s = kit.ShowSheet(w.Win.Canvas(), title, report.Paragraph(words, sheetWidth, kit.LabelStyle{}), no, no, yes)
}
