package plist

import (
	"bytes"
	"strings"
)

const header = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`

// Marshal writes d as an XML property list. Characters that XML cannot hold are replaced by U+FFFD.
func Marshal(d *Dict) []byte {
	w := &writer{}
	w.buf.WriteString(header)
	w.dict(d, 0)
	w.buf.WriteString("</plist>\n")
	return w.buf.Bytes()
}

type writer struct{ buf bytes.Buffer }

func (w *writer) indent(depth int) { w.buf.WriteString(strings.Repeat("\t", depth)) }

func (w *writer) element(name, text string, depth int) {
	w.indent(depth)
	w.buf.WriteString("<" + name + ">")
	w.escape(text)
	w.buf.WriteString("</" + name + ">\n")
}

// escape keeps line ends and tabs readable; a carriage return would be read as a line end.
func (w *writer) escape(text string) {
	for _, r := range text { // an invalid byte is U+FFFD here
		switch {
		case r == '&':
			w.buf.WriteString("&amp;")
		case r == '<':
			w.buf.WriteString("&lt;")
		case r == '>':
			w.buf.WriteString("&gt;")
		case r == '\r':
			w.buf.WriteString("&#xD;")
		case r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			w.buf.WriteRune(0xFFFD)
		default:
			w.buf.WriteRune(r)
		}
	}
}

func (w *writer) dict(d *Dict, depth int) {
	w.indent(depth)
	if d.Len() == 0 {
		w.buf.WriteString("<dict/>\n")
		return
	}
	w.buf.WriteString("<dict>\n")
	for _, k := range d.keys {
		w.element("key", k, depth+1)
		w.value(d.values[k], depth+1)
	}
	w.indent(depth)
	w.buf.WriteString("</dict>\n")
}

func (w *writer) value(v Value, depth int) {
	switch v.Kind {
	case Dictionary:
		w.dict(v.Dict, depth)
	case Array:
		w.indent(depth)
		if len(v.List) == 0 {
			w.buf.WriteString("<array/>\n")
			return
		}
		w.buf.WriteString("<array>\n")
		for _, e := range v.List {
			w.value(e, depth+1)
		}
		w.indent(depth)
		w.buf.WriteString("</array>\n")
	case Bool:
		w.indent(depth)
		if v.Bool {
			w.buf.WriteString("<true/>\n")
		} else {
			w.buf.WriteString("<false/>\n")
		}
	default:
		w.element(v.Kind.String(), v.Text, depth)
	}
}
