package info

import (
	"context"
	"maps"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// settings is the draft of a bucket's settings on all tabs.
type settings struct {
	groups []settingGroup
	read   []part[map[string]string]
	want   map[string]string // by id, what differs from what was read
}

func (vm *ViewModel) loadSettings(at storage.Location) {
	vm.loadDocs(at)
	b := &vm.settings
	if b.groups == nil {
		b.groups = bucketGroups()
		b.read = make([]part[map[string]string], len(b.groups))
		b.want = map[string]string{}
	}
	s := vm.subject.Session
	for i, g := range b.groups {
		if g.tab == vm.tab {
			ask(vm, &b.read[i], func(ctx context.Context) (map[string]string, error) { return g.read(ctx, s, at) })
		}
	}
}

// Settings are the settings of the selected bucket on a tab, those that matter with the values that are wanted now.
func (vm *ViewModel) Settings(t Tab) []Setting {
	var out []Setting
	for i, g := range vm.settings.groups {
		value := func(id string) string {
			if w, ok := vm.settings.want[id]; ok {
				return w
			}
			return vm.settings.read[i].value[id]
		}
		for _, set := range g.list {
			if g.tab == t && (set.shown == nil || set.shown(value)) {
				out = append(out, set)
			}
		}
	}
	return out
}

// group is the place of the group that a setting belongs to, -1 for none.
func (b *settings) group(id string) int {
	for i, g := range b.groups {
		for _, set := range g.list {
			if set.ID == id {
				return i
			}
		}
	}
	return -1
}

// SettingValue is the wanted value of a setting; not open with the reason why, or without one while it is being asked for.
func (vm *ViewModel) SettingValue(id string) (value string, open bool, reason string) {
	i := vm.settings.group(id)
	if i < 0 {
		return "", false, ""
	}
	p := vm.settings.read[i]
	switch {
	case p.state == failed:
		return "", false, Reason(p.err)
	case p.state != ready:
		return "", false, ""
	}
	if w, ok := vm.settings.want[id]; ok {
		return w, true, ""
	}
	return p.value[id], true, ""
}

// Set chooses a value.
func (vm *ViewModel) Set(id, value string) {
	if _, open, _ := vm.SettingValue(id); !open {
		return
	}
	vm.settings.want[id] = value
	if value == vm.settings.read[vm.settings.group(id)].value[id] {
		delete(vm.settings.want, id)
	}
	vm.Changed()
}

// choiceName is a choice in words.
func choiceName(c string) string {
	switch c {
	case "":
		return text.T("info.not_set")
	case on:
		return text.T("info.on")
	case off:
		return text.T("info.off")
	case "Enabled":
		return text.T("info.enabled")
	case "Suspended":
		return text.T("info.suspended")
	case "AES256", "aws:kms", "aws:kms:dsse":
		return encryptionName(c)
	}
	return c
}

// wanted are the changed values of group i with what goes along.
func (b *settings) wanted(i int) map[string]string {
	out := map[string]string{}
	if b.read[i].state == failed {
		return nil
	}
	changed := false
	for _, set := range b.groups[i].list {
		if w, ok := b.want[set.ID]; ok && w != b.read[i].value[set.ID] {
			out[set.ID] = w
			changed = changed || !set.aside
		}
	}
	if !changed {
		return nil
	}
	return out
}

// changes are those on a tab.
func (b *settings) changes(t Tab) []Change {
	var out []Change
	for i, g := range b.groups {
		want := b.wanted(i)
		for _, set := range g.list {
			w, ok := want[set.ID]
			switch was := b.read[i].value[set.ID]; {
			case !ok || g.tab != t || set.aside:
			case set.Choices == nil:
				out = append(out, Change{set.Label, was, w})
			default:
				out = append(out, Change{set.Label, choiceName(was), choiceName(w)})
			}
		}
	}
	return out
}

func (b *settings) problem() string {
	if w, ok := b.want["versioning"]; ok && w == "" {
		return text.T("info.versioning_stays")
	}
	if i := b.group("versioning"); i >= 0 {
		want := b.wanted(i)
		_, other := want["mfadelete"]
		if (other || len(want) > 0 && b.read[i].value["mfadelete"] == on) && len(strings.Fields(want["mfa"])) != 2 {
			return text.T("bucketinfo.mfa_needed")
		}
	}
	return ""
}

// revert drops the changes on a tab.
func (b *settings) revert(t Tab) {
	for _, g := range b.groups {
		for _, set := range g.list {
			if g.tab == t {
				delete(b.want, set.ID)
			}
		}
	}
}

// writes are what has to be done for the changes on a tab: one a document.
func (b *settings) writes(t Tab) []bucketWrite {
	var out []bucketWrite
	for i, g := range b.groups {
		want := b.wanted(i)
		if g.tab != t || len(want) == 0 {
			continue
		}
		out = append(out, bucketWrite{
			do: func(ctx context.Context, s *storage.Session, at storage.Location) error {
				return g.write(ctx, s, at, want)
			},
			done: func() {
				maps.DeleteFunc(b.want, func(id, w string) bool { v, sent := want[id]; return sent && v == w })
			}})
	}
	return out
}
