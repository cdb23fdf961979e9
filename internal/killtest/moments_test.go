package killtest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"pintail/internal/demo"
	"pintail/storage"
)

// point is a moment at which a job is killed.
type point struct {
	name   string
	phase  string                                             // of the phases that every run must have been killed in
	rule   func(*job) *rule                                   // holds the job surely there, or
	moment func(j *job, stop <-chan struct{}) <-chan struct{} // a moment of chance
	check  func(*job)                                         // that the kill was inside, by what is left
	alone  bool                                               // only the first run of a job surely comes to it
	final  bool                                               // nothing is left to be done after it
}

// onLarge matches an operation on the large file's key.
func onLarge(j *job, op string) func(demo.Target, *http.Request) bool {
	key := j.largeKey()
	if j.kind == "download" {
		key = "from/large"
	}
	return func(t demo.Target, _ *http.Request) bool { return t.Op == op && t.Key == key }
}

// onOp matches an operation on anything of the job.
func onOp(j *job, op string) func(demo.Target, *http.Request) bool {
	return func(t demo.Target, _ *http.Request) bool {
		return t.Op == op && (t.Key == "" || strings.HasPrefix(t.Key, j.prefix()) || strings.HasPrefix(t.Key, "old-"+j.prefix()))
	}
}

// held holds an operation on the large file at a stage.
func held(op string, at stage, nth int) func(*job) *rule {
	return func(j *job) *rule {
		if j.kills > 0 {
			nth = 0 // only one may be missing
		}
		return &rule{stage: at, match: onLarge(j, op), nth: nth}
	}
}

// locked lets an operation be answered, with the journal locked: the client stands in its next commit. Until says by what is
// there that it has come so far.
func locked(op string, match func(*job, string) func(demo.Target, *http.Request) bool, until func(*job) bool) func(*job) *rule {
	return func(j *job) *rule {
		return &rule{
			stage: answered, match: match(j, op),
			hook: func() (err error) { j.lk, err = j.lock(); return err },
			after: func() error {
				for end := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
					if until(j) {
						time.Sleep(5 * time.Millisecond) // it comes to its commit
						return nil
					}
					if time.Now().After(end) {
						return fmt.Errorf("after %s: what was waited for does not come about", op)
					}
				}
			},
		}
	}
}

// lastPart matches the part with which all have come.
func lastPart(j *job, op string) func(demo.Target, *http.Request) bool {
	seen := map[string]map[string]bool{}
	match := onLarge(j, op)
	return func(t demo.Target, r *http.Request) bool {
		if !match(t, r) {
			return false
		}
		id := t.Query.Get("uploadId")
		if seen[id] == nil {
			seen[id] = map[string]bool{}
			for n := range j.stored() {
				seen[id][n] = true
			}
		}
		seen[id][t.Query.Get("partNumber")] = true
		return len(seen[id]) == largeParts
	}
}

// allRanges matches an operation on the large object once the journal has all its ranges.
func allRanges(j *job, op string) func(demo.Target, *http.Request) bool {
	match := onLarge(j, op)
	return func(t demo.Target, r *http.Request) bool {
		return match(t, r) && j.number64("SELECT count(*) FROM parts WHERE transfer = ?", j.newest()) == largeParts
	}
}

// stored are the parts that the server has of the large file's unfinished upload.
func (j *job) stored() map[string]bool {
	ctx, found := context.WithoutCancel(j.Context()), map[string]bool{}
	for _, id := range j.uploads(j.largeKey()) {
		for ps, err := range j.session.Parts(ctx, storage.Location{Bucket: j.bucket, Key: j.largeKey()}, id) {
			if err != nil {
				return found
			}
			for _, p := range ps {
				found[fmt.Sprint(p.Number)] = true
			}
		}
	}
	return found
}

func always(*job) bool { return true }

func largeThere(j *job) bool { return j.objectSum(j.largeKey()) == j.want["large"] }

// atRandom is after a random event at the server, and a little later.
func atRandom(most int64) func(*job, <-chan struct{}) <-chan struct{} {
	return func(j *job, stop <-chan struct{}) <-chan struct{} {
		select {
		case <-j.g.random:
		default:
		}
		j.g.at.Store(j.g.events.Load() + 1 + j.rnd.Int64N(most))
		late := time.Duration(j.rnd.Int64N(int64(3 * time.Millisecond)))
		at := make(chan struct{})
		go func() {
			select {
			case <-j.g.random:
				time.Sleep(late)
				close(at)
			case <-stop:
			}
		}()
		return at
	}
}

// whenWritten is at one of the moments at which the journal's file grows or changes.
func whenWritten(most int) func(*job, <-chan struct{}) <-chan struct{} {
	return func(j *job, stop <-chan struct{}) <-chan struct{} {
		n, at := 1+j.rnd.IntN(most), make(chan struct{})
		look := func() (s string) {
			if fi, err := os.Stat(j.journal + "-wal"); err == nil {
				s = fmt.Sprint(fi.Size(), fi.ModTime())
			}
			return s
		}
		before := look()
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Microsecond):
				}
				if now := look(); now != before {
					before = now
					if n--; n == 0 {
						close(at)
						return
					}
				}
			}
		}()
		return at
	}
}
