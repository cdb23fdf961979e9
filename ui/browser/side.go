package browser

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/bookmarks"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
	uibookmarks "pintail/ui/bookmarks"
	"pintail/ui/browser/rows"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
)

func isBookmark(id string) bool { return uibookmarks.IsBookmark(id) }

func isContainer(k rows.Kind) bool { return k == rows.Bucket || k == rows.Folder }

func shownName(it rows.Item) string { return rows.DisplayName(it.Name) }

func (w *Window) buildSide() {
	w.side = kit.NewSourceList()
	w.side.OnSelect = func(string) { w.update() }
	w.side.OnOpen = w.openMark
	w.side.OnToggle = func(id string, open bool) {
		w.Marks.Toggle(id, open)
		w.bookmarksChanged()
	}
	w.side.OnMove = w.Marks.MoveBefore
	w.side.OnDelete = func(id string) {
		if isBookmark(id) {
			w.askDeleteBookmark(id)
		} else {
			w.Marks.Remove(id)
		}
	}
	w.side.OnRename = func(string) { w.invoke(command.EditBookmark) }
	w.side.OnContext = w.markMenu
}

// sideWithSearch is the list at the side below a field that searches it.
func (w *Window) sideWithSearch() fyne.CanvasObject {
	w.find = kit.NewSearchField(text.T("bookmarks.search"), text.T("browser.filter_clear"), func(s string) {
		w.Marks.Search(s)
		w.bookmarksChanged()
	})
	w.find.OnLeave = w.focusList
	w.find.OnSubmitted = func(string) { // to the first that was found
		for _, it := range w.side.Items() {
			if _, ok := w.Marks.Bookmark(it.ID); ok {
				w.side.Select(it.ID)
				w.openMark(it.ID)
				return
			}
		}
	}
	w.register("sidebar.search", w.find)
	top := container.New(layout.NewCustomPaddedLayout(6, 4, 8, 8), w.find)
	return container.NewStack(kit.NewPlate(look.ColorSidebar), container.NewBorder(top, nil, nil, nil, w.side))
}

// openMark connects to a bookmark or a former connection.
func (w *Window) openMark(id string) {
	if spec, ok := w.Marks.Spec(id); ok {
		w.VM.Connect(spec, storage.Location{})
	}
}

// markColours are the theme's names for the colours of bookmarks.
var markColours = map[string]fyne.ThemeColorName{"red": theme.ColorNameError, "orange": theme.ColorNameWarning,
	"yellow": theme.ColorNameWarning, "green": theme.ColorNameSuccess, "blue": theme.ColorNamePrimary,
	"purple": theme.ColorNamePrimary, "grey": look.ColorSecondary}

// bookmarksChanged shows the bookmarks anew.
func (w *Window) bookmarksChanged() {
	var items []kit.SourceItem
	for _, r := range w.Marks.Rows() {
		items = append(items, kit.SourceItem{ID: r.ID, Title: plain(r.Title), Subtitle: plain(r.Subtitle), Icon: r.Icon, Heading: r.Heading,
			Depth: r.Depth, Expandable: r.Group, Expanded: r.Open, Mark: markColours[r.Colour], Badge: productionBadge(r.Production)})
	}
	w.side.SetItems(items)
	w.bar.Refill()
	w.menu.Update()
	w.welcome.update()
	w.update()
}

func (w *Window) markMenu(id string, at fyne.Position) {
	var items []*fyne.MenuItem
	if id != "" && !strings.HasPrefix(id, "g:") {
		items = append(items, fyne.NewMenuItem(text.T("browser.mark_connect"), func() { w.openMark(id) }), fyne.NewMenuItemSeparator())
	}
	if strings.HasPrefix(id, "h:") {
		items = append(items, fyne.NewMenuItem(text.T("browser.mark_keep"), func() {
			if b, ok := w.Marks.Bookmark(id); ok {
				b.ID = ""
				w.Marks.Save(b)
			}
		}), fyne.NewMenuItem(text.T("browser.mark_forget"), func() { w.Marks.Remove(id) }), fyne.NewMenuItemSeparator())
	}
	m := command.Popup(w.s.Commands, w, []any{command.NewBookmark, command.EditBookmark, command.DuplicateBookmark, command.DeleteBookmark})
	kit.ShowMenu(w.Win.Canvas(), fyne.NewMenu("", append(items, m.Items...)...), at)
}

// newBookmark opens the editor for the current connection, or for a new one.
func (w *Window) newBookmark() {
	var b bookmarks.Bookmark
	if c := w.VM.Connection(); c != nil {
		if of, ok := w.Marks.Of(c, w.VM.At()); ok {
			b = of
		}
	}
	w.s.Host.EditBookmark(w, b, true)
}

func (w *Window) bookmarkMenu() []*fyne.MenuItem { return w.markItems("b:") }

func (w *Window) historyMenu() []*fyne.MenuItem { return w.markItems("h:") }

func (w *Window) markItems(prefix string) []*fyne.MenuItem {
	var out []*fyne.MenuItem
	for _, r := range w.Marks.Rows() {
		if strings.HasPrefix(r.ID, prefix) {
			out = append(out, fyne.NewMenuItem(plain(r.Title), func() { w.openMark(r.ID) }))
		}
	}
	if len(out) == 0 {
		none := fyne.NewMenuItem(text.T("menu.none"), nil)
		none.Disabled = true
		out = append(out, none)
	}
	return out
}

func (w *Window) windowMenu() []*fyne.MenuItem {
	var out []*fyne.MenuItem
	for _, o := range w.s.Host.Windows() {
		it := fyne.NewMenuItem(o.Win.Title(), o.Win.RequestFocus)
		it.Checked = o == w
		out = append(out, it)
	}
	return out
}

// RefreshMenus makes the menus anew that list windows.
func (w *Window) RefreshMenus() { w.bar.Refill() }

// runTransfers does what a command says to all transfers.
func (w *Window) runTransfers(id command.ID) bool {
	q := w.s.Transfers
	switch id {
	case command.PauseAll:
		q.Pause(w.transferIDs(func(t transfer.Transfer) bool { return transfers.Active(t.State) })...)
	case command.ResumeAll:
		w.resume(w.transferIDs(transfers.Resumable))
	case command.RetryFailed:
		w.resume(w.transferIDs(func(t transfer.Transfer) bool { return transfers.Failed(t) && t.State.Ended() }))
	case command.CleanUp:
		w.background(q.CleanUp)
	default:
		return false
	}
	return true
}

func (w *Window) transferIDs(ok func(transfer.Transfer) bool) []transfer.ID {
	var out []transfer.ID
	for _, t := range w.s.Feed.Transfers() {
		if ok(t) {
			out = append(out, t.ID)
		}
	}
	return out
}

func (w *Window) resume(ids []transfer.ID) {
	if len(ids) > 0 {
		w.background(func(ctx context.Context) error { return w.s.Transfers.Resume(ctx, ids...) })
	}
}

func (w *Window) background(f func(context.Context) error) {
	tasks.Run(w.tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) }, func(_ struct{}, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			w.Report(Problem{Failures: []report.Failure{{Err: err}}})
		}
	})
}
