package storage

import (
	"net"
	"strings"
)

// NameError tells which rule a bucket's name breaks.
type NameError struct {
	Name string
	Rule string // a word for programs: length, character, edge, dots, address, prefix, suffix
	Text string // the sentence
}

// Error is the sentence.
func (e *NameError) Error() string { return e.Text }

var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// CheckBucketName returns a [*NameError] if Amazon S3 would not make a bucket of this name. Other servers may allow more,
// but such a bucket cannot be addressed everywhere.
func CheckBucketName(name string) error {
	bad := func(rule, text string) error { return &NameError{name, rule, text} }
	if len(name) < 3 || len(name) > 63 {
		return bad("length", "A bucket's name has 3 to 63 characters.")
	}
	for _, c := range name {
		if !isLabelByte(c) && c != '.' && c != '-' {
			return bad("character", "A bucket's name has only lower-case letters, digits, dots and hyphens.")
		}
	}
	if !isLabelByte(rune(name[0])) || !isLabelByte(rune(name[len(name)-1])) {
		return bad("edge", "A bucket's name begins and ends with a letter or a digit.")
	}
	if strings.Contains(name, "..") || strings.Contains(name, ".-") || strings.Contains(name, "-.") {
		return bad("dots", "In a bucket's name a dot stands between letters or digits.")
	}
	if net.ParseIP(name) != nil {
		return bad("address", "A bucket's name must not look like an IP address.")
	}
	for _, p := range reservedPrefixes {
		if strings.HasPrefix(name, p) {
			return bad("prefix", "Names that begin with "+p+" are reserved.")
		}
	}
	for _, p := range reservedSuffixes {
		if strings.HasSuffix(name, p) {
			return bad("suffix", "Names that end in "+p+" are reserved.")
		}
	}
	return nil
}

func isLabelByte(c rune) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }
