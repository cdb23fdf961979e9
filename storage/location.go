package storage

import "strings"

// Location names a bucket, an object or one version of it. Key is the exact byte string that S3 has: it is never cleaned,
// trimmed, unescaped or joined by path functions. An empty Key is the bucket itself, an empty Bucket all buckets;
// a Key that ends in "/" is a folder (a prefix). An empty Version is the current one; "null" is an ordinary version id.
type Location struct {
	Bucket  string
	Key     string
	Version string
}

// IsRoot tells whether l is the list of all buckets.
func (l Location) IsRoot() bool { return l.Bucket == "" }

// IsBucket tells whether l is a bucket, not something in it.
func (l Location) IsBucket() bool { return l.Bucket != "" && l.Key == "" }

// IsFolder tells whether l is a prefix: a key that ends in "/".
func (l Location) IsFolder() bool { return strings.HasSuffix(l.Key, "/") }

// Name is the last element of the key without the "/" of a folder; of a bucket its name. It may be empty ("a//" holds an
// empty-named folder).
func (l Location) Name() string {
	if l.Key == "" {
		return l.Bucket
	}
	k := strings.TrimSuffix(l.Key, "/")
	return k[strings.LastIndexByte(k, '/')+1:]
}

// Parent is the folder, bucket or root that holds l.
func (l Location) Parent() Location {
	if l.Key == "" {
		return Location{}
	}
	k := strings.TrimSuffix(l.Key, "/")
	return Location{Bucket: l.Bucket, Key: k[:strings.LastIndexByte(k, '/')+1]}
}

// Child is the location named name in the folder or bucket l; folder adds the "/".
func (l Location) Child(name string, folder bool) Location {
	if l.Bucket == "" {
		return Location{Bucket: name}
	}
	c := Location{Bucket: l.Bucket, Key: l.Key + name}
	if folder {
		c.Key += "/"
	}
	return c
}

// String is the s3:// address of l, raw; a version is added as "?versionId=". It is for people and logs, not for parsing.
func (l Location) String() string {
	s := "s3://" + l.Bucket
	if l.Key != "" {
		s += "/" + l.Key
	}
	if l.Version != "" {
		s += "?versionId=" + l.Version
	}
	return s
}
