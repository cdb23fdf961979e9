// Package servers starts the real S3 servers that tests run against: versitygw, Ceph RADOS Gateway, MinIO and moto.
// It must never listen beyond loopback, stop a program that it did not start, or leave one behind.
// Start reading at [Versitygw] (a server of the test's own) and [SharedVersitygw] (one for many tests).
package servers

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pintail/internal/testkit/proc"
)

// Kind names a server program.
type Kind = string

// The servers that tests know.
const (
	KindVersitygw Kind = "versitygw"
	KindRGW       Kind = "rgw"
	KindMinIO     Kind = "minio"
	KindMoto      Kind = "moto"
)

// Server is a running S3 server on loopback. Its accounts are made for tests and secret to nobody.
type Server struct {
	Name     Kind   // which program
	Version  string // as the binary states it, for example "v1.8.0" or "16.2.15"
	Endpoint string // "http://127.0.0.1:PORT", no trailing slash
	Region   string
	// Access of the first account, which owns the buckets that tests make.
	AccessKey, SecretKey string
	// A second account without rights on the first one's buckets.
	OtherAccessKey, OtherSecretKey string

	dir       string   // everything the server stores; removed by Stop
	env       []string // more for the front program
	accessLog string   // file with one line a request; empty when the server writes none
	start     func() (*proc.Process, error)
	front     *proc.Process   // answers S3; what Kill kills
	back      []*proc.Process // what keeps the data behind it (RGW: monitor and OSD)
}

// ErrMissing says that the server's program is not on this machine; the text names how to get it.
var ErrMissing = errors.New("not installed")

// Versitygw starts a gateway of the test's own, which may be killed and restarted. It ends with the test.
func Versitygw(t testing.TB) *Server { t.Helper(); return own(t, KindVersitygw) }

// RGW starts a Ceph RADOS Gateway of the test's own (about two seconds, 150 MiB). It ends with the test.
func RGW(t testing.TB) *Server { t.Helper(); return own(t, KindRGW) }

// MinIO starts a MinIO of the test's own, or skips. env are settings of the server, "NAME=VALUE".
func MinIO(t testing.TB, env ...string) *Server { t.Helper(); return own(t, KindMinIO, env...) }

// Moto starts a moto server of the test's own, or skips. It is an emulator: it checks no signature.
func Moto(t testing.TB) *Server { t.Helper(); return own(t, KindMoto) }

func own(t testing.TB, kind Kind, env ...string) *Server {
	t.Helper()
	s, err := Start(kind, env...)
	if err != nil {
		missing(t, kind, err)
	}
	t.Cleanup(s.Stop)
	return s
}

// missing ends the test: a failure where the servers are required, otherwise a skip that names the reason.
func missing(t testing.TB, kind Kind, err error) {
	t.Helper()
	if !errors.Is(err, ErrMissing) {
		t.Fatalf("start %s: %v", kind, err)
	}
	required := os.Getenv("CI") == "true" || os.Getenv("PINTAIL_REQUIRE_SERVERS") == "1"
	if required && (kind == KindVersitygw || kind == KindRGW) {
		t.Fatalf("%v (required here)", err)
	}
	t.Skipf("%v", err)
}

// Start starts a server and returns once it answers. Errors for a missing program match [ErrMissing]. env are settings for MinIO.
func Start(kind Kind, env ...string) (*Server, error) {
	sweep()
	dir, err := os.MkdirTemp(tempRoot, fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", kind, err)
	}
	s := &Server{
		Name: kind, Region: "us-east-1", dir: dir,
		AccessKey: "demoaccess", SecretKey: "demosecret123",
		OtherAccessKey: "otheraccess", OtherSecretKey: "othersecret123", env: env,
	}
	starters := map[Kind]func(*Server) error{
		KindVersitygw: startVersitygw, KindRGW: startRGW, KindMinIO: startMinIO, KindMoto: startMoto,
	}
	begin, ok := starters[kind]
	if !ok {
		err = fmt.Errorf("no server of kind %q", kind)
	} else {
		err = begin(s)
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// launch gives the server a free port, and starts and awaits its front program.
func (s *Server) launch(start func(port int) (*proc.Process, error)) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.Endpoint = fmt.Sprintf("http://127.0.0.1:%d", port)
	s.start = func() (*proc.Process, error) { return start(port) }
	return s.Restart()
}

// Kill ends the program that answers S3 with SIGKILL, as a crash would; its stored data stays. It waits until it is gone.
// A server that is shared between packages cannot be killed.
func (s *Server) Kill() error {
	if s.front == nil {
		return fmt.Errorf("kill %s: shared or not running", s.Name)
	}
	s.front.Kill()
	return nil
}

// Restart starts the killed program again on the same port and data, and returns once it answers.
func (s *Server) Restart() error {
	if s.start == nil {
		return fmt.Errorf("restart %s: shared between packages", s.Name)
	}
	p, err := s.start()
	if err != nil {
		return err
	}
	s.front = p
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return p.Await(func() bool {
		resp, err := client.Get(s.Endpoint + "/")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode < 500
	})
}

// Stop ends everything that was started and removes the data. It may be called again.
func (s *Server) Stop() {
	if s.front != nil {
		s.front.Kill()
	}
	for _, p := range s.back {
		p.Kill()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

const dirPrefix = "pintail-server-"

// tempRoot is read once: a test may give itself another TMPDIR, and a shared server outlives that test.
var tempRoot = os.TempDir()

// sweep removes data that killed test binaries left, told by the process id in the folder's name.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(tempRoot, dirPrefix+"*"))
	for _, d := range dirs {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(d), dirPrefix+"%d-", &pid); err != nil || proc.Alive(pid) {
			continue
		}
		_ = os.RemoveAll(d)
	}
}
