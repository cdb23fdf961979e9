package storage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// listing is one page of ListObjectsV2, ListObjects or ListObjectVersions as the document has it, keys decoded.
type listing struct {
	page      Page
	truncated bool
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

// takeListing parses a listing and gives the SDK an empty document of the same kind in its place.
func (c *call) takeListing(body []byte, resp *smithyhttp.Response) error {
	var err error
	if c.op == "ListMultipartUploads" {
		c.uploads, err = parseUploads(body)
	} else {
		c.listing, err = parseListing(body, c.loc.Key)
	}
	if errors.Is(err, errXMLEnd) {
		return errCutOff
	}
	if err != nil {
		return notS3("the listing cannot be read: %v", err)
	}
	resp.Body = io.NopCloser(strings.NewReader("<Listing/>"))
	return nil
}

// parseListing reads a page. prefix is the one that was asked for: its echo tells how the server encodes a "+".
func parseListing(body []byte, prefix string) (*listing, error) {
	l := &listing{}
	var e Entry
	err := walkXML(body, func(path []string, text string, end bool) error {
		if !end {
			if len(path) == 2 {
				e = Entry{Marker: path[1] == "DeleteMarker"}
			}
			return nil
		}
		switch len(path) {
		case 2:
			return l.field(path[1], text, &e)
		case 3:
			if path[1] == "CommonPrefixes" {
				if path[2] == "Prefix" {
					l.page.Prefixes = append(l.page.Prefixes, text)
				}
				return nil
			}
			entryField(&e, path[2], text)
		case 4:
			entrySubfield(&e, path[2], path[3], text)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.urlKeys {
		err = l.decode(prefix, bytes.Contains(body, []byte("%2B")) || bytes.Contains(body, []byte("%2b")),
			bytes.Contains(body, []byte("%20")))
	}
	return l, err
}

// field takes a child of the root; at the end of an entry it takes the entry.
func (l *listing) field(name, text string, e *Entry) error {
	switch name {
	case "Contents", "Version", "DeleteMarker":
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
	case "NextMarker", "NextKeyMarker":
		l.marker = text
	case "NextVersionIdMarker":
		l.version = text
	case "Prefix":
		l.echo = text
	}
	return nil
}

func entryField(e *Entry, name, text string) {
	switch name {
	case "Key":
		e.Key = text
	case "Size":
		e.Size, _ = strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	case "LastModified":
		e.Modified = parseTime(text)
	case "ETag":
		e.ETag = cleanETag(text)
	case "StorageClass":
		e.Class = className(text)
	case "ChecksumAlgorithm":
		e.Checksum = append(e.Checksum, ChecksumAlgorithm(text))
	case "VersionId":
		e.Version = text
	case "IsLatest":
		e.Latest = strings.TrimSpace(text) == "true"
	}
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
