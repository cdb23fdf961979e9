package windowtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/window"
)

const (
	million  = 1_000_000
	heapRoom = 150 << 20 // for a million rows, above the window without them
	pageKeys = 1000
)

// gate counts the requests that list a prefix and lets only so many of them through.
type gate struct {
	mu     sync.Mutex // guards what follows
	free   *sync.Cond
	asked  int // since the last limit was set
	limit  int // 0 = all
	prefix string
}

func newGate(prefix string) *gate {
	g := &gate{prefix: prefix}
	g.free = sync.NewCond(&g.mu)
	return g
}

// only counts from zero and holds back the requests after the first n; 0 holds back none.
func (g *gate) only(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked, g.limit = 0, n
	g.free.Broadcast()
}

// more lets the requests that wait go on, up to n since the count began.
func (g *gate) more(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit = n
	g.free.Broadcast()
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *gate) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("prefix") == g.prefix {
			g.pass()
		}
		next.ServeHTTP(w, r)
	})
}

func (g *gate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	for mine := g.asked; g.limit > 0 && mine > g.limit; {
		g.free.Wait()
	}
}

func millionName(i int) string { return fmt.Sprintf("key-%07d.dat", i) }

// millionServer is an embedded server whose folder "many" in the bucket "million" has a million objects.
func millionServer(t *testing.T, g *gate) *demo.Server {
	t.Helper()
	s, err := demo.Start(t.Context(), demo.Options{Middleware: g.middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.only(0); _ = s.Close() })
	if err := s.AddBucket("million", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	batch := make([]demo.Object, 0, 5000)
	for i := range million {
		batch = append(batch, demo.Object{Bucket: "million", Key: g.prefix + millionName(i)})
		if len(batch) == cap(batch) {
			if err := s.Add(batch...); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	return s
}

// The first row is on screen after at most two requests, whatever the rest takes; the window can be used while pages come,
// and holds a million rows in little memory.
func TestFirstRow_MillionKeys(t *testing.T) {
	g := newGate("many/")
	s := millionServer(t, g)
	a := window.Open(t, window.Options{})
	connect(a, accountOf(t, s.URL(), s.AccessKey(), s.SecretKey()))
	openFolder(a, "million")
	a.Row("outline", "many")
	before := heap(t, a)

	g.only(2)
	begin := time.Now()
	openFolder(a, "many")
	a.Row("outline", millionName(0))
	t.Logf("first row after %d requests and %v", g.count(), time.Since(begin).Round(time.Millisecond))
	if n := g.count(); n > 3 { // the third is held back: it may have been sent when the row came
		t.Errorf("%d requests were sent before the first row", n)
	}
	a.Picture("first-row")

	const some = 100
	g.more(some)
	a.Until("a hundred pages", func() bool { return g.count() > some })
	a.Click(a.PointOfRow("outline", millionName(0)), 5, 20)
	a.Until("rows further down", func() bool { return !slices.Contains(a.Names("outline"), millionName(0)) })
	a.Picture("scrolled-while-loading")
	a.Keys("Escape")
	a.WaitText("status.text", "stopped")
	a.WaitText("status.text", "100,000 items")
	a.Picture("stopped")
	a.Keys("End")
	a.Row("outline", millionName(some*pageKeys-1))

	a.Press("pathbar.up")
	a.Row("outline", "many")
	g.only(0)
	a.Thread(true)
	begin = time.Now()
	openFolder(a, "many")
	at := a.PointOfRow("outline", millionName(0))
	a.Click(at, 5, 300)
	loading := a.Thread(true)
	a.WaitText("status.text", "1,000,000 items")
	took := time.Since(begin)
	a.Until("the end of the listing", func() bool { return g.count() >= million/pageKeys })
	a.Click(at, 5, 300)
	loaded := a.Thread(true)
	t.Logf("all rows after %v; stalls above 50 ms: %d of %d answers while loading and scrolling (longest %.0f ms), %d of %d when loaded (longest %.0f ms)",
		took.Round(time.Millisecond), loading.Stalls, loading.Beats, loading.LongestMS, loaded.Stalls, loaded.Beats, loaded.LongestMS)
	a.Keys("End")
	a.Row("outline", millionName(million-1))
	a.Picture("end")
	after := heap(t, a)
	t.Logf("Go heap: %d MiB without rows, %d MiB with a million", before>>20, after>>20)
	if after > before+heapRoom {
		t.Errorf("a million rows take %d MiB, want at most %d", (after-before)>>20, heapRoom>>20)
	}
}
