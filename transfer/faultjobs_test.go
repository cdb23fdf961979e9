package transfer_test

import (
	"cmp"
	"context"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// faultJob is a transfer as the fault matrix runs it: small, and still with every request that its kind can make.
type faultJob struct {
	name  string
	large bool // a download of three ranges
	start func(b *transfertest.Bench, q *transfer.Queue, arm func(), f *script) transfer.ID
}

// threeParts is a size of three parts of 5 MiB, the least that S3 takes.
const threeParts = 10*mib + 1000

// adding is a job that begins with the request itself.
func adding(name string, r func(b *transfertest.Bench) transfer.Request) faultJob {
	return faultJob{name, strings.HasPrefix(name, "download in") || name == "download resumed", func(b *transfertest.Bench, q *transfer.Queue, arm func(), _ *script) transfer.ID {
		request := r(b)
		b.Server.Demo.ResetRequests()
		arm()
		return added(b, q, request)
	}}
}

// resuming is a job that goes on with a transfer of which one request was refused before.
func resuming(name string, refused faultserver.Rule, r func(b *transfertest.Bench) transfer.Request) faultJob {
	return faultJob{name, strings.HasPrefix(name, "download in") || name == "download resumed", func(b *transfertest.Bench, q *transfer.Queue, arm func(), f *script) transfer.ID {
		b.Helper()
		request := r(b)
		refused.Kind, refused.Status, refused.Code, refused.Times = faultserver.Status, 403, "AccessDenied", -1
		f.set(refused)
		id := added(b, q, request)
		if s := b.Wait(q, id); s.State != transfer.Failed {
			b.Fatalf("the first half: %+v", s)
		}
		f.set()
		b.Server.Demo.ResetRequests()
		arm()
		if err := q.Resume(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		return id
	}}
}

// syncing is a job of a plan that was made without a fault.
func syncing(name string, r func(b *transfertest.Bench) transfer.Request) faultJob {
	return faultJob{name, false, func(b *transfertest.Bench, q *transfer.Queue, arm func(), _ *script) transfer.ID {
		b.Helper()
		p := plan(b, q, r(b))
		b.Server.Demo.ResetRequests()
		arm()
		id, err := p.Start(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		return id
	}}
}

func added(b *transfertest.Bench, q *transfer.Queue, r transfer.Request) transfer.ID {
	b.Helper()
	id, err := q.Add(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func remote(b *transfertest.Bench, kind transfer.Kind, from, to string) transfer.Request {
	r := transfer.Request{Kind: kind, Sources: []transfer.Source{{Remote: b.Loc(from)}}}
	if to != "" {
		r.Target = transfer.Target{Remote: b.Loc(to), Exact: true}
	}
	return r
}

// object puts one of a job's sources there.
func object(b *transfertest.Bench, key string, size int64, r transfer.Request) transfer.Request {
	b.Helper()
	b.Object(key, size, 7)
	return r
}

// tree puts five objects there, which are three pages of a listing.
func tree(b *transfertest.Bench, r transfer.Request) transfer.Request {
	b.Helper()
	for i, key := range []string{"tree/a", "tree/b", "tree/c", "tree/sub/d", "tree/sub/e"} {
		b.Object(key, 1000, uint64(i))
	}
	return r
}

func faultJobs() []faultJob {
	inParts := func(b *transfertest.Bench) transfer.Request {
		r := parts5(b.Upload(b.File("f", threeParts, 5), "up"))
		r.Options.Threshold = 6 * mib
		return r
	}
	inRanges := func(b *transfertest.Bench) transfer.Request {
		r := object(b, "from", threeParts, b.Download("from", "down"))
		r.Options.PartSize = 5 * mib
		b.Old("down", "what was there")
		return r
	}
	one := int64(1)
	return []faultJob{
		adding("upload", func(b *transfertest.Bench) transfer.Request {
			b.Object("up", 50, 99) // what a failure must leave
			return b.Upload(b.File("f", 300_000, 5), "up")
		}),
		adding("upload in parts", inParts),
		resuming("upload resumed", faultserver.Rule{Op: "UploadPart", Number: 2}, inParts),
		adding("download", func(b *transfertest.Bench) transfer.Request {
			b.Old("down", "what was there")
			return object(b, "from", 300_000, b.Download("from", "down"))
		}),
		adding("download in ranges", inRanges),
		resuming("download resumed", faultserver.Rule{Op: "GetObject", Range: "bytes=5242880-10485759"}, inRanges),
		adding("download of a tree", func(b *transfertest.Bench) transfer.Request { return tree(b, b.Download("tree/", "tree")) }),
		adding("copy", func(b *transfertest.Bench) transfer.Request {
			return object(b, "from", 300_000, remote(b, transfer.Copy, "from", "to"))
		}),
		adding("copy in parts", func(b *transfertest.Bench) transfer.Request {
			return object(b, "large", threeParts, remote(b, transfer.Copy, "large", "to"))
		}),
		adding("copy through here", func(b *transfertest.Bench) transfer.Request {
			r := object(b, "from", 300_000, remote(b, transfer.Copy, "from", "to"))
			r.TargetConnection = "other"
			return r
		}),
		adding("move", func(b *transfertest.Bench) transfer.Request {
			return object(b, "from", 300_000, remote(b, transfer.Move, "from", "to"))
		}),
		adding("delete", func(b *transfertest.Bench) transfer.Request {
			return object(b, "from", 100, remote(b, transfer.Delete, "from", ""))
		}),
		syncing("sync up", func(b *transfertest.Bench) transfer.Request {
			b.File("f", 300_000, 5)
			b.Object("s/f", 50, 99)
			b.Object("s/old", 100, 98)
			return syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: &one, Compare: transfer.CompareSize})
		}),
		syncing("sync down", func(b *transfertest.Bench) transfer.Request {
			b.Object("s/f", 1000, 5)
			b.Old("f", "what was there")
			b.Old("old", "what is to go")
			return syncDown(b, transfer.SyncOptions{Delete: true, MaxDelete: &one, Compare: transfer.CompareSize})
		}),
		adding("delete of a tree", func(b *transfertest.Bench) transfer.Request { return tree(b, remote(b, transfer.Delete, "tree/", "")) }),
	}
}

// faultStall is the patience where something stalls: short, because that is real time. noStall is that where nothing does: on a
// busy machine a healthy answer can take long.
const (
	faultStall = 150 * time.Millisecond
	noStall    = 5 * time.Second
)

// faultQueue is a queue whose waits cost no time, with connections that the script can break.
func faultQueue(b *transfertest.Bench, f *script, giveUp time.Duration) *transfer.Queue {
	b.Helper()
	if f.clock == nil {
		f.clock = &fakeClock{now: time.Now(), slept: b.Server.Demo.AdvanceClock}
	}
	clock := f.clock
	q := b.Queue(func(c *transfer.Config) {
		c.Now, c.Sleep, c.GiveUp = clock.Now, clock.Sleep, giveUp
		if crc32.ChecksumIEEE([]byte(b.Name()))%2 == 0 { // every second case goes past the page cache
			c.Direct = 1
		}
		c.Connect = func(context.Context, string) (*storage.Session, error) {
			return b.Server.Open(func(c *storage.Config) {
				c.StallAfter, c.PageSize, c.Proxy = cmp.Or(f.stall, faultStall), 2, f.proxy
				if f.trailers {
					c.Known.ChecksumTrailers = &f.trailers
				}
			})
		}
	})
	q.SetSingleCopy(6*mib, 5*mib)
	return q
}

// point is a request that a job makes: where faults are put.
type point struct {
	job    faultJob
	op     string
	number int    // of a part or page
	span   string // Range
}

func (p point) String() string {
	s := p.job.name + "/" + p.op
	switch {
	case p.span != "":
		s += " " + p.span
	case p.number > 0:
		s += " " + string(rune('0'+p.number))
	}
	return s
}

// edge tells whether the point is a first or last part, whose answers are those of the one in between: only what happens to
// connections may matter there.
func (p point) edge() bool {
	if strings.HasPrefix(p.op, "UploadPart") {
		return p.number != 2
	}
	return p.job.large && p.op == "GetObject" && !strings.HasPrefix(p.span, "bytes=5242880-")
}

// rule puts a rule at the point.
func (p point) rule(r faultserver.Rule) faultserver.Rule {
	r.Op, r.Range = p.op, p.span
	if r.Number == 0 {
		r.Number = p.number
	}
	return r
}

// pointsOf runs a job without faults and sees which requests it makes.
func pointsOf(t *testing.T, j faultJob) []point {
	t.Helper()
	var points []point
	t.Run("points of "+j.name, func(t *testing.T) {
		f := newScript()
		b := transfertest.New(t, f.server)
		q := faultQueue(b, f, time.Minute)
		if s := b.Wait(q, j.start(b, q, func() {}, f)); s.State != transfer.Done {
			t.Fatalf("without a fault: %+v", s)
		}
		for _, r := range b.Server.Demo.Requests() {
			if p, ok := pointOf(j, r); ok && !slices.ContainsFunc(points, func(q point) bool { return q.String() == p.String() }) {
				points = append(points, p)
			}
		}
	})
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.String(), b.String()) }) // parts come in any order
	return points
}

func pointOf(j faultJob, r demo.RequestRecord) (point, bool) {
	p := point{job: j, op: r.Op, number: r.Part, span: r.Range}
	if r.Op == "ListObjectsV2" {
		p.number = 1
		if strings.Contains(r.Query, "continuation-token") {
			p.number = 2 // there is a third one, which is like it
		}
	}
	// Of the parts besides the refused one a first run has had some, which ones differs.
	sure := !strings.HasSuffix(j.name, "resumed") || !p.edge()
	if j.name == "delete of a tree" && r.Op == "DeleteObject" {
		sure = false // of the last key, when the plan ends so
	}
	return p, r.Op != "" && sure
}
