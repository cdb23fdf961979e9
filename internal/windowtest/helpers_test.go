package windowtest_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// account is where and as whom a test connects by hand.
type account struct{ host, port, key, secret string }

func accountOf(t *testing.T, endpoint, key, secret string) account {
	t.Helper()
	host, port, err := net.SplitHostPort(strings.TrimPrefix(endpoint, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return account{host, port, key, secret}
}

// plainHTTP is what the services without TLS are called in the window.
const plainHTTP = "S3-compatible server (plain HTTP)"

// fillConnection opens the window for a connection by its shortcut and fills it: the service with the mouse, the fields
// with mouse and keyboard.
func fillConnection(a *window.App, service string, to account) {
	a.Keys("ctrl+o")
	pick(a, "connection.profile", service)
	a.Enter("connection.server", to.host)
	a.Enter("connection.port", to.port)
	a.Enter("connection.key", to.key)
	a.Keys("Tab")
	a.Type(to.secret)
	a.Enabled("connection.ok")
}

// connect fills the window for a connection and presses Return.
func connect(a *window.App, to account) {
	fillConnection(a, plainHTTP, to)
	a.Keys("Return")
	a.WaitGone("connection.ok")
}

// pick chooses an option of a field or tool that opens a menu.
func pick(a *window.App, id string, path ...string) {
	a.Press(id)
	for i, option := range path {
		a.Row("menu", option)
		if i < len(path)-1 {
			a.Move(a.PointOfRow("menu", option)) // a submenu opens under the pointer
			continue
		}
		a.PressRow("menu", option, 1, 1)
	}
	a.WaitGone("menu")
}

// rowWith waits until a list has a row whose text contains all words, and returns the text.
func rowWith(a *window.App, list string, words ...string) (text string) {
	a.Until(fmt.Sprintf("a row of %s with %q", list, words), func() bool {
		for _, name := range a.Names(list) {
			if containsAll(name, words...) {
				text = name
				return true
			}
		}
		return false
	})
	return text
}

func containsAll(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// clickRow selects a row with the mouse and waits until it is.
func clickRow(a *window.App, name string) {
	a.PressRow("outline", name, 1, 1)
	waitSelected(a, name)
}

func waitSelected(a *window.App, name string) {
	a.Until(name+" selected", func() bool {
		return slices.ContainsFunc(a.Rows("outline"), func(r window.Row) bool { return r.Name == name && r.Selected })
	})
}

// openFolder goes into folders, each selected with the mouse and opened by Return, and waits for each. A machine that draws
// slowly cannot tell a double click.
func openFolder(a *window.App, names ...string) {
	for _, n := range names {
		clickRow(a, n)
		a.Keys("Return")
		a.WaitText("pathbar", n)
	}
}

// openBucket goes into a bucket by typing its name: a server that tests share has more buckets than the window has rows.
func openBucket(t *testing.T, a *window.App, bucket string) {
	t.Helper()
	tabTo(t, a, "outline")
	a.Until("the buckets", func() bool { return len(a.Names("outline")) > 0 })
	selectRow(a, bucket, bucket)
	a.Keys("Return")
	a.WaitText("pathbar", bucket)
}

// answer is what the program's test socket says.
type answer struct {
	OK     bool
	Parts  []part
	Memory struct {
		HeapBytes uint64 `json:"heap_bytes"`
	}
}

// part is an element with more than the harness tells of it.
type part struct {
	ID, Text, Window string
	Visible          bool
	Bounds           struct{ X, Y, W, H int }
	MinW             int `json:"min_w"`
	MinH             int `json:"min_h"`
}

// ask puts one question to the program's test socket, on a connection of its own.
func ask(t *testing.T, a *window.App, question string) answer {
	t.Helper()
	c, err := net.Dial("unix", filepath.Join(filepath.Dir(a.Home), "ui")) // beside the data folder
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(question + "\n")); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ans answer
	if err := json.Unmarshal(line, &ans); err != nil {
		t.Fatalf("test socket: %v in %q", err, line)
	}
	return ans
}

// heap is the program's live memory after a collection of garbage.
func heap(t *testing.T, a *window.App) uint64 {
	t.Helper()
	n := ask(t, a, `{"cmd":"memory"}`).Memory.HeapBytes
	if n == 0 {
		t.Fatal("the program does not tell its memory")
	}
	return n
}

// saysNow is what a part says at this moment; "" if it is not to be seen.
func saysNow(t *testing.T, a *window.App, id string) string {
	t.Helper()
	ans := ask(t, a, fmt.Sprintf(`{"cmd":"wait","id":%q,"timeout_ms":1}`, id))
	if !ans.OK {
		return ""
	}
	return ans.Parts[0].Text
}

// writeRandom makes a file of that size.
func writeRandom(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], testkit.Rand(t).Uint64())
	random := rand.NewChaCha8(seed)
	block := make([]byte, 1<<20)
	for size > 0 {
		n := min(size, int64(len(block)))
		_, _ = random.Read(block[:n]) // never fails
		if _, err := f.Write(block[:n]); err != nil {
			t.Fatal(err)
		}
		size -= n
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
