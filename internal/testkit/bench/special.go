package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pintail/internal/testkit/bench/sink"
)

// Rows whose figure is not what a client costs when it runs once from beginning to end.

// firstRow asks for the first page of a large listing, through the packages that window and command line share.
func firstRow(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{Latency: slowPath})
	if err != nil {
		return nil, err
	}
	over := value.called("ms over one request")
	bucket := sink.Bucket(b.scale.keys, kib4, 0)
	drive := client{name: "pintail (storage)", argv: []string{filepath.Join(b.tools, "drive"), "-endpoint", e.url, "first", bucket}, env: e.env()}
	return []job{{title: "from asking to the first page in hand, less a bare request for it, at 100 ms a request (median of 20)", main: over, at: e,
		must: []goal{atMost(20, over)}, reach: []goal{atMost(5, over)}, clients: []client{drive}, self: said}}, nil
}

// said runs a program that prints its figure.
func said(_ *bed, c client) (sample, error) {
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Env = c.env
	var text strings.Builder
	cmd.Stderr = &text
	out, err := cmd.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%w: %s", err, text.String())
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return sample{Value: v}, err
}

func memoryUp(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	gib, less := b.scale.sparseGiB, max(2, b.scale.sparseGiB/25)
	file, err := b.sparse(gib)
	if err != nil {
		return nil, err
	}
	small, err := b.sparse(less)
	if err != nil {
		return nil, err
	}
	share := float64(less) / float64(gib)
	return []job{{title: fmt.Sprintf("a sparse file of %d GiB; the others send %d GiB", gib, less), main: memory, units: float64(gib), at: e,
		check: func(c client, n sink.Counts) error { return sentAll(int64(c.of(float64(gib<<30))))(c, n) },
		must:  []goal{atMost(64, memory)}, reach: []goal{atMost(32, memory)}, clients: []client{
			e.ours("cp", file, "s3://bench/ours").slow(),
			e.mc("put", "--parallel", "10", "--part-size", "10MiB", small, "s/bench/mc").part(share).slow(),
			e.rclone("copyto", "--no-check-dest", "--s3-chunk-size", "10M", "--s3-upload-concurrency", "10", small, "s:bench/rc").part(share).slow(),
			e.aws("cp", "--only-show-errors", small, "s3://bench/aws").part(share).slow(),
			e.library("transfermanager", "bench", 10, "up", small).part(share).slow(),
		}}}, nil
}

// memoryWindow takes its figure from the section about the file list.
func memoryWindow(b *bed) ([]job, error) {
	heap := value.called("MiB of Go's heap over the empty window")
	heap.decimals = 0
	list := func(widget string) client { return client{name: widget, argv: []string{"/bin/sh"}, once: true} }
	return []job{{title: "rows held and shown by ui/outline/outlinebench; see the file list below", main: heap, self: heapOf,
		must: []goal{atMost(150, heap)}, reach: []goal{atMost(80, heap)}, clients: []client{list("outline"), list("list"), list("tree")}}}, nil
}

// outlineLine finds a widget's line; the last but two of its columns is the heap.
var outlineLine = regexp.MustCompile(`(?m)^\| (\w+) \|.*?\| ([0-9.]+) \| [^|]* \| [^|]* \|$`)

func heapOf(b *bed, c client) (sample, error) {
	text, err := readOutline(b)
	if err != nil {
		return sample{}, err
	}
	for _, m := range outlineLine.FindAllStringSubmatch(text, -1) {
		if m[1] == c.name {
			v, err := strconv.ParseFloat(m[2], 64)
			return sample{Value: v}, err
		}
	}
	return sample{}, fmt.Errorf("the file list was not measured with %s", c.name)
}

// resumeHalf kills an upload once half of it came, lets the client go on, and counts at the sink what came again. A part counts
// whole as soon as it begins, so that each one that the kill cut off comes again with all of its bytes.
func resumeHalf(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{ConnRate: 50_000_000})
	if err != nil {
		return nil, err
	}
	file, err := b.file(b.scale.bigMiB)
	if err != nil {
		return nil, err
	}
	size := b.scale.bigMiB << 20
	again := value.called("MiB sent again")
	again.decimals = 0
	flight := metric{"× the parts in flight at the kill", func(_ job, _ client, s sample) float64 { return s.Value / max(s.Base, 1) }, 2, true}
	read := metric{"× of the rest read", func(_ job, _ client, s sample) float64 { return s.Read }, 2, true}
	same := []client{
		e.ours("cp", file, "s3://bench/ours"),
		e.mc("put", "--parallel", "10", "--part-size", "10MiB", file, "s/bench/mc").slow(),
		e.rclone("copyto", "--s3-chunk-size", "10M", "--s3-upload-concurrency", "10", file, "s:bench/rc").slow(),
		e.aws("cp", "--only-show-errors", file, "s3://bench/aws").slow(),
		e.s3cmd("put", "--continue-put", file, "s3://bench/s3cmd").slow(),
	}
	goOn := map[string]client{"pintail-cli": e.ours("transfers", "resume")}
	return []job{{title: fmt.Sprintf("%d MiB, killed with SIGKILL at half, then asked to go on (ours) or started again", b.scale.bigMiB), main: again,
		at: e, clients: same, must: []goal{atMost(1, flight)}, reach: []goal{atMost(1, flight), atMost(1.25, read)},
		self: func(_ *bed, c client) (sample, error) {
			second, ok := goOn[c.name]
			if !ok {
				second = c
			}
			return interrupted(e.sink, c, second, size)
		}}}, nil
}

// interrupted kills the first command once half of size came, and runs the second to its end.
func interrupted(s *sink.Sink, first, second client, size int64) (sample, error) {
	cmd := exec.Command(first.argv[0], first.argv[1:]...)
	cmd.Env, cmd.SysProcAttr = first.env, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for s.Counts().In < size/2 {
		select {
		case err := <-ended:
			return sample{}, errors.Join(errors.New("it ended before half was sent"), err)
		case <-time.After(time.Millisecond):
		}
	}
	// What is under way is counted while the client stands still, so that no part begins between the count and its end.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGSTOP)
	flight := float64(s.Counts().Sending) / (1 << 20)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	<-ended
	before := s.Counts().Parts
	read, err := readBy(second)
	if err != nil {
		return sample{}, err
	}
	n := s.Counts()
	if n.Ops["CompleteMultipartUpload"] != 1 {
		return sample{}, errors.New("the upload was not completed")
	}
	rest := float64(n.Parts - before)
	return sample{Value: float64(n.Parts-size) / (1 << 20), Base: flight, Read: float64(read) / max(rest, 1)}, nil
}

// readBy runs a client and says how many bytes it read by system calls.
func readBy(c client) (int64, error) {
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Env = c.env
	var text strings.Builder
	cmd.Stderr = &text
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var read int64
	for {
		select {
		case err := <-ended:
			if err != nil {
				err = fmt.Errorf("%w: %s", err, text.String())
			}
			return read, err
		case <-time.After(5 * time.Millisecond):
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", cmd.Process.Pid))
			if err != nil {
				continue // it has just ended
			}
			if _, err := fmt.Sscanf(string(b), "rchar: %d", &read); err != nil {
				return 0, err
			}
		}
	}
}

// marshal is a result as it is kept between runs.
func marshal(v any) []byte {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		panic(err) // results hold nothing that JSON has no form for
	}
	return b
}
