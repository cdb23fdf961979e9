package settings

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
)

// bucketPage is the list of buckets whose new objects get a class and an encryption of their own.
type bucketPage struct {
	w                   *Window
	body                fyne.CanvasObject
	table               *table
	list                *outline.Outline
	add, change, remove *kit.Button
}

func newBucketPage(w *Window) *bucketPage {
	p := &bucketPage{w: w, table: &table{}}
	p.list = outline.New(p.table, []outline.Column{
		{ID: "0", Title: text.T("settings.bucket"), Width: 130, Min: 60, Flex: true, Fixed: true},
		{ID: "1", Title: text.T("settings.server"), Width: 140, Min: 60},
		{ID: "2", Title: text.T("settings.class"), Width: 110, Min: 40},
		{ID: "3", Title: text.T("settings.encryption"), Width: 110, Min: 40},
	}, outline.Options{})
	p.list.OnSelect = p.enable
	p.list.OnOpen = func(outline.Key) { p.ask(true) }
	p.list.OnDelete = p.drop
	p.list.CanStart = func(outline.Key) bool { return false }
	p.list.SetMessage(&outline.Message{Title: text.T("settings.no_buckets"), Text: text.T("settings.no_buckets_text")})
	p.add = kit.NewButton(text.T("settings.add"), kit.Plain, func() { p.ask(false) })
	p.change = kit.NewButton(text.T("settings.change"), kit.Plain, func() { p.ask(true) })
	p.remove = kit.NewButton(text.T("settings.remove"), kit.Plain, p.drop)
	for id, o := range map[string]fyne.CanvasObject{"list": p.list, "add": p.add, "change": p.change, "remove": p.remove} {
		w.s.Register("settings.buckets."+id, o)
	}
	buttons := container.New(layout.NewCustomPaddedLayout(8, 10, 12, 12), container.New(layout.NewCustomPaddedHBoxLayout(8), p.add, p.change, p.remove))
	p.body = container.NewBorder(nil, container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), buttons), nil, nil,
		container.NewStack(kit.NewPlate(look.ColorBody), p.list))
	p.load()
	return p
}

func (p *bucketPage) load() {
	var lines []line
	for _, b := range preferences.S3Buckets.Get(p.w.s.Preferences) {
		class, enc := b.Class, b.Encryption
		if class == "" {
			class = "–"
		}
		switch enc {
		case "":
			enc = "–"
		case preferences.NoEncryption:
			enc = text.T("settings.encryption_bucket")
		}
		lines = append(lines, line{id: b.Host + "/" + b.Bucket, cells: []string{b.Bucket, b.Host, class, enc}, icon: "kind-bucket"})
	}
	p.table.set(lines)
	p.list.Changed(true)
	p.enable()
}

// selected are the defaults of the one selected row.
func (p *bucketPage) selected() (preferences.BucketDefaults, bool) {
	if p.list.SelectedCount() == 1 {
		for k := range p.list.Selection().All() {
			if l, ok := p.table.find(k); ok {
				return preferences.DefaultsOf(preferences.S3Buckets.Get(p.w.s.Preferences), l.cells[1], l.cells[0]), true
			}
		}
	}
	return preferences.BucketDefaults{}, false
}

func (p *bucketPage) enable() {
	_, one := p.selected()
	p.change.SetEnabled(one)
	p.remove.SetEnabled(one)
}

func (p *bucketPage) drop() {
	b, one := p.selected()
	if !one {
		return
	}
	if err := p.store(preferences.BucketDefaults{Host: b.Host, Bucket: b.Bucket}); err != nil {
		p.list.SetMessage(&outline.Message{Title: explain.Error(err).Sentence})
	}
}

// store puts the defaults of a bucket into the list and says what keeps them from it.
func (p *bucketPage) store(b preferences.BucketDefaults) error {
	prefs := p.w.s.Preferences
	if err := preferences.S3Buckets.Set(prefs, preferences.SetDefaults(preferences.S3Buckets.Get(prefs), b)); err != nil {
		return err
	}
	p.load()
	if k := p.table.keys[b.Host+"/"+b.Bucket]; k != 0 {
		if _, there := p.table.Index(k); there {
			p.list.Select(k)
		}
	}
	p.enable()
	return nil
}

// bucketForm is the sheet for one bucket.
type bucketForm struct {
	host, bucket, key  *kit.Entry
	class, encryption  *kit.Select
	classes, kinds     []string
	hostRow, bucketRow *kit.FormRow
	keyRow, encRow     *kit.FormRow
	form               *kit.Form
	old                preferences.BucketDefaults
	ok                 *kit.Button
}

// ask shows the sheet: for the selected bucket, or for a new row with the bucket that the person is looking at.
func (p *bucketPage) ask(change bool) {
	b, one := p.selected()
	if change && !one {
		return
	}
	title := text.T("settings.change_title", b.Bucket)
	if !change {
		host, bucket := p.w.s.Here()
		b, title = preferences.BucketDefaults{Host: host, Bucket: bucket}, text.T("settings.add_title")
	}
	f := newBucketForm(b, change)
	var s *kit.Sheet
	f.ok = kit.NewButton(text.T("settings.save"), kit.Default, func() {
		b, good := f.read()
		if !good {
			return
		}
		if err := p.store(b); err != nil {
			f.encRow.SetError(explain.Error(err).Sentence)
			return
		}
		s.Close()
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	for id, o := range map[string]fyne.CanvasObject{"settings.bucket.host": f.host, "settings.bucket.name": f.bucket, "settings.bucket.class": f.class,
		"settings.bucket.encryption": f.encryption, "settings.bucket.key": f.key, "dialog.ok": f.ok, "dialog.cancel": cancel} {
		p.w.s.Register(id, o)
	}
	var first fyne.Focusable = f.class
	if b.Bucket == "" {
		first = f.bucket
	}
	s = kit.ShowSheet(p.w.Win.Canvas(), title, container.New(&widthLayout{440}, f.form), first, cancel, f.ok)
	f.check()
}

func newBucketForm(b preferences.BucketDefaults, change bool) *bucketForm {
	f := &bucketForm{old: b, form: kit.NewForm(), host: kit.NewEntry(), bucket: kit.NewEntry(), key: kit.NewEntry()}
	f.classes, f.kinds = append([]string{""}, classes()...), append([]string{""}, preferences.BucketEncryptions()...)
	names, enc := []string{text.T("settings.as_all")}, []string{text.T("settings.as_all")}
	names = append(names, classes()...)
	if b.Class != "" && !contains(f.classes, b.Class) {
		f.classes, names = append(f.classes, b.Class), append(names, b.Class)
	}
	for _, k := range f.kinds[1:] {
		enc = append(enc, explain.Encryption(k, text.T("settings.encryption_bucket")))
	}
	f.class, f.encryption = kit.NewSelect(names, func(int) { f.check() }), kit.NewSelect(enc, func(int) { f.check() })
	f.class.SetIndex(index(f.classes, b.Class))
	f.encryption.SetIndex(index(f.kinds, b.Encryption))
	f.host.SetText(b.Host)
	f.bucket.SetText(b.Bucket)
	f.key.SetText(b.Key)
	f.key.SetPlaceHolder(text.T("info.kms_key_hint"))
	for _, e := range []*kit.Entry{f.host, f.bucket, f.key} {
		e.OnChanged = func(string) { f.check() }
		if change && e != f.key {
			e.Disable()
		}
	}
	f.bucketRow, f.hostRow = f.form.Add(text.T("settings.bucket"), f.bucket), f.form.Add(text.T("settings.server"), f.host)
	f.form.Add(text.T("settings.class"), f.class)
	f.encRow = f.form.Add(text.T("settings.encryption"), f.encryption)
	f.keyRow = f.form.Add(text.T("info.kms_key"), f.key)
	return f
}

func contains(list []string, s string) bool {
	return index(list, s) > 0 || len(list) > 0 && list[0] == s
}

// index is the place of s, 0 where it is not.
func index(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	return 0
}

func (f *bucketForm) byKMS() bool {
	return strings.HasPrefix(f.kinds[max(f.encryption.Index(), 0)], "aws:kms")
}

// check shows what is wrong where something was typed, and lets only a whole form be saved.
func (f *bucketForm) check() {
	f.keyRow.SetVisible(f.byKMS())
	_, ok := f.read()
	f.ok.SetEnabled(ok)
}

// serverName is the server as the preferences name it, from a name or an address.
func serverName(s string) string {
	s = strings.TrimSpace(s)
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(s, "/")
	if s == "" {
		return ""
	}
	return connect.PreferenceHost(s)
}

// read is what the fields say; false while they cannot be saved.
func (f *bucketForm) read() (preferences.BucketDefaults, bool) {
	b := preferences.BucketDefaults{Host: serverName(f.host.Text), Bucket: strings.TrimSpace(f.bucket.Text),
		Class: f.classes[max(f.class.Index(), 0)], Encryption: f.kinds[max(f.encryption.Index(), 0)]}
	if f.byKMS() {
		b.Key = strings.TrimSpace(f.key.Text)
	}
	bad := func(row *kit.FormRow, wrong bool, words string) bool {
		if !wrong {
			words = ""
		}
		row.SetError(words)
		return wrong
	}
	const apart = " ,/=\t"
	wrong := bad(f.hostRow, strings.ContainsAny(b.Host, apart) || b.Host == "" && b.Bucket != "", text.T("settings.bad_server"))
	wrong = bad(f.bucketRow, b.Bucket != "" && storage.CheckBucketName(b.Bucket) != nil && strings.ContainsAny(b.Bucket, apart), text.T("settings.bad_bucket")) || wrong
	wrong = bad(f.keyRow, strings.ContainsAny(b.Key, " ,=\t"), text.T("settings.bad_key")) || wrong
	return b, !wrong && b.Bucket != "" && b.Host != "" && (b.Class != "" || b.Encryption != "")
}
