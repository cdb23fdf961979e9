package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

type testMain struct{ m *testing.M }

func (t testMain) Run() int { return servers.Main(t.m) }

// TestMain makes the test binary the program itself when a script calls it.
func TestMain(m *testing.M) {
	testscript.Main(testMain{m}, map[string]func(){program: main})
}

// shortScripts are those that run much at once: the race detector makes each start of the program ten times as slow.
var shortScripts = []string{"testdata/script/cp-options.txtar", "testdata/script/existing.txtar", "testdata/script/interrupt.txtar", "testdata/script/rm.txtar",
	"testdata/script/sync.txtar"}

// TestScripts_Embedded runs every script of testdata/script, each with an embedded server of its own.
func TestScripts_Embedded(t *testing.T) {
	dir, files := "testdata/script", []string(nil)
	if testing.Short() {
		dir, files = "", shortScripts
	} else {
		prove(t, features.Embedded, "", "cli.ls", "cli.cat", "cli.cp", "cli.rm", "cli.sync", "cli.buckets", "cli.stat", "cli.presign", "cli.transfers",
			"cli.find", "cli.uploads", "cli.duck", "cli.acl", "cli.check", "cli.edit", "cli.versions", "cli.restore",
			"connect.wrongsecret", "connect.anonymous")
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, Files: files, Cmds: commands(nil), RequireExplicitExec: true, RequireUniqueNames: true, ContinueOnError: true,
		Setup: func(env *testscript.Env) error {
			b, err := startBench(t, env)
			if err != nil {
				return err
			}
			env.Values[benchKey{}] = b
			setEnv(env, b.account)
			return nil
		},
	})
}

// TestScripts_Versitygw and TestScripts_RGW run every script of testdata/servers; the independent client reads what was stored.
func TestScripts_Versitygw(t *testing.T) { onServer(t, servers.SharedVersitygw(t)) }

func TestScripts_RGW(t *testing.T) { onServer(t, servers.SharedRGW(t)) }

func onServer(t *testing.T, s *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	prove(t, string(s.Name), s.Version, "cli.ls", "cli.cat", "cli.cp", "cli.rm", "cli.sync", "cli.buckets", "cli.stat", "cli.presign", "cli.find", "cli.uploads", "cli.duck", "cli.versions", "cli.check", "cli.edit")
	if s.Name == servers.KindRGW {
		prove(t, string(s.Name), s.Version, "cli.acl")
	}
	independent := client.For(t, s)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/servers", Cmds: commands(independent), RequireExplicitExec: true, RequireUniqueNames: true, ContinueOnError: true,
		Condition: func(cond string) (bool, error) { return cond == string(s.Name), nil },
		Setup: func(env *testscript.Env) error {
			b := &bench{independent: independent, account: client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}}
			env.Values[benchKey{}] = b
			setEnv(env, b.account)
			env.Setenv("OTHER_KEY", s.OtherAccessKey)
			env.Setenv("OTHER_SECRET", s.OtherSecretKey)
			return nil
		},
	})
}

func prove(t *testing.T, server, version string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		features.Proved(t, id, server, version)
	}
}

func setEnv(env *testscript.Env, a client.Account) {
	env.Setenv("PINTAIL_HOME", filepath.Join(env.WorkDir, ".home"))
	env.Setenv("AWS_ENDPOINT_URL_S3", a.Endpoint)
	env.Setenv("SERVER", strings.TrimPrefix(strings.TrimPrefix(a.Endpoint, "http://"), "https://"))
	env.Setenv("AWS_ACCESS_KEY_ID", a.AccessKey)
	env.Setenv("AWS_SECRET_ACCESS_KEY", a.SecretKey)
	env.Setenv("AWS_REGION", a.Region)
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("AWS_CONFIG_FILE", filepath.Join(env.WorkDir, ".none"))
	env.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(env.WorkDir, ".none"))
	env.Setenv("NO_PROXY", "127.0.0.1,localhost")
	env.Setenv("TZ", "UTC")
	env.Setenv("BUCKET", "t-"+strings.ToLower(rand.Text())[:16])
}

type scriptCmd = func(ts *testscript.TestScript, neg bool, args []string)

// commands are what scripts can say besides testscript's own words.
func commands(independent *client.Client) map[string]scriptCmd {
	return map[string]scriptCmd{
		"exits":  exits,
		"await":  await,
		"random": random,
		"same":   same,
		"fetch":  fetch,
		"key":    key,
		"holds":  holds, "files": files, "has": has, "put": put, "bucket": makeBucket, "begin": begin, "parts": parts, "fault": fault, "requests": requests,
		"touch": touch, "network": network, "through": through,
		"spoil":  spoil,
		"take":   take,
		"clock":  clock,
		"moment": moment,
		"stored": func(ts *testscript.TestScript, _ bool, args []string) { stored(ts, independent, args) },
		"grants": func(ts *testscript.TestScript, _ bool, args []string) { grants(ts, independent, args) },
	}
}

// exits STATUS COMMAND...: the command ends with that status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// await FILE REGEXP: waits until the file has a line that matches.
func await(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		if b, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && re.Match(b) {
			return
		}
		<-tick.C
	}
	ts.Fatalf("%s never matched %s", args[0], args[1])
}

// random FILE BYTES [SEED]: makes a file of random bytes.
func random(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	var seed [32]byte
	copy(seed[:], args[0])
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	ts.Check(err)
	_, err = io.Copy(f, io.LimitReader(mrand.NewChaCha8(seed), n))
	ts.Check(errors.Join(err, f.Close()))
}

// same A B: two files, or two folders with all below them, are equal.
func same(ts *testscript.TestScript, neg bool, args []string) {
	err := equalTrees(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
	if neg != (err != nil) {
		ts.Fatalf("%s and %s: %v", args[0], args[1], err)
	}
}

// fetch [METHOD] URLFILE OUT: asks for the address on the first line of a file, as a browser would.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	method := http.MethodGet
	if len(args) == 3 {
		method, args = args[0], args[1:]
	}
	u, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	req, err := http.NewRequest(method, u, nil)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(errors.Join(err, resp.Body.Close()))
	if ok := resp.StatusCode < 300; ok == neg {
		ts.Fatalf("%s: %s", method, resp.Status)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}

// key NAME QUOTED: sets a variable to a Go string literal, for keys that scripts cannot write.
func key(ts *testscript.TestScript, _ bool, args []string) {
	s, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Setenv(args[0], s)
}

// stored KEY FILE: the independent client reads the same bytes. stored -tree PREFIX DIR: and the same files.
func stored(ts *testscript.TestScript, c *client.Client, args []string) {
	bucket := ts.Getenv("BUCKET")
	if args[0] == "-tree" {
		got, err := os.MkdirTemp(ts.Getenv("WORK"), "independent-")
		ts.Check(err)
		c.GetTree(bucket, args[1], got)
		ts.Check(equalTrees(got, ts.MkAbs(args[2])))
		return
	}
	if want := ts.ReadFile(args[1]); !bytes.Equal(c.Get(bucket, args[0]), []byte(want)) {
		ts.Fatalf("the independent client reads other bytes from %q", args[0])
	}
}

// equalTrees compares names and bytes of two files or folders.
func equalTrees(a, b string) error {
	left, err := contentsBelow(a)
	if err != nil {
		return err
	}
	right, err := contentsBelow(b)
	if err != nil {
		return err
	}
	for name := range left {
		if _, ok := right[name]; !ok {
			return fmt.Errorf("%q is only in %s", name, a)
		}
	}
	for name, path := range right {
		other, ok := left[name]
		if !ok {
			return fmt.Errorf("%q is only in %s", name, b)
		}
		if err := equalFiles(other, path); err != nil {
			return err
		}
	}
	return nil
}

func contentsBelow(root string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		files[rel] = path
		return err
	})
	return files, err
}

func equalFiles(a, b string) error {
	x, err := os.Open(a)
	if err != nil {
		return err
	}
	defer x.Close()
	y, err := os.Open(b)
	if err != nil {
		return err
	}
	defer y.Close()
	const piece = 1 << 20
	p, q := make([]byte, piece), make([]byte, piece)
	for {
		n, err1 := io.ReadFull(x, p)
		m, err2 := io.ReadFull(y, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return fmt.Errorf("%s and %s differ", a, b)
		}
		if err1 != nil || err2 != nil {
			return nil
		}
	}
}
