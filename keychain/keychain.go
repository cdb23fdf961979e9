// Package keychain stores secrets bound to one server and finds the credentials of a connection in their sources.
// It must never print, log or write a secret to a plain file, nor give one to a host it was not stored for.
// Start reading at [Store] and [Open] for stored secrets, at [Resolve] for where credentials come from.
package keychain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// The ways in which a store fails; check with errors.Is.
var (
	// ErrNotFound: nothing is stored for the item.
	ErrNotFound = errors.New("no secret is stored")
	// ErrUnavailable: this system has no secret store that works now (no session bus, locked, no answer in time).
	ErrUnavailable = errors.New("no secret store is available")
	// ErrInvalidItem: the item lacks what binds a secret to a server.
	ErrInvalidItem = errors.New("invalid keychain item")
)

// TooBigError is returned when a secret is longer than the system's store takes.
type TooBigError struct {
	Bytes, Limit int
	System       string // the store: "Windows Credential Manager", "macOS keychain"
}

func (e *TooBigError) Error() string {
	return fmt.Sprintf("the secret has %d bytes, the %s takes %d", e.Bytes, e.System, e.Limit)
}

// Item says what a secret is for. Every field takes part in the binding: a profile or bookmark that changes one of
// them finds no secret. Host is compared without case; Port 0 means the scheme's own.
type Item struct {
	Scheme     string // http or https
	Host       string
	Port       int
	PathPrefix string // of the endpoint, usually empty
	Vendor     string // of the connection profile
	KeyID      string // access key id
}

// NewItem returns the item for an endpoint URL such as https://host:port/prefix.
func NewItem(endpoint, vendor, keyID string) (Item, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return Item{}, fmt.Errorf("%w: endpoint %q names no host", ErrInvalidItem, redactUserinfo(endpoint))
	}
	port := 0
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return Item{}, fmt.Errorf("%w: port %q", ErrInvalidItem, p)
		}
	}
	it := Item{Scheme: u.Scheme, Host: u.Hostname(), Port: port, PathPrefix: u.Path, Vendor: vendor, KeyID: keyID}
	return it, it.Validate()
}

func redactUserinfo(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return hidden + s[i:]
	}
	return s
}

// Validate reports what is missing, as an [ErrInvalidItem].
func (it Item) Validate() error {
	switch {
	case !strings.EqualFold(it.Scheme, "http") && !strings.EqualFold(it.Scheme, "https"):
		return fmt.Errorf("%w: scheme %q is neither http nor https", ErrInvalidItem, it.Scheme)
	case it.Host == "":
		return fmt.Errorf("%w: no host", ErrInvalidItem)
	case it.Port < 0 || it.Port > 65535:
		return fmt.Errorf("%w: port %d", ErrInvalidItem, it.Port)
	case it.KeyID == "":
		return fmt.Errorf("%w: no access key id", ErrInvalidItem)
	}
	return nil
}

// Account is the name under which the secret is kept. Two items have the same account only when every field means
// the same: the parts are escaped, so none can reach into the next.
func (it Item) Account() string {
	return it.Endpoint() + "#vendor=" + url.QueryEscape(it.Vendor) + "&key=" + url.QueryEscape(it.KeyID)
}

// Endpoint is the address the secret is bound to, in one spelling: scheme and host in lower case, port always given.
func (it Item) Endpoint() string {
	scheme := strings.ToLower(it.Scheme)
	port := it.Port
	if port == 0 {
		port = 443
		if scheme == "http" {
			port = 80
		}
	}
	host := strings.ToLower(strings.TrimSuffix(it.Host, "."))
	prefix := (&url.URL{Path: strings.TrimSuffix(it.PathPrefix, "/")}).EscapedPath()
	if prefix != "" && !strings.HasPrefix(prefix, "/") {
		prefix = "/" + prefix
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port)) + prefix
}

// Store keeps secrets. The methods may ask the user to unlock the store and so block until ctx ends or the store's
// own time limit passes; they are safe for concurrent use.
type Store interface {
	// Get returns the secret, ErrNotFound or ErrUnavailable.
	Get(ctx context.Context, it Item) (Secret, error)
	// Set stores or replaces the secret; besides ErrUnavailable it may return a *TooBigError.
	Set(ctx context.Context, it Item, s Secret) error
	// Delete removes the secret; ErrNotFound when there is none.
	Delete(ctx context.Context, it Item) error
	// Kind tells the user where the secrets are.
	Kind() StoreKind
}

// StoreKind names a store.
type StoreKind string

// The stores.
const (
	SystemStore StoreKind = "system" // the system's secret store: lasts
	FileStore   StoreKind = "file"   // a file that a passphrase encrypts: lasts
	MemoryStore StoreKind = "memory" // this run only
)

// Lasts tells whether what is stored is there in the next run.
func (k StoreKind) Lasts() bool { return k == SystemStore || k == FileStore }
