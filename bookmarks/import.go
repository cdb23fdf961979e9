package bookmarks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"pintail/keychain"
)

// What other programs know about connections, read from their own files: one file of ours for each format. The readers take what they
// know and pass over the rest; what they return is valid, and its secrets stand beside the bookmarks, never in them.

// The caps on a file that is imported; both are far above real ones.
const (
	maxImport = 1 << 20
	maxFound  = 2000
)

// Errors of [Read].
var (
	ErrFormat    = errors.New("the file is of no known kind")
	ErrTooLarge  = errors.New("the file is too large")
	ErrEncrypted = errors.New("the file is encrypted")
	ErrArchive   = errors.New("the file is an archive of Transmit 4, which Transmit 5 turns into files that can be read")
)

// Format is a kind of file that connections are read from.
type Format string

// The formats. AWSFormat is only told: the AWS files are used where they are, see package keychain.
const (
	DuckFormat   Format = "duck"
	BundleFormat Format = "bookmarks"
	S3cmdFormat  Format = "s3cmd"
	RcloneFormat Format = "rclone"
	MCFormat     Format = "mc"
	WinSCPFormat Format = "winscp"
	AWSFormat    Format = "aws"

	CloudBerryFormat Format = "cloudberry"
	TransmitFormat   Format = "transmit"
)

// Found is a connection out of a file. The bookmark has no id unless the file gives one.
type Found struct {
	Bookmark Bookmark
	Secret   keychain.Secret // of the bookmark's Username; for the keychain only
}

// Skipped is something in a file that is not taken.
type Skipped struct{ Name, Why string }

// Read reads the connections of a file. No error and no Skipped has a secret in it.
func Read(r io.Reader) ([]Found, []Skipped, Format, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImport+1))
	if err != nil {
		return nil, nil, "", fmt.Errorf("import: %w", err)
	}
	if len(data) > maxImport {
		return nil, nil, "", fmt.Errorf("import: %w: more than %d MiB", ErrTooLarge, maxImport>>20)
	}
	found, skipped, format, err := read(data)
	if err != nil {
		return nil, skipped, format, fmt.Errorf("import: %w", err)
	}
	if len(found) > maxFound {
		return nil, nil, format, fmt.Errorf("import: %w: more than %d connections", ErrTooLarge, maxFound)
	}
	var valid []Found
	for _, f := range found {
		f.Bookmark.Nickname = cleanName(f.Bookmark.Nickname)
		err := f.Bookmark.Validate()
		if err == nil && !storable(f.Bookmark) {
			err = ErrInvalid
		}
		if err != nil {
			skipped = append(skipped, Skipped{f.Bookmark.Nickname, why(err)})
			continue
		}
		valid = append(valid, f)
	}
	return valid, skipped, format, nil
}

func read(data []byte) ([]Found, []Skipped, Format, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch head := bytes.TrimSpace(data); {
	case len(head) == 0:
		return nil, nil, "", ErrFormat
	case head[0] == '{':
		found, skipped, err := readMC(head)
		return found, skipped, MCFormat, err
	case head[0] == '<' && isCloudBerry(head):
		found, skipped, err := readCloudBerry(head)
		return found, skipped, CloudBerryFormat, err
	case head[0] == '<', bytes.HasPrefix(head, []byte("bplist")):
		return readDuck(data)
	}
	sections, err := readINI(data)
	if err != nil {
		return nil, nil, "", err
	}
	return readSections(sections)
}

// readSections tells the ini files apart by what is in them.
func readSections(sections []iniSection) ([]Found, []Skipped, Format, error) {
	for _, s := range sections {
		switch {
		case strings.HasPrefix(s.name, `Sessions\`):
			found, skipped := readWinSCP(sections)
			return found, skipped, WinSCPFormat, nil
		case s.has("aws_access_key_id"), s.has("credential_process"), s.has("sso_start_url"), s.has("sso_session"), strings.HasPrefix(s.name, "profile "):
			return nil, nil, AWSFormat, nil
		case s.has("type"):
			found, skipped := readRclone(sections)
			return found, skipped, RcloneFormat, nil
		case s.has("access_key") || s.has("host_base"):
			found, skipped := readS3cmd(sections)
			return found, skipped, S3cmdFormat, nil
		}
	}
	return nil, nil, "", ErrFormat
}

// storable tells whether a file can hold every text of b as it is.
func storable(b Bookmark) bool {
	for _, f := range fields() {
		if s := f.get(&b); f.key != "Comment" && strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) || strings.ContainsAny(s, "\ufffe\uffff") {
			return false
		}
	}
	return true
}

// why is what is wrong with a bookmark, without what the file says: that may be a secret in the wrong place.
func why(err error) string {
	if errors.Is(err, ErrSecret) {
		return "it holds a secret"
	}
	return "its address or another field is not valid"
}

// cleanName takes what cannot be shown out of a name and bounds it.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	const longest = 200
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest])
	}
	return strings.TrimSpace(s)
}

// setEndpoint gives b an address as other programs write it: a URL or a host, with https unless plain says http. Amazon's own general
// host is "by region", which is no address at all.
func setEndpoint(b *Bookmark, address string, plain bool) {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	if address == "" {
		return
	}
	if !strings.Contains(address, "://") {
		scheme := "https://"
		if plain {
			scheme = "http://"
		}
		address = scheme + address
	}
	if u, err := url.Parse(address); err == nil && u.Scheme == "https" && strings.EqualFold(u.Host, "s3.amazonaws.com") && u.Path == "" {
		return
	}
	b.EndpointURL = address
}

// setSignatureV2 makes a connection sign with version 2.
func setSignatureV2(b *Bookmark) {
	if b.Custom == nil {
		b.Custom = map[string]string{}
	}
	b.Custom["s3.signature.version"] = "AWS2"
}

func isTrue(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// regionOf passes over what is no name of a region.
func regionOf(s string) string {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "US") {
		return ""
	}
	for _, r := range s {
		if r > unicode.MaxASCII || !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r)) {
			return ""
		}
	}
	if len(s) > 64 {
		return ""
	}
	return s
}
