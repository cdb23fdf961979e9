package browser

import (
	"net/http"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const (
	linkWidth = 460
	linkShown = 4 // lines that are shown of what would be copied
)

// linkWindow makes signed addresses of objects and copies them. What is chosen shows in the addresses at once.
type linkWindow struct {
	w      *Window
	items  []Item
	dialog *kit.Dialog

	method, span, form *kit.Select
	own, name, kind    *kit.Entry
	spans              []time.Duration
	spanRow, ownRow    *kit.FormRow
	nameRow, kindRow   *kit.FormRow
	shown              *fyne.Container
	copy               *kit.Button
	fields             *kit.Form
	cancel             func()
	links              Links
}

func linkMethods() []string { return []string{http.MethodGet, http.MethodPut, http.MethodHead} }

// showLinks opens the window for the objects among items.
func (w *Window) showLinks(items []Item) {
	var files []Item
	for _, it := range readable(items) {
		if !it.Folder {
			files = append(files, it)
		}
	}
	if len(files) == 0 {
		return
	}
	l := &linkWindow{w: w, items: files, cancel: func() {}}
	l.build()
	shut := func() { l.cancel(); l.dialog.Close() }
	l.copy = kit.NewButton(text.T("links.copy"), kit.Default, func() {
		if len(l.links.List) > 0 {
			w.Clipboard(linkForms()[l.form.Index()].write(l.links.List))
			w.Notice(text.N("links.copied", len(l.links.List), len(l.links.List)))
			shut()
		}
	})
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, shut)
	title := text.N("links.title", len(files), len(files))
	if len(files) == 1 {
		title = text.T("links.title_one", plainName(files[0]))
	}
	body := container.New(&leastLayout{fyne.NewSize(linkWidth, 0)}, container.New(layout.NewCustomPaddedVBoxLayout(10), l.fields, l.shown))
	l.dialog = kit.NewDialog(w.s.App, title, body, no, l.copy)
	for id, o := range map[string]fyne.CanvasObject{"method": l.method, "span": l.span, "own": l.own, "name": l.name, "type": l.kind,
		"form": l.form, "copy": l.copy, "cancel": no, "shown": l.shown} {
		w.s.Register(l.dialog.Window, "links."+id, o)
	}
	l.sign()
	l.dialog.Show(l.method)
}

func (l *linkWindow) build() {
	longest := l.w.VM.Connection().Session.LongestPresign()
	l.spans = linkSpans(longest)
	var names, forms []string
	first := 0
	wish := time.Duration(preferences.S3URLExpire.Get(l.w.s.Preferences)) * time.Second
	for i, d := range l.spans {
		names = append(names, units.FormatSpan(d))
		if d <= wish {
			first = i
		}
	}
	for _, f := range linkForms() {
		forms = append(forms, f.words())
	}
	again := func(string) { l.sign() }
	l.method = kit.NewSelect([]string{text.T("links.get"), text.T("links.put"), text.T("links.head")}, func(int) { l.sign() })
	l.span = kit.NewSelect(append(names, text.T("links.own")), func(int) { l.sign() })
	l.form = kit.NewSelect(forms, func(int) { l.show() })
	l.own, l.name, l.kind = kit.NewEntry(), kit.NewEntry(), kit.NewEntry()
	l.own.SetPlaceHolder(text.T("links.own_hint"))
	l.name.SetPlaceHolder(text.T("links.name_hint"))
	l.kind.SetPlaceHolder(text.T("links.type_hint"))
	l.method.SetIndex(0)
	l.span.SetIndex(first)
	l.form.SetIndex(0)
	l.own.OnChanged, l.name.OnChanged, l.kind.OnChanged = again, again, again
	l.fields = kit.NewForm()
	l.fields.Add(text.T("links.method"), l.method)
	l.spanRow = l.fields.Add(text.T("info.link_for"), l.span)
	l.ownRow = l.fields.Add(text.T("links.until"), l.own)
	l.nameRow = l.fields.Add(text.T("links.name"), l.name)
	l.kindRow = l.fields.Add(text.T("links.type"), l.kind)
	l.fields.Add(text.T("links.form"), l.form)
	l.shown = container.New(layout.NewCustomPaddedVBoxLayout(1))
}

// sign makes the addresses anew as what is chosen says.
func (l *linkWindow) sign() {
	l.cancel()
	c := l.w.VM.Connection()
	if c == nil || l.method.Index() < 0 || l.span.Index() < 0 {
		return
	}
	method, own := linkMethods()[l.method.Index()], l.span.Index() == len(l.spans)
	l.ownRow.SetVisible(own)
	l.nameRow.SetVisible(method == http.MethodGet && len(l.items) == 1)
	l.kindRow.SetVisible(method == http.MethodPut)
	o := storage.PresignOptions{Method: method}
	row, wrong := l.spanRow, ""
	if own {
		row = l.ownRow
		o.Span, wrong = linkSpan(l.own.Text, l.w.VM.Now(), c.Session.LongestPresign())
	} else {
		o.Span = l.spans[l.span.Index()]
	}
	switch {
	case method == http.MethodGet && len(l.items) == 1:
		o.FileName = l.name.Text
	case method == http.MethodPut:
		o.ContentType = l.kind.Text
	}
	l.spanRow.SetHint("")
	l.links = Links{}
	if wrong != "" {
		if l.own.Text == "" {
			wrong = " "
		}
		row.SetError(wrong)
		l.show()
		return
	}
	l.cancel = l.w.VM.Sign(l.items, o, func(links Links, err error) {
		l.links = links
		if err != nil {
			row.SetError(explain.Error(err).Sentence)
			l.links = Links{}
		} else {
			row.SetHint(linkEnd(links, l.w.VM.Now()))
		}
		l.show()
	})
}

// linkEnd says when links end.
func linkEnd(l Links, now time.Time) string {
	end := l.Expires.In(now.Location()).Format("2 Jan 2006 15:04")
	if l.Sooner {
		return text.T("links.ends_sooner", end)
	}
	return text.T("links.ends", end)
}

// show shows what would be copied.
func (l *linkWindow) show() {
	l.shown.Objects = nil
	form := linkForms()[l.form.Index()]
	for i, link := range l.links.List {
		if i == linkShown {
			l.shown.Add(kit.NewCaption(text.N("report.more", len(l.links.List)-i, len(l.links.List)-i)))
			break
		}
		l.shown.Add(kit.NewLabel(form.write([]Link{link}),
			kit.LabelStyle{Mono: true, Size: theme.SizeNameCaptionText, Color: look.ColorSecondary, Cut: kit.CutMiddle}))
	}
	if form == linkQR {
		l.showCode()
	}
	if l.copy != nil {
		l.copy.SetEnabled(len(l.links.List) > 0)
		l.copy.SetText(text.T("links.copy"))
		if form == linkQR {
			l.copy.SetText(text.N("links.copy_plain", len(l.items)))
		}
	}
	if l.dialog != nil {
		c := l.dialog.Window.Content()
		c.Refresh()
		l.dialog.Window.Resize(c.MinSize())
	}
}

// showCode shows the address as a QR code, which holds one only.
func (l *linkWindow) showCode() {
	switch {
	case len(l.items) > 1:
		l.shown.Add(kit.NewCaption(text.T("links.code_one")))
	case len(l.links.List) == 1:
		code, err := linkCode(l.links.List[0].URL)
		if err != nil {
			l.shown.Add(kit.NewCaption(text.T("links.code_long")))
			return
		}
		l.shown.Add(container.NewCenter(code))
	}
}
