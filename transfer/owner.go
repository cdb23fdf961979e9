package transfer

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
)

// An owner is recorded as "host/pid/start/random/label": enough for another process of the same machine to see that it is
// gone before its lease is over. start tells two processes apart that had the same number.

func newOwner(label string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	var r [8]byte
	rand.Read(r[:]) // never fails, see crypto/rand
	pid := os.Getpid()
	return strings.Join([]string{strings.ReplaceAll(host, "/", "_"), strconv.Itoa(pid), processStart(pid), hex.EncodeToString(r[:]), label}, "/")
}

// ownerLabel is what people are shown of an owner.
func ownerLabel(owner string) string {
	f := strings.SplitN(owner, "/", 5)
	if len(f) < 5 {
		return owner
	}
	if f[4] == "" {
		return "process " + f[1]
	}
	return f[4] + " (process " + f[1] + ")"
}

// ownerGone tells whether an owner is known to have ended. False means no more than that it may live.
func ownerGone(owner string) bool {
	f := strings.SplitN(owner, "/", 5)
	if len(f) < 5 {
		return true
	}
	host, err := os.Hostname()
	if err != nil || strings.ReplaceAll(host, "/", "_") != f[0] {
		return false
	}
	pid, err := strconv.Atoi(f[1])
	if err != nil || pid <= 0 {
		return true
	}
	if !processAlive(pid) {
		return true
	}
	start := processStart(pid)
	return start != "" && f[2] != "" && start != f[2]
}
