package explain

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/storage"
)

// editParts is how many changes a line names; the others are counted.
const editParts = 3

// Encryption is a way to encrypt in words; asBucket is what "" is called there.
func Encryption(kind, asBucket string) string {
	switch kind {
	case "AES256":
		return text.T("edits.sse_s3")
	case "aws:kms":
		return text.T("edits.sse_kms")
	case "aws:kms:dsse":
		return text.T("edits.sse_dsse")
	}
	return asBucket
}

// Edit is what an edit changes, in one line: "class GLACIER, tag project = x". Names and values are as they are.
func Edit(e storage.Edit) string {
	var parts []string
	add := func(id string, args ...any) { parts = append(parts, text.T(id, args...)) }
	if e.Class != "" {
		add("edit.says.class", e.Class)
	}
	if e.Encryption != nil {
		s := Encryption(e.Encryption.Type, text.T("info.encryption_bucket"))
		if e.Encryption.KeyID != "" {
			s += ", " + e.Encryption.KeyID
		}
		add("edit.says.encryption", s)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		if v := e.Headers[name]; v != "" {
			add("edit.says.set", name, v)
		} else {
			add("edit.says.without", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Metadata)) {
		add("edit.says.set", "x-amz-meta-"+name, e.Metadata[name])
	}
	for _, name := range slices.Sorted(slices.Values(e.RemoveMetadata)) {
		add("edit.says.without", "x-amz-meta-"+name)
	}
	for _, k := range slices.Sorted(maps.Keys(e.Tags)) {
		add("edit.says.tag", k, e.Tags[k])
	}
	for _, k := range slices.Sorted(slices.Values(e.RemoveTags)) {
		add("edit.says.untag", k)
	}
	parts = append(append(parts, editAccess(e.ACL)...), editLock(e.Lock)...)
	if more := len(parts) - editParts; more > 1 {
		parts = append(parts[:editParts], text.N("edit.says.more", more, more))
	}
	return strings.Join(parts, ", ")
}

func editAccess(a *storage.ACLEdit) (out []string) {
	if a == nil {
		return nil
	}
	if a.Canned != "" {
		out = append(out, text.T("edit.says.canned", a.Canned))
	}
	for _, g := range a.Grant {
		out = append(out, text.T("edit.says.grant", grantee(g.Grantee), g.Permission))
	}
	for _, g := range a.Revoke {
		out = append(out, text.T("edit.says.revoke", grantee(g.Grantee), g.Permission))
	}
	return out
}

// grantee is the name that people know, where there is one.
func grantee(g storage.Grantee) string {
	if g.Name != "" {
		return g.Name
	}
	return g.String()
}

func editLock(l *storage.LockEdit) (out []string) {
	if l == nil {
		return nil
	}
	switch r := l.Retention; {
	case r == nil:
	case r.Mode == "":
		out = append(out, text.T("edit.says.no_retention"))
	default:
		out = append(out, text.T("edit.says.retention", r.Mode, r.Until.Local().Format(time.DateTime)))
	}
	switch {
	case l.Hold == nil:
	case *l.Hold:
		out = append(out, text.T("edit.says.hold"))
	default:
		out = append(out, text.T("edit.says.no_hold"))
	}
	return out
}

// Restore is what is asked of an archive, in one line: "for 2 days, Standard".
func Restore(o storage.RestoreOptions) string {
	tier := o.Tier
	if tier == "" {
		tier = "Standard"
	}
	if o.Days == 0 {
		return tier
	}
	return text.N("edit.says.restore", o.Days, o.Days, tier)
}
