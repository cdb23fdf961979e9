package transfer_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"pintail/internal/testkit/reliability"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// edited counts the copies of each object that were asked for, those included whose answer a stop cut off, and tells when there were so many.
type edited struct {
	mu   sync.Mutex // guards n and all
	n    map[string]int
	all  int
	at   int
	full chan struct{} // closed when all is at
}

func (c *edited) trace(e storage.Event) {
	if e.Op != "CopyObject" {
		return
	}
	u, err := url.Parse(e.URL)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[u.Path[strings.Index(u.Path, "/many/"):]]++
	if c.all++; c.all == c.at {
		close(c.full)
	}
}

// A folder of many objects is edited: stopped in the middle, the program ends, and it goes on in another. Each object is reported, none
// that was done is edited again, and no more are edited twice than were in flight; everything else of each is as it was. The long run has
// ten thousand objects, on RGW two thousand.
func TestChange_ManyObjectsInTwoRuns(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"object.editmany"}.on(b)
		n := 200
		switch {
		case reliability.Long() && b.Server.Name == "rgw": // it takes its time for each
			n = 2_000
		case reliability.Long():
			n = 10_000
		}
		const connections = 8
		start := time.Now()
		fillMany(b, n)
		was, filled := etags(b), time.Since(start)
		count := &edited{n: map[string]int{}, at: n / 2, full: make(chan struct{})}
		open := func() *transfer.Queue {
			return b.Queue(func(c *transfer.Config) {
				c.Limits.Connections = connections
				c.Connect = func(context.Context, string) (*storage.Session, error) {
					return b.Server.Open(func(s *storage.Config) { s.Trace = count.trace })
				}
			})
		}
		start = time.Now()
		q := open()
		id, err := q.Add(t.Context(), transfer.Changing("", folderEdit, b.Loc("many/")))
		if err != nil {
			t.Fatal(err)
		}
		<-count.full
		q.Stop(id)
		if s := waitLong(b, q, id); s.State != transfer.Stopped || s.Done == 0 || s.Done >= int64(n) {
			t.Fatalf("%+v", s)
		}
		before := reportMany(b, q, id)
		b.CloseQueues()
		q = open()
		if err := q.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s := waitLong(b, q, id); s.State != transfer.Done || s.Done+s.Skipped != int64(n) || s.Failed+s.Unknown != 0 {
			t.Fatalf("%+v", s)
		}
		t.Logf("%s: %d objects made in %v, edited in two runs in %v", b.Server.Name, n, filled, time.Since(start))
		count.judge(t, n, connections, before, reportMany(b, q, id))
		mustBeWhole(b, n, was)
	})
}

// judge compares what was sent with what is reported.
func (c *edited) judge(t *testing.T, n, connections int, before, after map[string]transfer.Result) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	twice := 0
	for object, result := range after {
		copies := c.n[object[strings.Index(object, "/many/"):]]
		switch {
		case copies == 0:
			t.Errorf("%s was never edited", object)
		case result != transfer.ResultDone && result != transfer.ResultSkipped:
			t.Errorf("%s is reported as %q", object, result)
		case before[object] == transfer.ResultDone && copies != 1:
			t.Errorf("%s was done before the stop, and was edited %d times", object, copies)
		case copies > 1:
			twice++
		}
	}
	if len(after) != n || len(c.n) != n || twice > connections {
		t.Errorf("of %d objects %d are reported and %d edited; %d were edited twice", n, len(after), len(c.n), twice)
	}
}

func manyKey(i int) string { return fmt.Sprintf("many/%02d/%05d+é.txt", i%17, i) }

// fillMany makes n objects with what an edit must keep.
func fillMany(b *transfertest.Bench, n int) {
	b.Helper()
	var g errgroup.Group
	g.SetLimit(16)
	for i := range n {
		g.Go(func() error {
			content := fmt.Sprintf("object %d", i)
			_, err := b.Session.Put(b.Context(), b.Loc(manyKey(i)), storage.Body{R: strings.NewReader(content), Size: int64(len(content))},
				storage.WriteOptions{Metadata: map[string]string{"n": fmt.Sprint(i)}, Tags: map[string]string{"t": fmt.Sprint(i)}, Headers: storage.Headers{CacheControl: "no-cache"}})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

// etags are those of all objects, which say their content.
func etags(b *transfertest.Bench) map[string]string {
	b.Helper()
	out := map[string]string{}
	for page, err := range b.Session.List(b.Context(), b.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range page.Entries {
			out[e.Key] = e.ETag
		}
	}
	return out
}

// mustBeWhole looks at each object of fillMany: edited, and otherwise as it was.
func mustBeWhole(b *transfertest.Bench, n int, was map[string]string) {
	b.Helper()
	now := etags(b)
	if len(now) != n || len(was) != n {
		b.Errorf("%d objects, of %d before", len(now), len(was))
	}
	var g errgroup.Group
	g.SetLimit(16)
	for i := range n {
		g.Go(func() error {
			at := b.Loc(manyKey(i))
			info, err := b.Session.Stat(b.Context(), at)
			if err != nil || info.Metadata["n"] != fmt.Sprint(i) || info.Metadata["new"] != "yes" || len(info.Metadata) != 2 || info.Headers.CacheControl != "no-cache" ||
				now[at.Key] != was[at.Key] {
				b.Errorf("%s: %+v, %v; ETag %s, was %s", at, info, err, now[at.Key], was[at.Key])
			}
			if tags, err := b.Session.Tags(b.Context(), at); err != nil || len(tags) != 2 || tags["t"] != fmt.Sprint(i) || tags["more"] != "one" {
				b.Errorf("%s: tags %v, %v", at, tags, err)
			}
			return nil
		})
	}
	_ = g.Wait() // tells by b itself
}

// waitLong waits for the end of a transfer of many objects.
func waitLong(b *transfertest.Bench, q *transfer.Queue, id transfer.ID) transfer.Summary {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Minute)
	defer cancel()
	s, err := q.Wait(ctx, id)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// reportMany is what a transfer says of each object, page by page.
func reportMany(b *transfertest.Bench, q *transfer.Queue, id transfer.ID) map[string]transfer.Result {
	b.Helper()
	all := map[string]transfer.Result{}
	for from := 0; ; {
		items, err := q.Items(b.Context(), id, from, 1000)
		if err != nil {
			b.Fatal(err)
		}
		if len(items) == 0 {
			return all
		}
		for _, i := range items {
			if _, twice := all[i.Source]; twice {
				b.Errorf("%s is reported twice", i.Source)
			}
			all[i.Source] = i.Result
		}
		from += len(items)
	}
}
