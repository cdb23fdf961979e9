package storage

import (
	"net/url"
	"strings"
)

// PublishedURL is where an object is found below an address of the person's own, such as that of a CDN. In base, {bucket} and {key} stand for
// what is asked for; without {key} it is appended. Without either, the bucket is too, and what is below start is counted from there.
func PublishedURL(base string, start, loc Location) string {
	bucket, key := url.PathEscape(loc.Bucket), escapeKey(loc.Key)
	below := strings.TrimSuffix(base, "/") + "/"
	switch {
	case strings.Contains(base, "{key}"):
		return strings.NewReplacer("{bucket}", bucket, "{key}", key).Replace(base)
	case strings.Contains(base, "{bucket}"):
		return strings.ReplaceAll(below, "{bucket}", bucket) + key
	case start.Bucket == loc.Bucket && strings.HasPrefix(loc.Key, start.Key):
		return below + escapeKey(loc.Key[len(start.Key):])
	}
	return below + bucket + "/" + key
}
