package profilelist

import (
	"net/netip"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/profiles"
	"pintail/ui/kit"
)

// editor is the sheet with the fields of one profile.
type editor struct {
	c    profiles.Changes
	rows map[string]*kit.FormRow
	ok   *kit.Button

	title, host, port, path, region, regions *kit.Entry
	scheme                                   *kit.Select
	anyHost, anyPort                         *kit.Check
}

// editOrCopy opens the editor: of one's own profile, or of a copy of one of ours.
func (w *Window) editOrCopy() {
	if r, one := w.selected(); one && !r.p.Bundled {
		w.change()
		return
	}
	w.copy()
}

func (w *Window) change() {
	r, one := w.selected()
	if !one || r.broken || r.p.Bundled {
		return
	}
	w.ask(text.T("profilelist.edit_title", r.title()), text.T("profilelist.save"), r.p.Changes(), func(c profiles.Changes) {
		w.work(func() (string, error) {
			p, err := w.s.Profiles.Change(r.file, c)
			return p.File, err
		})
	})
}

func (w *Window) copy() {
	r, one := w.selected()
	if !one || r.broken {
		return
	}
	c := r.p.Changes()
	c.Description = text.T("profilelist.copy_of", c.Description)
	w.ask(text.T("profilelist.duplicate_title", r.title()), text.T("profilelist.save_copy"), c, func(c profiles.Changes) {
		w.work(func() (string, error) {
			p, err := w.s.Profiles.Duplicate(r.file, c)
			return p.File, err
		})
	})
}

// ask shows the fields of a profile; done gets what they say.
func (w *Window) ask(title, okText string, c profiles.Changes, done func(profiles.Changes)) {
	e := &editor{c: c, rows: map[string]*kit.FormRow{}}
	var s *kit.Sheet
	e.ok = kit.NewButton(okText, kit.Default, func() {
		if got, wrong := e.read(); len(wrong) == 0 {
			s.Close()
			done(got)
		}
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	w.register("dialog.ok", e.ok)
	w.register("dialog.cancel", cancel)
	form := e.build(w.register)
	s = kit.ShowSheet(w.Win.Canvas(), title, container.New(layout.NewCustomPaddedVBoxLayout(0), &space{fyne.NewSize(460, 1), container.NewWithoutLayout()}, form), e.title, cancel, e.ok)
	e.title.SelectFirst(-1)
}

// space is an empty object of a size.
type space struct {
	size fyne.Size
	*fyne.Container
}

// MinSize is the size.
func (s *space) MinSize() fyne.Size { return s.size }

func (e *editor) build(register func(string, fyne.CanvasObject)) *kit.Form {
	f := kit.NewForm()
	entry := func(id, label, value string) *kit.Entry {
		x := kit.NewEntry()
		x.SetText(value)
		x.OnChanged = func(string) { e.check() }
		e.rows[id] = f.Add(label, x)
		register("profilelist.edit."+id, x)
		return x
	}
	port := ""
	if e.c.Port != 0 {
		port = strconv.Itoa(e.c.Port)
	}
	e.title = entry("title", text.T("profilelist.field_title"), e.c.Description)
	e.scheme = kit.NewSelect([]string{text.T("profilelist.https"), text.T("profilelist.http")}, func(int) { e.check() })
	e.scheme.SetIndex(0)
	if e.c.Scheme == "http" {
		e.scheme.SetIndex(1)
	}
	f.Add(text.T("profilelist.field_scheme"), e.scheme)
	register("profilelist.edit.scheme", e.scheme)
	e.host = entry("host", text.T("profilelist.field_host"), e.c.Hostname)
	e.anyHost = kit.NewCheck(text.T("profilelist.any_host"), func(bool) { e.check() })
	e.anyHost.SetChecked(e.c.AnyHostname)
	f.Add("", e.anyHost)
	register("profilelist.edit.anyhost", e.anyHost)
	e.port = entry("port", text.T("profilelist.field_port"), port)
	e.anyPort = kit.NewCheck(text.T("profilelist.any_port"), func(bool) { e.check() })
	e.anyPort.SetChecked(e.c.AnyPort)
	f.Add("", e.anyPort)
	e.path = entry("path", text.T("profilelist.field_path"), e.c.Path)
	e.region = entry("region", text.T("profilelist.field_region"), e.c.Region)
	e.regions = entry("regions", text.T("profilelist.field_regions"), strings.Join(e.c.Regions, " "))
	return f
}

func (e *editor) check() {
	if e.regions == nil { // not all of them are there yet
		return
	}
	_, wrong := e.read()
	for id, row := range e.rows {
		row.SetError(wrong[id])
	}
	e.ok.SetEnabled(len(wrong) == 0)
}

// read is what the fields say, and what is wrong with them.
func (e *editor) read() (profiles.Changes, map[string]string) {
	c, wrong := e.c, map[string]string{}
	c.Description, c.Hostname, c.Path = strings.TrimSpace(e.title.Text), strings.TrimSpace(e.host.Text), strings.TrimSpace(e.path.Text)
	c.Region, c.Regions = strings.TrimSpace(e.region.Text), strings.FieldsFunc(e.regions.Text, func(r rune) bool { return r == ' ' || r == ',' })
	if len(c.Regions) == 0 {
		c.Regions = nil
	}
	c.Scheme = []string{"https", "http"}[max(e.scheme.Index(), 0)]
	c.AnyHostname, c.AnyPort = e.anyHost.Checked, e.anyPort.Checked
	if c.Description == "" {
		wrong["title"] = text.T("profilelist.no_title")
	}
	switch {
	case c.Hostname == "" && !c.AnyHostname:
		wrong["host"] = text.T("profilelist.no_host")
	case c.Hostname != "" && !hostOK(c.Hostname):
		wrong["host"] = text.T("profilelist.bad_host")
	}
	c.Port = 0
	if s := strings.TrimSpace(e.port.Text); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 65535 {
			wrong["port"] = text.T("profilelist.bad_port")
		}
		c.Port = n
	}
	return c, wrong
}

func hostOK(h string) bool {
	if _, err := netip.ParseAddr(strings.Trim(h, "[]")); err == nil {
		return true
	}
	return !strings.ContainsAny(h, " \t/:@?#\\%")
}
