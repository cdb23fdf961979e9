package main

import (
	"context"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// statGrant is one line of an access list.
type statGrant struct {
	Grantee    string `json:"grantee"`
	Permission string `json:"permission"`
}

// statLock is what keeps an object from being deleted.
type statLock struct {
	Mode  string  `json:"mode,omitempty"`
	Until *string `json:"until,omitempty"`
	Hold  bool    `json:"hold"`
}

// statUnread is a part of an object that could not be read; the others stand.
type statUnread struct {
	Field      string `json:"field"`
	Kind       string `json:"kind"`
	Permission string `json:"permission,omitempty"`
	Message    string `json:"message"`
}

// statMore reads what HEAD does not tell: tags and the access list with the owner. What cannot be read is named.
func (a *app) statMore(ctx context.Context, s *storage.Session, loc storage.Location, i storage.Info, f *statForm) {
	if !i.Lock.IsZero() {
		f.Lock = &statLock{Mode: i.Lock.Mode, Hold: i.Lock.Hold}
		if !i.Lock.Until.IsZero() {
			f.Lock.Until = stamp(i.Lock.Until)
		}
	}
	err := again(ctx, a, func() (err error) { f.Tags, err = s.Tags(ctx, loc); return err })
	f.unread("tags", err, i.TagCount == 0 && storage.KindOf(err) == storage.KindTruncated) // Ceph's gateway (16.2) cuts the answer when there are none
	var acl storage.ACL
	err = again(ctx, a, func() (err error) { acl, err = s.ACL(ctx, loc); return err })
	f.unread("acl", err, storage.KindOf(err) == storage.KindUnsupported)
	if err != nil {
		return
	}
	f.Owner = orElse(acl.Owner.Name, acl.Owner.ID)
	for _, g := range acl.Grants {
		f.ACL = append(f.ACL, statGrant{granteeWord(g.Grantee, acl.Owner), g.Permission})
	}
}

// granteeWord is a grantee as the acl command takes it.
func granteeWord(g storage.Grantee, owner storage.Owner) string {
	if g.ID == owner.ID && g.ID != "" {
		return "owner"
	}
	return g.String()
}

func (f *statForm) unread(field string, err error, none bool) {
	if err == nil || none {
		return
	}
	e := explained(err)
	f.Unread = append(f.Unread, statUnread{field, e.Kind, e.Permission, e.Sentence})
}

// printMore prints what statMore has read.
func (a *app) printMore(f statForm, row func(label, value string)) {
	row(text.T("stat.owner"), f.Owner)
	for _, g := range f.ACL {
		row(text.T("stat.acl"), g.Grantee+": "+g.Permission)
	}
	rows(row, text.T("stat.tag"), f.Tags)
	if l := f.Lock; l != nil {
		if l.Mode != "" && l.Until != nil {
			row(text.T("stat.lock"), text.T("stat.retention", l.Mode, *l.Until))
		}
		if l.Hold {
			row(text.T("stat.lock"), text.T("stat.hold"))
		}
	}
	for _, u := range f.Unread {
		if u.Permission != "" {
			row(strings.ToUpper(u.Field[:1])+u.Field[1:], text.T("stat.needs", u.Permission))
			continue
		}
		row(strings.ToUpper(u.Field[:1])+u.Field[1:], u.Message)
	}
}
