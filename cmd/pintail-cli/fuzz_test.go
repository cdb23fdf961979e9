package main

import (
	"strings"
	"testing"
)

// FuzzAddress reads what a person types: an address on a server is that bucket and key to the byte.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"", "-", "s3://", "s3://b", "s3://b/", "s3:///k", "s3://b//../a?versionId=x", "work:s3://b/k", ":s3://b", "a:s3://b:s3://c/d", "s3://*/k", `C:\x`, "/tmp/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseAddress(s)
		_, _ = bucketAddress(s)
		if err != nil {
			return
		}
		given := a.Local
		switch {
		case a.Std:
			given = "-"
		case a.remote():
			given = scheme + a.Bucket
			if a.Key != "" || strings.HasSuffix(s[len(scheme):], "/") {
				given += "/" + a.Key
			}
			if a.Bookmark != "" {
				given = a.Bookmark + ":" + given
			}
		}
		if given != s || a.Given != s || strings.Contains(a.Bucket, "/") {
			t.Fatalf("%q is %+v", s, a)
		}
	})
}

// FuzzGlob reads any pattern: every match begins with the prefix that is listed, and a literal matches itself.
func FuzzGlob(f *testing.F) {
	f.Add("a/*.txt", "a/b.txt")
	f.Add("**/x?[a-c]{1}/", "q/xya{1}/")
	f.Add(`\*[`, "*[")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if !hasWildcard(pattern) || len(pattern) > 200 || len(key) > 1024 {
			return
		}
		g, err := newGlob(pattern)
		if err != nil {
			return
		}
		if g.match(key) && !strings.HasPrefix(key, g.prefix) {
			t.Fatalf("%q matches %q, and %q is listed", pattern, key, g.prefix)
		}
		if above := g.matchAbove(key); above != "" && (!strings.HasPrefix(key, above) || !g.match(above)) {
			t.Fatalf("%q: above %q there is %q", pattern, key, above)
		}
		_, _, _ = g.deep(), g.include(), g.folder
	})
}
