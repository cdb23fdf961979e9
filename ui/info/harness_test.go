package info

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/retry"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui/tasks"
)

// bench is a view-model on a real session and the embedded server. The test's goroutine is the window's thread.
type bench struct {
	t        *testing.T
	vm       *ViewModel
	s        *storage.Session
	server   *demo.Server
	faults   *faultserver.Faults
	requests atomic.Int64
	posted   chan func()
	drawn    int
}

func newBench(t *testing.T, rules ...faultserver.Rule) *bench {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := &bench{t: t, posted: make(chan func(), 10_000), faults: faultserver.New(rules...)}
	var err error
	b.server, err = demo.Start(ctx, demo.Options{Middleware: func(h http.Handler) http.Handler {
		h = b.faults.Middleware(h)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.requests.Add(1); h.ServeHTTP(w, r) })
	}})
	b.must(err)
	prefs, err := preferences.Open(preferences.Options{})
	b.must(err)
	profs, err := profiles.OpenRegistry("")
	b.must(err)
	env := connect.Env{Profiles: profs, Preferences: prefs, Run: keychain.NewMemory()}
	c, err := connect.Open(ctx, env, connect.Spec{Endpoint: b.server.URL(),
		Typed: keychain.Typed{KeyID: b.server.AccessKey(), Secret: keychain.NewSecret(b.server.SecretKey())}})
	b.must(err)
	b.s = c.Session
	b.must(b.s.MakeBucket(ctx, "bucket", storage.MakeBucketOptions{}))
	g := tasks.New(ctx, func(f func()) { b.posted <- f })
	b.vm = New(Config{Tasks: g, Policy: func() retry.Policy { return retry.Policy{Tries: 1} }, Base: func() units.Base { return units.Decimal },
		Changed: func() { b.drawn++ }})
	t.Cleanup(func() {
		b.faults.Release()
		g.Close()
		g.Wait()
		b.must(c.Close())
		cancel()
		b.must(b.server.Close())
	})
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case f := <-b.posted:
			f()
		case <-end:
			b.t.Fatalf("%s has not happened", what)
		}
	}
}

func (b *bench) put(key, content string, o storage.WriteOptions) Item {
	b.t.Helper()
	at := storage.Location{Bucket: "bucket", Key: key}
	w, err := b.s.Put(context.Background(), at, storage.Body{R: strings.NewReader(content), Size: int64(len(content))}, o)
	b.must(err)
	return Item{At: at, Kind: "TXT file", Size: int64(len(content)), Class: "STANDARD", ETag: w.ETag, Modified: time.Now()}
}

func (b *bench) show(items ...Item) { b.vm.Show(Subject{Session: b.s, Items: items}) }

// calm waits until nothing is being asked for.
func (b *bench) calm() {
	b.t.Helper()
	b.until("the answers", func() bool { return b.vm.Doing() == "" })
}

// fact is the General tab's fact with that id.
func (b *bench) fact(id string) Fact {
	b.t.Helper()
	for _, s := range append(b.vm.GeneralFacts(), b.vm.SumFacts()) {
		for _, f := range s.Facts {
			if f.ID == id {
				return f
			}
		}
	}
	b.t.Fatalf("no fact %q in %+v", id, b.vm.GeneralFacts())
	return Fact{}
}
