package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/pattern"
	"pintail/storage"
	"pintail/transfer"
)

// filter is what of a folder a transfer takes, as the engine does it.
type filter struct {
	ignore, include, exclude []string
	older, newer             time.Duration
	now                      time.Time
}

func filterOf(o transfer.Options, now time.Time) filter {
	return filter{o.Ignore, o.Include, o.Exclude, o.Older, o.Newer, now}
}

func (f filter) wants(rel string, modified time.Time) bool {
	age := f.now.Sub(modified)
	switch {
	case f.older > 0 && age < f.older, f.newer > 0 && age > f.newer:
		return false
	case len(f.include) > 0 && !matchesAny(f.include, rel) && !matchesAny(f.include, path.Base(rel)):
		return false
	}
	for i := range rel { // what is excluded takes all below it along
		if rel[i] == '/' && matchesAny(f.exclude, rel[:i]) {
			return false
		}
	}
	return !matchesAny(f.exclude, rel)
}

func (f filter) ignores(rel string) bool {
	return matchesAny(f.ignore, rel[strings.LastIndexByte(strings.TrimSuffix(rel, "/"), '/')+1:])
}

func matchesAny(globs []string, name string) bool {
	for _, g := range globs {
		if pattern.Match(g, strings.TrimSuffix(name, "/")) {
			return true
		}
	}
	return false
}

func (a *app) dryRunUpload(r transfer.Request, s transfer.Source) error {
	info, err := os.Stat(s.Local)
	if err != nil {
		return err
	}
	name := filepath.Base(s.Local)
	if !info.IsDir() {
		a.would(r, s.Local, dryTarget(r, name), info.Size())
		return nil
	}
	own := ""
	if !r.Target.Exact {
		own = name + "/"
	}
	f := filterOf(r.Options, a.sys.Now())
	links := map[transfer.Symlinks]localfs.LinkPolicy{transfer.SkipSymlinks: localfs.SkipLinks, transfer.FailSymlinks: localfs.FailLinks}
	walk := localfs.WalkOptions{Links: links[r.Options.Symlinks], Prune: func(key string, _ bool) bool { return f.ignores(key) }}
	for e := range localfs.Walk(s.Local, walk) {
		switch {
		case e.Kind == localfs.Broken:
			a.warn(e.Err)
		case e.Kind == localfs.File && f.wants(e.Key, e.Modified):
			a.would(r, e.Path, dryTarget(r, own+e.Key), e.Size)
		}
	}
	return a.out.flush()
}

// dryTarget is where something named rel below the source goes.
func dryTarget(r transfer.Request, rel string) string {
	t := r.Target
	single := len(r.Sources) == 1 && (r.Sources[0].Local != "" || !r.Sources[0].Remote.IsFolder() && !r.Sources[0].Remote.IsBucket())
	if t.Local != "" {
		local, err := localfs.KeyToLocal(rel)
		if err != nil || t.Exact && single {
			return t.Local
		}
		return filepath.Join(t.Local, filepath.FromSlash(local))
	}
	key := t.Remote.Key
	if t.Exact && single && key != "" && !strings.HasSuffix(key, "/") {
		if info, err := os.Stat(r.Sources[0].Local); r.Sources[0].Local == "" || err == nil && !info.IsDir() {
			return t.Remote.String()
		}
	}
	if key != "" && !strings.HasSuffix(key, "/") {
		key += "/"
	}
	return storage.Location{Bucket: t.Remote.Bucket, Key: key + rel}.String()
}
