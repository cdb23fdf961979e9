package storage

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A small reader of XML for the documents of S3. encoding/xml refuses a key with a control character or bytes that are
// not UTF-8, which S3 stores gladly, and costs ten times as much on a listing of a thousand keys. This one reads elements
// and text, checks that they nest, and knows nothing of schemas.

const maxXMLDepth = 32

var (
	errXMLSyntax = errors.New("broken XML")
	errXMLDepth  = errors.New("XML that is nested too deeply")
	errXMLEnd    = errors.New("XML that ends early")
)

// xmlScanner gives the pieces of a document one after the other.
type xmlScanner struct {
	b   []byte
	pos int
}

type xmlPiece struct {
	start, end bool   // a start tag, an end tag; both for an empty element
	name       []byte // without its prefix
	text       []byte // raw, if neither
	cdata      bool
}

// next is the next piece. The end of the input is piece{} and ok false.
func (x *xmlScanner) next() (p xmlPiece, ok bool, err error) {
	for x.pos < len(x.b) {
		rest := x.b[x.pos:]
		if rest[0] != '<' {
			n := bytes.IndexByte(rest, '<')
			if n < 0 {
				n = len(rest)
			}
			x.pos += n
			return xmlPiece{text: rest[:n]}, true, nil
		}
		switch {
		case bytes.HasPrefix(rest, []byte("<?")):
			if !x.skip("?>") {
				return p, false, errXMLEnd
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			if !x.skip("-->") {
				return p, false, errXMLEnd
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			n := bytes.Index(rest, []byte("]]>"))
			if n < 0 {
				return p, false, errXMLEnd
			}
			x.pos += n + 3
			return xmlPiece{text: rest[9:n], cdata: true}, true, nil
		case bytes.HasPrefix(rest, []byte("<!")):
			return p, false, errXMLSyntax // a document type: S3 has none
		default:
			p, err = x.tag(rest)
			return p, err == nil, err
		}
	}
	return p, false, nil
}

func (x *xmlScanner) skip(end string) bool {
	n := bytes.Index(x.b[x.pos:], []byte(end))
	if n < 0 {
		return false
	}
	x.pos += n + len(end)
	return true
}

// tag reads the tag that rest begins with. A ">" in a quoted attribute does not end it.
func (x *xmlScanner) tag(rest []byte) (xmlPiece, error) {
	n := bytes.IndexByte(rest, '>')
	if n < 0 {
		return xmlPiece{}, errXMLEnd
	}
	if bytes.IndexByte(rest[:n], '"') >= 0 || bytes.IndexByte(rest[:n], '\'') >= 0 {
		n = tagEnd(rest)
	}
	if n >= len(rest) {
		return xmlPiece{}, errXMLEnd
	}
	x.pos += n + 1
	in := rest[1:n]
	p := xmlPiece{start: true}
	if len(in) > 0 && in[0] == '/' {
		p.start, p.end, in = false, true, in[1:]
	} else if len(in) > 0 && in[len(in)-1] == '/' {
		p.end, in = true, in[:len(in)-1]
	}
	if i := bytes.IndexAny(in, " \t\r\n"); i >= 0 {
		in = in[:i]
	}
	if i := bytes.IndexByte(in, ':'); i >= 0 {
		in = in[i+1:]
	}
	if len(in) == 0 {
		return p, errXMLSyntax
	}
	for _, c := range in {
		if c < 0x80 && !isNameByte(c) {
			return p, errXMLSyntax
		}
	}
	p.name = in
	return p, nil
}

// tagEnd finds the end of a tag with attributes.
func tagEnd(rest []byte) int {
	var quote byte
	for n := 1; n < len(rest); n++ {
		switch c := rest[n]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return n
		}
	}
	return len(rest)
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// rootElement is the name of the first element of a document.
func rootElement(b []byte) (string, error) {
	x := xmlScanner{b: bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))}
	for {
		p, ok, err := x.next()
		switch {
		case err != nil:
			return "", err
		case !ok:
			return "", errXMLEnd
		case p.start:
			return string(p.name), nil
		case p.end, len(bytes.TrimSpace(p.text)) > 0:
			return "", errXMLSyntax
		}
	}
}

// walkXML calls visit at the start (end false) and at the end of each element, with its path from the root and, at the
// end, the text directly in it, which holds until visit returns. A document that is cut off or does not nest is an error.
func walkXML(b []byte, visit func(path []string, text []byte, end bool) error) error {
	x := xmlScanner{b: bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))}
	var path []string
	var texts [maxXMLDepth]xmlText
	done := false
	for {
		p, ok, err := x.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if !p.start && !p.end {
			if d := len(path); d > 0 {
				texts[d-1].add(p)
			} else if len(bytes.TrimSpace(p.text)) > 0 {
				return errXMLSyntax
			}
			continue
		}
		if p.start {
			if done || len(path) == maxXMLDepth {
				return errXMLDepth
			}
			path = append(path, internName(p.name))
			texts[len(path)-1].now = nil
			if err := visit(path, nil, false); err != nil {
				return err
			}
		}
		if p.end {
			d := len(path)
			if d == 0 || path[d-1] != string(p.name) {
				return errXMLSyntax
			}
			if err := visit(path, texts[d-1].now, true); err != nil {
				return err
			}
			path = path[:d-1]
			done = d == 1
		}
	}
	if !done {
		return errXMLEnd
	}
	return nil
}

// childText is the text of the root's first child of a name, "" if there is none.
func childText(doc []byte, name string) string {
	text, found := "", false
	err := walkXML(doc, func(path []string, raw []byte, end bool) error {
		if end && !found && len(path) == 2 && path[1] == name {
			text, found = string(raw), true
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return text
}

// xmlText is the text of the element that is open at one depth. Text in one piece without entities stays where it is in
// the document; anything else is put together in a buffer that the next element of the depth uses again.
type xmlText struct {
	now []byte
	buf []byte
}

func (x *xmlText) add(p xmlPiece) {
	plain := p.cdata || bytes.IndexByte(p.text, '&') < 0 && bytes.IndexByte(p.text, '\r') < 0
	if x.now == nil && plain {
		x.now = p.text
		return
	}
	x.buf = append(x.buf[:0], x.now...)
	if plain {
		x.buf = append(x.buf, p.text...)
	} else {
		x.buf = unescapeXML(x.buf, p.text)
	}
	x.now = x.buf
}

// unescapeXML appends t to out with its entities and line ends decoded. A control character by number is kept, although
// XML 1.0 forbids it: keys have them.
func unescapeXML(out, t []byte) []byte {
	for i := 0; i < len(t); i++ {
		switch c := t[i]; c {
		case '\r':
			out = append(out, '\n')
			if i+1 < len(t) && t[i+1] == '\n' {
				i++
			}
		case '&':
			n := bytes.IndexByte(t[i:min(len(t), i+12)], ';')
			if n < 0 {
				out = append(out, c)
				continue
			}
			r, ok := entity(t[i+1 : i+n])
			if !ok {
				out = append(out, c)
				continue
			}
			out = utf8.AppendRune(out, r)
			i += n
		default:
			out = append(out, c)
		}
	}
	return out
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	num, ok := strings.CutPrefix(string(name), "#")
	if !ok || num == "" {
		return 0, false
	}
	base := 10
	if num[0] == 'x' || num[0] == 'X' {
		base, num = 16, num[1:]
	}
	n, err := strconv.ParseUint(num, base, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}

// knownNames are the names that listings repeat for each key: taking them from here saves an allocation each.
var knownNames = nameTable(`ListBucketResult ListVersionsResult Contents CommonPrefixes Prefix Key LastModified ETag Size
	StorageClass Owner ID DisplayName ChecksumAlgorithm ChecksumType Version DeleteMarker VersionId IsLatest RestoreStatus
	IsRestoreInProgress RestoreExpiryDate Type DeleteResult Deleted DeleteMarkerVersionId Error Code Message`)

func nameTable(names string) map[string]string {
	t := map[string]string{}
	for _, n := range strings.Fields(names) {
		t[n] = n
	}
	return t
}

func internName(b []byte) string {
	if n, ok := knownNames[string(b)]; ok {
		return n
	}
	return string(b)
}
