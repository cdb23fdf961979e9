package browser

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/chooser"
	"pintail/ui/kit"
	"pintail/ui/report"
)

// Adopt is an unfinished upload of somebody else's that is to be gone on with from a file.
type Adopt struct {
	Item   Item
	File   string // absolute
	Upload storage.Upload
	transfer.Adoption
	Err error // it cannot be; nothing was changed
}

// Done tells whether all stored parts were compared with the file.
func (a Adopt) Done() bool { return a.Err == nil && a.Compared == a.Stored }

// Left is how many bytes are sent, as far as is known.
func (a Adopt) Left() int64 { return a.Bytes - a.SameBytes }

// PlanAdopt looks whether an unfinished upload can be one of a file, then compares the stored parts with it. changed is called on the
// window's thread: first when that is known, or with the error, then as parts are compared. cancel ends it.
func (vm *ViewModel) PlanAdopt(it Item, file string, changed func(Adopt)) (cancel func()) {
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	s, again := vm.session(), vm.policy()
	tell := func(a Adopt) {
		vm.Tasks.Post(func() {
			if ctx.Err() == nil {
				changed(a)
			}
		})
	}
	vm.Tasks.GoIn(ctx, func(ctx context.Context) {
		a := Adopt{Item: it, File: file}
		if err := a.look(ctx, s, again.Do, tell); err != nil {
			a.Err = err
			tell(a)
		}
	})
	return cancel
}

// look is [ViewModel.PlanAdopt] in the background.
func (a *Adopt) look(ctx context.Context, s *storage.Session, try func(context.Context, func() error) error, tell func(Adopt)) error {
	f, id, err := localfs.OpenFile(a.File)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	var parts []storage.Part
	err = try(ctx, func() error {
		if a.Upload, err = s.FindUpload(ctx, a.Item.At, a.Item.Upload); err != nil {
			return err
		}
		parts, _, err = s.StoredParts(ctx, a.Item.At, a.Item.Upload)
		return err
	})
	if err != nil {
		return err
	}
	var last time.Time
	return transfer.CompareAdopt(ctx, a.Upload, parts, f, id.Size, func(p transfer.Adoption) {
		a.Adoption = p
		if now := time.Now(); a.Done() || now.Sub(last) > batchEvery {
			last = now
			tell(*a)
		}
	})
}

// Adopt goes on with an unfinished upload as a transfer. What it was begun with (metadata, class, access) stays, so that no default
// of the preferences is added.
func (vm *ViewModel) Adopt(a Adopt) {
	if vm.conn == nil {
		return
	}
	at := storage.Location{Bucket: a.Item.At.Bucket, Key: a.Item.At.Key}
	vm.add(transfer.Request{Kind: transfer.Upload, Sources: []transfer.Source{{Local: a.File}}, Target: transfer.Target{Remote: at, Exact: true},
		Options: transfer.Options{Existing: prompt.Overwrite}, Adopt: &a.Upload})
	vm.Face.Notice(text.T("adopt.notice", plain(at.Name())))
}

// chooseAdopt asks for the file of an unfinished upload that is not of a transfer of ours.
func (w *Window) chooseAdopt(items []Item) {
	if len(items) != 1 {
		return
	}
	w.VM.strangers(items, func(items []Item) {
		if len(items) == 0 {
			return
		}
		it := items[0]
		w.s.Host.Choose(w, chooser.Options{Title: text.T("adopt.choose", plain(it.At.Name())), OK: text.T("adopt.choose_ok"), File: true,
			Base: Base(w.s.Preferences), Register: w.register, Done: func(paths []string) { w.planAdopt(it, paths[0]) }})
	})
}

// planAdopt looks at the file and shows what is found: a sheet, or why it cannot be.
func (w *Window) planAdopt(it Item, file string) {
	if w.VM.Connection() == nil { // disconnected meanwhile
		return
	}
	var sheet *adoptSheet
	var cancel func()
	cancel = w.VM.PlanAdopt(it, file, func(a Adopt) {
		switch {
		case a.Err != nil:
			if sheet != nil {
				sheet.sheet.Close()
			}
			if !errors.Is(a.Err, context.Canceled) {
				w.VM.fail(report.Failure{What: plain(it.At.Key), Err: a.Err}, nil)
			}
		case sheet == nil:
			sheet = &adoptSheet{w: w}
			sheet.show(a, cancel)
		default:
			sheet.update(a)
		}
	})
}

// adoptSheet says what going on with an upload would do, while its parts are compared.
type adoptSheet struct {
	w     *Window
	sheet *kit.Sheet
	said  *fyne.Container
	body  fyne.CanvasObject
	a     Adopt
}

func (s *adoptSheet) show(a Adopt, cancel func()) {
	s.said = container.New(layout.NewCustomPaddedVBoxLayout(8))
	s.body = container.New(&leastLayout{fyne.NewSize(sheetWidth, 0)}, s.said)
	// The transfer compares the parts too, so that nobody has to wait for the end.
	yes := kit.NewButton(text.T("adopt.yes"), kit.Default, func() { cancel(); s.sheet.Close(); s.w.VM.Adopt(s.a) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { cancel(); s.sheet.Close() })
	s.w.register("dialog.ok", yes)
	s.w.register("dialog.cancel", no)
	s.w.register("dialog.text", s.said)
	s.update(a)
	s.sheet = kit.ShowSheet(s.w.Win.Canvas(), text.T("adopt.title", plain(a.Item.At.Name())), s.body, no, no, yes)
}

func (s *adoptSheet) update(a Adopt) {
	s.a, s.said.Objects = a, nil
	for _, l := range adoptLines(a, Base(s.w.s.Preferences)) {
		s.said.Add(report.Paragraph(l.words, sheetWidth, l.style))
	}
	s.body.Refresh()
}

// adoptLines say what is stored, how it compares with the file, and what is sent.
func adoptLines(a Adopt, base units.Base) []editLine {
	count, bytes := func(n int) string { return units.FormatCount(int64(n)) }, func(n int64) string { return units.FormatBytes(n, base) }
	name := plain(filepath.Base(a.File))
	stored := text.N("adopt.stored", a.Parts, count(a.Stored), count(a.Parts), bytes(a.StoredBytes))
	var out []editLine
	switch other := a.Stored - a.Same; {
	case !a.Done():
		out = append(out, said(stored), said(text.T("adopt.comparing", name, count(a.Compared), count(a.Stored))))
	case a.Same == 0:
		out = append(out, said(stored), warned(text.T("adopt.none_same", name, bytes(a.Left()))))
	case other > 0:
		out = append(out, said(stored), warned(text.N("adopt.some_differ", other, count(other), name, bytes(a.Left()))))
	case a.Left() == 0:
		out = append(out, said(stored), said(text.T("adopt.all_there", name)))
	default:
		out = append(out, said(stored), said(text.N("adopt.all_same", a.Stored, name, bytes(a.Left()))))
	}
	return append(out, remarked(text.T("adopt.words")))
}
