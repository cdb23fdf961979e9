// Command suite is `make test`: it runs every check and test of the project and prints the totals as its last line.
// It must never call a run good that was cut short, and it leaves no server behind.
// Start reading at [steps], the list of what is run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/reliability"
	"pintail/internal/testkit/servers"
)

const reliabilityDoc = "docs/reliability.md"

func main() {
	var o options
	flag.BoolVar(&o.long, "long", false, "run everything long: MinIO, fuzzing, large data")
	flag.BoolVar(&o.writeFeatures, "write-features", false, "write docs/features.md instead of comparing it")
	flag.BoolVar(&o.lint, "lint", false, "run only the checks that need no server")
	flag.StringVar(&o.only, "only", "", "run only steps whose name contains this (no features check)")
	flag.DurationVar(&o.limit, "limit", 85*time.Minute, "hard stop for the whole run")
	flag.DurationVar(&o.fuzz, "fuzz", 2*time.Minute, "time for each fuzz target (with -long)")
	tables := flag.String("write-reliability", "", "only write the tables that tests left in this folder into docs/reliability.md")
	flag.Parse()
	if *tables != "" {
		if err := reliability.Update(reliabilityDoc, *tables, false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(o))
}

type options struct {
	long, lint, writeFeatures bool
	only                      string
	limit, fuzz               time.Duration
}

// run is the whole suite; its result is the exit status.
func run(o options) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, o.limit, fmt.Errorf("hard stop after %s", o.limit))
	defer cancel()
	began := time.Now()
	s := &suite{options: o, out: os.Stdout}
	if err := s.all(ctx); err != nil {
		s.total.failed++
		s.total.failures = append(s.total.failures, err.Error())
	}
	if ctx.Err() != nil {
		s.total.failed++
		s.total.failures = append(s.total.failures, context.Cause(ctx).Error())
	}
	for _, l := range [][]string{titled("skipped:", s.total.skips), titled("slow:", s.total.slow), titled("failed:", s.total.failures)} {
		for _, line := range l {
			fmt.Println(line)
		}
	}
	fmt.Printf("took %s\n", time.Since(began).Round(time.Second))
	fmt.Printf("%d passed, %d failed, %d skipped\n", s.total.passed, s.total.failed, s.total.skipped)
	if s.total.failed > 0 {
		return 1
	}
	return 0
}

func titled(title string, lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	out := []string{"", title}
	for _, l := range lines {
		out = append(out, "  "+l)
	}
	return out
}

// suite is one run.
type suite struct {
	options
	out   *os.File
	env   []string
	total tally
}

// all starts the shared servers, runs the steps, and checks the table of features.
func (s *suite) all(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "pintail-suite-")
	if err != nil {
		return fmt.Errorf("suite: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if !s.lint {
		stop, err := s.startServers(filepath.Join(dir, "servers.json"))
		defer stop()
		if err != nil {
			return err
		}
	}
	records := filepath.Join(dir, "features")
	tables := filepath.Join(dir, "reliability")
	if err := errors.Join(os.Mkdir(records, 0o700), os.Mkdir(tables, 0o700)); err != nil {
		return fmt.Errorf("suite: %w", err)
	}
	s.env = append(s.env, features.EnvDir+"="+records, "PINTAIL_REQUIRE_SERVERS=1", "LANG=en_US.UTF-8")
	if s.long {
		s.env = append(s.env, "PINTAIL_LONG=1", "PINTAIL_FAULTS=all", reliability.EnvDir+"="+tables)
	}
	list, err := s.steps(ctx)
	if err != nil {
		return err
	}
	for _, st := range list {
		if ctx.Err() != nil {
			return nil
		}
		if strings.Contains(st.name, s.only) && (st.lint || !s.lint) {
			s.runStep(ctx, st)
		}
	}
	if s.long && !s.lint {
		if err := reliability.Update(reliabilityDoc, tables, s.only == "" && s.total.failed == 0); err != nil {
			return err
		}
	}
	if s.only != "" || s.lint {
		return nil // not everything has run
	}
	return s.checkFeatures(records)
}

// startServers starts one server of each kind for all packages. A missing one is left to the tests that need it.
func (s *suite) startServers(file string) (stop func(), err error) {
	var running []*servers.Server
	stop = func() {
		for _, r := range running {
			r.Stop()
		}
	}
	for _, kind := range []servers.Kind{servers.KindVersitygw, servers.KindRGW, servers.KindMinIO, servers.KindMoto} {
		srv, err := servers.Start(kind)
		if err != nil {
			fmt.Fprintf(s.out, "%s: %v\n", kind, err)
			continue
		}
		running = append(running, srv)
		fmt.Fprintf(s.out, "%s %s on %s\n", srv.Name, srv.Version, srv.Endpoint)
	}
	if len(running) == 0 {
		return stop, nil
	}
	if err := servers.Save(file, running); err != nil {
		return stop, err
	}
	s.env = append(s.env, servers.EnvShared+"="+file)
	return stop, nil
}

// checkFeatures compares docs/features.md with what was proved, or writes it.
func (s *suite) checkFeatures(records string) error {
	const doc = "docs/features.md"
	got, readErr := os.ReadFile(doc)
	want, err := features.Render(records, string(got))
	if err != nil {
		return err
	}
	if s.writeFeatures {
		if s.total.failed > 0 {
			return fmt.Errorf("%s is not written: a test that failed proves nothing, so the table would miss features", doc)
		}
		if err := os.WriteFile(doc, []byte(want), 0o644); err != nil {
			return fmt.Errorf("features: %w", err)
		}
		fmt.Fprintln(s.out, "wrote", doc)
		return nil
	}
	if readErr == nil && string(got) == want {
		s.total.passed++
		return nil
	}
	for _, line := range difference(string(got), want) {
		fmt.Fprintln(s.out, line)
	}
	return fmt.Errorf("%s differs from what the tests proved; run `make features`", doc)
}

// difference is the lines that only one of two texts has.
func difference(got, want string) []string {
	var out []string
	has := func(text, line string) bool { return strings.Contains("\n"+text+"\n", "\n"+line+"\n") }
	for line := range strings.Lines(got) {
		if line = strings.TrimSuffix(line, "\n"); !has(want, line) {
			out = append(out, "- "+line)
		}
	}
	for line := range strings.Lines(want) {
		if line = strings.TrimSuffix(line, "\n"); !has(got, line) {
			out = append(out, "+ "+line)
		}
	}
	return out
}
