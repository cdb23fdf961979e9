package main

import (
	"context"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"pintail/internal/pattern"
	"pintail/internal/text"
	"pintail/storage"
)

// hasWildcard tells whether s is a pattern.
func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?[") }

// glob matches raw keys. "*" and "?" stop at "/", "**" does not; a backslash takes the next character literally.
type glob struct {
	pattern string
	prefix  string // what every match begins with: where to list
	folder  string // prefix up to its last "/": names are kept below it
}

func newGlob(key string) (glob, error) {
	at := strings.IndexAny(key, `*?[\`)
	g := glob{prefix: key[:at]}
	g.folder = g.prefix[:strings.LastIndexByte(g.prefix, '/')+1]
	// Braces are ordinary characters for us.
	g.pattern = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(key)
	if !doublestar.ValidatePattern(g.pattern) {
		return glob{}, usagef("the pattern %q cannot be read; use --raw if it is a name", key)
	}
	return g, nil
}

// deep tells whether a match may lie below the folder where the pattern's first wildcard is.
func (g glob) deep() bool {
	rest := strings.TrimSuffix(g.pattern[len(g.folder):], "/")
	return strings.Contains(rest, "/") || rest == "**" // within a name "**" is no more than "*"
}

func (g glob) match(key string) bool {
	if strings.HasSuffix(g.pattern, "/") != strings.HasSuffix(key, "/") {
		if strings.HasSuffix(g.pattern, "/") {
			return false
		}
		key = strings.TrimSuffix(key, "/")
	}
	return pattern.Match(g.pattern, key)
}

// matchAbove is the folder above key (ending in "/") that matches, "" if none does.
func (g glob) matchAbove(key string) string {
	for i := len(g.prefix); i < len(key); i++ {
		if key[i] == '/' && g.match(key[:i+1]) {
			return key[:i+1]
		}
	}
	return ""
}

// include is the pattern relative to the folder, for filters of a transfer.
func (g glob) include() string { return g.pattern[len(g.folder):] }

// expand lists the matches of a pattern that is not deep: objects, and folders if they are wanted.
func (a *app) expand(ctx context.Context, s *storage.Session, addr address, folders bool) ([]storage.Location, error) {
	g, err := newGlob(addr.Key)
	if err != nil {
		return nil, err
	}
	var found []storage.Location
	skipped := 0
	for page, err := range a.list(ctx, s, addr.Bucket, g.prefix, storage.ListOptions{Delimiter: "/"}) {
		if err != nil {
			return nil, err
		}
		for _, p := range page.Prefixes {
			if !g.match(p) {
				continue
			}
			if !folders {
				skipped++
				continue
			}
			found = append(found, storage.Location{Bucket: addr.Bucket, Key: p})
		}
		for _, e := range page.Entries {
			if g.match(e.Key) && e.Key != g.folder {
				found = append(found, storage.Location{Bucket: addr.Bucket, Key: e.Key})
			}
		}
	}
	if len(found) == 0 && skipped > 0 {
		return nil, usagef("%s matches only folders; add -r", addr.Given)
	}
	if len(found) == 0 {
		return nil, &notFoundError{text.T("cli.glob.none", addr.Given)}
	}
	return found, nil
}
