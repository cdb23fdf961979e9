package storage

import (
	"bytes"
	"time"
)

// The listings that servers send by the million have one plain form. This reads it without looking at anything twice; what
// has another form, if only an attribute or a comment, is left to the reader of all XML in listxml.go, which decides alone
// what is right: listscan_internal_test.go holds the two against each other.

// scanListing reads a page of a listing of objects. ok is false where the other reader must do it.
func scanListing(doc []byte, prefix string) (l *listing, ok bool, err error) {
	p := pageScan{b: doc, l: &listing{}, a: arenas.Get().(*arena)}
	defer p.a.back()
	if !p.page() {
		return nil, false, nil
	}
	p.a.give(p.l.page.Entries)
	if p.l.urlKeys {
		err = p.l.decode(prefix, p.plus, p.space)
	}
	if err == nil {
		err = p.l.within(prefix)
	}
	return p.l, true, err
}

// pageScan stands at a place of a document.
type pageScan struct {
	b           []byte // what is left
	l           *listing
	a           *arena
	entries     []Entry
	plus, space bool // "%2B" and "%20" were seen

	day      [10]byte // the date that was read last, and its seconds
	daySecs  int64
	owner    Owner
	class    string
	checksum []ChecksumAlgorithm
}

var (
	xmlDeclEnd  = []byte("?>")
	contents    = []byte("<Contents>")
	contentsEnd = []byte("</Contents>")
	prefixes    = []byte("<CommonPrefixes><Prefix>")
	prefixesEnd = []byte("</CommonPrefixes>")
)

func (p *pageScan) page() bool {
	if bytes.HasPrefix(p.b, []byte("<?xml")) {
		i := bytes.Index(p.b, xmlDeclEnd)
		if i < 0 {
			return false
		}
		p.b = p.b[i+2:]
	}
	p.blank()
	if !bytes.HasPrefix(p.b, []byte("<ListBucketResult")) {
		return false
	}
	i := bytes.IndexByte(p.b, '>')
	if i < 0 || p.b[i-1] == '/' || i > 17 && p.b[17] != ' ' || bytes.Count(p.b[:i], []byte(`"`))%2 != 0 || bytes.IndexByte(p.b[:i], '\'') >= 0 {
		return false
	}
	p.b = p.b[i+1:]
	p.entries = make([]Entry, 0, 1000)
	for {
		p.blank()
		switch {
		case bytes.HasPrefix(p.b, contents):
			p.b = p.b[len(contents):]
			if len(p.entries) == maxPageKeys || !p.entry() {
				return false
			}
		case bytes.HasPrefix(p.b, prefixes):
			p.b = p.b[len(prefixes):]
			text, ok := p.text("</Prefix>")
			p.blank()
			if !ok || !bytes.HasPrefix(p.b, prefixesEnd) || len(p.entries)+len(p.l.page.Prefixes) >= maxPageKeys {
				return false
			}
			p.b = p.b[len(prefixesEnd):]
			p.escapes(text)
			p.l.page.Prefixes = append(p.l.page.Prefixes, string(text))
		case bytes.HasPrefix(p.b, []byte("</ListBucketResult>")):
			p.b = p.b[len("</ListBucketResult>"):]
			p.blank()
			if len(p.entries) > 0 {
				p.l.page.Entries = p.entries
			}
			return len(p.b) == 0
		default:
			if !p.field() {
				return false
			}
		}
	}
}

// blank goes over white space.
func (p *pageScan) blank() {
	for len(p.b) > 0 && (p.b[0] == '\n' || p.b[0] == ' ' || p.b[0] == '\t' || p.b[0] == '\r') {
		p.b = p.b[1:]
	}
}

// text reads up to the end tag, over it, and gives what is before it, which has no tags and no entities.
func (p *pageScan) text(end string) ([]byte, bool) {
	i := bytes.IndexByte(p.b, '<')
	if i < 0 || len(p.b) < i+len(end) || string(p.b[i:i+len(end)]) != end {
		return nil, false
	}
	t := p.b[:i]
	p.b = p.b[i+len(end):]
	if bytes.IndexByte(t, '&') >= 0 || bytes.IndexByte(t, '\r') >= 0 {
		return nil, false
	}
	return t, true
}

// escapes notes what shows how the keys are encoded.
func (p *pageScan) escapes(t []byte) {
	for {
		i := bytes.IndexByte(t, '%')
		if i < 0 || i+2 >= len(t) {
			return
		}
		p.plus = p.plus || t[i+1] == '2' && t[i+2]|0x20 == 'b'
		p.space = p.space || t[i+1] == '2' && t[i+2] == '0'
		t = t[i+1:]
	}
}

// field reads a child of the root that is no entry.
func (p *pageScan) field() bool {
	name, text, ok := p.element()
	if !ok || isEntry(name) || name == "CommonPrefixes" {
		return false
	}
	p.escapes(text)
	return p.l.field(name, string(text), nil) == nil
}

// element reads any element that holds text alone.
func (p *pageScan) element() (string, []byte, bool) {
	if len(p.b) == 0 || p.b[0] != '<' {
		return "", nil, false
	}
	i := bytes.IndexByte(p.b, '>')
	if i < 2 {
		return "", nil, false
	}
	in := p.b[1:i]
	empty := in[len(in)-1] == '/'
	if empty {
		in = in[:len(in)-1]
	}
	for _, c := range in {
		if c >= 0x80 || !isNameByte(c) {
			return "", nil, false
		}
	}
	name := string(in)
	p.b = p.b[i+1:]
	if empty || name == "" {
		return name, nil, name != ""
	}
	text, ok := p.text("</" + name + ">")
	return name, text, ok
}

// entry reads an object, behind its start tag.
func (p *pageScan) entry() bool {
	p.entries = append(p.entries, Entry{})
	e := &p.entries[len(p.entries)-1]
	p.a.begin()
	for {
		if len(p.b) > 0 && p.b[0] != '<' {
			p.blank()
		}
		if len(p.b) < len(contentsEnd) {
			return false
		}
		ok := true
		var t []byte
		switch {
		case p.tag("<Key>"):
			if t, ok = p.text("</Key>"); ok {
				p.escapes(t)
				p.a.add("Key", t)
			}
		case p.tag("<LastModified>"):
			if t, ok = p.text("</LastModified>"); ok {
				e.Modified = p.time(t)
			}
		case p.tag("<ETag>"):
			ok = p.etag()
		case p.tag("<Size>"):
			if t, ok = p.text("</Size>"); ok {
				entryField(e, "Size", t)
			}
		case p.tag("<StorageClass>"):
			if t, ok = p.text("</StorageClass>"); ok && string(t) != "STANDARD" {
				if string(t) != p.class {
					p.class = string(t)
				}
				e.Class = p.class
			}
		case p.tag("</Contents>"):
			p.a.end()
			return true
		default:
			ok = p.rare(e)
		}
		if !ok {
			return false
		}
	}
}

func (p *pageScan) tag(t string) bool {
	if len(p.b) < len(t) || string(p.b[:len(t)]) != t {
		return false
	}
	p.b = p.b[len(t):]
	return true
}

// etag reads an ETag, whose quotes some servers write as entities.
func (p *pageScan) etag() bool {
	i := bytes.IndexByte(p.b, '<')
	if i < 0 || !bytes.HasPrefix(p.b[i:], []byte("</ETag>")) {
		return false
	}
	t := p.b[:i]
	p.b = p.b[i+len("</ETag>"):]
	for _, quote := range []string{"&quot;", "&#34;"} {
		if len(t) >= 2*len(quote) && string(t[:len(quote)]) == quote && string(t[len(t)-len(quote):]) == quote {
			t = t[len(quote) : len(t)-len(quote)]
			if bytes.ContainsAny(t, " \"\t\n") || bytes.HasPrefix(t, []byte("W/")) {
				return false
			}
			break
		}
	}
	if bytes.IndexByte(t, '&') >= 0 || bytes.IndexByte(t, '\r') >= 0 {
		return false
	}
	p.a.add("ETag", t)
	return true
}

// rare reads what only some listings have.
func (p *pageScan) rare(e *Entry) bool {
	if p.tag("<Owner>") {
		for !p.tag("</Owner>") {
			p.blank()
			if p.tag("</Owner>") {
				break
			}
			name, t, ok := p.element()
			if !ok {
				return false
			}
			switch {
			case name == "ID" && string(t) != p.owner.ID:
				p.owner.ID = string(t)
			case name == "DisplayName" && string(t) != p.owner.Name:
				p.owner.Name = string(t)
			}
			switch name {
			case "ID":
				e.Owner.ID = p.owner.ID
			case "DisplayName":
				e.Owner.Name = p.owner.Name
			}
		}
		return true
	}
	name, t, ok := p.element()
	if !ok || name == "RestoreStatus" || name == "Contents" || name == "Owner" {
		return false
	}
	if name == "ChecksumAlgorithm" && e.Checksum == nil {
		if len(p.checksum) != 1 || string(t) != string(p.checksum[0]) {
			p.checksum = []ChecksumAlgorithm{ChecksumAlgorithm(t)}
		}
		e.Checksum = p.checksum[:1:1]
		return true
	}
	if name == "Key" || name == "ETag" {
		return false // empty: not worth a path of its own
	}
	entryField(e, name, t)
	return true
}

// time reads the usual form of a time. Entries that follow each other often have the same date.
func (p *pageScan) time(b []byte) time.Time {
	const form = "0000-00-00T00:00:00.000Z"
	if len(b) != len(form) || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[23] != 'Z' {
		return listTime(b)
	}
	h, m, s := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	ms := digits(b[20:23])
	if h > 23 || m > 59 || s > 59 || ms > 999 {
		return listTime(b)
	}
	if string(p.day[:]) != string(b[:10]) {
		day := listTime(b)
		if day.IsZero() {
			return day
		}
		p.daySecs = day.Unix() - int64(h)*3600 - int64(m)*60 - int64(s)
		copy(p.day[:], b)
	}
	return time.Unix(p.daySecs+int64(h)*3600+int64(m)*60+int64(s), int64(ms)*1e6).UTC()
}

// digits is the number that b spells, a large one if it spells none.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 1 << 20
		}
		n = n*10 + int(c-'0')
	}
	return n
}
