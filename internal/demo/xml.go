package demo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// xmlWriter builds an answer. encoding/xml is not used for it because it replaces control characters,
// while S3 writes them as character references.
type xmlWriter struct {
	b    strings.Builder
	open []string
}

func newXML(root, namespace string) *xmlWriter {
	x := &xmlWriter{}
	x.b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root)
	if namespace != "" {
		x.b.WriteString(` xmlns="` + namespace + `"`)
	}
	x.b.WriteByte('>')
	x.open = append(x.open, root)
	return x
}

func (x *xmlWriter) start(name string, attrs ...field) {
	x.b.WriteString("<" + name)
	for _, a := range attrs {
		x.b.WriteString(" " + a.name + `="`)
		escapeXML(&x.b, a.value)
		x.b.WriteByte('"')
	}
	x.b.WriteByte('>')
	x.open = append(x.open, name)
}

func (x *xmlWriter) end() {
	last := len(x.open) - 1
	x.b.WriteString("</" + x.open[last] + ">")
	x.open = x.open[:last]
}

func (x *xmlWriter) text(name, value string) {
	x.b.WriteString("<" + name + ">")
	escapeXML(&x.b, value)
	x.b.WriteString("</" + name + ">")
}

// optional writes nothing for an empty value.
func (x *xmlWriter) optional(name, value string) {
	if value != "" {
		x.text(name, value)
	}
}

func (x *xmlWriter) number(name string, n int64) { x.text(name, strconv.FormatInt(n, 10)) }

func (x *xmlWriter) flag(name string, v bool) { x.text(name, strconv.FormatBool(v)) }

func (x *xmlWriter) time(name string, t time.Time) { x.text(name, isoTime(t)) }

// finish closes what is open and returns the document.
func (x *xmlWriter) finish() []byte {
	for len(x.open) > 0 {
		x.end()
	}
	return []byte(x.b.String())
}

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func escapeXML(b *strings.Builder, s string) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff:
			b.WriteString("&#x" + strconv.FormatInt(int64(r), 16) + ";")
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
}

// maxXMLBody bounds request documents; the largest legal one is a Complete with 10,000 parts, or 1,000 long keys to delete.
const maxXMLBody = 4 << 20

// readXML reads the request's document into v. The root element must be root.
func (c *call) readXML(root string, v any) error {
	data, err := io.ReadAll(io.LimitReader(c.body, maxXMLBody+1))
	if err != nil {
		return err
	}
	if len(data) > maxXMLBody {
		return fail("MaxMessageLengthExceeded", "")
	}
	if err := c.checkSmallBody(data); err != nil {
		return err
	}
	return parseXML(data, root, v)
}

// parseXML is strict: one root of the right name, nothing behind it.
func parseXML(data []byte, root string, v any) error {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.Token()
		if err != nil {
			return fail("MalformedXML", "")
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root {
			return fail("MalformedXML", "")
		}
		if err := dec.DecodeElement(v, &start); err != nil {
			return fail("MalformedXML", "")
		}
		break
	}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, isStart := tok.(xml.StartElement); err != nil || isStart {
			return fail("MalformedXML", "")
		}
	}
}
