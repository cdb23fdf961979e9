package command_test

import (
	"testing"

	"pintail/ui/command"
)

// What a kind of address needs is said where it is missing, and opening says the same as copying.
func TestURLs_WhatDoesNotApplySaysWhy(t *testing.T) {
	t.Parallel()
	file := command.State{Connected: true, Selected: 1, CanPresign: true, Secure: true, Amazon: true, CDN: true, Published: true}
	with := func(change func(*command.State)) command.State {
		s := file
		change(&s)
		return s
	}
	plain, other := func(s *command.State) { s.Secure = false }, func(s *command.State) { s.Amazon, s.CDN = false, false }
	folder, nobody := func(s *command.State) { s.SelectedFolders, s.Amazon = 1, false }, func(s *command.State) { s.CanPresign = false }
	for _, c := range []struct {
		kind command.ID
		on   command.State
		off  command.State
		why  string
	}{
		{command.CopyHTTP, file, with(plain), "is the web URL here"},
		{command.CopyWebsite, file, with(other), "only Amazon's are known"},
		{command.CopyConsole, file, with(other), "only at Amazon"},
		{command.CopyCDN, file, with(other), "only at Amazon"},
		{command.CopyCDN, file, with(func(s *command.State) { s.CDN = false }), "look for a distribution in Info first"},
		{command.CopyMarked, file, with(func(s *command.State) { s.Published = false }), "the bookmark has no web URL"},
		{command.CopyTorrent, with(other), file, "Amazon has none any more"},
		{command.CopyTorrent, with(other), with(folder), "only of objects"},
		{command.CopyPresign1, file, with(nobody), "needs an access key"},
		{command.CopyPresign3, file, with(folder), "only of objects"},
		{command.CopyHTTPS, file, command.State{Selected: 1}, ""},
	} {
		for _, id := range []command.ID{c.kind, command.Opens(c.kind)} {
			cmd := command.New("linux").Get(id)
			if cmd.ID == "" || !cmd.Enabled(c.on) || cmd.Enabled(c.off) {
				t.Errorf("%s: possible %v and %v, want only the first", id, cmd.Enabled(c.on), cmd.Enabled(c.off))
			}
			if title := label(c.off, id); title != cmd.Title+map[bool]string{true: " (" + c.why + ")"}[c.why != ""] {
				t.Errorf("%s is called %q", id, title)
			}
			if title := label(c.on, id); title != cmd.Title {
				t.Errorf("%s is called %q where it is possible", id, title)
			}
		}
	}
	many := with(func(s *command.State) { s.Selected = command.MaxOpen + 1 })
	set := command.New("linux")
	if set.Get(command.Opens(command.CopyHTTPS)).Enabled(many) || !set.Get(command.CopyHTTPS).Enabled(many) {
		t.Error("eleven addresses can be copied, but no browser is given as many at once")
	}
}

// label is what a menu of one command shows.
func label(s command.State, id command.ID) string {
	return command.Popup(command.New("linux"), &runner{state: s}, []any{id}).Items[0].Label
}
