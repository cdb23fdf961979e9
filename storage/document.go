package storage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// node is a document of S3's as a tree. Settings are kept in this form because it loses nothing: elements and attributes that this
// package has no name for are there like the others. Element names have no prefixes; an attribute's prefix is declared on its element.
type node struct {
	name  string
	attrs []xml.Attr // Name.Local is the whole name, "xsi:type"
	text  string     // "" where there are kids
	kids  []*node

	minSize string // came beside lifecycle rules
}

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

var errNotXML = errors.New("not a document of S3")

// parseDocument reads a document.
func parseDocument(b []byte) (*node, error) {
	dec := xml.NewDecoder(bytes.NewReader(b))
	var root *node
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotXML, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errNotXML
			}
			if root, err = readElement(dec, t, nil, 1); err != nil {
				return nil, fmt.Errorf("%w: %w", errNotXML, err)
			}
		case xml.EndElement, xml.Directive:
			return nil, errNotXML
		}
	}
	if root == nil {
		return nil, errNotXML
	}
	return root, nil
}

// readElement reads what follows a start tag. spaces are the prefixes that the elements around it declare.
func readElement(dec *xml.Decoder, start xml.StartElement, spaces []xml.Attr, depth int) (*node, error) {
	if depth > maxXMLDepth {
		return nil, errXMLDepth
	}
	e := &node{name: start.Name.Local}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			continue
		case a.Name.Space == "xmlns":
			spaces = append(slices.Clone(spaces), a)
			continue
		case a.Name.Space != "":
			a.Name.Local = a.Name.Space + ":" + a.Name.Local
			a.Name.Space = ""
		}
		e.attrs = append(e.attrs, a)
	}
	e.declare(spaces)
	var text strings.Builder
	for {
		tok, err := dec.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			kid, err := readElement(dec, t, spaces, depth+1)
			if err != nil {
				return nil, err
			}
			e.kids = append(e.kids, kid)
		case xml.EndElement:
			if t.Name != start.Name {
				return nil, errXMLSyntax
			}
			if len(e.kids) == 0 {
				e.text = text.String()
			}
			return e, nil
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, errXMLSyntax
		}
	}
}

// declare puts the prefixes that e's attributes use on e itself, so that it can stand elsewhere.
func (e *node) declare(spaces []xml.Attr) {
	for _, a := range e.attrs {
		prefix, _, ok := strings.Cut(a.Name.Local, ":")
		name := "xmlns:" + prefix
		if !ok || prefix == "xml" || e.attr(name) != "" {
			continue
		}
		for _, s := range slices.Backward(spaces) {
			if s.Name.Local == prefix {
				e.attrs = append(e.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: s.Value})
				break
			}
		}
	}
}

func (e *node) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// child is the first child of a name, nil if there is none.
func (e *node) child(name string) *node {
	for _, k := range e.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// value is the text of the first child of a name, "" if there is none.
func (e *node) value(name string) string {
	if k := e.child(name); k != nil {
		return strings.TrimSpace(k.text)
	}
	return ""
}

func (e *node) empty() bool {
	return len(e.kids) == 0 && strings.TrimSpace(e.text) == "" && len(e.attrs) == 0
}

// document writes e as the root of a request.
func (e *node) document() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := e.write(&b, ` xmlns="`+s3Namespace+`"`); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (e *node) write(b *bytes.Buffer, namespace string) error {
	b.WriteString("<" + e.name + namespace)
	for _, a := range e.attrs {
		b.WriteString(" " + a.Name.Local + `="`)
		if err := writeText(b, a.Value); err != nil {
			return err
		}
		b.WriteByte('"')
	}
	b.WriteByte('>')
	if len(e.kids) == 0 {
		if err := writeText(b, e.text); err != nil {
			return err
		}
	}
	for _, k := range e.kids {
		if err := k.write(b, ""); err != nil {
			return err
		}
	}
	b.WriteString("</" + e.name + ">")
	return nil
}

// errNoXMLText is text that XML has no way to say.
var errNoXMLText = errors.New("a control character cannot stand in a document of S3")

func writeText(b *bytes.Buffer, s string) error {
	for _, r := range s {
		if r == utf8.RuneError || r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0xfffe || r == 0xffff {
			return fmt.Errorf("%w: %q", errNoXMLText, clip(s))
		}
	}
	return xml.EscapeText(b, []byte(s))
}

// fill puts e into a type with xml tags; what the type has no field for goes to its Foreign fields.
func (e *node) fill(v any) error {
	var b bytes.Buffer
	if err := e.write(&b, ""); err != nil {
		return err
	}
	return xml.Unmarshal(b.Bytes(), v)
}

// elementOf is the document that a type with xml tags stands for.
func elementOf(v any) (*node, error) {
	b, err := xml.Marshal(v)
	if err != nil {
		return nil, err
	}
	if bytes.ContainsRune(b, utf8.RuneError) { // in place of what cannot be said
		return nil, errNoXMLText
	}
	return parseDocument(b)
}

// Foreign is a part of a setting that this package has no field for. It is kept when the setting is written again, and is
// otherwise nobody's business.
type Foreign struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Inner   []byte     `xml:",innerxml"`
}

// Name is the name of the element.
func (f Foreign) Name() string { return f.XMLName.Local }

// lacks says what of e is not in got, as a path for people; "" when all is there. Children may come in another order, and there may be
// more of them unless e has some of the same name: a list must be as long as it was sent.
func (e *node) lacks(got *node) string {
	if got == nil {
		return e.missing()
	}
	if len(e.kids) == 0 {
		if sameText(e.text, got.text) && (len(got.kids) == 0 || strings.TrimSpace(e.text) == "") {
			return ""
		}
		return e.name
	}
	taken := make([]bool, len(got.kids))
	count := map[string]int{}
	for _, k := range e.kids {
		count[k.name]++
		if where := k.findIn(got.kids, taken); where != "" {
			return e.name + "/" + where
		}
	}
	for i, k := range got.kids {
		if !taken[i] && count[k.name] > 0 {
			return e.name + "/" + k.name
		}
	}
	return ""
}

// findIn marks the first of kids that has all of e.
func (e *node) findIn(kids []*node, taken []bool) string {
	where := ""
	for i, k := range kids {
		if taken[i] || k.name != e.name {
			continue
		}
		here := e.lacks(k)
		if here == "" {
			taken[i] = true
			return ""
		}
		if where == "" || strings.Count(here, "/") > strings.Count(where, "/") { // of the one that is most like it
			where = here
		}
	}
	if where == "" {
		where = e.missing()
	}
	return where
}

// scopeInRule is e with the conditions of each rule's filter right in the rule: there are three forms to write them, and servers
// answer in another one than they were asked in.
func (e *node) scopeInRule() *node {
	c := e.clone()
	for _, rule := range c.kids {
		rule.lift("Filter")
		rule.lift("And")
	}
	return c
}

// lift puts the children of e's children of a name in their place.
func (e *node) lift(name string) {
	var kids []*node
	for _, k := range e.kids {
		if k.name == name {
			kids = append(kids, k.kids...)
		} else {
			kids = append(kids, k)
		}
	}
	e.kids = kids
}

// missing is e's path if the absence of e says something else than e.
func (e *node) missing() string {
	if len(e.kids) == 0 {
		if t := strings.TrimSpace(e.text); t == "" || strings.EqualFold(t, "false") {
			return ""
		}
		return e.name
	}
	for _, k := range e.kids {
		if where := k.missing(); where != "" {
			return e.name + "/" + where
		}
	}
	return ""
}

// sameText compares values as servers write them: "TRUE" is "true", midnight has several spellings.
func sameText(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if a == b || strings.EqualFold(a, b) && (strings.EqualFold(a, "true") || strings.EqualFold(a, "false")) {
		return true
	}
	ta, oka := documentTime(a)
	tb, okb := documentTime(b)
	return oka && okb && ta.Equal(tb)
}

// documentTime reads a time as S3's documents have it.
func documentTime(s string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
