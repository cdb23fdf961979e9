package info

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

// MetaGroup is one of the tables of the Metadata tab.
type MetaGroup int

// The tables.
const (
	Headers MetaGroup = iota
	User              // x-amz-meta-…
	Tags
)

// metadata is the draft of the Metadata tab.
type metadata struct {
	groups [3]lines
	made   [3]bool // taken over from what was read
	bucket bool    // which has tags alone
}

func (vm *ViewModel) loadMetadata() {
	s, items := vm.subject.Session, vm.subject.Items
	if at, ok := vm.bucket(); ok {
		vm.meta.bucket = true
		ask(vm, &vm.tags, func(ctx context.Context) ([]map[string]string, error) {
			tags, err := s.BucketTags(ctx, at)
			return []map[string]string{tags}, err
		})
		vm.takeMetadata()
		return
	}
	if !vm.objectsOnly() || vm.Partial() {
		return
	}
	vm.loadHeads()
	if len(items) <= headLimit && vm.heads.state == ready {
		ask(vm, &vm.tags, func(ctx context.Context) ([]map[string]string, error) {
			out := make([]map[string]string, len(items))
			g, ctx := errgroup.WithContext(ctx)
			g.SetLimit(headAt)
			for i, it := range items {
				g.Go(func() (err error) { out[i], err = s.Tags(ctx, it.At); return err })
			}
			return out, g.Wait()
		})
	}
	vm.takeMetadata()
}

// loadVersioned asks whether changes make new versions; only the look before them says so.
func (vm *ViewModel) loadVersioned() {
	s := vm.subject.Session
	bucket := vm.subject.Items[0].At.Bucket
	if vm.objectsOnly() && vm.heads.state == ready {
		ask(vm, &vm.versioned, func(ctx context.Context) (bool, error) { return s.Versioned(ctx, bucket) })
	}
}

// takeMetadata fills the tables with what has come.
func (vm *ViewModel) takeMetadata() {
	m := &vm.meta
	if vm.heads.state == ready && !m.made[Headers] {
		m.made[Headers], m.made[User] = true, true
		var heads, user []map[string]string
		for _, h := range vm.heads.value {
			all := map[string]string{}
			for _, name := range storage.HeaderNames() {
				if v := *h.Headers.Field(name); v != "" {
					all[name] = v
				}
			}
			heads, user = append(heads, all), append(user, h.Metadata)
		}
		m.groups[User] = newLines(user)
		found := newLines(heads)
		var l lines
		for _, name := range storage.HeaderNames() {
			n := Line{Name: name}
			for _, f := range found.list {
				if f.Name == name {
					n = f
				}
			}
			n.Fixed = true
			l.list = append(l.list, n)
		}
		m.groups[Headers] = l
	}
	if vm.tags.state == ready && !m.made[Tags] {
		m.made[Tags] = true
		m.groups[Tags] = newLines(vm.tags.value)
	}
}

// MetaState says whether a table can be edited, and if not, why: a reason, or "" while it is being asked for.
func (vm *ViewModel) MetaState(g MetaGroup) (open bool, reason string) {
	fine, reason := vm.objectsState()
	if _, ok := vm.bucket(); ok && g == Tags {
		fine = true
	}
	switch {
	case !fine:
		return false, reason
	case g == Tags && vm.tags.state == failed:
		return false, Reason(vm.tags.err)
	}
	return vm.meta.made[g], ""
}

// objectsState says whether the selected things are objects that can be edited together, and if not, why.
func (vm *ViewModel) objectsState() (fine bool, reason string) {
	switch {
	case vm.Empty():
		return false, ""
	case vm.Partial() || len(vm.subject.Items) > headLimit:
		return false, text.T("info.too_many", headLimit)
	case !vm.objectsOnly():
		return false, text.T("info.objects_only")
	case vm.heads.state == failed:
		return false, Reason(vm.heads.err)
	}
	return true, ""
}

// Lines is a table of the Metadata tab.
func (vm *ViewModel) Lines(g MetaGroup) []Line { return vm.meta.groups[g].list }

// SetValue edits a value.
func (vm *ViewModel) SetValue(g MetaGroup, i int, v string) {
	vm.meta.groups[g].setValue(i, v)
	vm.Changed()
}

// SetName edits the name of a line that was added here.
func (vm *ViewModel) SetName(g MetaGroup, i int, name string) {
	vm.meta.groups[g].setName(i, name)
	vm.Changed()
}

// AddLine adds a line to a table.
func (vm *ViewModel) AddLine(g MetaGroup) {
	vm.meta.groups[g].add("", "")
	vm.Changed()
}

// RemoveLine takes a line away.
func (vm *ViewModel) RemoveLine(g MetaGroup, i int) {
	vm.meta.groups[g].remove(i)
	vm.Changed()
}

func (m *metadata) changes() []Change {
	var out []Change
	for g := range m.groups {
		for _, c := range m.groups[g].changes() {
			switch MetaGroup(g) {
			case User:
				c.What = "x-amz-meta-" + c.What
			case Tags:
				c.What = text.T("info.tag_named", c.What)
			}
			out = append(out, c)
		}
	}
	return out
}

func (m *metadata) edit() storage.Edit {
	var e storage.Edit
	e.Headers, _ = m.groups[Headers].edit()
	e.Metadata, e.RemoveMetadata = m.groups[User].edit()
	e.Tags, e.RemoveTags = m.groups[Tags].edit()
	return e
}

func (m *metadata) problem() string {
	for g := range m.groups {
		if p := m.groups[g].problem(MetaGroup(g) == User); p != "" {
			return p
		}
	}
	switch n := len(m.groups[Tags].list); {
	case m.bucket && n > storage.MaxBucketTags:
		return text.T("bucketinfo.too_many_tags", storage.MaxBucketTags, n)
	case m.bucket: // what else is wrong is said before anything is sent
		return ""
	case n > storage.MaxTags:
		return text.T("info.too_many_tags", storage.MaxTags, n)
	}
	var s3 *storage.Error
	if err := m.edit().Check(); errors.As(err, &s3) {
		return s3.Message
	} else if err != nil {
		return explain.Error(err).Sentence
	}
	return ""
}

// CachePreset is the Cache-Control that lets others keep a copy for that long.
func CachePreset(seconds int64) string { return fmt.Sprintf("public,max-age=%d", seconds) }
