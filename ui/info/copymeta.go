package info

import (
	"context"
	"maps"
	"slices"
	"strings"

	"pintail/storage"
	"pintail/ui/tasks"
)

// become makes lines those of want: what is there takes its value, what is not in want goes.
func (l *lines) become(want map[string]string) {
	left := maps.Clone(want)
	for i := len(l.list) - 1; i >= 0; i-- {
		n := &l.list[i]
		v, ok := left[n.Name]
		switch {
		case ok || n.Fixed:
			n.touched = n.touched || n.Mixed || v != n.Value
			n.Value = v
			delete(left, n.Name)
		default:
			l.remove(i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		l.add(name, left[name])
	}
}

// otherObject reads s3://BUCKET/KEY, or a key of bucket. What names no object has no key.
func otherObject(bucket, s string) storage.Location {
	at := storage.Location{Bucket: bucket, Key: s}
	if rest, ok := strings.CutPrefix(s, "s3://"); ok {
		at.Bucket, at.Key, _ = strings.Cut(rest, "/")
	}
	if at.Bucket == "" {
		return storage.Location{}
	}
	return at
}

// belonging is what another object has beside its bytes.
type belonging struct {
	info   storage.Info
	tags   map[string]string
	noTags error // why they cannot be read
}

// CopyMetadata fills the tables with what the object at from has: a draft, nothing is sent. Tags that cannot be read stay as they
// were, and done is told why.
func (vm *ViewModel) CopyMetadata(from storage.Location, done func(error)) {
	s, policy, shown := vm.subject.Session, vm.Policy(), vm.ctx
	withTags, _ := vm.MetaState(Tags)
	tasks.RunIn(vm.Tasks, shown, func(ctx context.Context) (b belonging, err error) {
		err = policy.Do(ctx, func() (err error) { b.info, err = s.Stat(ctx, from); return err })
		if err == nil && withTags {
			b.noTags = policy.Do(ctx, func() (err error) { b.tags, err = s.Tags(ctx, from); return err })
		}
		return b, err
	}, func(b belonging, err error) {
		switch {
		case shown.Err() != nil:
			return
		case err == nil:
			vm.takeFrom(b, withTags && b.noTags == nil)
			err = b.noTags
		}
		done(err)
	})
}

func (vm *ViewModel) takeFrom(b belonging, withTags bool) {
	heads := map[string]string{}
	for _, name := range storage.HeaderNames() {
		if v := *b.info.Headers.Field(name); v != "" {
			heads[name] = v
		}
	}
	vm.meta.groups[Headers].become(heads)
	vm.meta.groups[User].become(b.info.Metadata)
	if withTags {
		vm.meta.groups[Tags].become(b.tags)
	}
	vm.Changed()
}
