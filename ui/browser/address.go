package browser

import (
	"errors"
	"net/url"
	"strings"

	"pintail/storage"
)

// ErrAddress says that what was typed is not an address of a bucket or folder.
var ErrAddress = errors.New("not an address of a bucket or folder")

// ParseAddress reads what a person types into the path bar: s3://bucket/key, an ARN, /bucket/key, or a path below at. The key is
// taken raw; "/" alone is the list of buckets. A typed folder may lack its last "/": folders are what one goes to.
func ParseAddress(s string, at storage.Location) (storage.Location, error) {
	switch {
	case s == "" || s == "/" || s == "s3://":
		return storage.Location{}, nil
	case strings.HasPrefix(s, "s3://"):
		return fromPath(strings.TrimPrefix(s, "s3://"))
	case strings.HasPrefix(s, "arn:"):
		at, err := storage.ParseARN(s)
		if err != nil {
			return storage.Location{}, ErrAddress
		}
		return asFolder(at)
	case strings.Contains(s, "://"):
		return fromURL(s)
	case strings.HasPrefix(s, "/"):
		return fromPath(s[1:])
	case at.IsRoot():
		return fromPath(s)
	}
	return at.Child(strings.TrimSuffix(s, "/"), true), nil
}

func fromPath(p string) (storage.Location, error) {
	return asFolder(storage.ParsePath(p))
}

func asFolder(at storage.Location) (storage.Location, error) {
	if at.Bucket == "" {
		return storage.Location{}, ErrAddress
	}
	if at.Key != "" && !at.IsFolder() {
		at.Key += "/"
	}
	return at, nil
}

// fromURL reads an https address of S3, bucket in the host name or in the path; a query (a signature) is dropped.
func fromURL(s string) (storage.Location, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return storage.Location{}, ErrAddress
	}
	host := strings.ToLower(u.Hostname())
	if i := strings.Index(host, ".s3."); i > 0 && strings.HasSuffix(host, "amazonaws.com") {
		return fromPath(host[:i] + u.Path)
	}
	return fromPath(strings.TrimPrefix(u.Path, "/"))
}

// Crumb is one part of the path bar.
type Crumb struct {
	Title string
	At    storage.Location
}

// Crumbs are the parts of the way to at, beginning with the list of buckets, which is called host.
func Crumbs(host string, at storage.Location) []Crumb {
	out := []Crumb{{Title: host}}
	if at.IsRoot() {
		return out
	}
	out = append(out, Crumb{Title: at.Bucket, At: storage.Location{Bucket: at.Bucket}})
	rest := at.Key
	done := 0
	for {
		i := strings.IndexByte(rest[done:], '/')
		if i < 0 {
			return out
		}
		name := rest[done : done+i]
		done += i + 1
		out = append(out, Crumb{Title: name, At: storage.Location{Bucket: at.Bucket, Key: rest[:done]}})
	}
}

// Address is at as the path bar shows it for editing.
func Address(at storage.Location) string {
	if at.IsRoot() {
		return "s3://"
	}
	return "s3://" + at.Bucket + "/" + at.Key
}
