package info

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/uitest"
)

const gridColumn = 38

// grid shows who has which permission, with a box for each.
type grid struct {
	widget.BaseWidget
	vm     *ViewModel
	adopt  func(fyne.CanvasObject)
	title  *kit.Label
	add    *kit.IconButton
	reason *kit.Label
	heads  [5][2]*kit.Label
	rows   []*gridRow
	used   int
	fill   bool
}

type gridRow struct {
	who    storage.Grantee
	lines  [2]*kit.Label
	boxes  [5]*kit.Check
	button *kit.IconButton
}

func newGrid(vm *ViewModel, adopt func(fyne.CanvasObject), add func(below fyne.CanvasObject)) *grid {
	g := &grid{vm: vm, adopt: adopt, title: kit.NewLabel(text.T("info.grants"), kit.LabelStyle{Bold: true}),
		reason: kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Cut: kit.CutEnd})}
	g.add = kit.NewIconButton("plus", text.T("info.add_grantee"), nil)
	g.add.SetAct(func() { add(g.add) })
	g.add.SetSize(lineButton)
	adopt(g.add)
	for c, s := range []string{text.T("info.col_read"), text.T("info.col_write"), text.T("info.col_read_acp"), text.T("info.col_write_acp"), text.T("info.col_full")} {
		above, below, two := strings.Cut(s, "\n")
		if !two {
			above, below = "", s
		}
		for i, w := range []string{above, below} {
			g.heads[c][i] = kit.NewLabel(w, kit.LabelStyle{Size: theme.SizeNameCaptionText, Color: look.ColorSecondary, Align: fyne.TextAlignCenter})
		}
	}
	g.ExtendBaseWidget(g)
	return g
}

func (g *grid) newRow() *gridRow {
	r := &gridRow{}
	for i := range r.lines {
		r.lines[i] = kit.NewLabel("", kit.LabelStyle{Cut: kit.CutMiddle})
	}
	for c := range r.boxes {
		r.boxes[c] = kit.NewCheck("", func(on bool) {
			if !g.fill {
				g.vm.SetTick(r.who, c, on)
			}
		})
		g.adopt(r.boxes[c])
	}
	r.button = kit.NewIconButton("minus", text.T("info.remove"), func() { g.vm.RemoveGrantee(r.who) })
	r.button.SetSize(lineButton)
	g.adopt(r.button)
	return r
}

// update shows the lines that the view-model has.
func (g *grid) update() {
	open, reason := g.vm.AccessState()
	var list []GrantRow
	if open {
		list = g.vm.Grants()
	}
	g.used = len(list)
	g.reason.SetText(reason)
	switch {
	case !open && reason == "":
		g.reason.SetText(text.T("info.busy"))
	case open && g.used == 0:
		g.reason.SetText(text.T("info.none"))
	}
	g.add.SetEnabled(open && g.vm.Canned() == "")
	g.fill = true
	for i, n := range list {
		if i == len(g.rows) {
			g.rows = append(g.rows, g.newRow())
		}
		g.rows[i].show(g.vm, n)
	}
	g.fill = false
	g.Refresh()
}

func (r *gridRow) show(vm *ViewModel, n GrantRow) {
	r.who = n.Who
	for c, b := range r.boxes {
		tick := n.Now[c]
		ok, _ := vm.CanTick(n, c)
		if !ok && tick == Off && c != fullColumn && n.Now[fullColumn] == On && (c != 1 || vm.access.bucket) {
			tick = On // part of it
		}
		b.Partial = tick == Mixed
		b.Checked = tick == On
		if ok {
			b.Enable()
		} else {
			b.Disable()
		}
		b.Refresh()
	}
	r.button.SetIcon("minus", text.T("info.remove_line", GranteeText(n.Who)))
	r.button.SetEnabled(vm.Canned() == "")
}

// HeightFor is called by the page.
func (g *grid) HeightFor(width float32) float32 { return g.place(width) }

func (g *grid) place(width float32) float32 {
	caption := fyne.MeasureText("M", theme.Size(theme.SizeNameCaptionText), fyne.TextStyle{}).Height
	line := fyne.MeasureText("M", theme.Size(theme.SizeNameText), fyne.TextStyle{}).Height
	g.title.Move(fyne.NewPos(0, 0))
	g.title.Resize(fyne.NewSize(width-lineButton, lineButton))
	g.add.Move(fyne.NewPos(width-lineButton, 0))
	g.add.Resize(fyne.NewSquareSize(lineButton))
	y := float32(lineButton + lineGap)
	g.reason.Hidden = g.used > 0
	left := width - lineButton - 5*gridColumn
	for c := range g.heads {
		for i, h := range g.heads[c] {
			h.Hidden = g.used == 0
			h.Move(fyne.NewPos(left+float32(c)*gridColumn, y+float32(i)*(caption-2)))
			h.Resize(fyne.NewSize(gridColumn, caption))
		}
	}
	if g.used == 0 {
		g.reason.Move(fyne.NewPos(0, y))
		g.reason.Resize(fyne.NewSize(width, line))
		return y + line
	}
	y += 2*caption + 2
	for _, r := range g.rows[:g.used] {
		y += r.place(y, left, line, width) + 2
	}
	return y
}

func (r *gridRow) place(y, left, line, width float32) float32 {
	height := theme.Size(look.SizeField)
	words := kit.WrapText(GranteeText(r.who), left-4, func(s string) float32 {
		return fyne.MeasureText(s, theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width
	})
	if len(words) > 2 {
		words = []string{GranteeText(r.who)} // an id: cut in its middle
	}
	height = max(height, float32(len(words))*line)
	top := y + (height-float32(len(words))*line)/2
	for i, l := range r.lines {
		l.Hidden = i >= len(words)
		if !l.Hidden {
			l.SetText(words[i])
			l.Move(fyne.NewPos(0, top+float32(i)*line))
			l.Resize(fyne.NewSize(left-2, line))
		}
	}
	for c, b := range r.boxes {
		m := b.MinSize()
		b.Resize(m)
		b.Move(fyne.NewPos(left+float32(c)*gridColumn+(gridColumn-m.Width)/2, y+(height-m.Height)/2))
	}
	r.button.Move(fyne.NewPos(width-lineButton, y+(height-lineButton)/2))
	r.button.Resize(fyne.NewSquareSize(lineButton))
	return height
}

// UIText is the grid for the test socket: "Everyone: READ WRITE", a line each.
func (g *grid) UIText() string {
	if g.used == 0 {
		return g.reason.Text()
	}
	var b strings.Builder
	for _, r := range g.vm.Grants() {
		b.WriteString(GranteeText(r.Who) + ":")
		for c, p := range gridPermissions() {
			switch r.Now[c] {
			case On:
				b.WriteString(" " + p)
			case Mixed:
				b.WriteString(" (" + p + ")")
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// UIRows are the places of the boxes for the test socket: "Everyone READ".
func (g *grid) UIRows() []uitest.Row {
	var out []uitest.Row
	for i, n := range g.vm.Grants() {
		if i >= g.used {
			break
		}
		for c, p := range gridPermissions() {
			b := g.rows[i].boxes[c]
			out = append(out, uitest.Row{Name: GranteeText(n.Who) + " " + p, Selected: n.Now[c] == On, Pos: b.Position(), Size: b.Size()})
		}
	}
	return out
}

// CreateRenderer is called by the toolkit.
func (g *grid) CreateRenderer() fyne.WidgetRenderer { return &gridRenderer{g} }

type gridRenderer struct{ g *grid }

func (r *gridRenderer) Layout(s fyne.Size) { r.g.place(s.Width) }
func (r *gridRenderer) MinSize() fyne.Size { return fyne.NewSize(5*gridColumn+lineButton+80, 0) }
func (r *gridRenderer) Refresh() {
	r.g.place(r.g.Size().Width)
	r.g.add.Refresh()
}
func (r *gridRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.g.title, r.g.add, r.g.reason}
	for _, h := range r.g.heads {
		out = append(out, h[0], h[1])
	}
	for _, row := range r.g.rows[:r.g.used] {
		out = append(out, row.lines[0], row.lines[1])
		for _, b := range row.boxes {
			out = append(out, b)
		}
		out = append(out, row.button)
	}
	return out
}
func (r *gridRenderer) Destroy() {}
