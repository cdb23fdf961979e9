package kit

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Key is the shortcut made of a key and modifiers, for a menu item. With no modifier it is only shown there:
// the toolkit hands such keys to what is focused, and that must answer them (see [PassKey]).
func Key(name fyne.KeyName, mods ...fyne.KeyModifier) fyne.Shortcut {
	s := &desktop.CustomShortcut{KeyName: name}
	for _, m := range mods {
		s.Modifier |= m
	}
	return s
}

// ShortcutText is how a menu writes a shortcut: "Ctrl+Shift+N", "F2"; on a Mac with its signs. Unknown kinds give "".
func ShortcutText(s fyne.Shortcut) string {
	k, ok := s.(fyne.KeyboardShortcut)
	if !ok {
		return ""
	}
	mac := runtime.GOOS == "darwin"
	var b strings.Builder
	for _, m := range []struct {
		mod       fyne.KeyModifier
		word, mac string
	}{
		{fyne.KeyModifierControl, "Ctrl+", "⌃"}, {fyne.KeyModifierAlt, "Alt+", "⌥"},
		{fyne.KeyModifierShift, "Shift+", "⇧"}, {fyne.KeyModifierSuper, "Super+", "⌘"},
	} {
		switch {
		case k.Mod()&m.mod == 0:
		case mac:
			b.WriteString(m.mac)
		default:
			b.WriteString(m.word)
		}
	}
	b.WriteString(keyText(k.Key()))
	return b.String()
}

func keyText(k fyne.KeyName) string {
	switch k {
	case fyne.KeyReturn, fyne.KeyEnter:
		return "Enter"
	case fyne.KeyEscape:
		return "Esc"
	case fyne.KeyBackspace:
		return "Backspace"
	case fyne.KeyDelete:
		return "Del"
	case fyne.KeyPageUp:
		return "Page Up"
	case fyne.KeyPageDown:
		return "Page Down"
	}
	return string(k)
}

// SameShortcut tells whether two shortcuts are the same keys.
func SameShortcut(a, b fyne.Shortcut) bool {
	return a != nil && b != nil && a.ShortcutName() == b.ShortcutName()
}
