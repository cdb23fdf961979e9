// Package settings is the Preferences window: pages of fields, the defaults of single buckets, and the list of everything.
// It must never keep a value of its own: a field shows what the preferences have and stores what they take, at once.
// Start reading at [Open], then pages.go, the table of what stands where.
package settings

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/preferences"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// Services is what the window needs of the program.
type Services struct {
	App         fyne.App
	Preferences *preferences.Preferences
	Register    func(id string, o fyne.CanvasObject)
	// Here is the server and the bucket that the person is looking at, "" for none.
	Here func() (host, bucket string)
	// ChooseFolder asks for a local folder.
	ChooseFolder func(start string, done func(path string))
	// ChangePassphrase asks, over a window, for a new passphrase of the encrypted file of secrets. done is called on the windows' thread.
	ChangePassphrase func(over fyne.Window, done func(error))
	Closed           func()
}

// Window is the window. It belongs to the windows' thread.
type Window struct {
	Win fyne.Window

	s       Services
	fields  map[string][]*field // by preference
	pages   []page
	list    *kit.SourceList
	place   *fyne.Container
	shown   string
	buckets *bucketPage
	all     *allPage
	secrets *kit.FormRow // of the button that changes the passphrase
	closed  bool
}

// page is one page of the window.
type page struct {
	id, title string
	body      fyne.CanvasObject
	fit       func() // its height may have changed
}

const listWidth = 136

// Open shows the window.
func Open(s Services) *Window {
	w := &Window{s: s, fields: map[string][]*field{}, place: container.NewStack()}
	w.Win = s.App.NewWindow(text.T("settings.title"))
	w.Win.SetPadded(false)
	w.build()
	w.Win.SetOnClosed(func() {
		w.keep()
		w.closed = true
		s.Closed()
	})
	w.Win.Resize(fyne.NewSize(700, 560))
	w.Win.CenterOnScreen()
	w.Win.Show()
	return w
}

func (w *Window) build() {
	w.pages = w.makePages()
	w.list = kit.NewSourceList()
	items := make([]kit.SourceItem, len(w.pages))
	for i, p := range w.pages {
		items[i] = kit.SourceItem{ID: p.id, Title: p.title}
	}
	w.list.SetItems(items)
	w.list.OnSelect = w.ShowPage
	w.s.Register("settings.pages", w.list)
	side := container.New(&widthLayout{listWidth}, container.NewStack(kit.NewPlate(look.ColorSidebar), container.New(layout.NewCustomPaddedLayout(8, 8, 0, 0), w.list)))
	body := container.NewStack(kit.NewPlate(look.ColorBody), w.place)
	w.Win.SetContent(container.NewBorder(nil, nil, side, nil, body))
	w.Win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			w.Close()
		}
	})
	w.Win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { w.Close() })
	w.ShowPage(w.pages[0].id)
}

// ShowPage shows a page by its id.
func (w *Window) ShowPage(id string) {
	i := slices.IndexFunc(w.pages, func(p page) bool { return p.id == id })
	if i < 0 || id == w.shown {
		return
	}
	w.keep()
	w.shown = id
	w.list.Select(id)
	w.place.Objects = []fyne.CanvasObject{w.pages[i].body}
	w.place.Refresh()
	if f := w.pages[i].fit; f != nil {
		f()
	}
}

// keep stores what stands in a field that was not left yet.
func (w *Window) keep() {
	for _, list := range w.fields {
		for _, f := range list {
			if f.typed {
				f.store()
			}
		}
	}
}

// Close closes the window.
func (w *Window) Close() {
	if !w.closed {
		w.Win.Close()
	}
}

// SettingChanged shows a preference anew that changed elsewhere.
func (w *Window) SettingChanged(name string) {
	for _, f := range w.fields[name] {
		if !f.typed {
			f.load()
		}
	}
	if name == preferences.S3Buckets.Name() {
		w.buckets.load()
	}
	w.all.load()
}

// fitted lays the shown page out anew.
func (w *Window) fitted() {
	for _, p := range w.pages {
		if p.id == w.shown && p.fit != nil {
			p.fit()
		}
	}
}

// widthLayout gives its one object a width.
type widthLayout struct{ width float32 }

// Layout fills the place.
func (l *widthLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) { objects[0].Resize(s) }

// MinSize is the width.
func (l *widthLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, objects[0].MinSize().Height)
}
