package main

import (
	"strings"

	"pintail/internal/connect"
	"pintail/storage"
)

// address is one argument that names something: an object, folder or bucket on a server, a local path, or "-".
type address struct {
	storage.Location
	Bookmark string        // the connection that the address itself names
	Spec     *connect.Spec // the whole connection, of a call in duck's form; nil = as the options say
	Local    string        // path on this computer; "" for a remote address
	Std      bool          // "-"
	Given    string        // as typed
}

func (a address) remote() bool { return a.Local == "" && !a.Std }

const scheme = "s3://"

// sameConnection tells whether two addresses are reached by one connection.
func sameConnection(a, b address) bool {
	if a.Spec == nil || b.Spec == nil {
		return a.Spec == b.Spec && strings.EqualFold(a.Bookmark, b.Bookmark)
	}
	return a.Spec.Ref() == b.Spec.Ref()
}

// parseAddress reads s3://BUCKET/KEY, NAME:s3://BUCKET/KEY, the ARN of a bucket or an access point, "-" or a path. Keys are raw: nothing is unescaped or cleaned.
func parseAddress(s string) (address, error) {
	a := address{Given: s}
	switch i := strings.Index(s, ":"+scheme); {
	case s == "":
		return a, usagef("an address is empty")
	case s == "-":
		a.Std = true
		return a, nil
	case storage.IsARN(s):
		at, err := storage.ParseARN(s)
		if err != nil {
			return a, err
		}
		a.Location = at
		return a, nil
	case strings.HasPrefix(s, scheme):
		s = s[len(scheme):]
	case i > 0:
		a.Bookmark, s = s[:i], s[i+1+len(scheme):]
	default:
		a.Local = s
		return a, nil
	}
	a.Location = storage.ParsePath(s)
	if a.Bucket == "" && a.Key != "" {
		return a, usagef("%s names no bucket", a.Given)
	}
	if hasWildcard(a.Bucket) {
		return a, usagef("%s: wildcards stand in keys, not in the bucket's name", a.Given)
	}
	return a, nil
}

// remoteAddress reads an address that must be on a server.
func remoteAddress(s string) (address, error) {
	a, err := parseAddress(s)
	if err == nil && !a.remote() {
		return a, usagef("%s is not an address on a server; write s3://BUCKET/KEY", s)
	}
	return a, err
}

// objectAddress reads an address that must name an object.
func objectAddress(s string) (address, error) {
	a, err := remoteAddress(s)
	if err == nil && a.Key == "" {
		return a, usagef("%s names no object; write s3://BUCKET/KEY", s)
	}
	return a, err
}

// bucketAddress reads an address that must name a bucket; "s3://" may be left out.
func bucketAddress(s string) (address, error) {
	if !strings.Contains(s, scheme) && !storage.IsARN(s) {
		s = scheme + s
	}
	a, err := remoteAddress(s)
	if err == nil && (a.Bucket == "" || a.Key != "") {
		return a, usagef("%s is not a bucket; write s3://BUCKET", s)
	}
	return a, err
}
