package kit

import (
	"strings"

	"fyne.io/fyne/v2"

	"pintail/ui/uitest"
)

// UIRows lists the items of the deepest open panel for the test socket; the chosen one is selected. Separators are left out.
func (o *OpenMenu) UIRows() []uitest.Row {
	p := o.last()
	at := p.Position().AddXY(0, -p.scroll.Offset.Y)
	var out []uitest.Row
	for i, it := range p.menu.Items {
		if it.IsSeparator {
			continue
		}
		top, bottom := p.body.span(i)
		out = append(out, uitest.Row{Name: it.Label, Selected: i == p.active, Pos: at.AddXY(0, top), Size: fyne.NewSize(p.Size().Width, bottom-top)})
	}
	return out
}

// UIText is the labels and remarks of the visible rows for the test socket.
func (f *Form) UIText() string {
	var words []string
	for _, r := range f.rows {
		if !r.Field.Visible() {
			continue
		}
		line := []string{r.label.Text()}
		if l, ok := r.Field.(*Label); ok {
			line = append(line, l.Text())
		}
		if r.hint.Visible() && r.said != "" {
			line = append(line, r.said)
		}
		words = append(words, strings.TrimSpace(strings.Join(line, " ")))
	}
	return strings.Join(words, "\n")
}
