// Command bench is `make bench`: it measures pintail-cli beside other clients and the file list beside the toolkit's own,
// and writes docs/benchmarks.md. It must never print a figure of a run that did not do its work.
// Start reading at [bed.jobs]; what is measured and how is said at the head of the document it writes.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"pintail/internal/testkit/servers"
)

func main() {
	out := flag.String("o", "docs/benchmarks.md", "file to write")
	rounds := flag.Int("rounds", 5, "rounds of each comparison")
	mib := flag.Int64("mib", 512, "size of the large file in MiB")
	files := flag.Int("files", 1000, "number of small files")
	keys := flag.Int("keys", 100_000, "number of keys listed")
	only := flag.String("only", "", "transfers or outline; both when empty")
	flag.Parse()
	text, err := bench(*rounds, *only, &bed{fileBytes: *mib << 20, files: *files, keys: *keys})
	if err == nil {
		err = os.WriteFile(*out, []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Println("wrote", *out)
}

const head = `# Benchmarks

Written by ` + "`make bench`" + `; run it to repeat them. Every client does the same work on the same machine over loopback, one after
the other in rounds whose order rotates. CPU seconds are user and system time of the whole client by wait4(2): they hold
on a busy machine, wall time does not. Figures are medians; a ratio is the median of the rounds' ratios, above 1 means that
ours was cheaper. Memory is the largest of the rounds. A run that did not do its work is printed as failed.

The *null sink* (internal/testkit/bench/sink.go) drops uploads and serves zeros, so that only the client is measured; it
checks neither signatures nor checksums, so the same work is done on a real server too.

`

// bench runs everything, or one half, and returns the document.
func bench(rounds int, only string, b *bed) (string, error) {
	base := os.TempDir()
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		base = "/dev/shm" // so that no disk is measured
	}
	var err error
	if b.dir, err = os.MkdirTemp(base, "pintail-bench-"); err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if b.ours, err = filepath.Abs("build/pintail-cli"); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(b.dir, "home", ".cache"), 0o700); err != nil {
		return "", err
	}
	doc := head + machine(rounds) + "\n"
	if only != "outline" {
		text, err := transfers(rounds, b)
		if err != nil {
			return "", err
		}
		doc += text
	}
	if only != "transfers" {
		text, err := outline(b)
		if err != nil {
			return "", err
		}
		doc += text
	}
	return strings.TrimRight(doc, "\n") + "\n", nil
}

// transfers compares the clients on the sink and on a real server.
func transfers(rounds int, b *bed) (string, error) {
	if err := b.prepare(); err != nil {
		return "", err
	}
	url, sink, err := startSink()
	if err != nil {
		return "", err
	}
	defer sink.Close()
	gateway, err := servers.Start(servers.KindVersitygw)
	if err != nil {
		return "", err
	}
	defer gateway.Stop()
	ends := []endpoint{
		{title: "the null sink", url: url, access: "demoaccess", secret: "demosecret123"},
		{title: "versitygw " + gateway.Version, url: gateway.Endpoint, access: gateway.AccessKey, secret: gateway.SecretKey, real: true},
	}
	doc := "## Transfers\n\n"
	for _, e := range ends {
		if err := makeBucket(b, e); err != nil {
			return "", err
		}
		for _, j := range b.jobs(e, "bench") {
			samples, err := j.measure(rounds)
			if err != nil {
				return "", err
			}
			text := j.table(samples)
			fmt.Print(text)
			doc += text
		}
	}
	return doc, nil
}

// makeBucket uses the independent client, so that a fault of ours stops only ours.
func makeBucket(b *bed, e endpoint) error {
	cmd := exec.Command("/usr/bin/aws", "--endpoint-url", e.url, "s3api", "create-bucket", "--bucket", "bench")
	cmd.Env = append(os.Environ(), b.env(e)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make bucket on %s: %w: %s", e.title, err, out)
	}
	return nil
}

// machine says what the figures were measured on.
func machine(rounds int) string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	text := fmt.Sprintf("Machine: %d × %s, %s/%s, %s; %d rounds.", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version(), rounds)
	for _, v := range [][]string{{"/usr/bin/aws", "--version"}, {"s3cmd", "--version"}} {
		if out, err := exec.Command(v[0], v[1:]...).Output(); err == nil {
			text += " " + strings.TrimSpace(string(out)) + "."
		}
	}
	return text + "\n"
}
