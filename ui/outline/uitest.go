package outline

import "strings"

// UIText is the notes behind the names on screen, and what stands in the middle while there are no rows, for the test socket.
func (o *Outline) UIText() string {
	if o.model.Len() > 0 {
		var notes []string
		for _, r := range o.VisibleRows() {
			if r.Note != "" {
				notes = append(notes, r.Name+": "+r.Note)
			}
		}
		return strings.Join(notes, "\n")
	}
	if o.message == nil {
		return ""
	}
	s := o.message.Title
	if o.message.Text != "" {
		s += "\n" + o.message.Text
	}
	return s
}
