package bookmarks

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/bookmarks"
	"pintail/internal/explain"
	"pintail/internal/importing"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Importer takes connections out of files. Its methods may block.
type Importer interface {
	// Find names the places of this computer that have connections.
	Find(context.Context) []importing.Known
	Import(ctx context.Context, paths []string) []importing.Line
	// Export writes all bookmarks without secrets into a new file of folder and returns its path.
	Export(ctx context.Context, folder string) (string, error)
}

// ImportOptions is what [ShowImport] works with.
type ImportOptions struct {
	Canvas   fyne.Canvas
	Tasks    *tasks.Group
	Importer Importer
	Register func(id string, o fyne.CanvasObject)
	Choose   func(done func(paths []string)) // lets the person choose files and folders
	Store    func() keychain.StoreKind       // where secrets go; it may block
}

const (
	importWidth  = 440
	importHeight = 300 // of the longest list
)

// importer is the question where connections are taken from.
type importer struct {
	ImportOptions
	paths []string
	on    map[string]bool
	rows  *fyne.Container
	box   *fyne.Container
	ok    *kit.Button
	sheet *kit.Sheet
}

// ShowImport asks which files become bookmarks, and says in one summary what came of them.
func ShowImport(o ImportOptions) {
	v := &importer{ImportOptions: o, on: map[string]bool{}}
	type found struct {
		known []importing.Known
		kind  keychain.StoreKind
	}
	tasks.Run(o.Tasks, func(ctx context.Context) (found, error) { return found{o.Importer.Find(ctx), o.Store()}, nil }, func(f found, _ error) {
		v.show(f.known, f.kind)
	})
}

// intro says what is taken, and where secrets go.
func intro(known []importing.Known, kind keychain.StoreKind) string {
	switch {
	case len(known) == 0:
		return text.T("importing.nothing")
	case kind == keychain.FileStore:
		return text.T("importing.text_file")
	case !kind.Lasts():
		return text.T("importing.text_memory")
	}
	return text.T("importing.text")
}

func (v *importer) show(known []importing.Known, kind keychain.StoreKind) {
	words := intro(known, kind)
	v.rows = container.New(layout.NewCustomPaddedVBoxLayout(8))
	v.ok = kit.NewButton(text.T("importing.ok"), kit.Default, v.run)
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { v.sheet.Close() })
	choose := kit.NewButton(text.T("importing.choose"), kit.Plain, func() { v.Choose(v.chosen) })
	for _, k := range known {
		v.add(formatTitle(k.Format), k.Path)
	}
	for id, o := range map[string]fyne.CanvasObject{"dialog.ok": v.ok, "dialog.cancel": cancel, "import.choose": choose} {
		v.Register(id, o)
	}
	least := container.New(layout.NewGridWrapLayout(fyne.NewSize(importWidth, 1)), container.NewWithoutLayout())
	v.box = container.New(layout.NewCustomPaddedVBoxLayout(10), least, report.Paragraph(words, importWidth, kit.LabelStyle{Color: look.ColorSecondary}), v.rows)
	v.enable()
	var first fyne.Focusable = choose
	if len(known) > 0 {
		first = nil // the default button
	}
	v.sheet = kit.ShowSheet(v.Canvas, text.T("importing.title"), v.box, first, choose, cancel, v.ok)
}

// add shows one more place, ticked.
func (v *importer) add(title, path string) {
	if slices.Contains(v.paths, path) {
		return
	}
	id := fmt.Sprintf("import.source.%d", len(v.paths))
	v.paths = append(v.paths, path)
	v.on[path] = true
	check := kit.NewCheck(title, nil)
	check.SetChecked(true)
	check.OnChanged = func(on bool) {
		v.on[path] = on
		v.enable()
	}
	v.Register(id, check)
	where := kit.NewLabel(path, kit.LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText, Cut: kit.CutMiddle})
	v.rows.Add(container.New(layout.NewCustomPaddedVBoxLayout(1), check, container.New(layout.NewCustomPaddedLayout(0, 0, 24, 0), where)))
}

func (v *importer) chosen(paths []string) {
	for _, p := range paths {
		v.add(text.T("importing.source", text.T("importing.chosen"), filepath.Base(p)), p)
	}
	v.enable()
	v.box.Refresh()
	v.Canvas.Focus(v.ok)
}

func (v *importer) ticked() []string {
	return slices.DeleteFunc(slices.Clone(v.paths), func(p string) bool { return !v.on[p] })
}

func (v *importer) enable() { v.ok.SetEnabled(len(v.ticked()) > 0) }

func (v *importer) run() {
	paths := v.ticked()
	v.sheet.Close()
	tasks.Run(v.Tasks, func(ctx context.Context) ([]importing.Line, error) { return v.Importer.Import(ctx, paths), nil }, func(lines []importing.Line, _ error) {
		v.summary(lines)
	})
}

// summary says what was taken, what was left out and why.
func (v *importer) summary(lines []importing.Line) {
	s := newSummary(lines)
	var sheet *kit.Sheet
	shut := kit.NewButton(text.T("common.close"), kit.Default, func() { sheet.Close() })
	v.Register("dialog.ok", shut)
	v.Register("import.summary", s)
	sheet = kit.ShowSheet(v.Canvas, text.T("importing.done"), s, shut, shut)
}

// summary is the list of what came of each connection.
type summary struct {
	widget.BaseWidget
	head  []string
	lines []importing.Line
}

func newSummary(lines []importing.Line) *summary {
	var added, kept, inFile, lost int
	why := ""
	for _, l := range lines {
		if l.State == importing.Added {
			added++
		}
		switch l.Secret {
		case importing.SecretKept:
			kept++
		case importing.SecretInFile:
			inFile++
		case importing.SecretLost:
			if lost++; lost == 1 { // one store takes or refuses all
				why = importing.WhyLost(l.Lost)
			}
		}
	}
	s := &summary{lines: lines, head: []string{text.T("importing.none")}}
	if added > 0 {
		s.head[0] = text.N("importing.added", added, added)
	}
	if kept > 0 {
		s.head = append(s.head, text.N("importing.secrets", kept, kept))
	}
	if inFile > 0 {
		s.head = append(s.head, text.N("importing.in_file", inFile, inFile))
	}
	if lost > 0 {
		s.head = append(s.head, text.N("importing.lost", lost, lost, why))
	}
	s.ExtendBaseWidget(s)
	return s
}

// outcome is what came of one connection, in words and in the theme's colour.
func outcome(l importing.Line) (string, fyne.ThemeColorName) {
	switch {
	case l.State == importing.There:
		return text.T("importing.line_there"), look.ColorSecondary
	case l.State == importing.LeftOut:
		return text.T("importing.line_left", l.Why), theme.ColorNameWarning
	case l.State == importing.Unread:
		e := explain.Error(l.Err)
		return text.T("importing.line_file", strings.TrimSpace(e.Sentence+" "+e.Advice)), theme.ColorNameError
	case l.Why != "":
		return text.T("importing.line_added") + "; " + l.Why, theme.ColorNameWarning
	case l.Secret == importing.SecretKept:
		return text.T("importing.line_secret"), look.ColorSecondary
	case l.Secret == importing.SecretInFile:
		return text.T("importing.line_in_file"), look.ColorSecondary
	case l.Secret == importing.SecretLost:
		return text.T("importing.line_asks"), look.ColorSecondary
	}
	return text.T("importing.line_added"), look.ColorSecondary
}

// UIText is the whole summary, for the test socket.
func (s *summary) UIText() string {
	out := slices.Clone(s.head)
	for _, l := range s.lines {
		words, _ := outcome(l)
		out = append(out, l.Name+": "+words)
	}
	return strings.Join(out, "\n")
}

// CreateRenderer is called by the toolkit.
func (s *summary) CreateRenderer() fyne.WidgetRenderer {
	box := container.New(layout.NewCustomPaddedVBoxLayout(4))
	for _, h := range s.head {
		box.Add(report.Paragraph(h, importWidth, kit.LabelStyle{}))
	}
	list := container.New(layout.NewCustomPaddedVBoxLayout(6))
	for _, l := range s.lines {
		words, ink := outcome(l)
		list.Add(container.New(layout.NewCustomPaddedVBoxLayout(1), kit.NewLabel(shown(l.Name), kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}),
			report.Paragraph(shown(words), importWidth-16, kit.LabelStyle{Color: ink})))
	}
	scroll := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(2, 2, 0, 14), list))
	scroll.SetMinSize(fyne.NewSize(importWidth, min(importHeight, list.MinSize().Height+4)))
	return widget.NewSimpleRenderer(container.New(layout.NewCustomPaddedVBoxLayout(10), box, scroll))
}

// shown takes out of a foreign text what would change how the rest is drawn.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
}

func formatTitle(f bookmarks.Format) string {
	switch f {
	case bookmarks.AWSFormat:
		return text.T("importing.aws")
	case bookmarks.S3cmdFormat:
		return text.T("importing.s3cmd")
	case bookmarks.RcloneFormat:
		return text.T("importing.rclone")
	case bookmarks.MCFormat:
		return text.T("importing.mc")
	case bookmarks.CloudBerryFormat:
		return text.T("importing.cloudberry")
	case bookmarks.TransmitFormat:
		return text.T("importing.transmit")
	case bookmarks.WinSCPFormat:
		return text.T("importing.winscp")
	}
	return text.T("importing.duck")
}
