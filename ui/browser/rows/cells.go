package rows

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"pintail/internal/text"
	"pintail/internal/units"
)

const none = "—"

// cell is the text of one column of a row.
func (s *Store) cell(col string, id uint32, r *rec, x *extra) string {
	container := r.kind == Bucket || r.kind == Folder
	or := func(v string) string {
		if v == "" {
			return none
		}
		return v
	}
	switch col {
	case "name":
		return DisplayName(string(s.name(r)))
	case "size":
		if container || r.kind == Marker || r.size < 0 {
			return none
		}
		return units.FormatBytes(r.size, s.cfg.Base)
	case "modified":
		if t := r.modified(); !t.IsZero() {
			return t.In(s.cfg.Zone).Format("2006-01-02 15:04")
		}
		return none
	case "class":
		if container || r.kind == Marker {
			return none
		}
		if c := s.words.word(r.class); c != "" {
			return c
		}
		return "STANDARD"
	case "kind":
		if r.kind == Marker && r.flags&flagLatest == 0 {
			return text.T("rows.kind.marker_old")
		}
		return kindText(r.kind, s.name(r))
	case "owner":
		return or(s.words.word(r.owner))
	case "etag":
		return or(s.etag(id, r))
	case "version":
		if r.kind == Upload {
			return none
		}
		return or(string(s.versionOf(id, r)))
	case "extension":
		return or(extension(s.name(r)))
	case "region":
		if x != nil {
			return or(x.region)
		}
	case "encryption":
		if x != nil {
			return or(x.encryption)
		}
	}
	return none
}

func kindText(k Kind, name []byte) string {
	switch k {
	case Bucket:
		return text.T("rows.kind.bucket")
	case Folder:
		return text.T("rows.kind.folder")
	case Version:
		return text.T("rows.kind.version")
	case Marker:
		return text.T("rows.kind.marker")
	case Upload:
		return text.T("rows.kind.upload")
	}
	if end := extension(name); end != "" {
		return text.T("rows.kind.file_of", strings.ToUpper(end))
	}
	return text.T("rows.kind.file")
}

// DisplayName is a raw name as it can be shown on one line: without the "/" of a folder, control and direction
// characters and broken bytes made visible, so that no name can look like another or turn the line round.
func DisplayName(name string) string {
	name = strings.TrimSuffix(name, "/")
	if name == "" {
		return text.T("rows.empty_name")
	}
	if plain(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		edge := i == 0 || i+n == len(name)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02X`, name[i])
		case r == ' ' && edge:
			b.WriteRune('␣')
		case r < 0x20:
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case hidden(r):
			fmt.Fprintf(&b, `\u{%04X}`, r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// plain is the quick way for nearly all names.
func plain(s string) bool {
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// hidden tells the characters that are not seen or change what is seen. Joiners stay: emoji and scripts need them.
func hidden(r rune) bool {
	switch {
	case r >= 0x80 && r < 0xa0, r == 0xad, r == 0x61c, r == 0x180e, r == 0x200b, r == 0x200e, r == 0x200f, r == 0xfeff:
		return true
	case r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return r != ' ' && unicode.Is(unicode.Zs, r)
}
