package transfer

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pintail/storage"
)

func TestPace_SlowsAllALittleAndRecovers(t *testing.T) {
	p, now := newPace(), epoch0
	send := func(n int, share float64) (took time.Duration) { // one after another, as fast as it lets
		from, owed := now, 0.0
		for range n {
			now = now.Add(time.Millisecond + p.wait("c", now))
			owed += share
			refused := owed >= 1
			if refused {
				owed--
			}
			p.answer("c", refused, now)
		}
		return now.Sub(from)
	}
	if took := send(2000, 0.05); took > 2100*time.Millisecond {
		t.Errorf("one refusal in twenty slows 2,000 requests of 1 ms to %v", took)
	}
	if took := send(2000, 0.5); took < 6*time.Second {
		t.Errorf("with every second refused 2,000 requests took %v", took)
	}
	if d := p.wait("other", now); d != 0 {
		t.Errorf("another connection waits %v", d)
	}
	send(3000, 0)
	if took := send(1000, 0); took > 1100*time.Millisecond || p.some.Load() != 0 {
		t.Errorf("long after, 1,000 requests take %v", took)
	}
}

// TestNetwork_AnyOrderOfEvents: while a connection is down at most one request looks, everybody else is woken by what it finds,
// and nobody waits when it is back.
func TestNetwork_AnyOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := newNetwork()
		scouts, waiting := map[*attempt]bool{}, map[*attempt]<-chan struct{}{}
		join := func(a *attempt, first bool) {
			delete(waiting, a)
			scout, looked := n.join("c", a, first)
			if scout && looked != nil {
				scouts[a] = true
			} else if !scout {
				waiting[a] = looked
			}
		}
		woken := func() {
			for again := true; again; {
				again = false
				for a, c := range waiting {
					select {
					case <-c:
						join(a, false)
						again = true
					default:
					}
				}
			}
		}
		pick := func(t *rapid.T) *attempt {
			for a := range scouts {
				return a
			}
			t.Skip()
			return nil
		}
		t.Repeat(map[string]func(*rapid.T){
			"fails": func(t *rapid.T) { join(&attempt{}, true) },
			"nothing": func(t *rapid.T) {
				a := pick(t)
				delete(scouts, a)
				n.result("c", a, true, false)
				woken()
				join(a, true)
			},
			"cancelled": func(t *rapid.T) { a := pick(t); delete(scouts, a); n.result("c", a, false, true); woken() },
			"back": func(t *rapid.T) {
				n.result("c", &attempt{}, false, false)
				clear(scouts)
				woken()
				if len(waiting) > 0 || n.some.Load() != 0 {
					t.Fatalf("%d wait although it is back", len(waiting))
				}
			},
			"": func(t *rapid.T) {
				if len(scouts) > 1 || len(waiting) > 0 && len(scouts) == 0 {
					t.Fatalf("%d look and %d wait", len(scouts), len(waiting))
				}
			},
		})
	})
}

// tried is a run whose requests are answered by a script, in time of its own.
func tried(t testing.TB, errs []error) (took time.Duration, tries int, held int, err error) {
	q := offline(t)
	clock := newHand()
	s := &storage.Session{}
	q.cfg.Now = clock.now
	q.cfg.Sleep = func(ctx context.Context, d time.Duration) error {
		for _, n := range q.pool.inUse {
			held += n
		}
		clock.move(d)
		return ctx.Err()
	}
	q.sessions = newSessions(func(context.Context, string) (*storage.Session, error) { return s, nil })
	t.Cleanup(func() { q.sessions = newSessions(nil) })
	id := planned(t, q, 1)
	err = q.j.write(t.Context(), false, func(x *tx) error {
		_, err := x.exec("UPDATE transfers SET owner = ?, lease = ? WHERE id = ?", q.owner, unixNano(time.Now().Add(time.Hour)), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(q, transferRow{id: id}, Request{})
	ctx, cancel := context.WithCancelCause(t.Context())
	r.cancel = cancel
	begun := clock.now()
	err = r.try(ctx, request{class: small, do: func(context.Context, *storage.Session) error {
		tries++
		if tries > len(errs) {
			return nil
		}
		return errs[tries-1]
	}})
	return clock.now().Sub(begun), tries, held, err
}

func TestTry_WaitsAsEachFailureAsks(t *testing.T) {
	e := func(k storage.Kind, code string, after int) error {
		return &storage.Error{Kind: k, Code: code, Retryable: true, RetryAfter: after}
	}
	reset := e(storage.KindNetwork, "ConnectionReset", 0)
	for name, c := range map[string]struct {
		errs        []error
		least, most time.Duration
		tries       int
		fails       bool
	}{
		"two resets at once":  {[]error{reset, reset}, 0, 0, 3, false},
		"stalled":             {[]error{e(storage.KindNetwork, "Stalled", 0)}, 0, 0, 2, false},
		"server error":        {[]error{e(storage.KindServer, "", 0)}, 0, jitterBase, 2, false},
		"told how long":       {[]error{e(storage.KindServer, "", 7), e(storage.KindThrottled, "SlowDown", 5)}, 12 * time.Second, 13 * time.Second, 3, false},
		"no network":          {slices.Repeat([]error{e(storage.KindNetwork, "NoSuchHost", 0)}, 100), time.Second, 100 * onlineWait, 101, false},
		"never":               {slices.Repeat([]error{e(storage.KindServer, "", 0)}, 10_000), defaultGiveUp, defaultGiveUp + time.Minute, 0, true},
		"never a network":     {slices.Repeat([]error{e(storage.KindNetwork, "DNS", 0)}, 100_000), defaultGiveUp, defaultGiveUp + time.Minute, 0, true},
		"a day":               {slices.Repeat([]error{e(storage.KindThrottled, "", 86400)}, 10), defaultGiveUp, defaultGiveUp + time.Minute, 0, true},
		"refused":             {[]error{&storage.Error{Kind: storage.KindPermission}}, 0, 0, 1, true},
		"wrong bytes, thrice": {slices.Repeat([]error{e(storage.KindChecksum, "", 0)}, 9), 0, time.Second, fewTries, true},
		"not of storage":      {[]error{io.EOF}, 0, 0, 1, true},
	} {
		took, tries, held, err := tried(t, c.errs)
		if took < c.least || took > c.most || c.tries > 0 && tries != c.tries || (err != nil) != c.fails {
			t.Errorf("%s: %d tries, %v, %v", name, tries, took, err)
		}
		if held > 0 {
			t.Errorf("%s: it slept in a slot", name)
		}
		if c.tries == 0 && !errors.Is(err, ErrGaveUp) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTry_AnyFailures: what can pass passes, and nothing is tried when it cannot get better or nothing got on for too long.
func TestTry_AnyFailures(t *testing.T) {
	kinds := []storage.Kind{storage.KindServer, storage.KindThrottled, storage.KindNetwork, storage.KindTruncated, storage.KindChecksum, storage.KindPermission}
	rapid.Check(t, func(rt *rapid.T) {
		var errs []error
		few, final := 0, -1
		for i, k := range rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 30).Draw(rt, "kinds") {
			e := &storage.Error{Kind: k, Retryable: k != storage.KindPermission, RetryAfter: rapid.SampledFrom([]int{0, 0, 0, 1, 20}).Draw(rt, "after")}
			if k == storage.KindNetwork {
				e.Code = rapid.SampledFrom([]string{"ConnectionReset", "DNS", "Stalled", "Unreachable"}).Draw(rt, "code")
			}
			errs = append(errs, e)
			if k == storage.KindChecksum {
				few++
			}
			if final < 0 && (k == storage.KindPermission || few == fewTries) {
				final = i
			}
		}
		took, tries, held, err := tried(t, errs)
		want := len(errs) + 1
		if final >= 0 {
			want = final + 1
		}
		switch {
		case held > 0:
			rt.Fatal("it slept in a slot")
		case errors.Is(err, ErrGaveUp):
			if took < defaultGiveUp {
				rt.Fatalf("gave up after %v", took)
			}
		case tries != want || (err != nil) != (final >= 0):
			rt.Fatalf("%d tries, want %d: %v", tries, want, err)
		}
	})
}
