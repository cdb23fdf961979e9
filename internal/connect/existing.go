package connect

import (
	"fmt"
	"maps"
	"slices"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/preferences"
)

// What a person chose for files that exist, to be done at one connection from then on, is a property of its bookmark, named and
// valued as the preference that it stands in for.

// existingKey is the preference of a kind of transfer; ok is false for kinds that always ask.
func existingKey(kind string) (key preferences.Key[string], ok bool) {
	switch kind {
	case "upload":
		return preferences.UploadAction, true
	case "download":
		return preferences.DownloadAction, true
	}
	return key, false
}

// Existing is what uploads or downloads do with targets that exist: what the bookmark says by now, else its profile, else the
// preferences.
func (c *Connection) Existing(p *preferences.Preferences, kind string) prompt.Action {
	k, ok := existingKey(kind)
	if !ok {
		return prompt.Ask
	}
	said := c.property(k.Name())
	if b, err := c.bookmark(); err == nil {
		if said = b.Custom[k.Name()]; said == "" {
			said, _ = c.Profile.Properties.Get(k.Name())
		}
	}
	if a := prompt.Action(said); canExist(a) {
		return a
	}
	return prompt.Action(k.Get(p))
}

func canExist(a prompt.Action) bool {
	return slices.Contains([]prompt.Action{prompt.Ask, prompt.Overwrite, prompt.Resume, prompt.Skip, prompt.Rename, prompt.RenameExisting, prompt.Compare, prompt.Cancel}, a)
}

// bookmark is the connection's, as it is now.
func (c *Connection) bookmark() (bookmarks.Bookmark, error) {
	if c.marks == nil || c.Spec.Bookmark == "" {
		return bookmarks.Bookmark{}, bookmarks.ErrNotFound
	}
	return c.marks.Find(c.Spec.Bookmark)
}

// CanRememberExisting tells whether what is chosen for existing files in a transfer of a kind can be remembered for the connection
// of a reference: only one with a bookmark keeps it.
func CanRememberExisting(marks *bookmarks.Store, ref, kind string) bool {
	_, ok := existingKey(kind)
	_, err := markOf(marks, ref)
	return ok && err == nil
}

// RememberExisting stores what is done with existing files from now on in the bookmark of a reference; an error matches
// [bookmarks.ErrNotFound] if it has none.
func RememberExisting(marks *bookmarks.Store, ref, kind string, a prompt.Action) error {
	k, ok := existingKey(kind)
	if !ok || !canExist(a) {
		return fmt.Errorf("remember %q of a transfer of kind %q: %w", a, kind, bookmarks.ErrInvalid)
	}
	b, err := markOf(marks, ref)
	if err != nil {
		return err
	}
	if b.Custom = maps.Clone(b.Custom); b.Custom == nil {
		b.Custom = map[string]string{}
	}
	b.Custom[k.Name()] = string(a)
	return marks.Update(b)
}

func markOf(marks *bookmarks.Store, ref string) (bookmarks.Bookmark, error) {
	spec, err := ParseRef(ref)
	if err != nil {
		return bookmarks.Bookmark{}, err
	}
	if spec.Bookmark == "" || marks == nil {
		return bookmarks.Bookmark{}, bookmarks.ErrNotFound
	}
	return marks.Find(spec.Bookmark)
}
