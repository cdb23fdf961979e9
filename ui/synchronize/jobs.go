package synchronize

import (
	"fyne.io/fyne/v2"

	"pintail/internal/syncjobs"
	"pintail/internal/text"
)

// Jobs keeps saved synchronisations: [syncjobs.Store]. Its file is small and local.
type Jobs interface {
	List() ([]syncjobs.Job, error)
	Put(syncjobs.Job) error
	Remove(name string) error
}

// jobsMenu offers the saved ones, and to save or remove this one.
func (w *Window) jobsMenu() *fyne.Menu {
	jobs, err := w.s.Jobs.List()
	if err != nil {
		w.failed(err)
		return fyne.NewMenu("")
	}
	var items []*fyne.MenuItem
	for _, j := range jobs {
		s, ok := FromRequest(j.Name, j.Request())
		if !ok {
			continue // between two servers: the command line's
		}
		it := fyne.NewMenuItem(j.Name, func() {
			w.settings = s
			w.VM.Forget()
			w.fill()
			w.changed()
		})
		it.Checked = j.Name == w.settings.Name
		items = append(items, it)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	save := fyne.NewMenuItem(text.T("synchronize.save"), func() {
		w.ask(text.T("synchronize.save_title"), text.T("synchronize.name"), w.settings.Name, func(name string) {
			w.settings.Name = name
			if err := w.s.Jobs.Put(syncjobs.FromRequest(name, w.settings.Request())); err != nil {
				w.failed(err)
			}
		})
	})
	save.Disabled = w.settings.Local == ""
	remove := fyne.NewMenuItem(text.T("synchronize.remove", w.settings.Name), func() {
		if err := w.s.Jobs.Remove(w.settings.Name); err != nil {
			w.failed(err)
			return
		}
		w.settings.Name = ""
	})
	items = append(items, save)
	if w.settings.Name != "" {
		items = append(items, remove)
	}
	return fyne.NewMenu("", items...)
}
