//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/demo"
	"pintail/internal/testkit/reliability"
)

// The secrets that are looked for in everything that a command leaves. They have the characters that encodings change.
const (
	canaryKey    = "AKIACANARYCANARYCAN1"
	canarySecret = "cAnArY/sEcReT+kEy/0123456789abcdefGHIJ+/"
	canaryToken  = "cAnArY//tOkEn++0123456789/abcdefghijklmnopqrstuvwxyz=="
	canaryWrong  = "wRoNg/cAnArY+sEcReT/0123456789abcdefGHIJ"
	canaryPhrase = "cAnArY pAsS+pHrAsE/with spaces"
)

// canaryRun is the world of the commands: a server that notes the signatures it was sent, a home, a folder to work in.
type canaryRun struct {
	t         *testing.T
	server    *demo.Server
	home, dir string
	env       []string

	mu         sync.Mutex // guards what follows
	signatures map[string]bool
	commands   int
	artefacts  int
	found      int
}

var signatureForm = regexp.MustCompile(`Signature=([0-9a-f]{64})`)

func newCanaryRun(t *testing.T) *canaryRun {
	c := &canaryRun{t: t, home: t.TempDir(), dir: t.TempDir(), signatures: map[string]bool{}}
	var err error
	c.server, err = demo.Start(t.Context(), demo.Options{AccessKey: canaryKey, SecretKey: canarySecret, Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, m := range signatureForm.FindAllStringSubmatch(r.Header.Get("Authorization")+" "+r.RequestURI, -1) {
				c.mu.Lock()
				c.signatures[m[1]] = true
				c.mu.Unlock()
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.server.Close() })
	none := filepath.Join(c.dir, "none")
	c.env = append(os.Environ(), "PINTAIL_HOME="+c.home, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID="+canaryKey, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "NO_PROXY=127.0.0.1", "DBUS_SESSION_BUS_ADDRESS=unix:path="+none, "TZ=UTC")
	for name, text := range map[string]string{"a.txt": "one", "tree/b.txt": "two", "tree/c.txt": "three"} {
		path := filepath.Join(c.dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// canaryLines are command lines that together use every command. In the first round all but those that begin with "!" succeed.
var canaryLines = []string{
	"mb s3://canary", "cp a.txt s3://canary/a.txt", "cp -r tree s3://canary/tree/", "cp s3://canary/a.txt got.txt", "cp s3://canary/a.txt s3://canary/copy.txt",
	"mv s3://canary/copy.txt s3://canary/moved.txt", "sync tree s3://canary/synced/", "sync --dry-run s3://canary/synced/ back", "sync --save nightly tree s3://canary/job/",
	"sync --job nightly", "sync --jobs", "ls", "ls s3://canary", "ls --versions s3://canary", "tree s3://canary", "du s3://canary", "find s3://canary --name *.txt",
	"cat s3://canary/a.txt", "head s3://canary/a.txt", "stat s3://canary/a.txt", "!rewind --yes --to 2026-01-01 s3://canary/", "url s3://canary/a.txt", "presign s3://canary/a.txt", "whoami",
	"uploads ls s3://canary", "uploads abort --yes s3://canary", "!uploads complete --yes s3://canary/none",
	"bookmark add here --endpoint-url $ENDPOINT --username $KEY --path canary", "bookmark edit here --colour red", "bookmark ls", "ls here:s3://canary/",
	"bookmark export here $OUT.duck", "bookmark rm here", "bookmark import $OUT.duck",
	"profile ls", "profile show S3_(HTTPS)", "!profile lint a.txt", "!profile install a.txt", "!profile rm none",
	"pref set s3.url.expire.seconds 60", "pref get s3.url.expire.seconds", "pref ls", "pref reset s3.url.expire.seconds",
	"!cdn ls s3://canary", "!cdn create s3://canary", "!cdn set --disable s3://canary", "!cdn invalidate s3://canary/a.txt", "restore s3://canary/a.txt", "versions ls s3://canary/a.txt", "!versions revert --version none s3://canary/a.txt", "!versions undelete s3://canary/a.txt",
	"bucket get canary public-access", "bucket set canary ownership writer", "bucket rm canary tags", "check s3://canary/a.txt", "acl get s3://canary/a.txt", "acl set s3://canary/a.txt private", "acl grant s3://canary/a.txt everyone:READ", "acl revoke -r s3://canary/ everyone:READ",
	"!versions rm --yes --version none s3://canary/a.txt",
	"meta get s3://canary/a.txt", "meta set s3://canary/a.txt k=v", "meta rm s3://canary/a.txt k", "tag get s3://canary/a.txt", "tag set s3://canary/a.txt k=v",
	"tag rm s3://canary/a.txt k", "class s3://canary/a.txt STANDARD", "encrypt s3://canary/a.txt AES256", "!lock --hold on s3://canary/a.txt",
	"!uploads adopt --yes s3://canary/a.txt a.txt", "!login", "!logout", "version", "man pages", "completion bash", "completion fish", "completion zsh", "completion powershell", "help",
	"--list s3:/canary", "--upload s3:/canary/duck/ a.txt", "--download s3:/canary/a.txt ducked.txt", "!serve --addr nowhere",
	"!cp s3://canary/none x", "!cp s3://no-such-bucket/x y", "!nonsense", "!--secret-key x ls", "!ls https://$KEY@127.0.0.1:1/x",
	"transfers ls", "transfers log", "!transfers resume", "transfers rm 1", "rm s3://canary/a.txt", "rm -r --yes s3://canary/", "rb s3://canary",
}

// TestCanary_NoSecretIsLeftAnywhere runs every command, in every form of output, with good, refused and unreachable credentials:
// what it prints, logs and stores holds no secret in any usual spelling, and no signature but that of the address that was asked for.
func TestCanary_NoSecretIsLeftAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("400 starts of the program are for the run without the race detector")
	}
	t.Parallel()
	c := newCanaryRun(t)
	everyCommandIsUsed(t)
	for i, line := range canaryLines {
		ok := !strings.HasPrefix(line, "!")
		c.round("plain", i, line, c.server.URL(), canarySecret, "", ok, "--verbose", "--log", "log.txt")
	}
	for i, line := range canaryLines {
		c.round("json", i, line, c.server.URL(), canarySecret, "", false, "--json", "--verbose", "--log", "log.txt")
	}
	for i, line := range canaryLines {
		switch i % 3 { // what goes wrong with a connection goes wrong in the same way for all commands
		case 0:
			c.round("token", i, line, c.server.URL(), canarySecret, canaryToken, false, "--verbose", "--retry", "1", "--give-up", "1s", "--log", "log.txt")
		case 1:
			c.round("wrong", i, line, c.server.URL(), canaryWrong, "", false, "--verbose", "--json", "--retry", "1", "--give-up", "1s", "--log", "log.txt")
		case 2:
			c.round("dead", i, line, "http://127.0.0.1:1", canarySecret, "", false, "--verbose", "--retry", "1", "--give-up", "1s", "--log", "log.txt")
		}
	}
	c.crash()
	c.scan(c.home)
	c.scan(c.dir)
	if len(c.signatures) < 100 {
		t.Errorf("the server saw only %d signatures", len(c.signatures))
	}
	t.Logf("%d command lines, %d artefacts, %d signatures, %d secrets found", c.commands, c.artefacts, len(c.signatures), c.found)
	reliability.Record(t, reliability.Table{ID: "15-canaries", Title: "Secrets in what is left behind",
		Note:    "Every command in every form of output, with good, refused and unreachable credentials, with temporary ones, and crashed: output, logs, journal, preferences, bookmarks and files are searched for the secrets, plain and encoded, and for signatures.",
		Columns: []string{"counted", "number"}, Rows: [][]string{{"command lines", strconv.Itoa(c.commands)}, {"artefacts", strconv.Itoa(c.artefacts)},
			{"secrets found", strconv.Itoa(c.found)}}})
}

// everyCommandIsUsed fails when a command is not in the table.
func everyCommandIsUsed(t *testing.T) {
	t.Helper()
	sys, err := realSystem()
	if err != nil {
		t.Fatal(err)
	}
	var look func(c *cobra.Command, path string)
	look = func(c *cobra.Command, path string) {
		for _, sub := range c.Commands() {
			look(sub, strings.TrimSpace(path+" "+sub.Name()))
		}
		if len(c.Commands()) > 0 {
			return
		}
		for _, line := range canaryLines {
			if line = strings.TrimPrefix(line, "!"); line == path || strings.HasPrefix(line, path+" ") {
				return
			}
		}
		t.Errorf("%q is not in the table", path)
	}
	look(newRoot(newApp(sys)), "")
}

// round runs one line and searches what it printed.
func (c *canaryRun) round(name string, i int, line, endpoint, secret, token string, mustSucceed bool, more ...string) {
	c.t.Helper()
	line = strings.NewReplacer("$ENDPOINT", endpoint, "$KEY", canaryKey, "$OUT", name+"-bookmark").Replace(strings.TrimPrefix(line, "!"))
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "_", " ")
	}
	duck := args[0] == "--list" || args[0] == "--upload" || args[0] == "--download"
	if duck {
		more = []string{"--verbose"}
	}
	patience := time.Minute
	if duck && name == "dead" {
		patience = 3 * time.Second // it would go on trying
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append(args, more...)...)
	cmd.Dir = c.dir
	cmd.Env = append(c.env[:len(c.env):len(c.env)], "AWS_ENDPOINT_URL_S3="+endpoint, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_SESSION_TOKEN="+token)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if mustSucceed && err != nil {
		c.t.Errorf("%s: %v\n%s", line, err, stderr.Bytes())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	c.commands++
	where := name + " " + strconv.Itoa(i) + ": " + line
	out := stdout.Bytes()
	if args[0] == "presign" { // the address is the one place for a signature
		out = regexp.MustCompile(`X-Amz-Signature=[0-9a-f]{64}`).ReplaceAll(out, nil)
		if token != "" {
			out = bytes.ReplaceAll(out, []byte(url.QueryEscape(token)), nil) // and needs its token
		}
	}
	c.look(where+" (output)", out)
	c.look(where+" (errors)", stderr.Bytes())
}

// crash ends a command that waits for its server the way that makes Go print all it knows.
func (c *canaryRun) crash() {
	c.t.Helper()
	met := make(chan struct{}, 16)
	stop := make(chan struct{})
	s, err := demo.Start(c.t.Context(), demo.Options{AccessKey: canaryKey, SecretKey: canarySecret, Middleware: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met <- struct{}{}; <-stop })
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { close(stop); _ = s.Close() }()
	cmd := exec.CommandContext(c.t.Context(), program, "cp", "-r", "tree", "s3://canary/", "--verbose")
	cmd.Dir = c.dir
	cmd.Env = append(c.env[:len(c.env):len(c.env)], "AWS_ENDPOINT_URL_S3="+s.URL(), "AWS_SECRET_ACCESS_KEY="+canarySecret, "AWS_SESSION_TOKEN="+canaryToken, "GOTRACEBACK=all")
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &all, &all
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	<-met
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil { // Go prints its goroutines and ends
		c.t.Fatal(err)
	}
	_ = cmd.Wait()
	if !bytes.Contains(all.Bytes(), []byte("goroutine ")) {
		c.t.Errorf("it did not crash: %s", all.Bytes())
	}
	c.commands++
	c.look("crash", all.Bytes())
}

// scan searches every file below a folder.
func (c *canaryRun) scan(dir string) {
	c.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		c.look(path, b)
		return err
	})
	if err != nil {
		c.t.Error(err)
	}
}

// spellings are the ways to write a secret that programs use.
func spellings(secret string) []string {
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)), strings.ReplaceAll(secret, "/", `\/`),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="), strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(secret)), "=")}
}

// look searches one artefact.
func (c *canaryRun) look(where string, b []byte) {
	c.t.Helper()
	c.artefacts++
	for _, s := range c.secretsIn(b) {
		c.found++
		c.t.Errorf("%s has %q", where, s)
	}
}

var sha256Form = regexp.MustCompile(`[0-9a-f]{64}`)

// secretsIn gives the secrets and the signatures in a text.
func (c *canaryRun) secretsIn(b []byte) (found []string) {
	for _, secret := range []string{canarySecret, canaryToken, canaryWrong, canaryPhrase} {
		for _, s := range spellings(secret) {
			if bytes.Contains(b, []byte(s)) {
				found = append(found, s)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, word := range sha256Form.FindAll(b, -1) {
		if c.signatures[string(word)] {
			found = append(found, string(word))
		}
	}
	return found
}

// TestCanary_IsFoundWhereItIs shows that the search would see a secret.
func TestCanary_IsFoundWhereItIs(t *testing.T) {
	sum := strings.Repeat("0f", 32)
	c := &canaryRun{t: t, signatures: map[string]bool{sum: true}}
	for _, text := range []string{"key=" + canarySecret + "\n", "?X-Amz-Security-Token=" + url.QueryEscape(canaryToken) + "&", `{"secret":"` + strings.ReplaceAll(canaryWrong, "/", `\/`) + `"}`,
		"Basic " + base64.StdEncoding.EncodeToString([]byte(canarySecret)), "Signature=" + sum} {
		if len(c.secretsIn([]byte(text))) == 0 {
			t.Errorf("not seen: %s", text)
		}
	}
	if found := c.secretsIn([]byte(canaryKey + " Signature=" + strings.Repeat("ab", 32))); len(found) > 0 {
		t.Errorf("seen: %q", found)
	}
}
