// Package bookmarks shows saved connections and the history in the sidebar and the menus, and edits them.
// It must never hold a secret, and every change goes through the store, whose folder other programs may change too.
// Start reading at [ViewModel].
package bookmarks

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/tasks"
)

// Row is one line of the sidebar.
type Row struct {
	ID              string // "b:…" a bookmark, "h:…" a former connection, "g:…" a group
	Title, Subtitle string
	Icon            string
	Colour          string // of the bookmark, "" none
	Heading         bool
	Group, Open     bool
	Production      bool
	Depth           int
}

// ViewModel is the list of saved connections. It belongs to the window's thread; the stores may change at any time.
type ViewModel struct {
	store   *bookmarks.Store
	history *bookmarks.History
	tasks   *tasks.Group
	failed  func(error)
	closed  map[string]bool // groups
	search  string          // in lower case; "" shows all
	now     func() time.Time
}

// New returns a view-model on the stores. failed is told, on the window's thread, what could not be saved.
func New(store *bookmarks.Store, history *bookmarks.History, t *tasks.Group, failed func(error)) *ViewModel {
	return &ViewModel{store: store, history: history, tasks: t, failed: failed, closed: map[string]bool{}, now: time.Now}
}

// Watch calls changed on the window's thread after each change of the folders, by this program or another.
func (vm *ViewModel) Watch(changed func()) {
	follow := func(ch <-chan struct{}, end func()) {
		vm.tasks.Go(func(ctx context.Context) {
			defer end()
			for {
				select {
				case <-ctx.Done():
					return
				case _, ok := <-ch:
					if !ok {
						return
					}
					vm.tasks.Post(changed)
				}
			}
		})
	}
	follow(vm.store.Changes())
	follow(vm.history.Changes())
}

// Rows are the lines of the sidebar: bookmarks by group, then former connections.
func (vm *ViewModel) Rows() []Row {
	out := []Row{{ID: "head:bookmarks", Title: text.T("bookmarks.heading"), Heading: true}}
	list := slices.DeleteFunc(vm.store.List(), vm.leftOut)
	var groups []string
	for _, b := range list {
		if b.Folder == "" {
			out = append(out, row("b:", b, 0))
		} else if !slices.Contains(groups, b.Folder) {
			groups = append(groups, b.Folder)
		}
	}
	for _, g := range groups {
		open := !vm.closed[g] || vm.search != ""
		out = append(out, Row{ID: "g:" + g, Title: g, Icon: "kind-group", Group: true, Open: open})
		for _, b := range list {
			if b.Folder == g && open {
				out = append(out, row("b:", b, 1))
			}
		}
	}
	if h := slices.DeleteFunc(vm.history.List(), vm.leftOut); len(h) > 0 {
		out = append(out, Row{ID: "head:history", Title: text.T("bookmarks.history"), Heading: true})
		for _, b := range h {
			out = append(out, row("h:", b, 0))
		}
	}
	return out
}

func row(prefix string, b bookmarks.Bookmark, depth int) Row {
	icon := "kind-server"
	if isAmazon(b) {
		icon = "kind-cloud"
	}
	if prefix == "h:" {
		icon = "kind-history"
	}
	return Row{ID: prefix + b.ID, Title: b.Title(), Subtitle: subtitle(b), Icon: icon, Colour: b.Colour, Depth: depth, Production: b.Production}
}

// Search shows only what has every word of s in its name, address, key, group, labels or notes; "" shows all.
func (vm *ViewModel) Search(s string) { vm.search = strings.ToLower(strings.TrimSpace(s)) }

// leftOut tells what the search does not find.
func (vm *ViewModel) leftOut(b bookmarks.Bookmark) bool {
	all := strings.ToLower(strings.Join(append([]string{b.Title(), subtitle(b), b.Hostname, b.EndpointURL, b.Username, b.AWSProfile, b.Folder, b.Comment}, b.Labels...), "\n"))
	for _, word := range strings.Fields(vm.search) {
		if !strings.Contains(all, word) {
			return true
		}
	}
	return false
}

// subtitle is where a bookmark leads: the host and, if it begins there, the path.
func subtitle(b bookmarks.Bookmark) string {
	host := b.Hostname
	if u, err := url.Parse(b.EndpointURL); err == nil && u.Host != "" {
		host = u.Host
	}
	if host == "" {
		host = "s3.amazonaws.com"
	}
	host = bookmarks.PlainHost(host)
	if b.Path != "" {
		return host + "/" + strings.TrimPrefix(b.Path, "/")
	}
	return host
}

func isAmazon(b bookmarks.Bookmark) bool {
	return b.EndpointURL == "" && (b.Hostname == "" || strings.HasSuffix(b.Hostname, ".amazonaws.com"))
}

// Toggle opens or closes a group.
func (vm *ViewModel) Toggle(id string, open bool) { vm.closed[strings.TrimPrefix(id, "g:")] = !open }

// Bookmark is the bookmark or former connection of a row.
func (vm *ViewModel) Bookmark(id string) (bookmarks.Bookmark, bool) {
	if bare, ok := strings.CutPrefix(id, "b:"); ok {
		b, err := vm.store.Get(bare)
		return b, err == nil
	}
	if bare, ok := strings.CutPrefix(id, "h:"); ok {
		for _, b := range vm.history.List() {
			if b.ID == bare {
				return b, true
			}
		}
	}
	return bookmarks.Bookmark{}, false
}

// IsBookmark tells whether a row is a bookmark that can be edited.
func IsBookmark(id string) bool { return strings.HasPrefix(id, "b:") }

// Spec is how to open the connection of a row.
func (vm *ViewModel) Spec(id string) (connect.Spec, bool) {
	b, ok := vm.Bookmark(id)
	if !ok {
		return connect.Spec{}, false
	}
	if IsBookmark(id) {
		return connect.Spec{Bookmark: b.ID}, true
	}
	return connect.SpecOf(b), true
}

// Place is where a bookmark stands among all, for the menu's up and down.
func (vm *ViewModel) Place(id string) (index, count int) {
	list := vm.store.List()
	bare := strings.TrimPrefix(id, "b:")
	return slices.IndexFunc(list, func(b bookmarks.Bookmark) bool { return b.ID == bare }), len(list)
}

// Names are the titles of all bookmarks.
func (vm *ViewModel) Names() []string {
	var out []string
	for _, b := range vm.store.List() {
		out = append(out, b.Title())
	}
	return out
}

// HasHistory tells whether there is any.
func (vm *ViewModel) HasHistory() bool { return len(vm.history.List()) > 0 }

// Save adds b, or changes it if it has an id already.
func (vm *ViewModel) Save(b bookmarks.Bookmark) {
	vm.do(func() error {
		if b.ID != "" {
			return vm.store.Update(b)
		}
		_, err := vm.store.Add(b)
		return err
	})
}

// Remove deletes the bookmark or former connection of a row.
func (vm *ViewModel) Remove(id string) {
	vm.do(func() error {
		if bare, ok := strings.CutPrefix(id, "h:"); ok {
			return vm.history.Remove(bare)
		}
		return vm.store.Remove(strings.TrimPrefix(id, "b:"))
	})
}

// Duplicate copies a bookmark.
func (vm *ViewModel) Duplicate(id string) {
	vm.do(func() error { _, err := vm.store.Duplicate(strings.TrimPrefix(id, "b:")); return err })
}

// Step moves a bookmark by delta places.
func (vm *ViewModel) Step(id string, delta int) {
	i, n := vm.Place(id)
	if to := i + delta; i >= 0 && to >= 0 && to < n {
		vm.do(func() error { return vm.store.Move(strings.TrimPrefix(id, "b:"), to) })
	}
}

// MoveBefore puts a dragged bookmark before another, into its group, or to the end of those without one: before the history or "".
func (vm *ViewModel) MoveBefore(id, before string, into bool) {
	if !IsBookmark(id) {
		return
	}
	vm.do(func() error {
		b, err := vm.store.Get(strings.TrimPrefix(id, "b:"))
		if err != nil {
			return err
		}
		if g, ok := strings.CutPrefix(before, "g:"); ok {
			if !into {
				return nil
			}
			b.Folder = g
			return vm.store.Update(b)
		}
		if _, count := vm.Place(id); before == "" || before == "head:history" {
			b.Folder = ""
			if err := vm.store.Update(b); err != nil {
				return err
			}
			return vm.store.Move(b.ID, count-1)
		}
		target, err := vm.store.Get(strings.TrimPrefix(before, "b:"))
		if err != nil {
			return nil // dropped on the history: nothing to do
		}
		if b.Folder != target.Folder {
			b.Folder = target.Folder
			if err := vm.store.Update(b); err != nil {
				return err
			}
		}
		to, _ := vm.Place("b:" + target.ID)
		from, _ := vm.Place(id)
		if from < to {
			to--
		}
		return vm.store.Move(b.ID, to)
	})
}

// ClearHistory forgets all former connections.
func (vm *ViewModel) ClearHistory() { vm.do(vm.history.Clear) }

// Touch remembers a connection as used now.
func (vm *ViewModel) Touch(b bookmarks.Bookmark) {
	when := vm.now()
	vm.do(func() error { return vm.history.Touch(b, when) })
}

func (vm *ViewModel) do(f func() error) {
	tasks.Run(vm.tasks, func(context.Context) (struct{}, error) { return struct{}{}, f() }, func(_ struct{}, err error) {
		if err != nil && !errors.Is(err, bookmarks.ErrNotFound) {
			vm.failed(err)
		}
	})
}

// Of is an open connection as a bookmark that begins at the folder at; false for one that will not exist later.
func (vm *ViewModel) Of(c *connect.Connection, at storage.Location) (bookmarks.Bookmark, bool) {
	if c.Profile.Vendor == profiles.VendorDemo {
		return bookmarks.Bookmark{}, false
	}
	if c.Spec.Bookmark != "" {
		if b, err := vm.store.Find(c.Spec.Bookmark); err == nil {
			b.ID = ""
			return b, true
		}
	}
	b := bookmarks.Bookmark{Protocol: profiles.S3, Provider: c.Profile.Vendor, Username: c.KeyID, Region: c.Spec.Region,
		AWSProfile: c.Spec.AWSProfile, Anonymous: c.Session.Anonymous(), ReadOnly: c.Spec.ReadOnly, Production: c.Spec.Production, Buckets: c.Spec.Buckets,
		Proxy: c.Spec.Network.Proxy, ProxyBypass: c.Spec.Network.Bypass, CABundle: c.Spec.Network.CABundle, ClientCert: c.Spec.Network.ClientCert, ClientKey: c.Spec.Network.ClientKey}
	if c.Spec.Signature != "" {
		b.Custom = map[string]string{"s3.signature.version": c.Spec.Signature}
	}
	if b.Provider == "" {
		b.Provider = profiles.VendorHTTPS
	}
	if b.AWSProfile != "" {
		b.Username = ""
	}
	if u := c.Session.Endpoint(); u != nil && !strings.HasSuffix(u.Hostname(), ".amazonaws.com") {
		b.EndpointURL, b.Hostname = u.String(), u.Hostname()
	} else {
		b.Provider, b.Hostname = profiles.VendorAmazon, "s3.amazonaws.com"
	}
	b.Addressing = map[storage.Addressing]bookmarks.Addressing{storage.AddressingPath: bookmarks.AddressingPath,
		storage.AddressingVirtualHost: bookmarks.AddressingVirtual}[c.Spec.Addressing]
	if !at.IsRoot() {
		b.Path = at.Bucket + "/" + at.Key
		if at.Key == "" {
			b.Path = at.Bucket
		}
	}
	return b, true
}

// Quick reads what was typed into Quick Connect: a bookmark's name, an s3:// address on Amazon, a host or a URL.
func (vm *ViewModel) Quick(typed string) connect.Spec {
	typed = strings.TrimSpace(typed)
	for _, b := range vm.store.List() {
		if strings.EqualFold(b.Title(), typed) {
			return connect.Spec{Bookmark: b.ID}
		}
	}
	if p, ok := strings.CutPrefix(typed, "s3://"); ok || storage.IsARN(typed) {
		return connect.Spec{Path: p}
	}
	key, host, found := strings.Cut(typed, "@")
	if found && !strings.Contains(key, "/") {
		return connect.Spec{Endpoint: host, KeyID: key, Typed: keychain.Typed{}}
	}
	return connect.Spec{Endpoint: typed}
}
