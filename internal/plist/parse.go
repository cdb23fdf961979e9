package plist

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The caps. Real profiles are below 8 KiB besides their icons; real icons reach 1.9 MB.
const (
	MaxBytes = 256 << 10 // of everything but icons
	MaxIcon  = 3 << 20   // of one icon's text; a larger one is left out with a warning
	MaxTotal = 8 << 20   // bytes read at all
	MaxDepth = 32        // nested elements
)

// The reasons for which a list is refused as a whole, wrapped in a [*SyntaxError] with the line.
var (
	ErrBinary    = errors.New("binary property lists are not read: save it as XML")
	ErrNotXML    = errors.New("not an XML property list")
	ErrTooLarge  = errors.New("too large")
	ErrTooDeep   = errors.New("nested too deep")
	ErrEntity    = errors.New("document type with own declarations is not allowed")
	ErrMalformed = errors.New("malformed property list")
)

// SyntaxError tells where and why a list was refused.
type SyntaxError struct {
	Line int
	Err  error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Warning is something odd that did not stop the reading.
type Warning struct {
	Line int
	Text string
}

// Document is what [Parse] read.
type Document struct {
	Root     *Dict
	Warnings []Warning
}

// Options say what [Parse] does with large values.
type Options struct {
	// Icons names the keys of the root dict whose text may reach [MaxIcon] outside the [MaxBytes] cap.
	Icons []string
	// DropIcons leaves those values out; nothing of them is kept in memory.
	DropIcons bool
	// Limit takes the place of [MaxBytes]; 0 does not.
	Limit int
}

// Parse reads one XML property list whose root is a dict. Every error is a [*SyntaxError], or what r returned.
// Of a key that comes twice the last value counts, with a warning.
func Parse(r io.Reader, opts Options) (Document, error) {
	src := newSource(r)
	if opts.Limit > 0 {
		src.limit = opts.Limit
	}
	if err := src.sniff(); err != nil {
		return Document{}, &SyntaxError{Line: 1, Err: err}
	}
	p := &parser{src: src, dec: xml.NewDecoder(src), opts: opts}
	p.dec.Strict = true
	p.dec.CharsetReader = func(name string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("%w: the encoding is %.40q, not UTF-8", ErrNotXML, name)
	}
	root, err := p.document()
	if err != nil {
		return Document{}, p.wrap(err)
	}
	return Document{Root: root, Warnings: p.warnings}, nil
}

type parser struct {
	src      *source
	dec      *xml.Decoder
	opts     Options
	depth    int
	warnings []Warning
}

func (p *parser) wrap(err error) error {
	if se := (*SyntaxError)(nil); errors.As(err, &se) {
		return se
	}
	if p.src.err != nil && !errors.Is(p.src.err, io.EOF) {
		err = p.src.err
	}
	line := p.src.line
	if xe := (*xml.SyntaxError)(nil); errors.As(err, &xe) {
		return &SyntaxError{Line: line, Err: fmt.Errorf("%w: %s", ErrMalformed, xe.Msg)}
	}
	if errors.Is(err, io.EOF) {
		return &SyntaxError{Line: line, Err: fmt.Errorf("%w: it ends too early", ErrMalformed)}
	}
	if strings.Contains(err.Error(), ErrNotXML.Error()) { // encoding/xml wraps the charset error without %w
		err = fmt.Errorf("%w: the encoding is not UTF-8", ErrNotXML)
	}
	return &SyntaxError{Line: line, Err: err}
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Line: p.src.line, Err: fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))}
}

func (p *parser) warn(line int, format string, args ...any) {
	const enough = 100 // a hostile file gets no more
	if len(p.warnings) < enough {
		p.warnings = append(p.warnings, Warning{Line: line, Text: fmt.Sprintf(format, args...)})
	}
}

// next returns the next start, end or text token; comments, instructions and a plain DOCTYPE are passed over.
func (p *parser) next() (xml.Token, error) {
	for {
		tok, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if p.depth++; p.depth > MaxDepth {
				return nil, ErrTooDeep
			}
			return t, nil
		case xml.EndElement:
			p.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			// Entities that a document declares are the classic bomb; encoding/xml does not expand them, we refuse them.
			if strings.ContainsAny(string(t), "[<") || !strings.HasPrefix(string(t), "DOCTYPE") {
				return nil, ErrEntity
			}
		}
	}
}

// element returns the next start element, or nil at the end of the parent. Text between elements must be blank.
func (p *parser) element() (*xml.StartElement, error) {
	for {
		tok, err := p.next()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Space != "" {
				return nil, p.fail("unexpected element %q", t.Name.Local)
			}
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, p.fail("text outside an element")
			}
		}
	}
}

func (p *parser) document() (*Dict, error) {
	start, err := p.element()
	if err != nil {
		return nil, err
	}
	if start == nil || start.Name.Local != "plist" {
		return nil, ErrNotXML
	}
	first, err := p.element()
	if err != nil {
		return nil, err
	}
	if first == nil || first.Name.Local != "dict" {
		return nil, p.fail("the root is not a dict")
	}
	root, err := p.dict(true)
	if err != nil {
		return nil, err
	}
	if more, err := p.element(); err != nil || more != nil {
		if err == nil {
			err = p.fail("more than one root")
		}
		return nil, err
	}
	for { // only blanks and comments may follow
		tok, err := p.next()
		if errors.Is(err, io.EOF) && p.src.ended() {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		if t, ok := tok.(xml.CharData); !ok || strings.TrimSpace(string(t)) != "" {
			return nil, p.fail("something follows the list")
		}
	}
}

func (p *parser) dict(isRoot bool) (*Dict, error) {
	d := &Dict{}
	for {
		start, err := p.element()
		if err != nil || start == nil {
			return d, err
		}
		line := p.src.line
		if start.Name.Local != "key" {
			return nil, p.fail("expected key, found %q", start.Name.Local)
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		start, err = p.element()
		if err != nil {
			return nil, err
		}
		if start == nil {
			return nil, p.fail("key %q has no value", key)
		}
		if _, twice := d.Get(key); twice {
			p.warn(line, "key %q comes twice; the last value counts", key)
		}
		if isRoot && slices.Contains(p.opts.Icons, key) && (start.Name.Local == "data" || start.Name.Local == "string") {
			if err := p.icon(d, key, start.Name.Local); err != nil {
				return nil, err
			}
			continue
		}
		v, err := p.value(start.Name.Local)
		if err != nil {
			return nil, err
		}
		d.Set(key, v)
	}
}

// icon reads the text of a large value past the XML decoder, so that only these bytes have the wider cap.
func (p *parser) icon(d *Dict, key, element string) error {
	line := p.src.line
	text, fits := p.src.raw(!p.opts.DropIcons)
	rest, err := p.text()
	if err != nil {
		return err
	}
	switch {
	case !isBase64Text(text) || !isBase64Text(rest):
		p.warn(line, "%s is not base64 and is left out", key)
	case !fits:
		p.warn(line, "%s is larger than %d bytes and is left out", key, MaxIcon)
	case !p.opts.DropIcons:
		kind := Data
		if element == "string" {
			kind = String
		}
		d.Set(key, Value{Kind: kind, Text: text + rest, Line: line})
	}
	return nil
}

// isBase64Text reports whether s has only letters of base64 and blanks. It does not decode: that is for who needs it.
func isBase64Text(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '='
		if !letter && c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

// text reads up to the end of the current element; elements inside are an error.
func (p *parser) text() (string, error) {
	var b strings.Builder
	for {
		tok, err := p.next()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return b.String(), nil
		default:
			return "", p.fail("an element inside text")
		}
	}
}

func (p *parser) value(element string) (Value, error) {
	v := Value{Line: p.src.line}
	var err error
	switch element {
	case "dict":
		v.Kind = Dictionary
		v.Dict, err = p.dict(false)
		return v, err
	case "array":
		v.Kind = Array
		v.List, err = p.array()
		return v, err
	}
	if v.Text, err = p.text(); err != nil {
		return v, err
	}
	trimmed := strings.TrimSpace(v.Text)
	switch element {
	case "string":
		v.Kind = String
	case "data":
		v.Kind = Data
	case "true", "false":
		v.Kind, v.Bool, v.Text = Bool, element == "true", ""
	case "integer":
		v.Kind, v.Text = Integer, trimmed
		if _, err := strconv.ParseInt(trimmed, 0, 64); err != nil {
			return v, p.fail("%q is not an integer", trimmed)
		}
	case "real":
		v.Kind, v.Text = Real, trimmed
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil {
			return v, p.fail("%q is not a number", trimmed)
		}
	case "date":
		v.Kind, v.Text = Date, trimmed
		if _, err := time.Parse(time.RFC3339, trimmed); err != nil {
			return v, p.fail("%q is not a date", trimmed)
		}
	default:
		return v, p.fail("unknown element %q", element)
	}
	return v, nil
}

func (p *parser) array() ([]Value, error) {
	list := []Value{}
	for {
		start, err := p.element()
		if err != nil || start == nil {
			return list, err
		}
		v, err := p.value(start.Name.Local)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}
