package cputime_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"pintail/internal/cputime"
)

const workEnv = "PINTAIL_CPUTIME_WORK"

// work returns once the program has used so much more.
func work(t *testing.T, much time.Duration) {
	begun, before := time.Now(), cputime.Used()
	for cputime.Used()-before < much {
		if time.Since(begun) > time.Minute {
			t.Fatalf("a minute of work counts %v", cputime.Used()-before)
		}
	}
}

// TestUsed_CountsOwnWorkAlone: not the time of waiting for another program, nor what that one uses.
func TestUsed_CountsOwnWorkAlone(t *testing.T) {
	if os.Getenv(workEnv) != "" {
		work(t, 500*time.Millisecond)
		return
	}
	other := exec.Command(os.Args[0], "-test.run=^TestUsed_CountsOwnWorkAlone$")
	other.Env = append(os.Environ(), workEnv+"=1")
	before := cputime.Used()
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	waited, theirs := cputime.Used()-before, other.ProcessState.UserTime()+other.ProcessState.SystemTime()
	if waited >= theirs {
		t.Errorf("waiting for a program that used %v counts %v", theirs, waited)
	}
	work(t, 100*time.Millisecond)
}
