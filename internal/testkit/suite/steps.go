package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// step is one command of the suite. With json it is a `go test -json` whose tests are counted; otherwise it counts as one,
// and any output of a quiet step is a failure.
type step struct {
	name  string
	argv  []string
	env   []string
	json  bool
	quiet bool
	lint  bool // needs no server: part of `make lint` too
	limit time.Duration
}

// The three sets of build flags are those of the Makefile; there is no fourth.
var (
	static  = []string{"CGO_ENABLED=0"}
	desktop = []string{"CGO_ENABLED=1"}
)

// otherServers are the tests that are named after a server that is not ours. They have run without the race detector, which looks at our
// own code: the embedded server's tests show it the same, and other servers only add time.
const otherServers = "Versitygw|RGW|Moto|/^(versitygw|rgw)$"

// steps is everything that `make test` runs, in order: the cheap checks first, the window last and alone on the machine.
func (s *suite) steps(ctx context.Context) ([]step, error) {
	plain, raced, window, err := packages(ctx)
	if err != nil {
		return nil, err
	}
	staticcheck := filepath.Join("build", "tools", "staticcheck")
	headless := slices.Concat(plain, window)
	side := fmt.Sprintf("-p=%d", runtime.NumCPU()+1) // one more than there is room for: some always wait for a disk or a server
	timeout, unit := "-timeout=20m", 30*time.Minute
	if s.long {
		timeout, unit = "-timeout=3h", 4*time.Hour
	}
	goTest := func(flags string, pkgs []string) []string {
		return slices.Concat([]string{"go", "test", "-json", "-count=1", timeout}, strings.Fields(flags), pkgs)
	}
	list := []step{
		{name: "gofmt", argv: []string{"gofmt", "-l", "."}, quiet: true, lint: true, limit: 5 * time.Minute},
		{name: "vet", argv: append([]string{"go", "vet"}, headless...), env: static, lint: true, limit: 20 * time.Minute},
		{name: "staticcheck", argv: append([]string{staticcheck}, headless...), env: static, lint: true, limit: 20 * time.Minute},
		{name: "layout", argv: goTest("", []string{"."}), env: static, json: true, lint: true, limit: 5 * time.Minute},
		{name: "build", argv: []string{"make", "build"}, limit: 30 * time.Minute},
		{name: "vet desktop", argv: []string{"go", "vet", "./cmd/pintail"}, env: desktop, lint: true, limit: 20 * time.Minute},
		{name: "unit", argv: goTest(side, plain), env: static, json: true, limit: unit},
		{name: "race", argv: goTest("-race -short -skip="+otherServers+" "+side, raced), env: desktop, json: true, limit: 30 * time.Minute},
		{name: "window", argv: goTest("-p=1", window), env: static, json: true, limit: 25 * time.Minute},
	}
	if s.long {
		fuzz, err := s.fuzzSteps()
		if err != nil {
			return nil, err
		}
		list = append(list, fuzz...)
	}
	return list, nil
}

// packages divides the module: what is tested without cgo, what also runs under the race detector, what needs a display.
func packages(ctx context.Context) (plain, raced, window []string, err error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "./...") // a broken package fails its own tests
	cmd.Env = append(os.Environ(), static...)
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("go list: %w", err)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		switch {
		case pkg == "pintail": // the layout step
		case pkg == "pintail/cmd/pintail": // links OpenGL: compiled by the desktop set, driven by the window step
		case strings.HasPrefix(pkg, "pintail/internal/windowtest"):
			window = append(window, pkg)
		default:
			plain = append(plain, pkg)
			// The test bed starts programs and shares no memory with them.
			if !strings.HasPrefix(pkg, "pintail/internal/testkit") {
				raced = append(raced, pkg)
			}
		}
	}
	for _, list := range [][]string{plain, raced} {
		slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	}
	return plain, raced, window, nil
}

// longest are the packages that take minutes. They are begun first, as go test begins packages in the order in which they are named: a long
// one at the end would have the machine to itself.
var longest = []string{"pintail/cmd/pintail-cli", "pintail/transfer", "pintail/storage", "pintail/internal/killtest"}

func rank(pkg string) int {
	if i := slices.Index(longest, pkg); i >= 0 {
		return i
	}
	return len(longest)
}

// runStep runs one step to its end or its limit and adds to the totals.
func (s *suite) runStep(ctx context.Context, st step) {
	ctx, cancel := context.WithTimeout(ctx, st.limit)
	defer cancel()
	began := time.Now()
	fmt.Fprintf(s.out, "== %s\n", st.name)
	err := s.execute(ctx, st)
	if ctx.Err() != nil {
		err = fmt.Errorf("cut off after %s", time.Since(began).Round(time.Second))
	}
	if err != nil {
		s.total.failed++
		s.total.failures = append(s.total.failures, st.name+": "+err.Error())
	} else if !st.json {
		s.total.passed++
	}
	fmt.Fprintf(s.out, "   %s took %s\n", st.name, time.Since(began).Round(100*time.Millisecond))
}

// execute runs the step's command in a process group of its own, so that the limit ends its children too.
func (s *suite) execute(ctx context.Context, st step) error {
	cmd := exec.CommandContext(ctx, st.argv[0], st.argv[1:]...)
	cmd.Env = append(append(os.Environ(), s.env...), st.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if st.json {
		return s.executeTests(cmd, st)
	}
	out, err := cmd.CombinedOutput()
	_, _ = s.out.Write(out)
	if err == nil && st.quiet && len(bytes.TrimSpace(out)) > 0 {
		return errors.New("see above")
	}
	return err
}

// executeTests runs `go test -json`. Failed tests are counted by their events; only a run without any is an error here.
func (s *suite) executeTests(cmd *exec.Cmd, st step) error {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	before := s.total.failed
	readErr := newReader(s.out, st.name, &s.total).read(bufio.NewReader(pipe))
	err = cmd.Wait()
	_, _ = s.out.Write(stderr.Bytes())
	if err != nil && s.total.failed > before {
		return nil // counted already
	}
	return errors.Join(readErr, err)
}

var fuzzName = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)

// fuzzSteps runs every fuzz target of the module for a while.
func (s *suite) fuzzSteps() ([]step, error) {
	var list []step
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range fuzzName.FindAllSubmatch(b, -1) {
			name := string(m[1])
			list = append(list, step{
				name: "fuzz " + name, env: static, json: true, limit: s.fuzz + 10*time.Minute,
				argv: []string{"go", "test", "-json", "-run=^$", "-fuzz=^" + name + "$", "-fuzztime=" + s.fuzz.String(), "./" + filepath.Dir(p)},
			})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find fuzz targets: %w", err)
	}
	return list, nil
}
