package browser

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/prompt"
	"pintail/internal/testkit"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser/rows"
	"pintail/ui/consent"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// bench is a view-model on a real session, the embedded server and the real queue. The test's goroutine is the window's thread.
type bench struct {
	t       *testing.T
	vm      *ViewModel
	queue   *transfer.Queue
	server  *demo.Server
	env     connect.Env
	prefs   *preferences.Preferences
	posted  chan func()
	reports []Problem
	clip    string
	notice  string
	changes map[What]int
}

func (b *bench) Changed(w What)     { b.changes[w]++ }
func (b *bench) Report(p Problem)   { b.reports = append(b.reports, p) }
func (b *bench) Clipboard(s string) { b.clip = s }
func (b *bench) Notice(s string)    { b.notice = s }
func (b *bench) Agree(string, consent.Question, func()) {
	b.t.Error("asked about a connection that is not marked")
}
func (b *bench) Connected(*connect.Connection) {}

func (b *bench) Open(ctx context.Context, spec connect.Spec) (*connect.Connection, error) {
	return connect.Open(ctx, b.env, spec)
}

func (b *bench) Again(ctx context.Context, spec connect.Spec, refused error) (*connect.Connection, error) {
	return connect.Again(ctx, b.env, spec, refused)
}

// login answers the questions of a connection: the right key of the server.
type login struct {
	prompt.Nobody
	answer prompt.LoginAnswer
}

func (l login) Login(context.Context, prompt.Login) (prompt.LoginAnswer, error) { return l.answer, nil }

func newBench(t *testing.T) *bench { return newBenchOf(t, demo.Options{}) }

// newBenchOf is a bench whose server has options.
func newBenchOf(t *testing.T, o demo.Options) *bench {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server, err := demo.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	prefs, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	profs, err := profiles.OpenRegistry("")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, server: server, prefs: prefs, posted: make(chan func(), 10_000), changes: map[What]int{}}
	b.env = connect.Env{Profiles: profs, Preferences: prefs, Run: keychain.NewMemory(),
		Prompter: login{answer: prompt.LoginAnswer{KeyID: server.AccessKey(), Secret: server.SecretKey()}}}
	b.queue, err = transfer.Open(ctx, transfer.Config{Journal: filepath.Join(t.TempDir(), "journal.db"), Connect: func(ctx context.Context, ref string) (*storage.Session, error) {
		c, err := connect.OpenRef(ctx, b.env, ref)
		if err != nil {
			return nil, err
		}
		return c.Session, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	g := tasks.New(ctx, func(f func()) { b.posted <- f })
	b.vm = New(Config{Connector: b, Queue: b.queue, Preferences: prefs, Clipboard: &Clipboard{}, Tasks: g, Face: b, Downloads: t.TempDir()})
	t.Cleanup(func() {
		b.vm.Close()
		g.Close()
		var wg sync.WaitGroup
		wg.Go(g.Wait)
		wg.Wait()
		b.vm.store.Close()
		if err := b.queue.Close(context.Background()); err != nil {
			t.Error(err)
		}
		cancel()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// spec is the server with its right key.
func (b *bench) spec() connect.Spec {
	return connect.Spec{Endpoint: b.server.URL(), Typed: keychain.Typed{KeyID: b.server.AccessKey(), Secret: keychain.NewSecret(b.server.SecretKey())}}
}

// until runs what is posted until ok holds.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	testkit.Until(b.t, b.posted, ok, func() string { return fmt.Sprintf("%s has not happened; reports %+v", what, b.reports) })
}

// connect opens the server with a bucket that holds keys, and goes into the bucket.
func (b *bench) connect(keys ...string) *storage.Session {
	b.t.Helper()
	b.vm.Connect(b.spec(), storage.Location{})
	b.until("the list of buckets", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
	s := b.vm.conn.Session
	ctx := context.Background()
	if err := s.MakeBucket(ctx, "bucket", storage.MakeBucketOptions{}); err != nil {
		b.t.Fatal(err)
	}
	for _, k := range keys {
		if _, err := s.Put(ctx, storage.Location{Bucket: "bucket", Key: k}, storage.Body{R: body(k), Size: int64(len(k))}, storage.WriteOptions{}); err != nil {
			b.t.Fatal(err)
		}
	}
	b.goTo(storage.Location{Bucket: "bucket"})
	return s
}

func (b *bench) goTo(l storage.Location) {
	b.t.Helper()
	b.vm.Go(l)
	b.until("the listing of "+l.String(), func() bool { return !b.vm.Listing() })
}

// names are the visible rows from top to bottom.
func (b *bench) names() []string {
	var out []string
	for i := range b.vm.store.Len() {
		it, _ := b.vm.store.Get(b.vm.store.Key(i))
		out = append(out, it.Name)
	}
	return out
}

// row is the visible row of that raw name.
func (b *bench) row(name string) model.Key {
	b.t.Helper()
	for i := range b.vm.store.Len() {
		k := b.vm.store.Key(i)
		if it, _ := b.vm.store.Get(k); it.Name == name {
			return k
		}
	}
	b.t.Fatalf("no row %q among %q", name, b.names())
	return 0
}

func (b *bench) item(name string) Item {
	b.t.Helper()
	k := b.row(name)
	it, _ := b.vm.store.Get(k)
	return Item{At: b.vm.store.Path(k), Size: it.Size, Folder: it.Kind == rows.Folder || it.Kind == rows.Bucket}
}

// transfersEnd waits until the queue's transfers have ended and tells the view-model of each state.
func (b *bench) transfersEnd(n int) []transfer.Transfer {
	b.t.Helper()
	var list []transfer.Transfer
	for {
		_, list, _ = b.queue.Snapshot(0)
		b.vm.Transfers(list)
		ended := 0
		for _, t := range list {
			if t.State.Ended() {
				ended++
			}
		}
		if ended >= n {
			break
		}
		select {
		case <-b.queue.Changed():
		case f := <-b.posted:
			f()
		case <-time.After(30 * time.Second):
			b.t.Fatalf("transfers have not ended: %+v, reports %+v", list, b.reports)
		}
	}
	b.until("the refresh", func() bool { return !b.vm.Listing() })
	for _, t := range list {
		if t.State != transfer.Done {
			b.t.Fatalf("transfer %d is %s: %s %v", t.ID, t.State, t.Message, t.Err)
		}
	}
	return list
}
