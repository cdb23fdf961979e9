package transfer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pintail/internal/testkit"
	"pintail/internal/testkit/reliability"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

const soakEnv = "PINTAIL_TRANSFER_SOAK"

// soakSpec is what a process does that transfers until its input ends. It does nothing else, so that its memory is the engine's.
type soakSpec struct {
	Journal, Bucket, Src, Dest string
	Endpoint, Access, Secret   string
}

// soakRoundDone is what it tells after each round, and at its end.
type soakRoundDone struct {
	Done, Again int64
	Left        string // at the end: goroutines and descriptors that are left
	Ended       bool
}

// runSoak uploads a folder and a file in parts, downloads and copies both, again and again.
func runSoak(spec string) error {
	var c soakSpec
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	input := make(chan struct{})
	go func() { _, _ = os.Stdin.Read(make([]byte, 1)); close(input) }() // ends with the process
	running := goleak.IgnoreCurrent()
	before := descriptorCount()
	s := transfertest.Server{Endpoint: c.Endpoint, Access: c.Access, Secret: c.Secret}
	q, err := transfer.Open(context.Background(), transfer.Config{
		Journal: c.Journal, Owner: "soak", GiveUp: time.Hour,
		Connect: func(context.Context, string) (*storage.Session, error) { return s.Open() },
		Sleep:   func(ctx context.Context, _ time.Duration) error { sleepReally(time.Millisecond); return ctx.Err() },
	})
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for over := false; !over; {
		select {
		case <-input:
			over = true
		default:
		}
		r, err := c.round(q)
		if err != nil {
			return err
		}
		if err := out.Encode(r); err != nil {
			return err
		}
	}
	if err := q.Close(context.Background()); err != nil {
		return err
	}
	end := soakRoundDone{Ended: true}
	if err := goleak.Find(running); err != nil {
		end.Left = err.Error()
	}
	if after := descriptorCount(); after > before {
		end.Left += fmt.Sprintf(" %d descriptors, %d before", after, before)
	}
	return out.Encode(end)
}

// descriptorCount is how many files and sockets are open; the runtime's own do not count.
func descriptorCount() (n int) {
	list, _ := os.ReadDir("/proc/self/fd")
	for _, e := range list {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(name, "anon_inode:") {
			n++
		}
	}
	return n
}

func (c *soakSpec) round(q *transfer.Queue) (r soakRoundDone, err error) {
	at := func(key string) storage.Location { return storage.Location{Bucket: c.Bucket, Key: key} }
	options := transfer.Options{Threshold: 5 * mib, PartSize: 5 * mib}
	up := transfer.Request{Kind: transfer.Upload, Connection: "x", Sources: []transfer.Source{{Local: c.Src}}, Target: transfer.Target{Remote: at("in/"), Exact: true}, Options: options}
	down := transfer.Request{Kind: transfer.Download, Connection: "x", Sources: []transfer.Source{{Remote: at("in/")}}, Target: transfer.Target{Local: c.Dest, Exact: true}, Options: options}
	within := transfer.Request{Kind: transfer.Copy, Connection: "x", Sources: []transfer.Source{{Remote: at("in/")}}, Target: transfer.Target{Remote: at("copy/"), Exact: true}, Options: options}
	for _, stage := range [][]transfer.Request{{up}, {down, within}} {
		var ids []transfer.ID
		for _, request := range stage {
			request.Options.Existing = "overwrite"
			id, err := q.Add(context.Background(), request)
			if err != nil {
				return r, err
			}
			ids = append(ids, id)
		}
		for _, id := range ids {
			s, again, err := soakSettle(q, id)
			if err != nil {
				return r, err
			}
			r.Done, r.Again = r.Done+s.Done, r.Again+again
			if err := q.Remove(context.Background(), id); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// soakSettle resumes a transfer until it is done.
func soakSettle(q *transfer.Queue, id transfer.ID) (s transfer.Summary, again int64, err error) {
	for range 20 {
		if s, err = q.Wait(context.Background(), id); err != nil || s.State == transfer.Done {
			return s, again, err
		}
		again += s.Failed + s.Unknown
		if err := q.Resume(context.Background(), id); err != nil {
			return s, again, err
		}
	}
	return s, again, fmt.Errorf("transfer %d: not done after being resumed 20 times: %+v", id, s)
}

// memoryOf is the memory of a process in KiB as the system sees it, 0 when it is gone.
func memoryOf(pid int) (kib int64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, _ = strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		}
	}
	return kib
}

// median of the memory measured in a stretch of the run.
func median(list []int64) int64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// TestSoak_MemoryIsFlat lets an engine in a process of its own transfer for a while, with a quarter of all requests failing. Its memory
// in the last eighth is that of the second, everything is done, and nothing is left open.
func TestSoak_MemoryIsFlat(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is read as Linux tells it")
	}
	length := 12 * time.Second
	if testing.Short() {
		length = 3 * time.Second
	}
	if reliability.Long() {
		length = 8 * time.Minute
	}
	if d, err := time.ParseDuration(os.Getenv("PINTAIL_SOAK")); err == nil {
		length = d
	}
	f := newScript()
	b := transfertest.New(t, f.server)
	for i := range 60 {
		b.File(fmt.Sprintf("tree/f%d", i), int64(1000+i*500), uint64(i))
	}
	b.File("tree/large", 11*mib, 77)
	faults := randomly(testkit.Rand(t))
	f.f.Store(faults)
	c := soakSpec{Journal: b.Journal, Bucket: b.Bucket, Src: filepath.Join(b.Src, "tree"), Dest: filepath.Join(b.Root, "back"),
		Endpoint: b.Server.Endpoint, Access: b.Server.Access, Secret: b.Server.Secret}
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stderr = append(os.Environ(), soakEnv+"="+string(spec)), t.Output()
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var second, last []int64
	var sum soakRoundDone
	rounds, began := 0, time.Now()
	for out := bufio.NewScanner(lines); out.Scan() && !sum.Ended; rounds++ {
		var r soakRoundDone
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%q: %v", out.Text(), err)
		}
		sum = soakRoundDone{sum.Done + r.Done, sum.Again + r.Again, r.Left, r.Ended}
		if r.Ended {
			break
		}
		switch now, at := memoryOf(cmd.Process.Pid), time.Since(began); {
		case at > length/8 && at <= length/4 || len(second) == 0:
			second = append(second, now)
		case at > length*7/8:
			last = append(last, now)
		}
		if time.Since(began) > length && len(last) > 0 {
			_ = input.Close() // a second time does nothing
		}
	}
	if err := cmd.Wait(); err != nil || !sum.Ended || sum.Left != "" {
		t.Fatalf("the engine ended with %v, left: %s", err, sum.Left)
	}
	f.f.Load().Release()
	fired := faults.Fired()
	f.set()
	before, after := median(second), median(last)
	t.Logf("%d rounds, %d faults, %d items, %d after being resumed; %d KiB after a quarter, %d KiB at the end", rounds, fired, sum.Done, sum.Again, before, after)
	grows := before/10 + 8<<10
	if !reliability.Long() {
		grows += 16 << 10 // the last of the large buffers for reading may be made after a quarter of a few rounds
	}
	if !testing.Short() && after > before+grows { // fewer rounds still, under the race detector, say nothing of memory
		t.Errorf("its memory grew from %d KiB to %d KiB", before, after)
	}
	for _, name := range []string{"f0", "f59", "large"} {
		transfertest.SameFile(t, filepath.Join(c.Dest, name), filepath.Join(c.Src, name))
		checkBack(b, "copy/"+name, filepath.Join(c.Src, name))
	}
	reliability.Record(t, reliability.Table{ID: "14-soak-memory", Title: "Memory while a quarter of all requests fails",
		Note:    "The same faults, and an engine in a process of its own. Its memory is the median of what the system counts after each round, in the second and in the last eighth of the time; at the end it had no goroutine and no descriptor more than at its beginning.",
		Columns: []string{"counted", "number"},
		Rows: [][]string{{"faults injected", strconv.Itoa(fired)}, {"items done", strconv.FormatInt(sum.Done, 10)}, {"of these after being resumed", strconv.FormatInt(sum.Again, 10)},
			{"memory after a quarter", fmt.Sprintf("%.1f MiB", float64(before)/1024)}, {"memory at the end", fmt.Sprintf("%.1f MiB", float64(after)/1024)}}})
}
