//go:build unix

package transfer_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// holder holds the first answer to an operation on the second part or range.
type holder struct {
	op            string
	struck        atomic.Bool
	held, release chan struct{}
}

func (h *holder) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		second := r.URL.Query().Get("partNumber") == "2" || r.Header.Get("Range") == "bytes=5242880-10485759"
		if demo.ParseTarget(r).Op == h.op && second && h.struck.CompareAndSwap(false, true) {
			close(h.held)
			<-h.release // its answer begins only when it is let go
		}
		next.ServeHTTP(w, r)
	})
}

// An owner that was stopped (a laptop that slept) and whose lease ran out wakes when another process has finished its transfer: it must
// neither write nor send anything any more.
func TestOwner_WakesAfterItLostTheTransfer(t *testing.T) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTSTP) // where it is ignored the child would inherit that
	defer signal.Stop(caught)
	const size = 21 * mib
	for _, op := range []string{"UploadPart", "GetObject"} {
		t.Run(op, func(t *testing.T) {
			h := &holder{op: op, held: make(chan struct{}), release: make(chan struct{})}
			b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, h.middleware) })
			release := sync.OnceFunc(func() { close(h.release) })
			t.Cleanup(release)
			var r transfer.Request
			if op == "UploadPart" {
				r = parts5(b.Upload(b.File("large", size, 1), "large"))
			} else {
				b.Object("large", size, 1)
				r = parts5(b.Download("large", "large"))
			}
			const lease = 500 * time.Millisecond
			cmd := start(t, child{Add: []transfer.Request{r}, Lease: lease}.on(b))
			defer func() { _ = cmd.Process.Kill() }() // one that is stopped would stay
			<-h.held
			halt(t, cmd)
			q := b.Queue()
			id := takeOver(t, q)
			if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 {
				t.Fatalf("%+v", s)
			}
			target := filepath.Join(b.Root, "large")
			if op == "GetObject" { // by now a person works on it
				if err := os.WriteFile(target, []byte("edited"), 0o644); err != nil {
					t.Fatal(err)
				}
				b.Unchecked()
			}
			woken := time.Now()
			if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			release()
			_ = cmd.Wait() // it may say that it lost the transfer, or that it saw it done
			if op == "GetObject" {
				if c, err := os.ReadFile(target); err != nil || string(c) != "edited" {
					t.Errorf("the file was written to after it was finished: %d bytes, %v", len(c), err)
				}
			}
			if n := changesAfter(b.Server.Demo, woken); n > 0 {
				t.Errorf("%d requests that change something were sent after the transfer was lost", n)
			}
		})
	}
}

// halt stops a child when it holds no lock on the journal, as Ctrl+Z does, and waits until it stands still.
func halt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			t.Fatal(err)
		case status.Stopped():
			return
		default:
			t.Fatalf("it ended: %v", status)
		}
	}
}

// takeOver resumes the one transfer of the journal as soon as its owner's lease has run out.
func takeOver(t *testing.T, q *transfer.Queue) transfer.ID {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		_, ts, _ := q.Snapshot(0)
		if len(ts) != 1 {
			continue
		}
		err := q.Resume(t.Context(), ts[0].ID)
		if err == nil {
			return ts[0].ID
		}
		if !errors.Is(err, transfer.ErrForeign) {
			t.Fatal(err)
		}
	}
	t.Fatal("the transfer is never taken over")
	return 0
}

// changesAfter counts the requests that changed something and came after a moment. A part that was on its way when its sender was
// stopped still arrives, and finds no upload.
func changesAfter(d *demo.Server, at time.Time) (n int) {
	for _, r := range d.Requests() {
		if r.Time.After(at) && (r.Op != "UploadPart" || r.Status < 300) && r.Method != http.MethodGet && r.Method != http.MethodHead {
			n++
		}
	}
	return n
}
