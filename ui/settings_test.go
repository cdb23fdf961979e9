package ui

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser"
	"pintail/ui/command"
	"pintail/ui/synchronize"
)

func TestSettings_EveryPreferenceTakesEffectAtOnce(t *testing.T) {
	f := newFlips(t)
	var all []flip
	for _, list := range [][]flip{f.newObjects(), f.transferring(), f.connecting(), f.showing()} {
		all = append(all, list...)
	}
	missing := map[string]bool{}
	for _, d := range preferences.All() {
		missing[d.Name] = true
	}
	delete(missing, preferences.S3CacheSeconds.Name()) // a menu of Info offers it, which ui/info looks at
	for _, c := range all {
		delete(missing, c.name)
		def, err := f.app.c.Preferences.GetString(c.name)
		f.must(err)
		if c.from != "" {
			f.set(c.name, c.from)
		}
		f.looks(c, "before", c.before)
		f.set(c.name, c.to)
		f.looks(c, "after", c.after)
		f.must(f.app.c.Preferences.SetString(c.name, def))
	}
	for name := range maps.Keys(missing) {
		t.Errorf("nothing shows the effect of %s", name)
	}
}

func (f *flips) looks(c flip, when, want string) {
	f.t.Helper()
	if want == "" {
		return
	}
	got := ""
	if c.wait {
		f.until(c.name+" "+when, func() bool { got = c.look(); return got == want })
	} else {
		got = c.look()
	}
	if got != want {
		f.t.Errorf("%s %s: %q, not %q", c.name, when, got, want)
	}
}

func (f *flips) newObjects() []flip {
	class := func(i storage.Info) string { return strings.TrimSuffix(i.Class, "STANDARD") + "." }
	acl := func() string {
		path := f.file(1)
		f.done(func() { f.win.VM.Upload([]string{path}, storage.Location{Bucket: flipBucket}) })
		a, err := f.session().ACL(f.t.Context(), storage.Location{Bucket: flipBucket, Key: filepath.Base(path)})
		f.must(err)
		return fmt.Sprint(len(a.Grants))
	}
	host := f.win.VM.Connection().Host
	return []flip{
		{name: "s3.storage.class", to: "STANDARD_IA", look: f.upload(1, class), before: ".", after: "STANDARD_IA."},
		{name: "s3.bucket.defaults", to: host + "/" + flipBucket + " class=GLACIER_IR", look: f.upload(1, class), before: ".", after: "GLACIER_IR."},
		{name: "s3.encryption.algorithm", to: "AES256", look: f.upload(1, func(i storage.Info) string { return i.Encryption.Type + "." }), before: ".", after: "AES256."},
		{name: "s3.metadata.default", to: "Cache-Control=no-cache team=red", look: f.upload(1, func(i storage.Info) string { return i.Headers.CacheControl + "." + i.Metadata["team"] }), before: ".", after: "no-cache.red"},
		{name: "s3.acl.default", to: "public-read", look: acl, before: "1", after: "2"},
		{name: "s3.upload.checksum.algorithm", from: "SHA1", to: "SHA256", look: f.upload(1, func(i storage.Info) string {
			return fmt.Sprint(slices.Sorted(maps.Keys(i.Checksums.Values)))
		}), before: "[SHA1]", after: "[SHA256]"},
		{name: "s3.upload.multipart.threshold", to: "6291456", look: f.uploadParts, before: "0", after: "1"},
		{name: "s3.upload.multipart.size", to: "5242880", look: func() string {
			f.must(preferences.S3MultipartThreshold.Set(f.app.c.Preferences, 6<<20))
			defer func() { f.must(f.app.c.Preferences.Reset("s3.upload.multipart.threshold")) }()
			return f.uploadParts()
		}, before: "1", after: "2"},
		{name: "queue.upload.timestamp.change", to: "true", look: f.upload(1, func(i storage.Info) string { return fmt.Sprint(i.Metadata["mtime"] != "") }), before: "false", after: "true"},
	}
}

func (f *flips) transferring() []flip {
	folder, other := 0, f.t.TempDir()
	object := func(key string) string {
		_, err := f.session().Stat(f.t.Context(), storage.Location{Bucket: flipBucket, Key: key})
		return fmt.Sprint(err == nil)
	}
	fetched := func() (string, transfer.ID) {
		dir := f.t.TempDir()
		id := f.download(dir)
		return filepath.Join(dir, "a.txt"), id
	}
	return []flip{
		{name: "queue.upload.ignore", to: "*.tmp", look: func() string {
			folder++
			dir := filepath.Join(f.dir, fmt.Sprint("folder", folder))
			f.must(os.Mkdir(dir, 0o700))
			f.must(os.WriteFile(filepath.Join(dir, "x.tmp"), nil, 0o600))
			f.done(func() { f.win.VM.Upload([]string{dir}, storage.Location{Bucket: flipBucket}) })
			return object(filepath.Base(dir) + "/x.tmp")
		}, before: "true", after: "false"},
		{name: "queue.upload.action", from: "overwrite", to: "skip", look: func() string {
			f.put(f.session(), "same", 3)
			f.must(os.WriteFile(filepath.Join(f.dir, "same"), []byte("longer"), 0o600))
			f.done(func() {
				f.win.VM.Upload([]string{filepath.Join(f.dir, "same")}, storage.Location{Bucket: flipBucket})
			})
			i, err := f.session().Stat(f.t.Context(), storage.Location{Bucket: flipBucket, Key: "same"})
			f.must(err)
			return fmt.Sprint(i.Size)
		}, before: "6", after: "3"},
		{name: "queue.download.action", from: "overwrite", to: "skip", look: func() string {
			path := filepath.Join(f.t.TempDir(), "a.txt")
			f.must(os.WriteFile(path, []byte("mine"), 0o600))
			f.download(filepath.Dir(path))
			i, err := os.Stat(path)
			f.must(err)
			return fmt.Sprint(i.Size())
		}, before: "1500000", after: "4"},
		{name: "queue.download.folder", to: other, look: func() string {
			f.download("")
			_, err := os.Stat(filepath.Join(other, "a.txt"))
			return fmt.Sprint(err == nil)
		}, before: "false", after: "true"},
		{name: "queue.download.timestamp.change", to: "false", look: func() string {
			f.server.AdvanceClock(-time.Hour)
			f.put(f.session(), "a.txt", 1_500_000)
			f.server.AdvanceClock(time.Hour)
			path, _ := fetched()
			i, err := os.Stat(path)
			f.must(err)
			return fmt.Sprint(time.Since(i.ModTime()) > 30*time.Minute)
		}, before: "true", after: "false"},
		{name: "queue.download.checksum.calculate", to: "false", look: func() string {
			_, id := fetched()
			items, err := f.queue.Items(f.t.Context(), id, 0, 1)
			f.must(err)
			return fmt.Sprint(items[0].Proof == storage.ProofSize)
		}, before: "false", after: "true"},
		{name: "queue.connections.limit", to: "9", look: func() string { return fmt.Sprint(f.limits.Connections) }, after: "9", wait: true},
		{name: "queue.upload.bandwidth.bytes", to: "70000", look: func() string { return fmt.Sprint(f.limits.UpBytes) }, after: "70000", wait: true},
		{name: "queue.download.bandwidth.bytes", to: "80000", look: func() string { return fmt.Sprint(f.limits.DownBytes) }, after: "80000", wait: true},
	}
}

func (f *flips) connecting() []flip {
	amazon := connect.Spec{Amazon: true}
	return []flip{
		{name: "s3.location", to: "eu-west-1", look: f.opened(amazon, func(c *connect.Connection, _ error) string { return c.Session.Region() }), before: "us-east-1", after: "eu-west-1"},
		{name: "s3.bucket.virtualhost.disable", to: "true", look: f.opened(amazon, func(c *connect.Connection, _ error) string {
			u, err := c.Session.URL(storage.Location{Bucket: "bucket", Key: "k"}, storage.URLHTTPS)
			f.must(err)
			return fmt.Sprint(strings.HasPrefix(u, "https://bucket."))
		}), before: "true", after: "false"},
		{name: "connection.unsecure.warning.http", to: "false", look: f.opened(connect.Spec{Endpoint: "http://lab.example.com"}, func(_ *connect.Connection, err error) string {
			return fmt.Sprint(err == nil)
		}), before: "false", after: "true"},
		{name: "keychain.file", to: "true", look: func() string { // where there is no keychain
			return string(connect.WithoutKeychain(f.app.c.Preferences, filepath.Join(f.dir, "secrets.age"), nil).Kind())
		}, before: string(keychain.MemoryStore), after: string(keychain.FileStore)},
		{name: "s3.accelerate.enable", to: "false", look: f.accelerated, before: "true", after: "false"},
		{name: "s3.listing.chunksize", to: "7", look: func() string {
			f.server.ResetRequests()
			f.fresh(storage.Location{Bucket: flipBucket}, func(*browser.Window) string { return "" })()
			return fmt.Sprint(slices.ContainsFunc(f.server.Requests(), func(r demo.RequestRecord) bool { return strings.Contains(r.Query, "max-keys=7") }))
		}, before: "false", after: "true"},
		{name: "connection.timeout.seconds", to: "1", look: f.silent, after: "true"},
		{name: "connection.retry", from: "2", to: "1", look: f.failing, before: "2", after: "1"},
	}
}

// accelerated tells whether an upload to a bucket of Amazon's that has transfer acceleration takes it.
func (f *flips) accelerated() string {
	var edge atomic.Bool
	amazon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		if r.URL.Query().Has("accelerate") {
			fmt.Fprint(w, "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>")
			return
		}
		edge.Store(edge.Load() || r.Method == http.MethodPut && strings.Contains(r.Host, "s3-accelerate"))
		w.Header().Set("ETag", `"d41d8cd98f00b204e9800998ecf8427e"`)
	}))
	defer amazon.Close()
	f.must(preferences.WarnPlainHTTP.Set(f.app.c.Preferences, false))
	defer func() { f.must(f.app.c.Preferences.Reset("connection.unsecure.warning.http")) }()
	env := f.env
	env.Getenv = func(name string) string { return map[string]string{"HTTP_PROXY": amazon.URL}[name] }
	c, err := connect.Open(f.t.Context(), env, connect.Spec{Endpoint: "http://s3.eu-west-1.amazonaws.com", Typed: keychain.Typed{KeyID: "lab", Secret: keychain.NewSecret("secret")}})
	f.must(err)
	defer c.Close() // nothing is under way
	f.put(c.Session, "k", 0)
	return fmt.Sprint(edge.Load())
}

// silent tells whether a server that says nothing is given up, long before a person would.
func (f *flips) silent() string {
	quiet := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-quiet }))
	defer s.Close()
	defer close(quiet)
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second) // the default would not be over by then
	defer cancel()
	return f.opened(connect.Spec{Endpoint: s.URL}, func(c *connect.Connection, err error) string {
		f.must(err)
		_, err = c.Session.Stat(ctx, storage.Location{Bucket: "b", Key: "k"})
		return fmt.Sprint(storage.KindOf(err) == storage.KindNetwork && ctx.Err() == nil)
	})()
}

// failing counts how often a window asks a server that always fails for its buckets.
func (f *flips) failing() string {
	var mu sync.Mutex
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		w.Header().Set("X-Amz-Request-Id", "R")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, "<Error><Code>InternalError</Code></Error>")
	}))
	defer s.Close()
	f.app.NewWindow()
	w := f.app.Windows()[len(f.app.Windows())-1]
	defer w.Close()
	w.VM.Connect(connect.Spec{Endpoint: s.URL, Typed: keychain.Typed{KeyID: "lab", Secret: keychain.NewSecret("secret")}}, storage.Location{})
	f.until("the failure", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return asked > 0 && !w.VM.Listing() && !w.VM.Connecting()
	})
	return fmt.Sprint(asked)
}

func (f *flips) showing() []flip {
	root, bucket, archive := storage.Location{}, storage.Location{Bucket: flipBucket}, storage.Location{Bucket: "backups-archive", Key: "archive/2025/"}
	has := func(name string) func() string { return func() string { return fmt.Sprint(f.has(name)) } }
	f.must(f.app.c.History.Touch(bookmarks.Bookmark{Protocol: profiles.S3, Hostname: "lab.example.com", Username: "k"}, time.Now()))
	offered := func(name string) func() string {
		return func() string {
			return fmt.Sprint(slices.ContainsFunc(f.app.offered(bookmarks.Bookmark{}), func(p profiles.Profile) bool { return p.Vendor == name }))
		}
	}
	return []flip{
		{name: "appearance.theme", to: "dark", look: func() string { return f.app.Theme() + "." }, before: ".", after: "dark.", wait: true},
		{name: "browser.showHidden", to: "true", look: has(".dot"), before: "false", after: "true", wait: true},
		{name: "browser.showVersions", to: "true", look: func() string { return fmt.Sprint(f.server.CountRequests("ListObjectVersions", "", 0) > 0) }, after: "true", wait: true},
		{name: "browser.hidden.regex", to: "x.*", look: has("xyz"), before: "true", after: "false", wait: true},
		{name: "browser.filesize.decimal", to: "true", look: func() string { return fmt.Sprint(strings.Contains(f.sizeOf("xyz"), "MiB")) }, before: "true", after: "false", wait: true},
		{name: "browser.sort.foldersfirst", to: "false", look: func() string { return fmt.Sprint(len(f.names()) > 0 && strings.HasSuffix(f.names()[0], "/")) }, before: "true", after: "false", wait: true},
		{name: "browser.columns.buckets", to: "name,region", look: f.fresh(root, columns), before: "name,size,modified,class,region", after: "name,region"},
		{name: "browser.columns.objects", to: "name,size", look: f.fresh(bucket, columns), before: "name,size,modified,class,kind", after: "name,size"},
		{name: "browser.sidebar.width", to: "0", look: f.fresh(root, func(w *browser.Window) string { return fmt.Sprint(w.State().Sidebar) }), before: "true", after: "false"},
		{name: "browser.inspector", to: "true", look: f.fresh(root, func(w *browser.Window) string { return fmt.Sprint(w.State().Inspector) }), before: "false", after: "true"},
		{name: "browser.inspector.width", to: "500", look: func() string {
			f.must(preferences.InspectorShown.Set(f.app.c.Preferences, true))
			defer func() { f.must(f.app.c.Preferences.Reset("browser.inspector")) }()
			return f.fresh(root, func(*browser.Window) string {
				p, _ := f.app.c.Registry.Part("info.tabs")
				return fmt.Sprint(p.Bounds.W > 400)
			})()
		}, before: "false", after: "true"},
		{name: "window.browser.size", to: "900x600", look: f.fresh(root, func(w *browser.Window) string {
			s := w.Win.Canvas().Size()
			return fmt.Sprintf("%.0fx%.0f", s.Width, s.Height)
		}), before: "1180x760", after: "900x600"},
		{name: "window.transfers.size", to: "800x500", look: func() string {
			f.app.ShowTransfers()
			s := f.app.transfers.Win.Canvas().Size()
			f.app.transfers.Win.Close()
			return fmt.Sprintf("%.0fx%.0f", s.Width, s.Height)
		}, before: "760x480", after: "800x500"},
		{name: "history.limit", to: "0", look: func() string { return fmt.Sprint(len(f.app.c.History.List()) > 0) }, before: "true", after: "false", wait: true},
		{name: "connection.profiles.hidden", to: profiles.VendorHTTPS, look: offered(profiles.VendorHTTPS), before: "true", after: "false"},
		{name: "s3.url.expire.seconds", to: "3600", look: f.sheet(bucket, command.CopyPresignX, "links.span"), before: "1 d", after: "1 h"},
		{name: "s3.glacier.restore.expiration.days", to: "11", look: f.sheet(archive, command.Restore, "restore.days"), before: "2", after: "11"},
		{name: "s3.glacier.restore.tier", to: "Bulk", look: f.sheet(archive, command.Restore, "restore.tier"), before: "Standard", after: "Bulk"},
	}
}

func TestSettings_HoldForTheSynchronizeWindow(t *testing.T) {
	f := newFlips(t)
	conn := f.win.VM.Connection()
	f.set("s3.storage.class", "STANDARD_IA")
	f.set("s3.bucket.defaults", conn.Host+"/"+flipBucket+" encryption=AES256")
	f.set("queue.upload.ignore", "*.tmp")
	dir := t.TempDir()
	for _, n := range []string{"kept", "left.tmp"} {
		f.must(os.WriteFile(filepath.Join(dir, n), []byte(n), 0o600))
	}
	f.app.Synchronize(f.win, storage.Location{Bucket: flipBucket, Key: "sync/"}, conn.Ref)
	vm := f.app.syncs[0].VM
	vm.Compare(synchronize.Settings{Local: dir, Remote: storage.Location{Bucket: flipBucket, Key: "sync/"}, Connection: conn.Ref, Compare: transfer.CompareTime})
	f.until("the plan", func() bool { return vm.Phase() == synchronize.Planned })
	f.done(vm.Start)
	info, err := conn.Session.Stat(t.Context(), storage.Location{Bucket: flipBucket, Key: "sync/kept"})
	if err != nil || info.Class != "STANDARD_IA" || info.Encryption.Type != "AES256" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := conn.Session.Stat(t.Context(), storage.Location{Bucket: flipBucket, Key: "sync/left.tmp"}); storage.KindOf(err) != storage.KindNotFound {
		t.Errorf("what is to be left out was sent: %v", err)
	}
}
