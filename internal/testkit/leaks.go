package testkit

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// CheckLeaks fails the test when it leaves a goroutine, an open descriptor (Linux) or a temporary file behind.
// Call it first, in a test that is not parallel: what is cleaned up by the test itself does not count.
// It gives the test a TMPDIR of its own.
func CheckLeaks(t testing.TB) {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	before := descriptors()
	running := []goleak.Option{
		goleak.IgnoreCurrent(),
		// A server that several tests share lives as long as the test binary.
		goleak.IgnoreAnyFunction("pintail/internal/testkit/proc.(*Process).keep"),
	}
	t.Cleanup(func() {
		t.Helper()
		if err := goleak.Find(running...); err != nil {
			t.Errorf("leak: %v", err)
		}
		if left := newDescriptors(before); len(left) > 0 {
			t.Errorf("leak: open descriptors %q", left)
		}
		if left := files(tmp); len(left) > 0 {
			t.Errorf("leak: temporary files %q", left)
		}
	})
}

// newDescriptors is what is open now and was not before. The kernel closes the sockets of ended goroutines a moment
// later, so it looks again for up to two seconds.
func newDescriptors(before map[string]bool) []string {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 100 {
		now := descriptors()
		maps.DeleteFunc(now, func(k string, _ bool) bool { return before[k] })
		if len(now) == 0 {
			return nil
		}
		<-tick.C
	}
	now := descriptors()
	maps.DeleteFunc(now, func(k string, _ bool) bool { return before[k] })
	return slices.Sorted(maps.Keys(now))
}

// descriptors is what this process has open, by name; empty where /proc does not tell.
func descriptors() map[string]bool {
	open := map[string]bool{}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return open
	}
	for _, e := range entries {
		name, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name()))
		if err != nil || strings.HasPrefix(name, "anon_inode:") || strings.HasPrefix(name, "/proc/") {
			continue // the runtime's own, or the descriptor of this very listing
		}
		open[name] = true
	}
	return open
}

func files(dir string) []string {
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Rand is a random source whose seed is printed with the test; PINTAIL_SEED repeats a run.
func Rand(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("PINTAIL_SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("PINTAIL_SEED: %v", err)
		}
		seed = v
	}
	t.Logf("random seed: PINTAIL_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
