package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"

	"pintail/internal/demo"
)

// adding are the commands that take nothing away, by their path: they look, add, or concern this computer only. One that is new has to be
// put here or among those that ask on a production connection.
var adding = words(`bookmark ls, bookmark add, bookmark edit, bookmark rm, bookmark import, bookmark export, profile ls, profile show,
	profile install, profile rm, profile lint, pref get, pref set, pref reset, pref ls, transfers ls, transfers resume, transfers rm, transfers log,
	login, logout, whoami, version, serve, man, ls, tree, du, find, cat, head, check, cp, mb, stat, restore, presign, url, acl get, meta get,
	tag get, bucket get, cdn ls, cdn create, cdn invalidate, uploads ls, uploads complete, uploads adopt, versions ls, versions undelete`)

// changes are command lines for each command that changes or takes away what is there. B is the bucket on the production connection.
var changes = []string{
	"rm B/k", "rm -r B/dir/", "rm --version null B/k", "rb B", "rb --force B", "mv B/k B/other", "mv -r B/dir/ B/other/", "mv B/k local",
	"sync --delete --ignore none DIR B/dir/", "acl set B/k private", "acl grant B/k everyone:READ", "acl revoke B/k everyone:READ",
	"meta set B/k a=b", "meta rm B/k a", "tag set B/k a=b", "tag rm B/k a", "class B/k STANDARD_IA", "encrypt B/k AES256", "lock B/k --hold on",
	"bucket set B versioning on", "bucket rm B cors", "cdn set B --disable", "rewind B/dir/ --to 2020-01-01T00:00:00Z", "uploads abort B/k",
	"versions revert B/k --version null", "versions rm B/k --version null",
}

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.SplitSeq(list, ",") {
		m[strings.TrimSpace(w)] = true
	}
	return m
}

// leaves are the paths of all commands that do something.
func leaves(c *cobra.Command, above string) (out []string) {
	for _, sub := range c.Commands() {
		path := strings.TrimSpace(above + " " + sub.Name())
		if sub.HasSubCommands() {
			out = append(out, leaves(sub, path)...)
		} else {
			out = append(out, path)
		}
	}
	return out
}

func TestProduction_EveryCommandAddsOrAsks(t *testing.T) {
	sys, _, _ := testSystem(t)
	for _, path := range leaves(newRoot(newApp(sys)), "") {
		asks := false
		for _, line := range changes {
			asks = asks || strings.HasPrefix(line+" ", path+" ")
		}
		if asks == adding[path] {
			t.Errorf("%s: asks %v, adds %v", path, asks, adding[path])
		}
	}
}

// shop is an embedded server with a bookmark "Shop" on it that is marked as production, and a count of what it was asked.
type shop struct {
	*testing.T
	asked atomic.Int64
	sys   system
	out   *bytes.Buffer
	err   *bytes.Buffer
	dir   string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	p := &shop{T: t, dir: t.TempDir()}
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.asked.Add(1); next.ServeHTTP(w, r) })
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p.sys, p.out, p.err = testSystem(t)
	p.sys.Getenv = func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": s.AccessKey(), "AWS_SECRET_ACCESS_KEY": s.SecretKey(), "AWS_EC2_METADATA_DISABLED": "true"}[name]
	}
	if err := os.WriteFile(filepath.Join(p.dir, "only here"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("bookmark", "add", "Shop", "--production", "--endpoint-url", s.URL(), "--username", s.AccessKey(), "--region", "us-east-1")
	p.must("mb", "Shop:s3://goods")
	p.must("cp", filepath.Join(p.dir, "only here"), "Shop:s3://goods/k")
	p.must("cp", filepath.Join(p.dir, "only here"), "Shop:s3://goods/dir/k")
	return p
}

func (p *shop) run(args ...string) int {
	p.out.Reset()
	p.err.Reset()
	return run(p.Context(), p.sys, args)
}

func (p *shop) must(args ...string) {
	p.Helper()
	if status := p.run(args...); status != 0 {
		p.Fatalf("%v: status %d: %s", args, status, p.err)
	}
}

// args are the words of one of changes.
func (p *shop) args(line string) []string {
	args := strings.Fields(line)
	for i, w := range args {
		switch {
		case w == "B" || strings.HasPrefix(w, "B/"):
			args[i] = "Shop:s3://goods" + w[1:]
		case w == "DIR":
			args[i] = p.dir
		case w == "local":
			args[i] = filepath.Join(p.dir, "moved")
		}
	}
	return args
}

// TestProduction_ChangesAskForTheName: without a terminal nothing is sent, with a wrong name neither; with the right one, with --yes, and
// with --dry-run the command goes on.
func TestProduction_ChangesAskForTheName(t *testing.T) {
	p := newShop(t)
	for _, line := range changes {
		args := p.args(line)
		p.sys.OpenTerminal = func() (terminal, error) { return nil, errNoTerminal }
		before := p.asked.Load()
		if status := p.run(args...); status != 2 || p.asked.Load() != before {
			t.Errorf("%s: without a terminal: status %d, %d requests: %s", line, status, p.asked.Load()-before, p.err)
		}
		f := &fakeTerminal{lines: []string{"shop"}}
		p.sys.OpenTerminal = func() (terminal, error) { return f, nil }
		if status := p.run(args...); status != 1 || p.asked.Load() != before || !strings.Contains(f.shown.String(), "Shop is marked as production") {
			t.Errorf("%s: a wrong name: status %d, %d requests: %s%s", line, status, p.asked.Load()-before, p.err, f.shown.String())
		}
		f.lines = []string{"Shop"}
		if p.run(args...); p.asked.Load() == before && !strings.Contains(p.err.String(), "NoCloudFront") {
			t.Errorf("%s: the name does not do: %s%s", line, p.err, f.shown.String())
		}
		p.sys.OpenTerminal = func() (terminal, error) { return nil, errNoTerminal }
		if status := p.run(append(args, "--dry-run")...); status == 2 || strings.Contains(p.err.String(), "production") {
			t.Errorf("%s: --dry-run asks: %s", line, p.err)
		}
	}
	if status := p.run("rm", "--yes", "Shop:s3://goods/k2", "Shop:s3://goods/k3"); status != 3 { // they are looked for: nothing asks any more
		t.Errorf("--yes: status %d: %s", status, p.err)
	}
}

// TestProduction_NoMarkNoQuestion: the same commands ask for no name where the bookmark has no mark.
func TestProduction_NoMarkNoQuestion(t *testing.T) {
	p := newShop(t)
	p.must("bookmark", "edit", "Shop", "--production=false")
	p.must("tag", "set", "Shop:s3://goods/k", "a=b")
	p.must("rm", "Shop:s3://goods/k")
	if status := p.run("stat", "Shop:s3://goods/k"); status != 3 {
		t.Errorf("status %d", status)
	}
}
