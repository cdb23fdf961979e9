package transfers

import (
	"fyne.io/fyne/v2"

	"pintail/ui/uitest"
)

// UIRows lists the transfers, seen or scrolled away, and the files of open ones as far as they have been read, for the test
// socket. A name is all that the row says: "holiday | to s3://b/ | Waiting for the network".
func (l *list) UIRows() []uitest.Row {
	var out []uitest.Row
	for k, t := range l.vm.feed.Transfers() {
		if k >= len(l.tops) {
			break
		}
		out = append(out, uitest.Row{Name: Names(t) + " | " + Where(t) + " | " + l.vm.status(t), Selected: l.vm.Selected(t.ID),
			Pos: fyne.NewPos(0, l.tops[k]), Size: fyne.NewSize(l.Size().Width, transferHeight)})
		end := l.total
		if k+1 < len(l.tops) {
			end = l.tops[k+1]
		}
		from := l.tops[k] + transferHeight
		for i := range int((end-from)/fileHeight + 0.5) {
			if it, ok := l.vm.File(t.ID, i); ok {
				out = append(out, uitest.Row{Name: it.Source + " | " + FileStatus(it, l.vm.base()),
					Pos: fyne.NewPos(0, from+float32(i)*fileHeight), Size: fyne.NewSize(l.Size().Width, fileHeight)})
			}
		}
	}
	return out
}
