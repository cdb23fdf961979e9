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
	"pintail/internal/testkit"
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
	mfa      atomic.Pointer[string] // the last code of a device that came
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
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b.requests.Add(1)
			if code := r.Header.Get("X-Amz-Mfa"); code != "" {
				b.mfa.Store(&code)
			}
			h.ServeHTTP(w, r)
		})
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
	testkit.Until(b.t, b.posted, ok, func() string { return what + " has not happened" })
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

// apply applies the changes of the shown tab and waits for the outcome.
func (b *bench) apply() Outcome {
	b.t.Helper()
	var got *Outcome
	b.vm.Applied = func(o Outcome, _ []storage.Location) { got = &o }
	if !b.vm.CanApply() {
		b.t.Fatalf("nothing can be applied: %+v, %q", b.vm.Changes(), b.vm.Problem())
	}
	b.vm.Apply()
	b.until("the outcome", func() bool { return got != nil })
	b.calm()
	return *got
}

// setHeader edits a header on the Metadata tab.
func (b *bench) setHeader(name, v string) {
	b.t.Helper()
	for i, n := range b.vm.Lines(Headers) {
		if n.Name == name {
			b.vm.SetValue(Headers, i, v)
			return
		}
	}
	b.t.Fatalf("no header %s", name)
}

// table is a table of the Metadata tab, "name=value" each; several values are "name=*".
func (b *bench) table(g MetaGroup) []string {
	var out []string
	for _, n := range b.vm.Lines(g) {
		switch {
		case n.Mixed && !n.touched:
			out = append(out, n.Name+"=*")
		case g != Headers || n.Value != "":
			out = append(out, n.Name+"="+n.Value)
		}
	}
	return out
}
