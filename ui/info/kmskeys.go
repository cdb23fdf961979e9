package info

import (
	"context"
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

func (vm *ViewModel) loadKeys() {
	s, bucket := vm.subject.Session, vm.subject.Items[0].At.Bucket
	ask(vm, &vm.keys, func(ctx context.Context) ([]storage.KMSKey, error) { return s.KMSKeys(ctx, bucket) })
}

// keyWidth is how much of a key, in units of the screen, a field of the narrowest pane shows.
const keyWidth = 172

// shorten leaves out the middle of a long name.
func shorten(s string) string {
	r := []rune(s)
	for keep := min(len(r)-1, 32); keep > 1 && textWidth(s) > keyWidth; keep-- {
		s = string(r[:(keep+1)/2]) + "…" + string(r[len(r)-keep/2:])
	}
	return s
}

// keyLabel is a key by its aliases, or by its id.
func keyLabel(k storage.KMSKey) string {
	names := make([]string, len(k.Aliases))
	for i, a := range k.Aliases {
		names[i] = strings.TrimPrefix(a, "alias/")
	}
	if len(names) == 0 {
		return k.ID
	}
	return strings.Join(names, ", ")
}

// Keys are the keys of KMS to choose from in words: the default, those that are listed, and another. Nil while they are being asked
// for, and where they cannot be listed, with the reason.
func (vm *ViewModel) Keys() (list []string, reason string) {
	switch vm.keys.state {
	case failed:
		return nil, Reason(vm.keys.err)
	case ready:
		return KeyChoices(vm.keys.value), ""
	}
	return nil, ""
}

// KeyChoices are keys of KMS in words: the default, those of list, and another.
func KeyChoices(list []storage.KMSKey) []string {
	out := []string{text.T("kms.default")}
	for _, k := range list {
		out = append(out, shorten(keyLabel(k)))
	}
	return append(out, text.T("kms.other"))
}

// ChosenKey is what the choice i of [KeyChoices] sends: "" for the default; typed tells that it is another, which is to be typed.
func ChosenKey(list []storage.KMSKey, i int) (key string, typed bool) {
	if i < 1 || i > len(list) {
		return "", i > len(list)
	}
	return or(list[i-1].ARN, list[i-1].ID), false
}

// keyAt is the place of a key among those listed, by id, ARN or alias; -1 for none.
func (vm *ViewModel) keyAt(key string) int {
	return slices.IndexFunc(vm.keys.value, func(k storage.KMSKey) bool {
		return key == k.ID || key == k.ARN || slices.Contains(k.Aliases, key)
	})
}

// nameOfKey is a key by its aliases and id.
func (vm *ViewModel) nameOfKey(key string) string {
	i := vm.keyAt(key)
	switch {
	case i < 0:
		return key
	case len(vm.keys.value[i].Aliases) == 0:
		return vm.keys.value[i].ID
	}
	return keyLabel(vm.keys.value[i]) + " – " + vm.keys.value[i].ID
}

// KeyTyped tells whether the key is typed, and not one of the list.
func (vm *ViewModel) KeyTyped() bool {
	return vm.keys.state == ready && (vm.service.typed || vm.service.key != "" && vm.keyAt(vm.service.key) < 0)
}

// KeyIndex is the place of the wanted key in [ViewModel.Keys].
func (vm *ViewModel) KeyIndex() int {
	switch {
	case vm.keys.state != ready:
		return -1
	case vm.KeyTyped():
		return len(vm.keys.value) + 1
	case vm.service.key == "":
		return 0
	}
	return vm.keyAt(vm.service.key) + 1
}

// ChooseKey wants a key of [ViewModel.Keys]; the last one is typed.
func (vm *ViewModel) ChooseKey(i int) {
	if vm.keys.state != ready {
		return
	}
	key, typed := ChosenKey(vm.keys.value, i)
	vm.service.typed = typed
	vm.SetEncryption(vm.service.enc, key)
}
