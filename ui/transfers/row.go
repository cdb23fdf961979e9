package transfers

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"pintail/transfer"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const triangleRoom = 22

// picture is a line icon that is drawn anew only when its name or colour changes.
type picture struct {
	img  *canvas.Image
	last string
}

func newPicture() *picture {
	p := &picture{img: &canvas.Image{FillMode: canvas.ImageFillContain}}
	return p
}

func (p *picture) set(name string, ink fyne.ThemeColorName) {
	res := look.IconIn(name, ink)
	if res.Name() != p.last {
		p.last = res.Name()
		p.img.Resource = res
		p.img.Refresh()
	}
}

// headRow is the pooled drawing of one transfer.
type headRow struct {
	bg, line, edge      *canvas.Rectangle
	tri, icon, mark     *picture
	name, where, status *kit.Label
	bar                 *kit.ThinBar
	objects             []fyne.CanvasObject
	marked              bool
}

func newHeadRow() *headRow {
	r := &headRow{bg: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil), tri: newPicture(), icon: newPicture(), mark: newPicture(),
		name:   kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}),
		where:  kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Size: look.SizeStatus, Cut: kit.CutMiddle, Align: fyne.TextAlignTrailing}),
		status: kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Size: look.SizeStatus, Cut: kit.CutEnd}),
		bar:    kit.NewThinBar()}
	r.objects = []fyne.CanvasObject{r.bg, r.line, r.edge, r.tri.img, r.icon.img, r.name, r.where, r.bar, r.mark.img, r.status}
	return r
}

// kindIcon is the picture of a transfer's direction.
func kindIcon(k transfer.Kind) string {
	switch k {
	case transfer.Upload:
		return "upload"
	case transfer.Download:
		return "download"
	case transfer.Delete:
		return "delete"
	case transfer.Move:
		return "rename"
	case transfer.Restore:
		return "archive-box"
	}
	return "copy"
}

// stateMark is a picture before the status line, so that no state is told by colour alone.
func stateMark(t transfer.Transfer) (name string, ink fyne.ThemeColorName) {
	switch t.State {
	case transfer.Done, transfer.Failed:
		return "", "" // the bar has the mark
	case transfer.Paused:
		return "pause", look.ColorSecondary
	case transfer.Stopped:
		return "stop", look.ColorSecondary
	case transfer.Waiting:
		return "offline", theme.ColorNameWarning
	case transfer.Queued:
		return "waiting", look.ColorSecondary
	}
	if t.Failed > 0 {
		return "warning", theme.ColorNameWarning
	}
	return "", ""
}

func barState(t transfer.Transfer) kit.BarState {
	switch t.State {
	case transfer.Done:
		return kit.BarDone
	case transfer.Failed:
		return kit.BarFailed
	case transfer.Paused, transfer.Stopped, transfer.Queued:
		return kit.BarPaused
	case transfer.Planning:
		if Fraction(t) < 0 {
			return kit.BarUnknown
		}
	}
	return kit.BarRunning
}

func (r *headRow) fill(l *list, t transfer.Transfer) {
	selected := l.vm.Selected(t.ID)
	back, ink, grey := l.inks(selected)
	r.bg.FillColor = theme.Color(back)
	r.line.FillColor = theme.Color(look.ColorHairline)
	tri := "tri-closed"
	if l.vm.Open(t.ID) {
		tri = "tri-open"
	}
	line := look.ColorInk
	r.edge.Hidden = !selected
	r.edge.FillColor = theme.Color(theme.ColorNamePrimary)
	r.tri.set(tri, line)
	r.icon.set(kindIcon(t.Kind), line)
	mark, markInk := stateMark(t)
	r.marked = mark != ""
	if r.marked {
		r.mark.set(mark, markInk)
	}
	r.mark.img.Hidden = !r.marked
	r.name.SetText(Names(t))
	r.name.SetColor(ink)
	r.where.SetText(Where(t))
	r.where.SetColor(grey)
	r.status.SetText(l.vm.status(t))
	if t.State == transfer.Failed && !selected {
		grey = theme.ColorNameError
	}
	r.status.SetColor(grey)
	state := barState(t)
	if state == kit.BarUnknown {
		r.bar.Step()
	}
	r.bar.Set(state, max(Fraction(t), 0))
}

func (r *headRow) place(y, w float32) {
	const left, right, gap = 52, 12, 10
	r.bg.Move(fyne.NewPos(0, y))
	r.bg.Resize(fyne.NewSize(w, transferHeight))
	r.edge.Move(fyne.NewPos(0, y))
	r.edge.Resize(fyne.NewSize(3, transferHeight-1))
	r.line.Move(fyne.NewPos(0, y+transferHeight-1))
	r.line.Resize(fyne.NewSize(w, 1))
	r.tri.img.Move(fyne.NewPos(5, y+8))
	r.tri.img.Resize(fyne.NewSquareSize(14))
	r.icon.img.Move(fyne.NewPos(24, y+14))
	r.icon.img.Resize(fyne.NewSquareSize(20))
	room := w - left - right
	nameWidth := min(fyne.MeasureText(r.name.Text(), theme.TextSize(), fyne.TextStyle{Bold: true}).Width+2, room*0.62)
	r.name.Move(fyne.NewPos(left, y+5))
	r.name.Resize(fyne.NewSize(nameWidth, 18))
	r.where.Move(fyne.NewPos(left+nameWidth+gap, y+6))
	r.where.Resize(fyne.NewSize(max(0, room-nameWidth-gap), 17))
	r.bar.Move(fyne.NewPos(left, y+24))
	r.bar.Resize(fyne.NewSize(room, 12))
	x := float32(left)
	if r.marked {
		r.mark.img.Move(fyne.NewPos(x, y+38))
		r.mark.img.Resize(fyne.NewSquareSize(13))
		x += 17
	}
	r.status.Move(fyne.NewPos(x, y+36))
	r.status.Resize(fyne.NewSize(w-right-x, 17))
}

// fileRow is the pooled drawing of one file of an opened transfer.
type fileRow struct {
	bg           *canvas.Rectangle
	mark         *picture
	name, status *kit.Label
	bar          *kit.ThinBar
	objects      []fyne.CanvasObject
	running      bool
}

func newFileRow() *fileRow {
	r := &fileRow{bg: canvas.NewRectangle(nil), mark: newPicture(), bar: kit.NewThinBar(),
		name:   kit.NewLabel("", kit.LabelStyle{Size: look.SizeStatus, Cut: kit.CutMiddle}),
		status: kit.NewLabel("", kit.LabelStyle{Size: look.SizeStatus, Color: look.ColorSecondary, Cut: kit.CutEnd, Align: fyne.TextAlignTrailing})}
	r.objects = []fyne.CanvasObject{r.bg, r.mark.img, r.name, r.bar, r.status}
	return r
}

func fileMark(it transfer.Item) (name string, ink fyne.ThemeColorName) {
	switch it.Result {
	case transfer.ResultDone:
		return "done", theme.ColorNameSuccess
	case transfer.ResultFailed:
		return "failed", theme.ColorNameError
	case transfer.ResultUnknown:
		return "question", theme.ColorNameWarning
	case transfer.ResultSkipped:
		return "minus", look.ColorSecondary
	}
	if it.Running {
		return "resume", theme.ColorNamePrimary
	}
	return "waiting", look.ColorSecondary
}

func (r *fileRow) fill(l *list, t transfer.Transfer, it transfer.Item, known bool) {
	r.bg.FillColor = theme.Color(look.ColorAlternate)
	if !known {
		r.name.SetText("…")
		r.status.SetText("")
		r.mark.img.Hidden, r.bar.Hidden = true, true
		return
	}
	r.mark.img.Hidden = false
	name, ink := fileMark(it)
	r.mark.set(name, ink)
	r.name.SetText(Plain(shortName(t, it)))
	r.status.SetText(FileStatus(it, l.vm.base()))
	if it.Result == transfer.ResultFailed {
		r.status.SetColor(theme.ColorNameError)
	} else {
		r.status.SetColor(look.ColorSecondary)
	}
	r.running = it.Running && it.Bytes > 0
	r.bar.Hidden = !r.running
	if r.running {
		r.bar.Set(kit.BarRunning, float64(it.Done)/float64(it.Bytes))
	}
}

// shortName is the file's name below what the transfer was asked for.
func shortName(t transfer.Transfer, it transfer.Item) string {
	s := it.Source
	if n := len(t.From); n > 0 && len(s) > n && s[:n] == t.From {
		s = s[n:]
		for len(s) > 1 && (s[0] == '/' || s[0] == '\\') {
			s = s[1:]
		}
	}
	return s
}

func (r *fileRow) place(y, w float32) {
	const left, right = 56, 12
	r.bg.Move(fyne.NewPos(0, y))
	r.bg.Resize(fyne.NewSize(w, fileHeight))
	r.mark.img.Move(fyne.NewPos(left, y+4))
	r.mark.img.Resize(fyne.NewSquareSize(13))
	room := w - left - 20 - right
	r.name.Move(fyne.NewPos(left+20, y+2))
	r.name.Resize(fyne.NewSize(room*0.5-8, 18))
	x := left + 20 + room*0.5
	if r.running {
		r.bar.Move(fyne.NewPos(x, y+5))
		r.bar.Resize(fyne.NewSize(room*0.18, 12))
		x += room*0.18 + 8
	}
	r.status.Move(fyne.NewPos(x, y+2))
	r.status.Resize(fyne.NewSize(w-right-x, 18))
}
