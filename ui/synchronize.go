package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/synchronize"
)

// Synchronize opens the window that compares a folder on a connection with a local one.
func (a *App) Synchronize(from *browser.Window, remote storage.Location, connection string) {
	w := synchronize.Open(a.ctx, synchronize.Services{App: a.c.App, Queue: a.c.Queue, Post: a.c.Post, Base: a.base, Register: a.register,
		Jobs: a.c.SyncJobs, Options: func(s synchronize.Settings) transfer.Options {
			bucket := ""
			if s.Connection == connection { // a saved job may be of another one: then only what holds for all buckets
				bucket = s.Remote.Bucket
			}
			return from.VM.SyncOptions(bucket)
		}, Started: func(id transfer.ID) {
			a.ShowTransfers()
			a.whenEnded(id, func() { a.synchronized(connection, remote.Bucket) })
		},
		Choose: func(start string, done func(string)) {
			if start == "" {
				start = from.VM.DownloadFolder()
			}
			a.Choose(from, chooser.Options{Title: text.T("synchronize.choose_title"), OK: text.T("synchronize.choose_ok"), Folder: true,
				Start: start, Base: a.base(), Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) },
				Done: func(paths []string) { done(paths[0]) }})
		},
		Word: a.productionWord,
		Closed: func(w *synchronize.Window) {
			a.syncs = slices.DeleteFunc(a.syncs, func(o *synchronize.Window) bool { return o == w })
			a.waits.Go(func() {
				if err := w.Wait(); err != nil {
					fyne.LogError("close a plan", err)
				}
			})
		}}, synchronize.Settings{Remote: remote, Connection: connection, Compare: transfer.CompareTime})
	a.syncs = append(a.syncs, w)
}

// whenEnded calls f once a transfer is over or gone.
func (a *App) whenEnded(id transfer.ID, f func()) {
	var stop func()
	seen := false
	stop = a.feed.Subscribe(func() {
		t, known := a.feed.Get(id)
		seen = seen || known
		if known && !t.State.Ended() || !seen {
			return
		}
		stop()
		f()
	})
}

// synchronized reads the listings of a bucket anew.
func (a *App) synchronized(connection, bucket string) {
	for _, w := range a.windows {
		if c := w.VM.Connection(); c != nil && c.Ref == connection && w.VM.At().Bucket == bucket {
			w.VM.Refresh()
		}
	}
}
