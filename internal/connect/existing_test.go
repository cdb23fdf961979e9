package connect_test

import (
	"errors"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/preferences"
)

// TestExisting_IsRememberedInTheBookmark: what was chosen holds at once, for that kind of transfer and that connection alone, until
// the bookmark says otherwise; other connections have nowhere to keep it.
func TestExisting_IsRememberedInTheBookmark(t *testing.T) {
	prefs, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newSetup(t).key("K", "S")
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "mine", EndpointURL: "http://127.0.0.1:9", Custom: map[string]string{"s3.storage.class": "STANDARD_IA"}})
	c := s.open(t, connect.Spec{Bookmark: "mine"})
	if up := c.Existing(prefs, "upload"); up != prompt.Ask {
		t.Errorf("at first: %s", up)
	}
	if !connect.CanRememberExisting(s.Bookmarks, c.Ref, "upload") || connect.CanRememberExisting(s.Bookmarks, c.Ref, "copy") {
		t.Error("uploads cannot be remembered, or copies can")
	}
	if err := connect.RememberExisting(s.Bookmarks, c.Ref, "upload", prompt.RenameExisting); err != nil {
		t.Fatal(err)
	}
	if up, down, copied := c.Existing(prefs, "upload"), c.Existing(prefs, "download"), c.Existing(prefs, "copy"); up != prompt.RenameExisting || down != prompt.Ask || copied != prompt.Ask {
		t.Errorf("remembered: %s, %s, %s", up, down, copied)
	}
	b, err := s.Bookmarks.Get(id)
	if err != nil || b.Custom["queue.upload.action"] != "rename-existing" || b.Custom["s3.storage.class"] != "STANDARD_IA" {
		t.Errorf("%v, %v", b.Custom, err)
	}
	delete(b.Custom, "queue.upload.action")
	if err := s.Bookmarks.Update(b); err != nil {
		t.Fatal(err)
	}
	if up := c.Existing(prefs, "upload"); up != prompt.Ask {
		t.Errorf("forgotten: %s", up)
	}
	plain := s.open(t, connect.Spec{Endpoint: "http://127.0.0.1:9"})
	if connect.CanRememberExisting(s.Bookmarks, plain.Ref, "upload") {
		t.Error("a connection without a bookmark can remember")
	}
	if err := connect.RememberExisting(s.Bookmarks, plain.Ref, "upload", prompt.Skip); !errors.Is(err, bookmarks.ErrNotFound) {
		t.Errorf("remembered nowhere: %v", err)
	}
	if err := connect.RememberExisting(s.Bookmarks, c.Ref, "upload", "nonsense"); !errors.Is(err, bookmarks.ErrInvalid) {
		t.Errorf("nonsense is remembered: %v", err)
	}
	file := profileWith(t, "127.0.0.1", property("queue.download.action", "skip"))
	if down := s.open(t, connect.Spec{Profile: file}).Existing(prefs, "download"); down != prompt.Skip {
		t.Errorf("by the profile: %s", down)
	}
}
