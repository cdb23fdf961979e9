package storage

import (
	"context"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Names of what belongs to an object, as errors and results of a rewrite call it; headers and metadata go by their own names.
const (
	PartACL        = "acl"
	PartTags       = "tags"
	PartLock       = "lock"
	PartClass      = "class"
	PartEncryption = "encryption"
)

// kept is what an object has before it is rewritten.
type kept struct {
	complete bool // all below is read, not only where it is
	info     Info
	acl      ACL
	hasACL   bool // the object has a list
	tags     map[string]string
	hasTags  bool // the tags are read
	now      time.Time
	lost     []string // what could not be read, by agreement
}

// readKept reads what a rewrite must keep. from names the version to be edited, if that is not the current one.
func (s *Session) readKept(ctx context.Context, loc Location, e Edit, o RewriteOptions, from *kept) (*kept, error) {
	at := Location{Bucket: loc.Bucket, Key: loc.Key}
	if from != nil {
		at = from.info.Location
	}
	info, err := s.Stat(ctx, at)
	if err != nil {
		return nil, err
	}
	if from == nil && loc.Version != "" && info.Location.Version != loc.Version {
		return nil, invalid("CopyObject", loc, "NotCurrent", "only the current version can be rewritten; revert to this one first")
	}
	k := &kept{complete: true, info: info}
	u := &UnreadableError{Location: at}
	if v := info.Headers.Expires; v != "" && e.headers(info.Headers).Expires == v {
		if _, err := http.ParseTime(v); err != nil { // what is no date cannot be sent as one
			u.missing("Expires", err)
		}
	}
	keeps, err := s.Keeps(ctx, loc.Bucket)
	if err != nil {
		return nil, err
	}
	if keeps.ACL {
		if err := s.readList(ctx, k, u); err != nil {
			return nil, err
		}
	}
	if keeps.Lock {
		if err := s.readLock(ctx, k, u); err != nil {
			return nil, err
		}
	}
	large := info.Size > maxSinglePut || o.SingleCopy > 0 && info.Size > o.SingleCopy
	if e.tags() || large || !s.endpoint.aws && !s.untagged(info) { // Amazon takes them along; others have lost them
		if err := s.readTags(ctx, k, u); err != nil {
			return nil, err
		}
	}
	if u.Err != nil && !o.Plain {
		return nil, u
	}
	k.lost = u.What
	if k.hasTags && e.tags() {
		if err := checkTags(at, e.editTags(k.tags)); err != nil {
			return nil, err
		}
	}
	if n := metadataBytes(e.metadata(info.Metadata)); len(e.Metadata) > 0 && n > MaxMetadataBytes {
		return nil, invalid("CopyObject", at, "MetadataTooLarge", "with the present metadata it would be %d bytes; an object has %d at most", n, MaxMetadataBytes)
	}
	return k, nil
}

func (e *UnreadableError) missing(what string, err error) {
	e.What = append(e.What, what)
	if e.Err == nil {
		e.Err = err
	}
}

func (s *Session) readList(ctx context.Context, k *kept, u *UnreadableError) error {
	a, err := s.ACL(ctx, k.info.Location)
	switch KindOf(err) {
	case KindPermission:
		u.missing(PartACL, err)
		return nil
	case KindUnsupported:
		return nil
	}
	k.acl, k.hasACL = a, err == nil
	return err
}

// readLock reads what a head leaves out for those who may not see it.
func (s *Session) readLock(ctx context.Context, k *kept, u *UnreadableError) error {
	var err error
	k.info.Lock, err = s.LockOf(ctx, k.info)
	switch KindOf(err) {
	case KindPermission:
		u.missing(PartLock, err)
		return nil
	case KindUnsupported:
		return nil
	}
	return err
}

// untagged tells whether an object has no tags, by its head alone: of a server that is known to tell their number.
func (s *Session) untagged(info Info) bool {
	return info.TagCount == 0 && s.known.sure(featureTagCount, "")
}

// learnTagCount notes what a head shows about the server: it has told how many tags there are, or it is one of those that do.
func (s *Session) learnTagCount(h http.Header) {
	if s.known.get(featureTagCount, "") != nil {
		return
	}
	server := h.Get("Server")
	if h.Get("X-Amz-Tagging-Count") != "" || h.Get("X-Rgw-Object-Type") != "" || server == "VERSITYGW" || server == "PintailDemo" {
		s.known.set(featureTagCount, "", true)
	}
}

func (s *Session) readTags(ctx context.Context, k *kept, u *UnreadableError) error {
	tags, err := s.tagsThere(ctx, k.info)
	if len(tags) > 0 && k.info.TagCount == 0 {
		s.known.set(featureTagCount, "", false) // from now on each object is asked
	}
	switch KindOf(err) {
	case KindPermission:
		u.missing(PartTags, err)
		return nil
	case KindUnsupported:
		return nil
	}
	k.tags, k.hasTags = tags, err == nil
	return err
}

// tagsThere reads the tags of an object. Ceph's gateway (16.2) cuts its answer for an object made of parts that has none.
func (s *Session) tagsThere(ctx context.Context, info Info) (map[string]string, error) {
	for cut := 0; ; cut++ {
		tags, err := s.Tags(ctx, info.Location)
		if KindOf(err) != KindTruncated || info.TagCount > 0 {
			return tags, err
		}
		if cut > 0 {
			return nil, nil
		}
	}
}

// wanted is what the object is to be given.
func (k *kept) wanted(e Edit) WriteOptions {
	w := WriteOptions{Headers: e.headers(k.info.Headers), Metadata: e.metadata(k.info.Metadata), Class: k.info.Class, Encryption: k.info.Encryption, Lock: k.info.Lock}
	if _, err := http.ParseTime(w.Headers.Expires); err != nil {
		w.Headers.Expires = ""
	}
	for name, raw := range k.info.raw {
		if v, ok := w.Metadata[name]; ok && v == k.info.Metadata[name] {
			w.Metadata[name] = raw // as it was stored
		}
	}
	if e.Class != "" {
		w.Class = className(e.Class)
	}
	if e.Encryption != nil {
		w.Encryption = *e.Encryption
	}
	if !w.Lock.Until.After(k.now) {
		w.Lock.Mode, w.Lock.Until = "", time.Time{} // it has ended
	}
	if k.hasTags && (len(k.tags) > 0 || e.tags()) {
		w.Tags = e.editTags(k.tags)
	}
	if len(k.info.Checksums.Values) == 1 {
		for a := range k.info.Checksums.Values {
			w.Checksum = a
		}
	}
	switch {
	case e.ACL != nil && e.ACL.Canned != "":
		w.ACL = e.ACL.Canned
	case e.ACL != nil:
		w.Grants = e.ACL.list(k.info.Location, k.acl)
	case k.hasACL && !k.plainACL():
		w.Grants = k.acl.Grants
	}
	return w
}

// plainACL tells whether the list is the one that a new object has by itself.
func (k *kept) plainACL() bool {
	g := k.acl.Grants
	return len(g) == 1 && g[0].Grantee.ID == k.acl.Owner.ID && g[0].Permission == "FULL_CONTROL"
}

// same tells whether a copy would change nothing.
func (k *kept) same(want WriteOptions) bool {
	return len(differing(k.info, want)) == 0 && k.info.Encryption == want.Encryption
}

// sameWanted tells whether a head shows what was to be written.
func sameWanted(now Info, want WriteOptions) bool { return len(differing(now, want)) == 0 }

// differing names what of an object's head is not as wanted.
func differing(now Info, want WriteOptions) []string {
	var d []string
	for _, name := range headerNames {
		if have, want := *now.Headers.Field(name), *want.Headers.Field(name); !sameHeader(name, have, want) {
			d = append(d, name)
		}
	}
	names := slices.Collect(maps.Keys(want.Metadata))
	for name := range now.Metadata {
		if _, ok := want.Metadata[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		have, there := now.Metadata[name]
		v, wanted := want.Metadata[name]
		if there != wanted || have != decodedMetadata(v) {
			d = append(d, strings.ToLower(metadataPrefix)+name)
		}
	}
	if className(now.Class) != className(want.Class) {
		d = append(d, PartClass)
	}
	if !sameEncryption(now.Encryption, want.Encryption) {
		d = append(d, PartEncryption)
	}
	if l := want.Lock; l.Hold && !now.Lock.Hold || l.Mode != "" && (l.Mode != now.Lock.Mode || now.Lock.Until.Before(l.Until.Truncate(time.Second))) {
		d = append(d, PartLock)
	}
	return d
}

func sameHeader(name, have, want string) bool {
	if have == want {
		return true
	}
	switch name {
	case "Expires":
		a, aerr := http.ParseTime(have)
		b, berr := http.ParseTime(want)
		return aerr == nil && berr == nil && a.Equal(b)
	case "Content-Type":
		return want == "" && have == "binary/octet-stream" // what S3 puts in place of none
	}
	return false
}

func decodedMetadata(v string) string {
	dec := mime.WordDecoder{}
	if d, err := dec.DecodeHeader(v); err == nil {
		v = d
	}
	return strings.TrimSpace(v)
}

// sameEncryption tells whether have is what want asks for. A key goes by several names (Amazon puts an ARN before its id, MinIO
// "arn:aws:kms:"); no encryption is what the bucket says.
func sameEncryption(have, want Encryption) bool {
	switch {
	case want.Type == "":
		return true
	case have.Type != want.Type, want.BucketKey && !have.BucketKey:
		return false
	}
	key := want.KeyID
	return key == "" || have.KeyID == key || strings.HasSuffix(have.KeyID, "/"+key) || strings.HasSuffix(have.KeyID, ":"+key) || strings.HasPrefix(key, "alias/") || strings.Contains(key, ":alias/")
}
