package client

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

//go:embed loaded.py
var program string

// loaded is the command in a process that has it loaded and answers each call in a child of its own. It ends with the test binary, by
// the end of the socket between them.
type loaded struct{ calls *net.UnixConn }

// python is the one process of this test binary; nil where the command is no Python script.
var python = sync.OnceValues(func() (*loaded, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	interpreter, err := shebang(bin)
	if err != nil || interpreter == "" {
		return nil, err
	}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("aws: socket: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "calls"), os.NewFile(uintptr(pair[1]), "answers")
	defer ours.Close()
	defer theirs.Close()
	cmd := exec.Command(interpreter, "-c", program)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true"}
	cmd.Stderr, cmd.ExtraFiles = os.Stderr, []*os.File{theirs}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("aws: %w", err)
	}
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, fmt.Errorf("aws: socket: %w", err)
	}
	return &loaded{conn.(*net.UnixConn)}, nil
})

// Load loads the command, which then lives as long as the test binary. A test that counts what it leaves open does this first. It skips or
// fails the test as [New] does.
func Load(t testing.TB) {
	t.Helper()
	if _, err := python(); err != nil {
		missing(t, err)
	}
}

// shebang is the Python that runs a script; "" for what is no Python script.
func shebang(script string) (string, error) {
	f, err := os.Open(script)
	if err != nil {
		return "", fmt.Errorf("aws: %w", err)
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, 256)).ReadString('\n')
	name, is := strings.CutPrefix(strings.TrimSpace(line), "#!")
	if err != nil || !is || !strings.HasPrefix(filepath.Base(name), "python") {
		return "", nil
	}
	return name, nil
}

// call is one run of the command with an environment of its own.
func (l *loaded) call(ctx context.Context, env, args []string) (out, said string, status int, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", "", 0, fmt.Errorf("aws: %w", err)
	}
	defer r.Close()
	asked := struct {
		Args []string          `json:"args"`
		Env  map[string]string `json:"env"`
	}{args, map[string]string{}}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		asked.Env[name] = value
	}
	message, err := json.Marshal(asked)
	if err == nil {
		_, _, err = l.calls.WriteMsgUnix(message, syscall.UnixRights(int(w.Fd())), nil)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", "", 0, fmt.Errorf("aws: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Now()) })
	defer stop()
	var answer struct {
		Status   int
		Out, Err string
	}
	if err := json.NewDecoder(r).Decode(&answer); err != nil {
		return "", "", 0, errors.Join(ctx.Err(), fmt.Errorf("aws: no answer: %w", err))
	}
	return answer.Out, answer.Err, answer.Status, nil
}
