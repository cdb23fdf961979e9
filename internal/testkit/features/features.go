// Package features keeps docs/features.md true: tests say what they proved and on which server, and the table is made of that.
// It must never hold a date, a duration or anything else that differs between two runs on the same versions.
// Start reading at [Proved]; the list of features is in list.go.
package features

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// EnvDir names the environment variable with the folder where test binaries leave their records; unset, none are kept.
const EnvDir = "PINTAIL_FEATURES_DIR"

// Embedded is the server name for what was proved on the embedded server. It is ours, so it proves no real service.
const Embedded = "embedded"

// record is one feature proved by one test.
type record struct {
	ID, Server, Version, Package, Test string
}

// Proved records, when the test ends without failure or skip, that it has shown the feature on a server. The server is
// [Embedded] with an empty version, or the name and version of a testkit server.
func Proved(t testing.TB, id, server, version string) {
	t.Helper()
	if !slices.ContainsFunc(every(), func(f feature) bool { return f.id == id }) {
		t.Fatalf("feature %q is not in internal/testkit/features/list.go", id)
	}
	dir := os.Getenv(EnvDir)
	if dir == "" {
		return
	}
	test, _, _ := strings.Cut(t.Name(), "/")
	r := record{ID: id, Server: server, Version: version, Package: callerPackage(), Test: test}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() {
			return
		}
		if err := write(dir, r); err != nil {
			t.Error(err)
		}
	})
}

// callerPackage is the import path of the test that called Proved, without the _test suffix.
func callerPackage() string {
	pc, _, _, _ := runtime.Caller(2)
	name := runtime.FuncForPC(pc).Name() // pintail/storage_test.TestX.func1
	slash := strings.LastIndex(name, "/") + 1
	base, _, _ := strings.Cut(name[slash:], ".")
	return strings.TrimSuffix(name[:slash]+base, "_test")
}

// write appends one line; test binaries that run side by side have a file each.
func write(dir string, r record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("feature %s: %w", r.ID, err)
	}
	file := filepath.Join(dir, fmt.Sprintf("%d.jsonl", os.Getpid()))
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("feature %s: %w", r.ID, err)
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Close())
}

// read collects the records of every test binary.
func read(dir string) ([]record, error) {
	files, err := fs.Glob(os.DirFS(dir), "*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("read features: %w", err)
	}
	var all []record
	for _, name := range files {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("read features: %w", err)
		}
		lines := bufio.NewScanner(strings.NewReader(string(b)))
		for lines.Scan() {
			var r record
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				return nil, fmt.Errorf("read features: %s: %w", name, err)
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// real are the servers that every full run has.
var real = []string{"versitygw", "rgw"}

// optional are the servers that may be missing on a machine. What one shows is recorded by a run that has it, and stays in the table
// where a run has it not, so that the table comes out the same everywhere.
var optional = []string{"minio", "moto"}

const head = `# Features

Written by ` + "`make features`" + ` from what the tests proved; ` + "`make test`" + ` fails when this file differs. A feature counts as
proved on a real service when a test has shown it on a server that is not ours, read back by the independent client where
that is possible. The last column is what servers show besides that a machine need not have: a run without one keeps
what the last run with it proved. None of this has been tried against AWS itself.

| feature | proved on | test | where present |
|---|---|---|---|
`

// Render is the text of docs/features.md for the records in dir. recorded is what that file says now.
func Render(dir, recorded string) (string, error) {
	all, err := read(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(head)
	for _, area := range areas() {
		fmt.Fprintf(&b, "| **%s** | | | |\n", area)
		for _, f := range every() {
			if f.area() == area {
				on, tests := f.proof(all)
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.title, on, tests, f.besides(all, recorded))
			}
		}
	}
	return b.String(), nil
}

// besides is the fourth column of a feature's row: "moto 5.2.1 (`storage: TestX`)", for each optional server that showed it.
func (f feature) besides(all []record, recorded string) string {
	var out []string
	for _, server := range optional {
		if !slices.ContainsFunc(all, func(r record) bool { return r.Server == server }) {
			for _, was := range f.recorded(recorded) {
				if strings.HasPrefix(was, server+" ") {
					out = append(out, was)
				}
			}
			continue
		}
		if version, test := f.shown(all, server); test != "" {
			out = append(out, fmt.Sprintf("%s (`%s`)", strings.TrimSpace(server+" "+version), test))
		}
	}
	return strings.Join(out, ", ")
}

// recorded are the entries of the fourth column in a text that Render made; none in any other.
func (f feature) recorded(text string) []string {
	_, rest, ok := strings.Cut(text, "\n| "+f.title+" | ")
	if !ok {
		return nil
	}
	row, _, _ := strings.Cut(rest, "\n")
	if cells := strings.Split(row, " | "); len(cells) == 3 {
		if last := strings.TrimSpace(strings.TrimSuffix(cells[2], "|")); last != "" {
			return strings.Split(last, ", ")
		}
	}
	return nil
}

func every() []feature { return slices.Concat(list, accessList, profileList, loginList) }

// areas are the parts of the table, in the order in which the lists begin them.
func areas() []string {
	var out []string
	for _, f := range every() {
		if a := f.area(); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// area is what an id begins with.
func (f feature) area() string {
	a, _, _ := strings.Cut(f.id, ".")
	return a
}

// shown is the first of the tests that showed the feature on a server, with that server's version; "" for none.
func (f feature) shown(all []record, server string) (version, test string) {
	for _, r := range all {
		if name := path.Base(r.Package) + ": " + r.Test; r.ID == f.id && r.Server == server {
			if version = r.Version; test == "" || name < test {
				test = name
			}
		}
	}
	return version, test
}

// proof is the second and third column of a feature's row.
func (f feature) proof(all []record) (on, tests string) {
	var servers, by []string
	for _, server := range real {
		version, test := f.shown(all, server)
		if test == "" {
			continue
		}
		servers = append(servers, strings.TrimSpace(server+" "+version))
		if !slices.Contains(by, test) {
			by = append(by, test)
		}
	}
	if len(servers) > 0 {
		return strings.Join(servers, ", "), "`" + strings.Join(by, "`, `") + "`"
	}
	if _, test := f.shown(all, Embedded); test != "" {
		return "*not proved on a real service* (embedded server)", "`" + test + "`"
	}
	return "*not proved*", ""
}
