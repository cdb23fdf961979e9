package rows

import (
	"time"

	"pintail/internal/text"
	"pintail/storage"
)

// restoreState says of an object in an archive how far its restore is, in words and with a picture, which stays where the words have
// no room; "" of all others.
func (s *Store) restoreState(r *rec, x *extra) (note, badge string) {
	if r.kind != Object && r.kind != Version {
		return "", ""
	}
	if x != nil && x.restoring {
		return text.T("rows.restoring"), "waiting"
	}
	now := s.cfg.Now()
	if x != nil && x.until.After(now) {
		until, form := x.until.In(s.cfg.Zone), "2 Jan"
		if until.Year() != now.In(s.cfg.Zone).Year() {
			form = "2 Jan 2006"
		}
		return text.T("rows.available_until", until.Format(form)), "done"
	}
	if Archived(s.words.word(r.class), false, time.Time{}, now) {
		return text.T("rows.archived"), "archive-box"
	}
	return "", ""
}

// Archived tells whether an object of a class, with that state of its restore, cannot be read at the moment now. Of
// INTELLIGENT_TIERING a listing does not tell it.
func Archived(class string, restoring bool, until, now time.Time) bool {
	return len(storage.RestoreTiers(class)) > 0 && (restoring || !until.After(now))
}
