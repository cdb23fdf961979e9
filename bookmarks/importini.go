package bookmarks

import (
	"fmt"
	"strings"
)

// iniSection is a section of an ini file as it stands there: values are not expanded, unquoted or cut at a comment sign, since a secret may
// have any of these in it.
type iniSection struct {
	name   string
	values map[string]string // by key in lower case
}

func (s iniSection) has(key string) bool { return s.values[key] != "" }

const maxINILines = 20_000

// readINI reads name and value of each line. Lines that are neither are passed over.
func readINI(data []byte) ([]iniSection, error) {
	var out []iniSection
	lines := 0
	for line := range strings.Lines(string(data)) {
		if lines++; lines > maxINILines {
			return nil, fmt.Errorf("%w: more than %d lines", ErrTooLarge, maxINILines)
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "", line[0] == '#', line[0] == ';':
			if strings.Contains(line, "Encrypted rclone configuration") {
				return nil, ErrEncrypted
			}
		case strings.HasPrefix(line, "RCLONE_ENCRYPT_"):
			return nil, ErrEncrypted
		case line[0] == '[':
			name, _, _ := strings.Cut(line[1:], "]")
			out = append(out, iniSection{name: strings.TrimSpace(name), values: map[string]string{}})
		case len(out) > 0:
			if key, value, ok := strings.Cut(line, "="); ok {
				out[len(out)-1].values[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
			}
		}
	}
	return out, nil
}
