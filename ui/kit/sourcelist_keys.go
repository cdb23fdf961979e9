package kit

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TypedKey moves the selection and acts on it.
func (b *sourceBody) TypedKey(e *fyne.KeyEvent) {
	l := b.l
	i := l.index(l.sel)
	switch e.Name {
	case fyne.KeyDown:
		b.step(i, 1)
	case fyne.KeyUp:
		if i < 0 {
			i = len(l.items)
		}
		b.step(i, -1)
	case fyne.KeyHome:
		b.step(-1, 1)
	case fyne.KeyEnd:
		b.step(len(l.items), -1)
	case fyne.KeyF10, desktop.KeyMenu:
		if i < 0 || l.OnContext == nil || e.Name == fyne.KeyF10 && l.Modifiers()&fyne.KeyModifierShift == 0 {
			PassKey(b, e)
			return
		}
		_, bottom := b.span(i)
		l.OnContext(l.sel, fyne.CurrentApp().Driver().AbsolutePositionForObject(b).AddXY(24, bottom))
	default:
		if i < 0 || !b.act(l.items[i], e.Name) {
			PassKey(b, e)
		}
	}
}

// act does what a key means for the selected row and tells whether it meant anything.
func (b *sourceBody) act(it SourceItem, key fyne.KeyName) bool {
	l := b.l
	call := func(f func(string)) bool {
		if f != nil {
			f(it.ID)
		}
		return f != nil
	}
	switch key {
	case fyne.KeyRight:
		b.toggle(it, true)
	case fyne.KeyLeft:
		b.toggle(it, false)
	case fyne.KeyReturn, fyne.KeyEnter:
		b.open(it)
	case fyne.KeyDelete, fyne.KeyBackspace:
		return call(l.OnDelete)
	case fyne.KeyF2:
		return call(l.OnRename)
	default:
		return false
	}
	return true
}

func (b *sourceBody) step(from, d int) {
	for i := from + d; i >= 0 && i < len(b.l.items); i += d {
		if !b.l.items[i].Heading {
			b.l.choose(i)
			return
		}
	}
}

// TypedRune goes to the next row whose title begins with what is typed.
func (b *sourceBody) TypedRune(r rune) {
	l := b.l
	now := l.Now()
	if now.Sub(b.typedAt) > sourceTypeGap {
		b.typed = ""
	}
	b.typed, b.typedAt = b.typed+strings.ToLower(string(r)), now
	start := max(l.index(l.sel), 0)
	if len(b.typed) == len(string(r)) {
		start++
	}
	n := len(l.items)
	for k := range n {
		i := (start + k) % n
		if !l.items[i].Heading && strings.HasPrefix(strings.ToLower(l.items[i].Title), b.typed) {
			l.choose(i)
			return
		}
	}
}
