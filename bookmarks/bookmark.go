// Package bookmarks keeps saved connections: one .duck property list each, in a folder that other programs may share.
// It must never hold a secret, lose a key it does not know, or delete a file it cannot read.
// Start reading at [Bookmark] and [Store]; history.go has the recently used connections.
package bookmarks

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pintail/internal/plist"
)

// Ext is the ending of a bookmark's file name.
const Ext = ".duck"

// Errors of this package; check with errors.Is.
var (
	ErrNotFound = errors.New("no such bookmark")
	ErrInvalid  = errors.New("invalid bookmark")
	ErrSecret   = errors.New("a bookmark does not hold secrets")
)

// Addressing is how a bucket is named in a request.
type Addressing string

// The addressings; AddressingAuto leaves it to the profile and the endpoint.
const (
	AddressingAuto    Addressing = ""
	AddressingPath    Addressing = "path"
	AddressingVirtual Addressing = "virtual"
)

// Colours that a bookmark can be marked with; "" is none.
func Colours() []string {
	return []string{"", "red", "orange", "yellow", "green", "blue", "purple", "grey"}
}

// Bookmark is one saved connection. A value is a copy: change it and hand it to [Store.Update].
type Bookmark struct {
	ID       string // UUID, the file's name; given by [Store.Add] when empty
	Protocol string // s3
	Provider string // vendor of the profile; "" means the protocol's own
	Nickname string
	Hostname string
	Port     int    // 0 means the profile's
	Username string // access key id, or the name of a profile in the AWS files
	Path     string // where to start: bucket or bucket/prefix

	WebURL             string // where the objects are found on the web; {bucket} and {key} may stand in it
	DownloadFolder     string
	TransferConnection string // browser, newconnection, concurrent; "" is the default
	ClientCertificate  string
	Comment            string
	Labels             []string
	LastUsed           time.Time         // zero when never
	Custom             map[string]string // hidden preferences for this connection

	// The rest is ours; Cyberduck passes over it and keeps the file.

	EndpointURL string     // wins over Hostname, Port and the profile's scheme
	Region      string     // "" is found out
	Addressing  Addressing //
	Buckets     []string   // for keys that may not list buckets
	AWSProfile  string     // take the credentials from this profile of the AWS files
	Anonymous   bool       // do not sign
	Folder      string     // group in the sidebar, parts separated by /
	Colour      string     // one of [Colours]
	Production  bool       // ask before anything is changed
	ReadOnly    bool       // change nothing
	Order       int64      // place in the list; set by the store
	Proxy       string     // "" as the environment says, [NoProxy], or the URL of an http, https or socks5 proxy
	ProxyBypass string     // hosts that are reached without the proxy, as [CheckBypass] takes them
	CABundle    string     // path of a PEM file with authorities to trust besides the system's
	ClientCert  string     // path of a PEM file with the certificate that the server asks for
	ClientKey   string     // path of a PEM file with its key; "" when ClientCert holds both

	raw *plist.Dict // the file as it was read; never changed
}

// DefaultNickname is "HOST – S3", as a list shows a bookmark without a nickname.
func (b Bookmark) DefaultNickname() string {
	host := b.Hostname
	if u, err := url.Parse(b.EndpointURL); err == nil && u.Host != "" {
		host = u.Host
	}
	if host == "" {
		host = "S3"
	}
	return PlainHost(host) + " – S3"
}

// Title is the nickname, else the default one.
func (b Bookmark) Title() string {
	if b.Nickname != "" {
		return b.Nickname
	}
	return b.DefaultNickname()
}

var uuidForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`)

// Validate reports what cannot be stored: an error that wraps ErrInvalid or ErrSecret.
func (b Bookmark) Validate() error {
	switch {
	case b.Protocol == "":
		return fmt.Errorf("%w: no protocol", ErrInvalid)
	case b.ID != "" && !uuidForm.MatchString(b.ID):
		return fmt.Errorf("%w: id %q cannot be a file name", ErrInvalid, b.ID)
	case b.Port < 0 || b.Port > 65535:
		return fmt.Errorf("%w: port %d", ErrInvalid, b.Port)
	case b.Addressing != AddressingAuto && b.Addressing != AddressingPath && b.Addressing != AddressingVirtual:
		return fmt.Errorf("%w: addressing %q is neither path nor virtual", ErrInvalid, b.Addressing)
	case !slices.Contains(Colours(), b.Colour):
		return fmt.Errorf("%w: colour %q", ErrInvalid, b.Colour)
	case strings.ContainsAny(b.Hostname, " \t\r\n/@?#"):
		return fmt.Errorf("%w: host name %q", ErrInvalid, hideUser(b.Hostname))
	}
	if err := checkURL("endpoint", b.EndpointURL); err != nil {
		return err
	}
	if err := CheckWebURL(b.WebURL); err != nil {
		return err
	}
	if err := CheckProxy(b.Proxy); err != nil {
		return err
	}
	if err := CheckBypass(b.ProxyBypass); err != nil {
		return err
	}
	for _, name := range b.Buckets {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ',' || r == 0x7f }) {
			return fmt.Errorf("%w: bucket %q", ErrInvalid, name)
		}
	}
	for name := range b.Custom {
		if looksSecret(name) {
			return fmt.Errorf("%w: %s", ErrSecret, name)
		}
	}
	return nil
}

// NoProxy as a bookmark's Proxy goes to the server itself, whatever the environment says.
const NoProxy = "none"

// CheckProxy reports what cannot be a bookmark's proxy: an error that wraps ErrInvalid, or ErrSecret for a password in it.
func CheckProxy(s string) error {
	if s == "" || s == NoProxy {
		return nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%w: proxy %q is not an http, https or socks5 address", ErrInvalid, hideUser(s))
	case u.User != nil:
		return fmt.Errorf("%w: the proxy has a user or password in it", ErrSecret)
	}
	return nil
}

// CheckWebURL reports what cannot be a bookmark's web address, in which {bucket} and {key} may stand: an error that wraps ErrInvalid or
// ErrSecret.
func CheckWebURL(s string) error {
	return checkURL("web address", strings.NewReplacer("{bucket}", "bucket", "{key}", "key").Replace(s))
}

func checkURL(what, s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%w: %s %q is not an http or https address", ErrInvalid, what, hideUser(s))
	case u.User != nil:
		return fmt.Errorf("%w: %s has a user or password in it", ErrSecret, what)
	}
	return nil
}

// hideUser keeps what stands before an @ out of messages: it may be a password.
func hideUser(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return "***" + s[i:]
	}
	return s
}

// looksSecret tells names of properties that would hold a secret.
func looksSecret(name string) bool {
	n := strings.ToLower(name)
	for _, word := range []string{"password", "passphrase", "secret", "session_token", "sessiontoken", "security-token"} {
		if strings.Contains(n, word) {
			return true
		}
	}
	return false
}

func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
