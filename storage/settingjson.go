package storage

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Settings as JSON, in the shapes that the AWS command line prints and takes. What the table of shapes has no line for keeps the name
// that it has in S3's document: "@name" is an attribute, "#text" the text beside attributes.

// shape says how a setting's document is written as JSON.
type shape struct {
	wrap  string            // the member that holds the document where it is printed; "" = none
	names map[string]string // by element, or by parent/element: see kindOf
}

// memberKind is what follows the JSON name in a shape.
type memberKind byte

const (
	memberText   memberKind = 0
	memberNumber memberKind = '#'
	memberBool   memberKind = '?'
	memberObject memberKind = '{' // also when it is empty
	memberList   memberKind = '*' // the element is repeated
	memberInner  memberKind = '[' // the element holds repeated ones, of the name that follows
)

type member struct {
	name  string
	kind  memberKind
	inner string // of memberInner
	known bool
}

func (s shape) member(parent, name string) member {
	spec, ok := s.names[parent+"/"+name]
	if !ok {
		spec, ok = s.names[name]
	}
	if !ok {
		return member{name: name}
	}
	return parseMember(spec)
}

func parseMember(spec string) member {
	if i := strings.IndexAny(spec, "#?{*["); i >= 0 {
		return member{name: spec[:i], kind: memberKind(spec[i]), inner: spec[i+1:], known: true}
	}
	return member{name: spec, known: true}
}

// element is the name in the document of a JSON member, and its line in the table.
func (s shape) element(parent, name string) (string, member) {
	found := ""
	for _, key := range slices.Sorted(maps.Keys(s.names)) {
		m := parseMember(s.names[key])
		in, el, nested := strings.Cut(key, "/")
		if m.name != name || nested && in != parent {
			continue
		}
		if nested {
			return el, m
		}
		found = key
	}
	if found == "" {
		return name, member{name: name}
	}
	if _, other := s.names[parent+"/"+found]; other { // this parent calls the element something else
		return name, member{name: name}
	}
	return found, parseMember(s.names[found])
}

// textMember is the text of an element that has attributes, too.
const textMember = "#text"

// object is the JSON members of an element.
func (s shape) object(e *node) map[string]any {
	out := map[string]any{}
	for _, a := range e.attrs {
		if m := s.member(e.name, "@"+a.Name.Local); m.known {
			out[m.name] = a.Value
		} else if !strings.HasPrefix(a.Name.Local, "xmlns:") {
			out["@"+a.Name.Local] = a.Value
		}
	}
	if len(e.kids) == 0 && strings.TrimSpace(e.text) != "" {
		out[textMember] = e.text
	}
	for _, k := range e.kids {
		m := s.member(e.name, k.name)
		v := s.value(m, k)
		old, twice := out[m.name]
		switch list, isList := old.([]any); {
		case m.kind == memberList && !twice:
			out[m.name] = []any{v}
		case isList && m.kind != memberInner:
			out[m.name] = append(list, v)
		case twice:
			out[m.name] = []any{old, v}
		default:
			out[m.name] = v
		}
	}
	return out
}

func (s shape) value(m member, e *node) any {
	text := strings.TrimSpace(e.text)
	switch {
	case m.kind == memberInner:
		list := []any{}
		for _, k := range e.kids {
			list = append(list, s.value(member{}, k))
		}
		return list
	case m.kind == memberNumber:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return json.Number(text)
		}
	case m.kind == memberBool:
		if b, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
			return b
		}
	case len(e.kids) > 0 || len(e.attrs) > 0 || m.kind == memberObject:
		return s.object(e)
	}
	return e.text
}

// errShape is JSON that is not the shape of a setting.
var errShape = errors.New("the document has another shape")

// fill puts the members of a JSON object into e.
func (s shape) fill(e *node, v map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if attr, _ := s.element(e.name, name); strings.HasPrefix(attr, "@") {
			text, ok := v[name].(string)
			if !ok {
				return fmt.Errorf("%w: %s is a text", errShape, name)
			}
			attr = strings.TrimPrefix(attr, "@")
			e.attrs = append(e.attrs, xml.Attr{Name: xml.Name{Local: attr}, Value: text})
			if strings.HasPrefix(attr, "xsi:") {
				e.attrs = append(e.attrs, xml.Attr{Name: xml.Name{Local: "xmlns:xsi"}, Value: "http://www.w3.org/2001/XMLSchema-instance"})
			}
			continue
		}
		if text, ok := v[name].(string); ok && name == textMember {
			e.text = text
			continue
		}
		el, m := s.element(e.name, name)
		if err := s.add(e, el, m, v[name]); err != nil {
			return err
		}
	}
	return nil
}

// add puts one member into e as elements named el.
func (s shape) add(e *node, el string, m member, v any) error {
	list, isList := v.([]any)
	switch {
	case v == nil:
		return nil
	case m.kind == memberInner:
		if !isList {
			return fmt.Errorf("%w: %s is a list", errShape, m.name)
		}
		holder := &node{name: el}
		for _, item := range list {
			if err := s.add(holder, m.inner, member{name: m.inner}, item); err != nil {
				return err
			}
		}
		e.kids = append(e.kids, holder)
		return nil
	case m.kind == memberList && !isList:
		return fmt.Errorf("%w: %s is a list", errShape, m.name)
	case isList && m.known && m.kind != memberList && m.kind != memberObject:
		return fmt.Errorf("%w: %s is no list", errShape, m.name)
	case isList:
		for _, item := range list {
			if err := s.add(e, el, member{name: m.name}, item); err != nil {
				return err
			}
		}
		return nil
	}
	kid := &node{name: el}
	e.kids = append(e.kids, kid)
	switch v := v.(type) {
	case map[string]any:
		if m.kind == memberNumber || m.kind == memberBool {
			return fmt.Errorf("%w: %s is a number or true or false", errShape, m.name)
		}
		return s.fill(kid, v)
	case bool:
		if m.known && m.kind != memberBool {
			return fmt.Errorf("%w: %s is not true or false", errShape, m.name)
		}
		kid.text = strconv.FormatBool(v)
	case json.Number:
		if _, err := v.Int64(); m.known && m.kind != memberNumber || err != nil {
			return fmt.Errorf("%w: %s is no whole number", errShape, m.name)
		}
		kid.text = v.String()
	case string:
		if m.kind != memberText && m.kind != memberList {
			return fmt.Errorf("%w: %s is no text", errShape, m.name)
		}
		kid.text = v
	}
	return nil
}

// decodeJSON reads one JSON object. An error names line and column.
func decodeJSON(b []byte) (map[string]any, error) {
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	err := dec.Decode(&v)
	if err == nil && dec.More() {
		return nil, syntaxAt(b, dec.InputOffset()+1, "there is something behind the document")
	}
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return nil, syntaxAt(b, syntax.Offset, syntax.Error())
	case errors.As(err, &typed):
		return nil, syntaxAt(b, typed.Offset, "the document is an object, { … }")
	case err != nil:
		return nil, syntaxAt(b, int64(len(b))+1, "the document ends early")
	case v == nil:
		return nil, syntaxAt(b, 1, "the document is an object, { … }")
	}
	return v, nil
}

// SyntaxError is JSON that cannot be read.
type SyntaxError struct {
	Line, Column int // from 1, columns in characters
	Text         string
}

// Error names the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// syntaxAt is a fault at the last of the first n bytes of b.
func syntaxAt(b []byte, n int64, words string) *SyntaxError {
	before := b[:max(0, min(int64(len(b)), n-1))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &SyntaxError{Line: 1 + bytes.Count(before, []byte("\n")), Column: 1 + utf8.RuneCount(before[start:]), Text: words}
}
