package killtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads and locks the journal without the engine

	"pintail/internal/demo"
	"pintail/internal/localfs"
	"pintail/internal/testkit"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer/transfertest"
)

const mib = 1 << 20

var cli struct {
	once sync.Once
	path string
	err  error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "killtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cli.path = filepath.Join(dir, "pintail-cli")
	status := servers.Main(m)
	_ = os.RemoveAll(dir) // the system clears it as well
	os.Exit(status)
}

// program builds the command line, statically as it is shipped.
func program(t testing.TB) string {
	t.Helper()
	cli.once.Do(func() {
		root, err := testkit.Root()
		if err != nil {
			cli.err = err
			return
		}
		c := exec.Command("go", "build", "-o", cli.path, "./cmd/pintail-cli")
		c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			cli.err = fmt.Errorf("build pintail-cli: %w: %s", err, out)
		}
	})
	if cli.err != nil {
		t.Fatal(cli.err)
	}
	return cli.path
}

// machine is a computer: a home with its journal, a folder of files, and a server with a bucket.
type machine struct {
	testing.TB
	server  transfertest.Server
	session *storage.Session
	bucket  string
	home    string
	dir     string
	journal string
	binary  string
}

func newMachine(t testing.TB, server transfertest.Server) *machine {
	t.Helper()
	m := &machine{TB: t, server: server, binary: program(t), dir: t.TempDir(), home: t.TempDir()}
	var err error
	if m.session, err = server.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.session.Close(); err != nil {
			t.Error(err)
		}
	})
	m.bucket = fmt.Sprintf("kill-%x", time.Now().UnixNano())
	if err := m.session.MakeBucket(t.Context(), m.bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	m.journal = filepath.Join(m.home, "state", "journal.db")
	return m
}

// embedded is a machine with the embedded server behind a gate.
func embedded(t testing.TB) (*machine, *gate) {
	t.Helper()
	g := newGate()
	return newMachine(t, transfertest.Demo(t, g.middleware)), g
}

func (m *machine) env() []string { return append(os.Environ(), m.own()...) }

// own is what the programs find of the machine in their environment.
func (m *machine) own() []string {
	none := filepath.Join(m.home, "none")
	return []string{"PINTAIL_HOME=" + m.home, "AWS_ENDPOINT_URL_S3=" + m.server.Endpoint, "AWS_ACCESS_KEY_ID=" + m.server.Access,
		"AWS_SECRET_ACCESS_KEY=" + m.server.Secret, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + none,
		"AWS_SHARED_CREDENTIALS_FILE=" + none, "NO_PROXY=127.0.0.1,localhost", "TZ=UTC"}
}

// child is a run of the command line.
type child struct {
	cmd   *exec.Cmd
	out   *bytes.Buffer
	ended chan struct{} // closed when it was waited for
	err   error         // read after ended is closed
}

// options are given to every run: few connections and the smallest parts, so that what was in flight is little.
var options = []string{"--connections", "2", "--part-size", "5MiB", "--multipart-threshold", "5MiB", "--no-progress", "--existing", "overwrite"}

const (
	connections = 2
	partSize    = 5 * mib
)

// start runs the command line with the options in the background.
func (m *machine) start(args ...string) *child {
	m.Helper()
	return m.run(append(args, options...)...)
}

// run runs the command line in the background. It is killed at the end of the test at the latest.
func (m *machine) run(args ...string) *child {
	m.Helper()
	c := &child{cmd: exec.Command(m.binary, args...), out: &bytes.Buffer{}, ended: make(chan struct{})}
	c.cmd.Dir, c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = m.dir, m.env(), c.out, c.out
	if err := c.cmd.Start(); err != nil {
		m.Fatal(err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	m.Cleanup(c.kill)
	return c
}

// kill ends it at once and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Signal(syscall.SIGKILL) // fails for one that has ended
	<-c.ended
}

// hangs is how long a run may take before the test gives up on it.
const hangs = 2 * time.Minute

// finish waits for a run that must succeed.
func (m *machine) finish(c *child) {
	m.Helper()
	select {
	case <-c.ended:
	case <-time.After(hangs):
		c.kill()
		m.Fatalf("%q hangs: %s", c.cmd.Args[1:3], c.out)
	}
	if c.err != nil {
		m.Fatalf("%q: %v: %s", c.cmd.Args[1:], c.err, c.out)
	}
}

// file writes a file of n bytes that follow from the seed and returns the hash of its content.
func (m *machine) file(rel string, n int64, seed uint64) string {
	m.Helper()
	path := filepath.Join(m.dir, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.Fatal(err)
	}
	body := transfertest.Bytes(n, seed)
	if err := os.WriteFile(path, body, 0o644); err != nil {
		m.Fatal(err)
	}
	return sum(body)
}

// object puts an object past the engine and returns the hash of its content.
func (m *machine) object(key string, n int64, seed uint64) string {
	m.Helper()
	body := transfertest.Bytes(n, seed)
	_, err := m.session.Put(m.Context(), storage.Location{Bucket: m.bucket, Key: key}, storage.Body{R: bytes.NewReader(body), Size: n}, storage.WriteOptions{})
	if err != nil {
		m.Fatal(err)
	}
	return sum(body)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// objectSum hashes an object; "" if there is none.
func (m *machine) objectSum(key string) string {
	m.Helper()
	rd, err := m.session.Read(m.Context(), storage.Location{Bucket: m.bucket, Key: key}, storage.ReadOptions{Whole: true})
	if storage.KindOf(err) == storage.KindNotFound {
		return ""
	}
	if err != nil {
		m.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, rd); err != nil {
		m.Fatal(err)
	}
	if err := rd.Close(); err != nil {
		m.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fileSum hashes a file; "" if there is none.
func (m *machine) fileSum(rel string) string {
	m.Helper()
	f, err := os.Open(filepath.Join(m.dir, rel))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		m.Fatal(err)
	}
	defer f.Close() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		m.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// uploads are the ids of the unfinished uploads below a prefix, as the server has them.
func (m *machine) uploads(prefix string) []string {
	m.Helper()
	var ids []string
	for page, err := range m.session.ListUploads(m.Context(), m.bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			m.Fatal(err)
		}
		for _, u := range page.Uploads {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// temps are the temporary files below a folder.
func (m *machine) temps(rel string) []string {
	m.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(m.dir, rel), func(path string, e fs.DirEntry, err error) error {
		if err == nil && localfs.IsTemp(e.Name()) {
			found = append(found, e.Name())
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		m.Fatal(err)
	}
	return found
}

// database opens the journal past the engine. The caller closes it.
func (m *machine) database() *sql.DB {
	m.Helper()
	db, err := sql.Open("sqlite", "file:"+m.journal+"?_pragma=busy_timeout(20000)")
	if err != nil {
		m.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// names are texts of the journal: uploads and temporary files that it knows.
func (m *machine) names(query string) map[string]bool {
	m.Helper()
	names := map[string]bool{}
	if _, err := os.Stat(m.journal); err != nil {
		return names
	}
	db := m.database()
	defer db.Close() // only read
	rows, err := db.QueryContext(m.Context(), query)
	if err != nil {
		if strings.Contains(err.Error(), "no such table") { // killed before there was one
			return names
		}
		m.Fatal(err)
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			m.Fatal(err)
		}
		names[filepath.Base(s)] = true
	}
	if err := rows.Err(); err != nil {
		m.Fatal(err)
	}
	return names
}

// whole fails the test if the journal's file is damaged.
func (m *machine) whole() {
	m.Helper()
	if _, err := os.Stat(m.journal); errors.Is(err, fs.ErrNotExist) {
		return // nothing was recorded yet
	}
	db := m.database()
	defer db.Close() // only read
	var ok string
	if err := db.QueryRowContext(m.Context(), "PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
		m.Fatalf("the journal is damaged: %s, %v", ok, err)
	}
}

// lock keeps everybody from writing to the journal: a run that goes on stops inside its next commit.
type lock struct {
	db   *sql.DB
	conn *sql.Conn
}

func (m *machine) lock() (*lock, error) {
	db, err := sql.Open("sqlite", "file:"+m.journal+"?_pragma=busy_timeout(20000)")
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err == nil {
		_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &lock{db, conn}, nil
}

func (l *lock) open() error {
	if l == nil {
		return nil
	}
	_, err := l.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(err, l.conn.Close(), l.db.Close())
}

// sent sums what the server took of an operation on a key.
func sent(d *demo.Server, op, key string) (in, out int64) {
	for _, r := range d.Requests() {
		if r.Op == op && r.Key == key {
			in, out = in+r.BytesIn, out+r.BytesOut
		}
	}
	return in, out
}
