package storage

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// listing is one page of ListObjectsV2, ListObjects or ListObjectVersions as the document has it, keys decoded.
type listing struct {
	page      Page
	truncated bool
	old       bool   // in the form of the first ListObjects
	urlKeys   bool   // the reply says that its keys are url-encoded
	token     string // V2
	marker    string // V1 and versions
	version   string // versions
	echo      string // the prefix as the reply repeats it, not decoded
	plusSpace bool   // "+" in an encoded key is a space
	count     int
}

// maxPageKeys bounds a page: servers give at most 1,000, some are set to more.
const maxPageKeys = 100_000

// takeListing parses a listing. What it keeps does not refer to body.
func (c *call) takeListing(body []byte) error {
	var err error
	if c.op == "ListMultipartUploads" {
		c.uploads, err = parseUploads(body)
	} else {
		var ok bool
		if c.listing, ok, err = scanListing(body, c.loc.Key); !ok {
			c.listing, err = parseListing(body, c.loc.Key)
		}
	}
	if errors.Is(err, errXMLEnd) {
		return errCutOff
	}
	if err != nil {
		return notS3("the listing cannot be read: %v", err)
	}
	return nil
}

// parseListing reads a page. prefix is the one that was asked for: its echo tells how the server encodes a "+".
func parseListing(body []byte, prefix string) (*listing, error) {
	l := &listing{}
	var e Entry
	var a arena
	err := walkXML(body, func(path []string, text []byte, end bool) error {
		if !end {
			if len(path) == 2 {
				e = Entry{Marker: path[1] == "DeleteMarker"}
				a.begin()
			}
			return nil
		}
		switch len(path) {
		case 2:
			if isEntry(path[1]) {
				a.end()
			}
			return l.field(path[1], string(text), &e)
		case 3:
			if path[1] == "CommonPrefixes" {
				if path[2] == "Prefix" {
					l.page.Prefixes = append(l.page.Prefixes, string(text))
				}
				return nil
			}
			if path[2] == "Key" || path[2] == "ETag" {
				a.add(path[2], text)
				return nil
			}
			entryField(&e, path[2], text)
		case 4:
			entrySubfield(&e, path[2], path[3], string(text))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.give(l.page.Entries)
	if l.urlKeys {
		err = l.decode(prefix, bytes.Contains(body, []byte("%2B")) || bytes.Contains(body, []byte("%2b")),
			bytes.Contains(body, []byte("%20")))
	}
	if err == nil {
		err = l.within(prefix)
	}
	return l, err
}

const outsidePrefix = "is not below what was asked for"

// within refuses a page with names that were not asked for: a server that takes no notice of the prefix would have a folder's
// deletion delete everything.
func (l *listing) within(prefix string) error {
	for i := range l.page.Entries {
		if !strings.HasPrefix(l.page.Entries[i].Key, prefix) {
			return fmt.Errorf("a key in the listing "+outsidePrefix+": %q", clip(l.page.Entries[i].Key))
		}
	}
	for _, p := range l.page.Prefixes {
		if !strings.HasPrefix(p, prefix) {
			return fmt.Errorf("a folder in the listing "+outsidePrefix+": %q", clip(p))
		}
	}
	return nil
}

func isEntry(name string) bool {
	return name == "Contents" || name == "Version" || name == "DeleteMarker"
}

// arena keeps the keys and ETags of a page in one piece of memory instead of two thousand.
type arena struct {
	text  []byte
	spans []arenaSpan
	open  arenaSpan
}

// arenas are used again: of a page only its strings are kept.
var arenas = sync.Pool{New: func() any { return &arena{text: make([]byte, 0, 64<<10), spans: make([]arenaSpan, 0, 1000)} }}

// back gives an arena away, unless a page of unusual size has made it large.
func (a *arena) back() {
	if cap(a.text) <= 1<<20 && cap(a.spans) <= 4000 {
		a.text, a.spans = a.text[:0], a.spans[:0]
		arenas.Put(a)
	}
}

type arenaSpan struct{ key, keyEnd, tag, tagEnd int }

func (a *arena) begin() { a.open = arenaSpan{} }

func (a *arena) end() { a.spans = append(a.spans, a.open) }

func (a *arena) add(name string, text []byte) {
	if name == "ETag" {
		text = bytes.Trim(bytes.TrimPrefix(bytes.TrimSpace(text), []byte("W/")), `"`)
	}
	from := len(a.text)
	a.text = append(a.text, text...)
	if name == "Key" {
		a.open.key, a.open.keyEnd = from, len(a.text)
		return
	}
	a.open.tag, a.open.tagEnd = from, len(a.text)
}

// give puts the strings into the entries, which are as many as begin was followed by end.
func (a *arena) give(entries []Entry) {
	all := string(a.text)
	for i := range entries {
		s := a.spans[i]
		entries[i].Key, entries[i].ETag = all[s.key:s.keyEnd], all[s.tag:s.tagEnd]
	}
}

// field takes a child of the root; at the end of an entry it takes the entry.
func (l *listing) field(name, text string, e *Entry) error {
	switch name {
	case "Contents", "Version", "DeleteMarker":
		if l.page.Entries == nil {
			l.page.Entries = make([]Entry, 0, 1000)
		}
		if l.count++; l.count > maxPageKeys {
			return fmt.Errorf("more than %d keys on a page", maxPageKeys)
		}
		l.page.Entries = append(l.page.Entries, *e)
	case "CommonPrefixes":
		if l.count++; l.count > maxPageKeys {
			return fmt.Errorf("more than %d keys on a page", maxPageKeys)
		}
	case "IsTruncated":
		l.truncated = strings.TrimSpace(text) == "true"
	case "EncodingType":
		l.urlKeys = strings.TrimSpace(text) == "url"
	case "NextContinuationToken":
		l.token = text
	case "Marker":
		l.old = true
	case "NextMarker", "NextKeyMarker":
		l.marker = text
	case "NextVersionIdMarker":
		l.version = text
	case "Prefix":
		l.echo = text
	}
	return nil
}

func entryField(e *Entry, name string, text []byte) {
	switch name {
	case "Size":
		e.Size, _ = strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	case "LastModified":
		e.Modified = listTime(text)
	case "StorageClass":
		if string(text) != "STANDARD" {
			e.Class = string(text)
		}
	case "ChecksumAlgorithm":
		e.Checksum = append(e.Checksum, ChecksumAlgorithm(text))
	case "VersionId":
		e.Version = string(text)
	case "IsLatest":
		e.Latest = string(bytes.TrimSpace(text)) == "true"
	}
}

// listTime reads the one form that S3 writes without the cost of the general way: 2026-11-20T12:00:00.000Z.
func listTime(b []byte) time.Time {
	const form = "0000-00-00T00:00:00.000Z"
	if len(b) != len(form) {
		return parseTime(string(b))
	}
	var n [7]int
	field := 0
	for i, f := range []byte(form) {
		if f != '0' {
			if b[i] != f {
				return parseTime(string(b))
			}
			field++
			continue
		}
		if b[i] < '0' || b[i] > '9' {
			return parseTime(string(b))
		}
		n[field] = n[field]*10 + int(b[i]-'0')
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return parseTime(string(b))
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1e6, time.UTC)
}

func entrySubfield(e *Entry, parent, name, text string) {
	switch {
	case parent == "Owner" && name == "ID":
		e.Owner.ID = text
	case parent == "Owner" && name == "DisplayName":
		e.Owner.Name = text
	case parent == "RestoreStatus" && name == "IsRestoreInProgress":
		e.Restore.Ongoing = strings.TrimSpace(text) == "true"
	case parent == "RestoreStatus" && name == "RestoreExpiryDate":
		e.Restore.Until = parseTime(text)
	}
}

// decode undoes the url encoding of the page's keys. S3 encodes as a form does ("+" is a space, a plus is %2B), some
// servers as a path ("+" is itself, a space is %20). The page itself shows which: by the echo of the prefix, or by what
// is encoded in it. When nothing shows, it is S3's way.
func (l *listing) decode(prefix string, hasPlus, hasSpace bool) error {
	l.plusSpace = true
	switch {
	case strings.ContainsAny(prefix, "+ ") && l.echo != "":
		form, err := url.QueryUnescape(l.echo)
		path, err2 := url.PathUnescape(l.echo)
		l.plusSpace = err == nil && form == prefix || err2 != nil || path != prefix
	case hasPlus:
	case hasSpace:
		l.plusSpace = false
	}
	var err error
	for i := range l.page.Entries {
		if err = l.unescape(&l.page.Entries[i].Key); err != nil {
			return err
		}
	}
	for i := range l.page.Prefixes {
		if err = l.unescape(&l.page.Prefixes[i]); err != nil {
			return err
		}
	}
	if l.version != "" && len(l.page.Entries) > 0 && l.marker == l.page.Entries[len(l.page.Entries)-1].Key {
		return nil // Ceph's gateway (16.2) leaves the marker of versions as it is
	}
	return l.unescape(&l.marker)
}

func (l *listing) unescape(s *string) error {
	if !strings.ContainsAny(*s, "%+") {
		return nil
	}
	un := url.PathUnescape
	if l.plusSpace {
		un = url.QueryUnescape
	}
	d, err := un(*s)
	if err != nil {
		return fmt.Errorf("a key that is not url-encoded although the reply says so: %w", err)
	}
	*s = d
	return nil
}

// cleanETag takes the quotes and the weak mark off an ETag.
func cleanETag(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "W/")
	return strings.Trim(s, `"`)
}

// className is a storage class in our form: the standard one is "".
func className(s string) string {
	if s == "STANDARD" {
		return ""
	}
	return s
}

// parseTime reads the two forms of time that documents have; the zero time if it is neither.
func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t
	}
	t, _ := time.Parse(time.RFC1123, s)
	return t
}
