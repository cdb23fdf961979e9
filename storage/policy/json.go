package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// node is a value of a document with the place where it stands.
type node struct {
	at      int // byte offset
	value   any // string, json.Number, bool or nil; unused for objects and arrays
	members []member
	items   []*node
	kind    kind
}

type member struct {
	at   int
	name string
	node *node
}

type kind int

const (
	kindScalar kind = iota
	kindObject
	kindArray
)

const maxDepth = 32

// problemAt is an error at a place of the document.
type problemAt struct {
	at   int
	text string
}

func (p *problemAt) Error() string { return p.text }

// parseJSON reads one value. Errors have their place.
func parseJSON(doc []byte) (*node, error) {
	if !utf8.Valid(doc) {
		at := 0
		for at < len(doc) {
			r, n := utf8.DecodeRune(doc[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return nil, &problemAt{at, "the text is not UTF-8"}
	}
	var whole any // the decoder's tokens are laxer than its documents
	if err := json.Unmarshal(doc, &whole); err != nil {
		var s *json.SyntaxError
		if !errors.As(err, &s) {
			return nil, &problemAt{0, err.Error()}
		}
		at := max(0, int(s.Offset)-1)
		if int(s.Offset) >= len(bytes.TrimRight(doc, " \t\r\n")) && s.Error() == "unexpected end of JSON input" {
			at = len(doc)
		}
		return nil, &problemAt{at, s.Error()}
	}
	d := &reader{doc: doc, dec: json.NewDecoder(bytes.NewReader(doc))}
	d.dec.UseNumber()
	return d.value(0)
}

type reader struct {
	doc []byte
	dec *json.Decoder
}

// next is the next token with the offset at which it begins.
func (r *reader) next() (json.Token, int, error) {
	at := int(r.dec.InputOffset())
	for at < len(r.doc) && bytes.IndexByte([]byte(" \t\r\n,:"), r.doc[at]) >= 0 {
		at++
	}
	t, err := r.dec.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, at, &problemAt{at, err.Error()}
	}
	return t, at, nil
}

func (r *reader) value(depth int) (*node, error) {
	t, at, err := r.next()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, &problemAt{at, fmt.Sprintf("more than %d levels", maxDepth)}
	}
	n := &node{at: at}
	switch t {
	case json.Delim('{'):
		n.kind = kindObject
		err = r.object(n, depth)
	case json.Delim('['):
		n.kind = kindArray
		for r.dec.More() && err == nil {
			var item *node
			if item, err = r.value(depth + 1); err == nil {
				n.items = append(n.items, item)
			}
		}
	default:
		n.value = t
		return n, nil
	}
	if err == nil {
		_, _, err = r.next() // the closing bracket
	}
	return n, err
}

func (r *reader) object(n *node, depth int) error {
	seen := map[string]bool{}
	for r.dec.More() {
		t, at, err := r.next()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if seen[name] {
			return &problemAt{at, fmt.Sprintf("%q is there twice", name)}
		}
		seen[name] = true
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{at, name, v})
	}
	return nil
}

func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.node
		}
	}
	return nil
}

func (n *node) isString() bool {
	_, ok := n.value.(string)
	return n.kind == kindScalar && ok
}

func (n *node) str() string {
	s, _ := n.value.(string)
	return s
}

// list is the items of an array, or a value that stands alone.
func (n *node) list() []*node {
	if n.kind == kindArray {
		return n.items
	}
	return []*node{n}
}
