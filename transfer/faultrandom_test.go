package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/testkit"
	"pintail/internal/testkit/reliability"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// passing are the rules that a request may meet at random: faults that go away, at all their places. Those that only wait are
// left out, as are those that need the client's help and those that are about the whole connection.
func passing() map[string][]faultserver.Rule {
	rules := map[string][]faultserver.Rule{}
	for _, f := range faultserver.Kinds() {
		switch f.Rule.Kind {
		case faultserver.Stall, faultserver.Refused, faultserver.NoName, faultserver.Meanwhile:
			continue
		}
		for _, op := range []string{"GetObject", "HeadObject", "PutObject", "CopyObject", "UploadPart",
			"CreateMultipartUpload", "CompleteMultipartUpload", "ListParts", "UploadPartCopy", "DeleteObjects"} {
			for _, at := range f.Places(op, false) {
				if once, _ := f.Ends("", op, at); once != faultserver.Done || f.Rule.Code == "ExpiredToken" || f.Rule.Code == "RequestTimeTooSkewed" {
					continue
				}
				r := f.Rule
				r.At = at
				rules[op] = append(rules[op], r)
			}
		}
	}
	return rules
}

// randomly makes a quarter of all requests fail.
func randomly(rnd *rand.Rand) *faultserver.Faults {
	rules := passing()
	return faultserver.Chosen(func(t demo.Target) (faultserver.Rule, bool) {
		of := rules[t.Op]
		if len(of) == 0 || rnd.IntN(4) != 0 {
			return faultserver.Rule{}, false
		}
		return of[rnd.IntN(len(of))], true
	})
}

// soakRound sends, fetches and copies n small files and one large one.
func soakRound(b *transfertest.Bench, q *transfer.Queue, n, i int) (ids []transfer.ID) {
	b.Helper()
	for k := range n {
		b.File(fmt.Sprintf("r%d/f%d", i, k), int64(1000+k*100), uint64(i*1000+k))
	}
	up := added(b, q, b.Upload(fmt.Sprintf("%s/r%d", b.Src, i), fmt.Sprintf("r%d/", i)))
	large := parts5(b.Upload(b.File(fmt.Sprintf("large%d", i), 6*mib, uint64(i)), fmt.Sprintf("large%d", i)))
	large.Options.Threshold = 5 * mib
	ids = append(ids, up, added(b, q, large))
	for _, id := range ids {
		settle(b, q, id)
	}
	return append(ids, added(b, q, b.Download(fmt.Sprintf("r%d/", i), fmt.Sprintf("r%d", i))), added(b, q, b.Download(fmt.Sprintf("large%d", i), fmt.Sprintf("large%d", i))),
		added(b, q, remote(b, transfer.Copy, fmt.Sprintf("r%d/", i), fmt.Sprintf("copy%d/", i))))
}

// settle waits for a transfer and resumes it until it is done; it gives how many items needed that.
func settle(b *transfertest.Bench, q *transfer.Queue, id transfer.ID) (again int64) {
	b.Helper()
	for range 20 {
		s := b.Wait(q, id)
		if s.State == transfer.Done {
			return again
		}
		again += s.Failed + s.Unknown
		if err := q.Resume(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
	b.Errorf("transfer %d: not done after being resumed 20 times: %+v", id, b.Wait(q, id))
	return again
}

// TestFaults_Soak makes a quarter of all requests of mixed transfers fail, for 8 seconds or, in the long run, 2 minutes and at
// least 10,000 faults. TestSoak_MemoryIsFlat is the one of 8 minutes. Everything has to come to its right end.
func TestFaults_Soak(t *testing.T) {
	rnd := testkit.Rand(t)
	length, least := 8*time.Second, 0
	if testing.Short() {
		length = 3 * time.Second
	}
	if reliability.Long() {
		length, least = 2*time.Minute, 10_000
	}
	if d, err := time.ParseDuration(os.Getenv("PINTAIL_SOAK")); err == nil {
		length, least = d, 0
	}
	f := newScript()
	b := transfertest.New(t, f.server)
	// It runs as the server's does: an upload whose making was not answered is told by its time.
	f.clock = &fakeClock{now: time.Now(), runs: time.Now(), slept: b.Server.Demo.AdvanceClock}
	q := faultQueue(b, f, time.Hour)
	faults := randomly(rnd)
	f.f.Store(faults)
	var items, again int64
	rounds := 0
	for began := time.Now(); time.Since(began) < length || faults.Fired() < least; rounds++ {
		for _, id := range soakRound(b, q, 100, rounds) {
			again += settle(b, q, id)
			items += b.Wait(q, id).Done
			if err := q.Remove(b.Context(), id); err != nil && rounds > 1 {
				t.Fatal(err)
			}
		}
	}
	f.f.Load().Release()
	fired := faults.Fired()
	f.set()
	t.Logf("%d rounds, %d faults, %d items done, %d after being resumed", rounds, fired, items, again)
	b.Check() // before it counts
	reliability.Record(t, reliability.Table{ID: "13-soak", Title: "A quarter of all requests fail",
		Note:    "Uploads, uploads in parts, downloads and copies, with passing faults drawn at random for every fourth request. What ends as failed or unknown is resumed until it is done; each target's bytes are compared.",
		Columns: []string{"counted", "number"},
		Rows: [][]string{{"faults injected", strconv.Itoa(fired)}, {"items done, with the right bytes", strconv.FormatInt(items, 10)}, {"of these after being resumed", strconv.FormatInt(again, 10)},
			{"not done in the end", "0"}}})
}
