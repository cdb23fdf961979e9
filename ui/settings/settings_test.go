package settings

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/keychain"
	"pintail/preferences"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// bench is the window on preferences of its own. The test's goroutine is the window's thread.
type bench struct {
	t     *testing.T
	w     *Window
	prefs *preferences.Preferences
	parts map[string]fyne.CanvasObject
	shut  bool

	changing fyne.Window // over which the passphrase was asked for
	changed  error       // what comes of it
}

func newBench(t *testing.T) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	prefs, err := preferences.Open(preferences.Options{File: filepath.Join(t.TempDir(), "preferences.json")})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, prefs: prefs, parts: map[string]fyne.CanvasObject{}}
	b.w = Open(Services{App: a, Preferences: prefs, ChangePassphrase: func(over fyne.Window, done func(error)) { b.changing = over; done(b.changed) }, Register: func(id string, o fyne.CanvasObject) { b.parts[id] = o },
		Here:         func() (string, string) { return "lab.example.com:9000", "archive" },
		ChooseFolder: func(_ string, done func(string)) { done("/chosen") }, Closed: func() { b.shut = true }})
	t.Cleanup(b.w.Close)
	return b
}

func (b *bench) entry(id string) *kit.Entry {
	b.t.Helper()
	e, ok := b.parts[id].(*kit.Entry)
	if !ok {
		b.t.Fatalf("no field %s", id)
	}
	return e
}

func (b *bench) press(id string) {
	b.t.Helper()
	x, ok := b.parts[id].(*kit.Button)
	if !ok || x.Disabled() {
		b.t.Fatalf("%s cannot be pressed", id)
	}
	x.Tapped(nil)
}

// remark is the text below the field of a preference.
func (b *bench) remark(name string) string { return b.w.fields[name][0].row.Remark() }

func TestWindow_AValueOutOfRangeGetsItsMessageAndIsNotStored(t *testing.T) {
	b := newBench(t)
	for _, tt := range []struct{ name, typed, says string }{
		{"s3.upload.multipart.size", "1 MiB", "Give 5 MiB to 5 GiB"},
		{"s3.upload.multipart.size", "large", "Give 5 MiB to 5 GiB"},
		{"queue.connections.limit", "257", "Give 256 at most"},
		{"queue.upload.bandwidth.bytes", "fast", "Give 1 TiB/s at most"},
		{"s3.glacier.restore.expiration.days", "0", "Give 1 to 36500"},
		{"s3.url.expire.seconds", "8 d", "Give 1 s to 7 d"},
		{"browser.hidden.regex", "(", "This is no regular expression"},
		{"connection.retry", "-3", "Give 1 to 100"},
	} {
		before, _ := b.prefs.GetString(tt.name)
		e := b.entry("settings." + tt.name)
		e.SetText(tt.typed)
		e.OnSubmitted(tt.typed)
		if got := b.remark(tt.name); got != tt.says || e.Text != tt.typed {
			t.Errorf("%s %q: %q is said of %q", tt.name, tt.typed, got, e.Text)
		}
		if after, _ := b.prefs.GetString(tt.name); after != before || b.prefs.IsSet(tt.name) {
			t.Errorf("%s: %q was stored", tt.name, after)
		}
		if !e.OnEscape() || b.remark(tt.name) == tt.says || e.Text == tt.typed {
			t.Errorf("%s: Esc leaves %q, %q", tt.name, e.Text, b.remark(tt.name))
		}
	}
}

// The button of the passphrase says what came of it, and nothing when the person gave it up.
func TestWindow_ThePassphraseIsChanged(t *testing.T) {
	b := newBench(t)
	b.w.ShowPage("connection")
	for _, c := range []struct {
		err  error
		says string
	}{
		{nil, "The passphrase was changed"},
		{&keychain.FileError{Path: "/s", Err: keychain.ErrFileLocked}, ""},
		{&keychain.FileError{Path: "/s", Err: keychain.ErrWrongPassphrase}, "does not open the encrypted file of secrets: /s. Try again."},
		{context.Canceled, ""},
		{&keychain.FileError{Path: "/s", Err: keychain.ErrNoFile}, "There is no encrypted file of secrets: /s. It is made when"},
	} {
		b.changed = c.err
		b.press("settings.passphrase")
		if got := b.w.secrets.Remark(); (c.says == "") != (got == "") || !strings.Contains(got, c.says) || b.changing != b.w.Win {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

func TestWindow_FieldsShowAndReadPlainWords(t *testing.T) {
	b := newBench(t)
	for _, tt := range []struct{ id, name, typed, stored, shown string }{
		{"", "s3.upload.multipart.size", "64MiB", "67108864", "64 MiB"},
		{"", "s3.upload.multipart.threshold", "200000000", "200000000", "200 MB"},
		{"", "queue.upload.bandwidth.bytes", "5 MB/s", "5000000", "5 MB/s"},
		{"", "queue.upload.bandwidth.bytes", "", "-1", ""},
		{"", "queue.connections.limit", "12", "12", "12"},
		{"", "queue.connections.limit", " ", "0", ""},
		{"", "s3.url.expire.seconds", "36h", "129600", "36 h"},
		{"", "s3.url.expire.seconds", "48 h", "172800", "2 d"},
		{"", "queue.upload.ignore", "*.tmp, .git", "*.tmp,.git", "*.tmp,.git"},
		{"", "s3.metadata.default", "Content-Language=en team=web", "Content-Language=en team=web", "Content-Language=en team=web"},
		{"settings.cache", "s3.metadata.default", "public, max-age=60", "Cache-Control=public,max-age=60 Content-Language=en team=web", "public, max-age=60"},
		{"", "s3.metadata.default", "team=red", "Cache-Control=public,max-age=60 team=red", "team=red"},
		{"settings.cache", "s3.metadata.default", "", "team=red", ""},
	} {
		id := tt.id
		if id == "" {
			id = "settings." + tt.name
		}
		e := b.entry(id)
		e.SetText(tt.typed)
		e.OnBlur()
		if got, _ := b.prefs.GetString(tt.name); got != tt.stored || e.Text != tt.shown {
			t.Errorf("%s %q: stored %q, shown %q", id, tt.typed, got, e.Text)
		}
	}
	e := b.entry("settings.history.limit")
	e.SetText("7")
	b.w.Close() // what stands in a field that was not left is kept
	if preferences.HistoryLimit.Get(b.prefs) != 7 || !b.shut {
		t.Error("closing the window lost what was typed")
	}
}

func TestWindow_ShowsWhatChangesElsewhere(t *testing.T) {
	b := newBench(t)
	for name, value := range map[string]string{"s3.upload.multipart.size": "33554432", "queue.upload.action": "skip", "browser.sort.foldersfirst": "false", "s3.location": "fsn1"} {
		if err := b.prefs.SetString(name, value); err != nil {
			t.Fatal(err)
		}
		b.w.SettingChanged(name)
	}
	region := b.parts["settings.s3.location"].(*kit.Select)
	if b.entry("settings.s3.upload.multipart.size").Text != "32 MiB" || b.parts["settings.queue.upload.action"].(*kit.Select).Selected() != "Skip" ||
		b.parts["settings.browser.sort.foldersfirst"].(*kit.Check).Checked || region.Selected() != "fsn1" {
		t.Error("the fields do not follow")
	}
	e := b.entry("settings.connection.retry")
	e.SetText("8")
	if err := b.prefs.SetString("connection.retry", "3"); err != nil {
		t.Fatal(err)
	}
	if b.w.SettingChanged("connection.retry"); e.Text != "8" {
		t.Error("what is being typed was replaced")
	}
}

func TestWindow_BucketsAreAddedChangedAndRemoved(t *testing.T) {
	b := newBench(t)
	get := func() string { s, _ := b.prefs.GetString("s3.bucket.defaults"); return s }
	pick := func(id string, i int) {
		s := b.parts[id].(*kit.Select)
		s.SetIndex(i)
		s.OnChanged(i)
	}
	b.w.ShowPage("buckets")
	b.press("settings.buckets.add")
	if b.entry("settings.bucket.host").Text != "lab.example.com:9000" || b.entry("settings.bucket.name").Text != "archive" || !b.parts["dialog.ok"].(*kit.Button).Disabled() {
		t.Error("the sheet does not begin with the bucket that is looked at")
	}
	pick("settings.bucket.class", 6) // STANDARD… GLACIER_IR
	b.press("dialog.ok")
	if get() != "lab.example.com:9000/archive class=GLACIER_IR" {
		t.Fatalf("%q", get())
	}
	b.press("settings.buckets.add")
	b.entry("settings.bucket.host").SetText("https://s3.eu-west-1.amazonaws.com/")
	b.entry("settings.bucket.name").SetText("photos")
	pick("settings.bucket.encryption", 2)
	b.entry("settings.bucket.key").SetText("alias/with space")
	if !b.parts["dialog.ok"].(*kit.Button).Disabled() {
		t.Error("a key with a space can be saved")
	}
	b.entry("settings.bucket.key").SetText("alias/photos")
	b.press("dialog.ok")
	if get() != "lab.example.com:9000/archive class=GLACIER_IR,s3.amazonaws.com/photos encryption=aws:kms key=alias/photos" {
		t.Fatalf("%q", get())
	}
	b.press("settings.buckets.change") // the new row is selected
	pick("settings.bucket.encryption", 4)
	b.press("dialog.ok")
	if get() != "lab.example.com:9000/archive class=GLACIER_IR,s3.amazonaws.com/photos encryption=none" {
		t.Fatalf("%q", get())
	}
	b.press("settings.buckets.remove")
	if get() != "lab.example.com:9000/archive class=GLACIER_IR" || b.w.buckets.table.Len() != 1 {
		t.Fatalf("%q", get())
	}
}

func TestWindow_AdvancedFindsSetsAndResetsEveryPreference(t *testing.T) {
	b := newBench(t)
	p := b.w.all
	if p.table.Len() != len(preferences.All()) {
		t.Fatalf("%d of %d preferences", p.table.Len(), len(preferences.All()))
	}
	p.search.SetText("listings cost unfinished")
	if p.table.Len() != 1 {
		t.Fatalf("%d rows", p.table.Len())
	}
	p.search.SetText("")
	for _, d := range preferences.All() {
		k := p.table.keys[d.Name]
		p.list.Select(k)
		p.chosen()
		now, _ := b.prefs.GetString(d.Name)
		if p.value.Text != now || p.row.Remark() != d.Sentence {
			t.Errorf("%s: %q, %q", d.Name, p.value.Text, p.row.Remark())
		}
	}
	p.list.Select(p.table.keys["history.limit"])
	p.chosen()
	p.value.SetText("2000")
	b.press("settings.all.set")
	if p.row.Remark() != "Give 0 to 1000" || b.prefs.IsSet("history.limit") {
		t.Errorf("%q", p.row.Remark())
	}
	p.value.SetText("9")
	b.press("settings.all.set")
	if preferences.HistoryLimit.Get(b.prefs) != 9 || b.entry("settings.history.limit").Text != "9" {
		t.Error("not stored, or not shown on its page")
	}
	b.press("settings.all.reset")
	if b.prefs.IsSet("history.limit") || p.value.Text != "50" {
		t.Error("not reset")
	}
}

// The window must be usable in a small one: no page is wider than it has room for.
func TestWindow_FitsASmallScreen(t *testing.T) {
	b := newBench(t)
	b.w.Win.Resize(fyne.NewSize(640, 520))
	for _, p := range b.w.pages {
		b.w.ShowPage(p.id)
		if m := b.w.Win.Content().MinSize(); m.Width > 640 || m.Height > 520 {
			t.Errorf("%s needs %v", p.id, m)
		}
	}
}

// Each control of the pages stores what it says in the preference that it is named for.
func TestWindow_EveryControlStoresItsPreference(t *testing.T) {
	b := newBench(t)
	for name := range b.w.fields {
		d := b.w.definition(name)
		get := func() string { v, _ := b.prefs.GetString(name); return v }
		switch c := b.parts["settings."+name].(type) {
		case *kit.Check:
			c.SetChecked(!c.Checked)
			if get() == d.Default {
				t.Errorf("%s: the box changes nothing", name)
			}
		case *kit.Select:
			seen := map[string]bool{}
			for i := range 60 {
				if c.SetIndex(-1); i < len(options(c)) {
					c.SetIndex(i)
					c.OnChanged(i)
					seen[get()] = true
				}
			}
			for _, v := range d.Choices {
				if !seen[v] {
					t.Errorf("%s: %q cannot be chosen", name, v)
				}
			}
			if len(seen) < 2 {
				t.Errorf("%s: the choice changes nothing", name)
			}
		case *kit.Entry:
			if d.Kind != preferences.KindInt && d.Kind != preferences.KindBytes {
				continue
			}
			for _, n := range []int64{d.Max, d.Min} {
				c.SetText(codecOf(d).show(format(n)))
				if c.OnBlur(); get() != format(n) {
					t.Errorf("%s: %d is not stored but %s: %s", name, n, get(), b.remark(name))
				}
			}
		default:
			t.Errorf("%s has no control", name)
		}
	}
}

// options are the titles of a choice.
func options(c *kit.Select) (out []string) {
	at := c.Index()
	defer c.SetIndex(at)
	for i := 0; ; i++ {
		c.SetIndex(i)
		if c.Index() != i {
			return out
		}
		out = append(out, c.Selected())
	}
}
