package connection

import (
	"strings"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/preferences"
)

// remembered is what the bookmark says of files that exist, for people; "" = nothing.
func (f *Form) remembered() string {
	var out []string
	for _, name := range existingKeys() {
		a, ok := f.base.Custom[name]
		switch {
		case !ok:
		case name == preferences.UploadAction.Name():
			out = append(out, text.T("connection.existing_kept_up", actionTitle(prompt.Action(a))))
		default:
			out = append(out, text.T("connection.existing_kept_down", actionTitle(prompt.Action(a))))
		}
	}
	return strings.Join(out, "; ")
}

// existingKeys are the properties of a bookmark that say what is done with files that exist.
func existingKeys() []string {
	return []string{preferences.UploadAction.Name(), preferences.DownloadAction.Name()}
}

func actionTitle(a prompt.Action) string {
	switch a {
	case prompt.Overwrite:
		return text.T("connection.existing_overwrite")
	case prompt.Skip:
		return text.T("connection.existing_skip")
	case prompt.Compare:
		return text.T("connection.existing_compare")
	case prompt.Resume:
		return text.T("connection.existing_resume")
	case prompt.Rename:
		return text.T("connection.existing_rename")
	case prompt.RenameExisting:
		return text.T("connection.existing_rename_existing")
	case prompt.Cancel:
		return text.T("connection.existing_cancel")
	}
	return text.T("settings.ask")
}
