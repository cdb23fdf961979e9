package main

import (
	"strings"
	"time"

	"pintail/internal/units"
	"pintail/storage"
)

// entry is one line of a listing in JSON output. What does not apply is left out.
type entry struct {
	Type     string  `json:"type"` // bucket, folder, object, version, marker, upload
	Bucket   string  `json:"bucket"`
	Key      string  `json:"key,omitempty"` // raw
	Size     *int64  `json:"size,omitempty"`
	Modified *string `json:"modified,omitempty"`
	ETag     string  `json:"etag,omitempty"`
	Class    string  `json:"class,omitempty"`
	Version  string  `json:"version,omitempty"`
	Latest   *bool   `json:"latest,omitempty"`
	Region   string  `json:"region,omitempty"`
	UploadID string  `json:"upload_id,omitempty"`

	modified time.Time
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
	return entry{
		Type: kind, Bucket: bucket, Key: e.Key, Size: &e.Size, Modified: stamp(e.Modified), ETag: e.ETag, Class: classOf(e.Class), modified: e.Modified,
	}
}

func versionEntry(bucket string, e storage.Entry) entry {
	v := objectEntry(bucket, e)
	v.Type, v.Version, v.Latest = "version", e.Version, &e.Latest
	if e.Marker {
		v.Type, v.Size, v.ETag, v.Class = "marker", nil, "", ""
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
		o.object(e)
	case l.app.opts.Null:
		o.raw(name)
	case l.app.opts.Output == "table":
		l.tableLine(e, name)
	case l.long:
		o.line("%19s %13s  %-12s %s", localTime(e.modified), size(e), detail(e), o.name(name))
	case l.versions() || l.uploads():
		o.line("%s\t%s\t%s", o.name(name), e.Type, orElse(e.Version, e.UploadID))
	default:
		o.line("%s", o.name(name))
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
	if e.Size != nil {
		short = units.FormatBytes(*e.Size, l.app.sizes())
	}
	o.line("%10s  %-18s %-20s %s", short, units.FormatDate(e.modified, l.app.sys.Now()), detail(e), o.name(name))
}

func size(e entry) string {
	if e.Size == nil {
		return "-"
	}
	return units.FormatCount(*e.Size)
}

// detail is what else distinguishes an entry: its class, or what it is, with the version that -l shows for versions.
func detail(e entry) string {
	switch e.Type {
	case "bucket":
		return orElse(e.Region, "bucket")
	case "version":
		if *e.Latest {
			return e.Class + " " + e.Version + " latest"
		}
		return e.Class + " " + e.Version
	case "marker":
		return "marker " + e.Version
	case "upload":
		return "upload " + e.UploadID
	case "folder":
		return "folder"
	}
	return e.Class
}

func localTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
