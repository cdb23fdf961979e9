package testkit_test

import (
	"net"
	"os"
	"strings"
	"testing"

	"pintail/internal/testkit"
)

// recorder is a test whose failures are kept and whose cleanups run when asked.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Errorf(format string, args ...any) { r.errors = append(r.errors, format) }
func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) finish() []string {
	for _, f := range r.cleanups {
		f()
	}
	return r.errors
}

func TestCheckLeaks_FindsEachKind(t *testing.T) {
	r := &recorder{TB: t}
	testkit.CheckLeaks(r)
	stop := make(chan struct{})
	defer close(stop)
	go func() { <-stop }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.WriteFile(os.TempDir()+"/left", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(r.finish(), "\n")
	for _, want := range []string{"leak: %v", "descriptors", "temporary files"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %q", want, all)
		}
	}
}

func TestCheckLeaks_IsQuietWhenNothingIsLeft(t *testing.T) {
	testkit.CheckLeaks(t)
	done := make(chan struct{})
	go close(done)
	<-done
	f, err := os.CreateTemp("", "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
}

func TestRand_RepeatsASeed(t *testing.T) {
	t.Setenv("PINTAIL_SEED", "7")
	if a, b := testkit.Rand(t).Uint64(), testkit.Rand(t).Uint64(); a != b {
		t.Errorf("%d and %d from one seed", a, b)
	}
}
