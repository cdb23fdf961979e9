package main

import (
	"strings"
	"time"

	"pintail/internal/units"
	"pintail/storage"
)

// entry is one line of a listing. It holds values and no pointers, so that a million of them cost no memory.
type entry struct {
	kind     string // bucket, folder, object, version, marker, upload
	bucket   string
	key      string // raw
	size     int64  // -1 = has none
	modified time.Time
	etag     string
	class    string
	version  string
	latest   bool
	region   string
	uploadID string
}

// entryLine is an entry in JSON output. What does not apply is left out.
type entryLine struct {
	Type     string  `json:"type"`
	Bucket   string  `json:"bucket"`
	Key      string  `json:"key,omitempty"`
	Size     *int64  `json:"size,omitempty"`
	Modified *string `json:"modified,omitempty"`
	ETag     string  `json:"etag,omitempty"`
	Class    string  `json:"class,omitempty"`
	Version  string  `json:"version,omitempty"`
	Latest   *bool   `json:"latest,omitempty"`
	Region   string  `json:"region,omitempty"`
	UploadID string  `json:"upload_id,omitempty"`
}

func (e entry) line() entryLine {
	l := entryLine{Type: e.kind, Bucket: e.bucket, Key: e.key, ETag: e.etag, Class: e.class, Version: e.version, Region: e.region, UploadID: e.uploadID}
	if e.size >= 0 {
		l.Size = &e.size
	}
	if !e.modified.IsZero() {
		l.Modified = stamp(e.modified)
	}
	if e.kind == "version" || e.kind == "marker" {
		l.Latest = &e.latest
	}
	return l
}

func stamp(t time.Time) *string {
	s := t.UTC().Format(time.RFC3339)
	return &s
}

func objectEntry(bucket string, e storage.Entry) entry {
	kind := "object"
	if e.Size == 0 && strings.HasSuffix(e.Key, "/") {
		kind = "folder" // its marker
	}
	return entry{kind: kind, bucket: bucket, key: e.Key, size: e.Size, modified: e.Modified, etag: e.ETag, class: classOf(e.Class)}
}

func versionEntry(bucket string, e storage.Entry) entry {
	v := objectEntry(bucket, e)
	v.kind, v.version, v.latest = "version", e.Version, e.Latest
	if e.Marker {
		v.kind, v.size, v.etag, v.class = "marker", -1, "", ""
	}
	return v
}

func classOf(class string) string {
	if class == "" {
		return "STANDARD"
	}
	return class
}

// print writes one entry in the form that was asked for; name is the key as the listing shows it.
func (l *lister) print(e entry, name string) {
	o := l.app.out
	switch {
	case l.app.opts.json():
		o.object(e.line())
	case l.app.opts.Null:
		o.raw(name)
	case l.app.opts.Output == "table":
		l.tableLine(e, name)
	case l.long:
		o.line("%19s %13s  %-12s %s", localTime(e.modified), size(e), detail(e), o.name(name))
	case l.versions() || l.uploads():
		o.line("%s\t%s\t%s", o.name(name), e.kind, orElse(e.version, e.uploadID))
	default:
		o.text(o.name(name))
	}
}

// tableLine prints for people: a heading, short sizes, dates as they are said.
func (l *lister) tableLine(e entry, name string) {
	o := l.app.out
	if !l.header {
		l.header = true
		o.line("%10s  %-18s %-20s %s", "SIZE", "MODIFIED", "CLASS", "NAME")
	}
	short := ""
	if e.size >= 0 {
		short = units.FormatBytes(e.size, l.app.sizes())
	}
	o.line("%10s  %-18s %-20s %s", short, units.FormatDate(e.modified, l.app.sys.Now()), detail(e), o.name(name))
}

func size(e entry) string {
	if e.size < 0 {
		return "-"
	}
	return units.FormatCount(e.size)
}

// detail is what else distinguishes an entry: its class, or what it is, with the version that -l shows for versions.
func detail(e entry) string {
	switch e.kind {
	case "bucket":
		return orElse(e.region, "bucket")
	case "version":
		if e.latest {
			return e.class + " " + e.version + " latest"
		}
		return e.class + " " + e.version
	case "marker":
		return "marker " + e.version
	case "upload":
		return "upload " + e.uploadID
	case "folder":
		return "folder"
	}
	return e.class
}

func localTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
