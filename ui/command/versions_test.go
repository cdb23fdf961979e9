package command_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"pintail/ui/command"
)

// enabled are the commands that do something in s and would not without a selection.
func enabled(s command.State) []command.ID {
	none := s
	none.Selected, none.SelectedFolders, none.SelectedBuckets, none.Old.Selected = 0, 0, 0, 0
	none.Old.Revertible, none.Old.Deleted, none.Old.Uploads, none.Old.Empty = 0, 0, 0, 0
	var out []command.ID
	for _, c := range command.Table("linux") {
		if c.Enabled(s) && !c.Enabled(none) {
			out = append(out, c.ID)
		}
	}
	return out
}

// Whatever commands there are, only those made for it touch what is old, and none that changes something the past.
func TestTable_WhatIsOldIsGuarded(t *testing.T) {
	t.Parallel()
	harmless := []command.ID{command.Open, command.Inside, command.Download, command.DownloadTo, command.Copy, command.CopyHTTPS, command.CopyHTTP, command.CopyS3,
		command.CopyPresign1, command.CopyPresign2, command.CopyPresign3, command.CopyPresignX}
	reading := []command.ID{command.Open, command.Download, command.DownloadTo, command.Copy, command.CopyPresign1, command.CopyPresign3, command.CopyPresignX,
		command.Opens(command.CopyPresign2)} // there is nothing to read
	for _, c := range []struct {
		what  string
		state command.State
		also  []command.ID // beside the harmless
		not   []command.ID
	}{
		{"an old version", command.State{Selected: 1, Old: command.Old{Selected: 1, Revertible: 1}}, []command.ID{command.Delete, command.Revert, command.Restore, command.Download, command.CopyPresign1},
			[]command.ID{command.Undelete}},
		{"a marker", command.State{Selected: 1, Old: command.Old{Selected: 1, Deleted: 1, Empty: 1}}, []command.ID{command.Delete, command.Undelete},
			append([]command.ID{command.Revert, command.Restore}, reading...)},
		{"a version and an object", command.State{Selected: 2, Old: command.Old{Selected: 1, Revertible: 1}}, []command.ID{command.Delete, command.Restore},
			[]command.ID{command.Revert}},
		{"an upload", command.State{Selected: 1, Old: command.Old{Selected: 1, Uploads: 1, Empty: 1}},
			[]command.ID{command.Delete, command.AbortUpload, command.AdoptUpload, command.CompleteUpload}, append([]command.ID{command.Revert, command.Undelete}, reading...)},
		{"an upload and an object", command.State{Selected: 2, Old: command.Old{Selected: 1, Uploads: 1, Empty: 1}},
			[]command.ID{command.Delete, command.Download, command.Copy, command.CopyPresignX}, []command.ID{command.AbortUpload}},
		{"two uploads", command.State{Selected: 2, Old: command.Old{Selected: 2, Uploads: 2, Empty: 2}},
			[]command.ID{command.Delete, command.AbortUpload, command.CompleteUpload}, append([]command.ID{command.AdoptUpload}, reading...)},
		{"the past", command.State{Selected: 1, Old: command.Old{Past: true}}, []command.ID{command.Download}, []command.ID{command.Delete}},
		{"a folder of the past", command.State{Selected: 1, SelectedFolders: 1, Old: command.Old{Past: true}}, []command.ID{command.Download}, []command.ID{command.Delete, command.Copy}},
	} {
		c.state.Connected, c.state.CanPresign, c.state.Secure, c.state.Amazon, c.state.CDN, c.state.Uploads = true, true, true, true, true, !c.state.Old.Past
		got := enabled(c.state)
		for _, id := range got {
			if id, _ := command.Address(id); !slices.Contains(harmless, id) && !slices.Contains(c.also, id) {
				t.Errorf("%s: %s is possible", c.what, id)
			}
		}
		for _, id := range c.also {
			if !slices.Contains(got, id) {
				t.Errorf("%s: %s is not possible", c.what, id)
			}
		}
		for _, id := range c.not {
			if slices.Contains(got, id) {
				t.Errorf("%s: %s is possible", c.what, id)
			}
		}
	}
	if command.New("linux").Get(command.NewFolder).Enabled(command.State{Connected: true, Old: command.Old{Past: true}}) {
		t.Error("a folder can be made in the past")
	}
}

// What is only for old versions and uploads is in the context menu where it does something, and never greyed there.
func TestPopup_LeavesOutWhatIsSeldom(t *testing.T) {
	has := func(s command.State) bool {
		m := command.Popup(command.New("linux"), &runner{state: s}, command.ContextMenu())
		return slices.ContainsFunc(m.Items, func(i *fyne.MenuItem) bool { return i.Label == "Undelete" })
	}
	s := command.State{Connected: true, Selected: 1}
	if has(s) {
		t.Error("an object of today can be undeleted")
	}
	s.Old.Selected, s.Old.Deleted = 1, 1
	if !has(s) {
		t.Error("a delete marker has no Undelete")
	}
}
