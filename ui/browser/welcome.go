package browser

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// welcome is what a window shows while it is not connected: the ways in.
type welcome struct {
	w      *Window
	object fyne.CanvasObject
	cards  *fyne.Container
	shown  string
}

func newWelcome(w *Window) *welcome {
	v := &welcome{w: w, cards: container.New(layout.NewCustomPaddedVBoxLayout(8))}
	title := kit.NewLabel(text.T("welcome.title"), kit.LabelStyle{Bold: true, Size: theme.SizeNameHeadingText, Align: fyne.TextAlignCenter})
	sub := kit.NewLabel(text.T("welcome.text"), kit.LabelStyle{Color: look.ColorSecondary, Align: fyne.TextAlignCenter})
	column := container.New(layout.NewCustomPaddedVBoxLayout(6), title, sub, newGap(10), v.cards)
	v.object = container.NewStack(kit.NewPlate(look.ColorBody), container.NewCenter(column))
	return v
}

// update makes the cards anew when the AWS files have other profiles than before.
func (v *welcome) update() {
	if v == nil {
		return
	}
	aws := v.w.s.AWSProfiles()
	names := make([]string, len(aws))
	for i, p := range aws {
		names[i] = p.Name
	}
	if key := strings.Join(names, "\n") + "!"; key == v.shown {
		return
	} else {
		v.shown = key
	}
	v.cards.RemoveAll()
	awsText := text.T("welcome.aws_text")
	if len(names) > 0 {
		awsText = text.T("welcome.aws_found", strings.Join(names[:min(3, len(names))], ", "))
	}
	v.add("welcome.aws", "kind-cloud", text.T("welcome.aws"), awsText, func() {
		if len(aws) > 0 {
			v.chooseProfile(names)
			return
		}
		v.w.Run(command.OpenConnection)
	})
	v.add("welcome.other", "kind-server", text.T("welcome.other"), text.T("welcome.other_text"), func() { v.w.Run(command.OpenConnection) })
	if v.w.s.HasDemo {
		v.add("welcome.demo", "kind-demo", text.T("welcome.demo"), text.T("welcome.demo_text"), func() {
			v.w.VM.Connect(connect.Spec{Profile: profiles.VendorDemo}, storage.Location{})
		})
	}
	v.cards.Refresh()
}

// chooseProfile offers the profiles of the AWS files and a key of one's own.
func (v *welcome) chooseProfile(names []string) {
	var items []*fyne.MenuItem
	for _, n := range names {
		items = append(items, fyne.NewMenuItem(text.T("welcome.use_profile", n), func() {
			v.w.VM.Connect(connect.Spec{Amazon: true, AWSProfile: n}, storage.Location{})
		}))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(text.T("welcome.use_key"), func() { v.w.Run(command.OpenConnection) }))
	card := v.cards.Objects[0]
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(card)
	kit.ShowMenu(v.w.Win.Canvas(), fyne.NewMenu("", items...), at.AddXY(0, card.Size().Height))
}

func (v *welcome) add(id, icon, title, words string, act func()) {
	c := newCard(icon, title, words, act)
	v.w.register(id, c)
	v.cards.Add(c)
}

const (
	cardWidth  = 440
	cardHeight = 60
)

// card is a large button: a picture, a title and a sentence.
type card struct {
	widget.BaseWidget
	icon, title, words string
	act                func()
	hot, focused       bool
}

func newCard(icon, title, words string, act func()) *card {
	c := &card{icon: icon, title: title, words: words, act: act}
	c.ExtendBaseWidget(c)
	return c
}

// Tapped is called by the toolkit.
func (c *card) Tapped(*fyne.PointEvent) { c.act() }

// MouseIn is called by the toolkit.
func (c *card) MouseIn(*desktop.MouseEvent) { c.hot = true; c.Refresh() }

// MouseMoved is called by the toolkit.
func (c *card) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is called by the toolkit.
func (c *card) MouseOut() { c.hot = false; c.Refresh() }

// FocusGained is called by the toolkit.
func (c *card) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost is called by the toolkit.
func (c *card) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune is called by the toolkit.
func (c *card) TypedRune(rune) {}

// TypedKey presses on Space and Return.
func (c *card) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.act()
	default:
		kit.PassKey(c, e)
	}
}

// TypedShortcut hands shortcuts on to the window.
func (c *card) TypedShortcut(s fyne.Shortcut) { kit.PassShortcut(c, s) }

// AccessibilityLabel names the card for screen readers.
func (c *card) AccessibilityLabel() string { return c.title + ". " + c.words }

// AccessibilityRole is that of a button.
func (c *card) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is called by the toolkit.
func (c *card) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{c: c, bg: canvas.NewRectangle(nil), icon: &canvas.Image{FillMode: canvas.ImageFillContain, Resource: look.Icon(c.icon)},
		arrow: &canvas.Image{FillMode: canvas.ImageFillContain},
		title: kit.NewLabel(c.title, kit.LabelStyle{Bold: true}),
		words: kit.NewLabel(c.words, kit.LabelStyle{Color: look.ColorSecondary, Size: look.SizeStatus, Cut: kit.CutEnd})}
	r.Refresh()
	return r
}

type cardRenderer struct {
	c            *card
	bg           *canvas.Rectangle
	icon, arrow  *canvas.Image
	title, words *kit.Label
}

func (r *cardRenderer) MinSize() fyne.Size { return fyne.NewSize(cardWidth, cardHeight) }

func (r *cardRenderer) Layout(s fyne.Size) {
	r.bg.Resize(s)
	r.icon.Resize(fyne.NewSquareSize(30))
	r.icon.Move(fyne.NewPos(15, (s.Height-30)/2))
	r.arrow.Resize(fyne.NewSquareSize(14))
	r.arrow.Move(fyne.NewPos(s.Width-28, (s.Height-14)/2))
	r.title.Resize(fyne.NewSize(s.Width-100, 18))
	r.title.Move(fyne.NewPos(60, 11))
	r.words.Resize(fyne.NewSize(s.Width-100, 17))
	r.words.Move(fyne.NewPos(60, 31))
}

func (r *cardRenderer) Refresh() {
	fill, edge, width := theme.ColorNameInputBackground, look.ColorHairline, float32(1)
	if r.c.hot {
		fill, edge = look.ColorRowHover, theme.ColorNameInputBorder
	}
	if r.c.focused {
		edge, width = look.ColorRing, 2
	}
	r.bg.FillColor, r.bg.StrokeColor, r.bg.StrokeWidth, r.bg.CornerRadius = theme.Color(fill), theme.Color(edge), width, 7
	r.arrow.Resource = look.IconIn("forward", look.ColorSecondary)
	r.arrow.Refresh()
	r.icon.Resource = look.Icon(r.c.icon)
	r.icon.Refresh()
	r.title.Refresh()
	r.words.Refresh()
	canvas.Refresh(r.c)
}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.icon, r.title, r.words, r.arrow}
}

// Destroy is called by the toolkit.
func (r *cardRenderer) Destroy() {}

func newGap(h float32) fyne.CanvasObject {
	return container.New(&gapLayout{h})
}

type gapLayout struct{ h float32 }

func (l *gapLayout) Layout([]fyne.CanvasObject, fyne.Size) {}
func (l *gapLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, l.h) }
