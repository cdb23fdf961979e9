package keychain_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pintail/keychain"
)

// hourly gives credentials that live for life, or fails.
type hourly struct {
	mu      sync.Mutex
	n       int
	life    time.Duration
	err     error
	slow    time.Duration
	dropped int
}

func (h *hourly) Retrieve(ctx context.Context) (aws.Credentials, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-time.After(h.slow):
	case <-ctx.Done():
		return aws.Credentials{}, ctx.Err()
	}
	h.n++
	if h.err != nil {
		return aws.Credentials{}, h.err
	}
	return aws.Credentials{AccessKeyID: fmt.Sprint("K", h.n), SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(h.life)}, nil
}

func (h *hourly) Invalidate() { h.dropped++ }

func key(t *testing.T, b *keychain.Bound) string {
	t.Helper()
	c, err := b.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Expires.After(time.Now()) {
		t.Fatalf("%s has ended: %v", c.AccessKeyID, c.Expires)
	}
	return c.AccessKeyID
}

// TestBound_RenewsBeforeTheEnd lets hours pass: what is handed out never has ended, however long the work.
func TestBound_RenewsBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &hourly{life: time.Hour}
		b := keychain.NewBound(src, target())
		for step := range 10 * 60 {
			k := key(t, b)
			if left := time.Until(b.Expires()); left < 5*time.Minute-time.Second {
				t.Fatalf("minute %d: %s has only %v left", step, k, left)
			}
			time.Sleep(time.Minute)
		}
		if src.n != 11 {
			t.Errorf("asked %d times in ten hours", src.n)
		}
	})
}

func TestBound_KeepsTheOldWhileTheSourceFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &hourly{life: time.Hour}
		b := keychain.NewBound(src, target())
		key(t, b)
		src.err = errors.New("no network")
		time.Sleep(56 * time.Minute)
		for range 3 {
			if k := key(t, b); k != "K1" {
				t.Errorf("%s", k)
			}
			time.Sleep(time.Minute)
		}
		if src.n != 4 {
			t.Errorf("asked %d times: once a minute", src.n)
		}
		time.Sleep(2 * time.Minute)
		if _, err := b.Retrieve(t.Context()); !errors.Is(err, src.err) {
			t.Errorf("after the end: %v", err)
		}
		src.err = nil
		if k := key(t, b); k == "K1" {
			t.Error("the old ones came back")
		}
		b.Invalidate()
		if k := key(t, b); k != "K7" || src.dropped != 1 {
			t.Errorf("after a refusal: %s, %d", k, src.dropped)
		}
	})
}

func TestBound_ShortOnesAreNotAskedForAtEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &hourly{life: 4 * time.Minute}
		b := keychain.NewBound(src, target())
		for range 100 {
			key(t, b)
			time.Sleep(time.Second)
		}
		if src.n != 1 {
			t.Errorf("asked %d times", src.n)
		}
	})
}

func TestBound_OneAsksAndAnEndedCallerDoesNotEndTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &hourly{life: time.Hour, slow: time.Minute}
		b := keychain.NewBound(src, target())
		first, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := b.Retrieve(first); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		for range 5 {
			wg.Go(func() { key(t, b) })
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if src.n != 1 {
			t.Errorf("asked %d times", src.n)
		}
	})
}
