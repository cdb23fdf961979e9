package retry_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/retry"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
)

var (
	passing = &storage.Error{Op: "HeadObject", Kind: storage.KindServer, Retryable: true}
	unsure  = &storage.Error{Op: "PutObject", Kind: storage.KindServer, Retryable: true, Unknown: true}
	final   = &storage.Error{Op: "HeadObject", Kind: storage.KindPermission}
)

// quick waits for nothing and keeps what it was asked to wait.
func quick(tries int, waits *[]time.Duration) retry.Policy {
	return retry.Policy{Tries: tries, Pause: func(d time.Duration) *time.Timer {
		if waits != nil {
			*waits = append(*waits, d)
		}
		return time.NewTimer(0)
	}}
}

func TestDo_TriesOnlyWhatMayGetBetter(t *testing.T) {
	for _, c := range []struct {
		name  string
		tries int
		errs  []error // of each try; beyond the last there is none
		calls int
		fails bool
	}{
		{"passes", 5, []error{passing, passing}, 3, false},
		{"often enough", 3, []error{passing, passing, passing, passing}, 3, true},
		{"never below once", 0, []error{passing}, 1, true},
		{"unknown outcome", 5, []error{unsure}, 1, true},
		{"refused", 5, []error{final}, 1, true},
	} {
		calls := 0
		err := quick(c.tries, nil).Do(t.Context(), func() error {
			calls++
			if calls <= len(c.errs) {
				return c.errs[calls-1]
			}
			return nil
		})
		if calls != c.calls || (err != nil) != c.fails {
			t.Errorf("%s: %d calls, error %v", c.name, calls, err)
		}
	}
}

func TestDo_WaitsAsLongAsTheServerAsks(t *testing.T) {
	var waits []time.Duration
	asked := &storage.Error{Kind: storage.KindThrottled, Retryable: true, RetryAfter: 30}
	endless := &storage.Error{Kind: storage.KindThrottled, Retryable: true, RetryAfter: 100_000}
	errs := []error{asked, endless, nil}
	if err := quick(5, &waits).Do(t.Context(), func() error { e := errs[0]; errs = errs[1:]; return e }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(waits, []time.Duration{30 * time.Second, time.Minute}) {
		t.Errorf("waited %v", waits)
	}
}

func TestDo_EndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := retry.Policy{Tries: 5, Pause: func(time.Duration) *time.Timer { cancel(); return time.NewTimer(time.Hour) }}
	if err := p.Do(ctx, func() error { return passing }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPages_BeginsAgainOnlyWhileNothingCame(t *testing.T) {
	starts := 0
	listing := func(failFirst bool) iter.Seq2[int, error] {
		return retry.Pages(t.Context(), quick(5, nil), func() iter.Seq2[int, error] {
			starts++
			return func(yield func(int, error) bool) {
				if failFirst && starts == 1 {
					yield(0, passing)
					return
				}
				if yield(1, nil) {
					yield(0, passing)
				}
			}
		})
	}
	for _, c := range []struct {
		failFirst bool
		starts    int
	}{{false, 1}, {true, 2}} {
		starts = 0
		var pages []int
		var last error
		for p, err := range listing(c.failFirst) {
			if last = err; err == nil {
				pages = append(pages, p)
			}
		}
		if starts != c.starts || !slices.Equal(pages, []int{1}) || !errors.Is(last, error(passing)) {
			t.Errorf("%+v: %d starts, pages %v, error %v", c, starts, pages, last)
		}
	}
}

func TestObjects_GoesOnBehindWhatCame(t *testing.T) {
	faults := faultserver.New(faultserver.Rule{Op: "ListObjectsV2", Nth: 2, Times: 2, Kind: faultserver.Status,
		Status: http.StatusServiceUnavailable, Code: "SlowDown"})
	server, err := demo.Start(t.Context(), demo.Options{Middleware: faults.Middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if err := server.AddBucket("box", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "b", "c", "d", "e"}
	for _, k := range want {
		if err := server.Add(demo.Object{Bucket: "box", Key: k, Body: []byte(k)}); err != nil {
			t.Fatal(err)
		}
	}
	typed := keychain.Typed{KeyID: server.AccessKey(), Secret: keychain.NewSecret(server.SecretKey())}
	profs, err := profiles.OpenRegistry("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect.Open(t.Context(), connect.Env{Profiles: profs}, connect.Spec{Endpoint: server.URL(), Typed: typed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	var got []string
	noted := 0
	p := quick(5, nil)
	p.Note = func(int, error) { noted++ }
	for page, err := range retry.Objects(t.Context(), p, c.Session, "box", "", storage.ListOptions{PageSize: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			got = append(got, e.Key)
		}
	}
	if !slices.Equal(got, want) || noted != 2 {
		t.Errorf("listed %q after %d further tries", got, noted)
	}
}
