package connection

import (
	"strings"

	"pintail/internal/text"
)

// folder is the bookmark's folder without empty parts.
func (f *Form) folder() string {
	var parts []string
	for _, p := range strings.Split(f.Folder, "/") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// colourTitles name the colours of bookmarks, in their order.
func colourTitles() []string {
	return []string{text.T("connection.colour_none"), text.T("connection.colour_red"), text.T("connection.colour_orange"), text.T("connection.colour_yellow"),
		text.T("connection.colour_green"), text.T("connection.colour_blue"), text.T("connection.colour_purple"), text.T("connection.colour_grey")}
}
