package cputime_test

import (
	"testing"
	"time"

	"pintail/internal/cputime"
)

func TestUsed_CountsWorkAndNotWaiting(t *testing.T) {
	before := cputime.Used()
	time.Sleep(50 * time.Millisecond)
	waited := cputime.Used() - before
	n := 0
	for begun := time.Now(); cputime.Used()-before < waited+100*time.Millisecond; n++ {
		if time.Since(begun) > time.Minute {
			t.Fatalf("a minute of work counts %v", cputime.Used()-before)
		}
	}
	if waited > 45*time.Millisecond {
		t.Errorf("a wait of 50 ms counts %v of work", waited)
	}
}
