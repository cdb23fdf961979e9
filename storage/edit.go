package storage

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Edit is a change of what belongs to an object beside its bytes. What it does not name stays as it is. It holds no secret and
// can be kept as JSON.
type Edit struct {
	// Headers are standard headers by their names (see [Headers.Field]); an empty value takes one away.
	Headers map[string]string `json:",omitempty"`
	// Metadata is set (x-amz-meta-…, names without the prefix, without case), RemoveMetadata taken away.
	Metadata       map[string]string `json:",omitempty"`
	RemoveMetadata []string          `json:",omitempty"`
	Tags           map[string]string `json:",omitempty"`
	RemoveTags     []string          `json:",omitempty"`
	Class          string            `json:",omitempty"` // "" = stays
	Encryption     *Encryption       `json:",omitempty"` // nil = stays; of type "" = what the bucket says
	ACL            *ACLEdit          `json:",omitempty"`
	// Lock is set on a version as it is, and so goes with nothing that writes a new one.
	Lock *LockEdit `json:",omitempty"`
}

// ACLEdit is a change of an access list: a canned one in place of what is there, or grants given and taken.
type ACLEdit struct {
	Canned        string  `json:",omitempty"`
	Grant, Revoke []Grant `json:",omitempty"`
}

// The limits of S3: tags of an object, and characters of their keys and values; bytes of all user metadata together.
const (
	MaxTags          = 10
	MaxTagKey        = 128
	MaxTagValue      = 256
	MaxMetadataBytes = 2 << 10
)

var headerNames = []string{"Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control", "Expires",
	"x-amz-website-redirect-location"}

// HeaderNames are the standard headers that belong to an object, as they are written.
func HeaderNames() []string { return slices.Clone(headerNames) }

// Field is the place of a standard header by its name, without case; nil if it is none of those.
func (h *Headers) Field(name string) *string {
	switch strings.ToLower(name) {
	case "content-type":
		return &h.ContentType
	case "content-disposition":
		return &h.ContentDisposition
	case "content-encoding":
		return &h.ContentEncoding
	case "content-language":
		return &h.ContentLanguage
	case "cache-control":
		return &h.CacheControl
	case "expires":
		return &h.Expires
	case "x-amz-website-redirect-location":
		return &h.WebsiteRedirect
	}
	return nil
}

// IsZero tells whether nothing is to be changed.
func (e Edit) IsZero() bool { return !e.Rewrites() && !e.tags() && e.ACL == nil && e.Lock.isZero() }

// Rewrites tells whether an object has to be copied onto itself for it: tags, access list and lock alone are set where they are.
func (e Edit) Rewrites() bool {
	return len(e.Headers) > 0 || len(e.Metadata) > 0 || len(e.RemoveMetadata) > 0 || e.Class != "" || e.Encryption != nil
}

// OnlyClass tells whether nothing but the class is to be changed.
func (e Edit) OnlyClass() bool {
	only := e
	only.Class = ""
	return e.Class != "" && only.IsZero()
}

func (e Edit) tags() bool { return len(e.Tags) > 0 || len(e.RemoveTags) > 0 }

// Check refuses what no object can be given, before anything is sent: KindInvalid.
func (e Edit) Check() error {
	bad := func(code, format string, args ...any) error {
		return invalid("CopyObject", Location{}, code, format, args...)
	}
	var h Headers
	for name, v := range e.Headers {
		switch {
		case h.Field(name) == nil:
			return bad("InvalidHeader", "%q is no header of an object", name)
		case !headerValue(v):
			return bad("InvalidHeader", "the value of %s has a line break or another control character", name)
		case strings.EqualFold(name, "Expires") && v != "":
			if _, err := http.ParseTime(v); err != nil {
				return bad("InvalidExpires", "the Expires header %q is not a date of HTTP", v)
			}
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(e.Metadata)), e.RemoveMetadata) {
		if !headerToken(name) {
			return bad("InvalidMetadata", "%q cannot be the name of metadata: letters, digits and -_.!#$%%&'*+^`|~ only", name)
		}
	}
	for name, v := range e.Metadata {
		if !headerValue(v) {
			return bad("InvalidMetadata", "the value of %s has a line break or another control character", name)
		}
	}
	if n := metadataBytes(e.Metadata); n > MaxMetadataBytes {
		return bad("MetadataTooLarge", "the metadata has %d bytes; an object has %d at most", n, MaxMetadataBytes)
	}
	if a := e.ACL; a != nil {
		if a.Canned != "" && (len(a.Grant) > 0 || len(a.Revoke) > 0) {
			return bad(CodeBadGrant, "a canned list takes the place of all grants; it cannot be mixed with them")
		}
		if err := checkNew("PutObjectAcl", Location{Bucket: "b", Key: "k"}, a.Grant); err != nil {
			return err
		}
	}
	if !e.Lock.isZero() && e.Rewrites() {
		return bad("LockOfNewVersion", "a lock is set on a version that is there; change the rest before")
	}
	if err := e.Lock.check(); err != nil {
		return err
	}
	return checkTags(Location{}, e.Tags)
}

// checkTags holds a whole set of tags against the limits.
func checkTags(loc Location, tags map[string]string) error {
	if len(tags) > MaxTags {
		return invalid("PutObjectTagging", loc, "InvalidTag", "%d tags are too many; an object has %d at most", len(tags), MaxTags)
	}
	for k, v := range tags {
		switch {
		case k == "" || utf8.RuneCountInString(k) > MaxTagKey:
			return invalid("PutObjectTagging", loc, "InvalidTag", "the name of a tag has 1 to %d characters: %q", MaxTagKey, clip(k))
		case utf8.RuneCountInString(v) > MaxTagValue:
			return invalid("PutObjectTagging", loc, "InvalidTag", "the value of the tag %q has more than %d characters", k, MaxTagValue)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return invalid("PutObjectTagging", loc, "InvalidTag", "names of tags that begin with aws: are Amazon's own")
		}
	}
	return nil
}

func metadataBytes(m map[string]string) int {
	n := 0
	for k, v := range m {
		n += len(k) + len(v)
	}
	return n
}

// headerValue tells whether HTTP can carry v.
func headerValue(v string) bool {
	return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// headerToken tells whether s can be the name of a header.
func headerToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// headers are h with the edit's.
func (e Edit) headers(h Headers) Headers {
	for name, v := range e.Headers {
		if f := h.Field(name); f != nil {
			*f = v
		}
	}
	return h
}

// metadata is m with the edit's; names in lower case.
func (e Edit) metadata(m map[string]string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	for _, name := range e.RemoveMetadata {
		delete(out, strings.ToLower(name))
	}
	for name, v := range e.Metadata {
		out[strings.ToLower(name)] = v
	}
	return out
}

// editTags is tags with what the edit sets and takes away.
func (e Edit) editTags(tags map[string]string) map[string]string {
	out := maps.Clone(tags)
	if out == nil {
		out = map[string]string{}
	}
	for _, k := range e.RemoveTags {
		delete(out, k)
	}
	maps.Copy(out, e.Tags)
	return out
}

// list is the grants of an object's access list with the edit's.
func (a ACLEdit) list(loc Location, from ACL) []Grant {
	return from.Without(loc, a.Revoke...).With(a.Grant...).Grants
}

// sameGrants tells whether two lists give the same, in whatever order and words.
func sameGrants(a, b []Grant) bool { return ACL{Grants: a}.Equal(ACL{Grants: b}) }
