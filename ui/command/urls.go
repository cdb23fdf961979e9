package command

import (
	"strings"

	"pintail/internal/text"
)

// The commands that copy addresses of what is selected. Those that open an address in the browser are of the same kinds: see [Opens].
const (
	CopyHTTPS    ID = "url.https" // https, or http where the connection is not encrypted
	CopyHTTP     ID = "url.http"
	CopyWebsite  ID = "url.website"
	CopyCDN      ID = "url.cdn"
	CopyMarked   ID = "url.bookmark" // below the web address of the bookmark
	CopyConsole  ID = "url.console"
	CopyTorrent  ID = "url.torrent"
	CopyS3       ID = "url.s3"
	CopyARN      ID = "url.arn"
	CopyPresign1 ID = "url.presign.hour"
	CopyPresign2 ID = "url.presign.day"
	CopyPresign3 ID = "url.presign.week"
	CopyPresignX ID = "url.presign.other"
)

// MaxOpen is how many addresses are opened at once: a browser given a thousand is of no more use to anybody.
const MaxOpen = 10

const opening = "open."

// Opens is the command that opens an address of the kind that copy copies.
func Opens(copy ID) ID { return opening + copy }

// Address is the command that copies the kind of address that id copies or opens.
func Address(id ID) (copy ID, open bool) {
	s, open := strings.CutPrefix(string(id), opening)
	return ID(s), open
}

// URLItems is the Copy URL submenu, used by menu bar, toolbar and context menu alike.
func URLItems() []any {
	return []any{CopyHTTPS, CopyHTTP, CopyWebsite, CopyCDN, CopyMarked, CopyConsole, CopyTorrent, Separator, CopyS3, CopyARN, Separator,
		CopyPresign1, CopyPresign2, CopyPresign3, CopyPresignX}
}

// OpenItems is the Open URL submenu: what Copy URL has that a browser opens.
func OpenItems() []any {
	return []any{Opens(CopyHTTPS), Opens(CopyHTTP), Opens(CopyWebsite), Opens(CopyCDN), Opens(CopyMarked), Opens(CopyConsole), Opens(CopyTorrent), Separator,
		Opens(CopyPresign1), Opens(CopyPresign2), Opens(CopyPresign3)}
}

func copyURL() Sub { return Sub{Title: text.T("menu.copy_url"), Items: URLItems()} }
func openURL() Sub { return Sub{Title: text.T("menu.open_url"), Items: OpenItems()} }

// urlCommands are the commands that copy addresses and those that open them.
func urlCommands(same primary) []Command {
	copies := []Command{
		{ID: CopyHTTPS, Title: text.T("menu.copy_https"), Chord: same("C", Shift)},
		{ID: CopyHTTP, Title: text.T("menu.copy_http"), Why: func(s State) string { return unless(s.Secure, text.T("menu.why_http")) }},
		{ID: CopyWebsite, Title: text.T("menu.copy_website"), Why: func(s State) string { return unless(s.Amazon, text.T("menu.why_website")) }},
		{ID: CopyCDN, Title: text.T("menu.copy_cdn"), Why: whyNoCDN},
		{ID: CopyMarked, Title: text.T("menu.copy_marked"), Why: func(s State) string { return unless(s.Published, text.T("menu.why_marked")) }},
		{ID: CopyConsole, Title: text.T("menu.copy_console"), Why: func(s State) string { return unless(s.Amazon, text.T("menu.why_console")) }},
		{ID: CopyTorrent, Title: text.T("menu.copy_torrent"), Why: whyNoTorrent},
		{ID: CopyS3, Title: text.T("menu.copy_s3")},
		{ID: CopyARN, Title: text.T("menu.copy_arn")},
		{ID: CopyPresign1, Title: text.T("menu.copy_presign_hour"), Why: whyNoSignature},
		{ID: CopyPresign2, Title: text.T("menu.copy_presign_day"), Why: whyNoSignature},
		{ID: CopyPresign3, Title: text.T("menu.copy_presign_week"), Why: whyNoSignature},
		{ID: CopyPresignX, Title: text.T("links.menu"), Why: whyNoSignature},
	}
	for i := range copies {
		copies[i].When = whenAddress(copies[i].Why)
	}
	return append(copies, opens(copies)...)
}

// opens are the commands that open what copies copy, but for what no browser opens.
func opens(copies []Command) []Command {
	var out []Command
	for _, c := range copies {
		if c.ID == CopyS3 || c.ID == CopyARN || c.ID == CopyPresignX {
			continue
		}
		why := c.Why
		c.ID, c.Chord = Opens(c.ID), Chord{}
		c.Why = func(s State) string {
			if why != nil && why(s) != "" {
				return why(s)
			}
			return unless(s.Selected <= MaxOpen, text.T("menu.why_many"))
		}
		c.When = whenAddress(c.Why)
		out = append(out, c)
	}
	return out
}

// whenAddress lets a command work on what is selected where nothing speaks against it.
func whenAddress(why func(State) string) func(State) bool {
	return func(s State) bool { return someSelected(s) && (why == nil || why(s) == "") }
}

// unless is the reason why, or none if ok.
func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

func whyNoCDN(s State) string {
	if !s.CDN && !s.Amazon {
		return text.T("menu.why_console")
	}
	return unless(s.CDN, text.T("menu.why_cdn"))
}

func whyNoTorrent(s State) string {
	if s.Amazon {
		return text.T("menu.why_torrent")
	}
	return unless(s.SelectedFolders == 0, text.T("menu.why_folder"))
}

func whyNoSignature(s State) string {
	if !s.CanPresign {
		return text.T("menu.why_anonymous")
	}
	return unless(s.Selected > s.SelectedFolders+s.Old.Empty, text.T("menu.why_folder"))
}
