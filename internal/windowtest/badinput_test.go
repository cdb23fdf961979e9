package windowtest_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/localfs"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/window"
)

// embedded is an embedded server of the test's own with one bucket "box".
func embedded(t *testing.T, rules ...faultserver.Rule) *demo.Server {
	t.Helper()
	s, err := demo.Start(t.Context(), demo.Options{Middleware: faultserver.New(rules...).Middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, b := range []string{"box", "closed"} {
		if err := s.AddBucket(b, time.Now(), false); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Add(demo.Object{Bucket: "box", Key: "docs/here.txt", Body: []byte("here")}); err != nil {
		t.Fatal(err)
	}
	return s
}

func embeddedAccount(t *testing.T, s *demo.Server) account {
	t.Helper()
	return accountOf(t, s.URL(), s.AccessKey(), s.SecretKey())
}

func embeddedClient(t *testing.T, s *demo.Server) *client.Client {
	t.Helper()
	return client.New(t, client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()})
}

// usable shows that the window goes on: it connects to a working server and lists it.
func usable(t *testing.T, a *window.App, s *demo.Server) {
	t.Helper()
	connect(a, embeddedAccount(t, s))
	a.Row("outline", "box")
	quiet(t, a)
}

// surfaces are the places where something can be said that a person has to read or to close.
var surfaces = []string{"sheet", "outline"}

// quiet fails when anything is open that a person would have to close first.
func quiet(t *testing.T, a *window.App) {
	t.Helper()
	for _, id := range surfaces {
		if said := saysNow(t, a, id); said != "" {
			t.Errorf("%s still says %q", id, said)
		}
	}
}

// one fails unless exactly one of the places says something with all the words, and nothing of another matter is shown.
func one(t *testing.T, a *window.App, where string, words ...string) {
	t.Helper()
	a.WaitText(where, words[0])
	said := a.Part(where).Text
	if !containsAll(said, words...) {
		t.Errorf("%s says %q, want all of %q", where, said, words)
	}
	for _, other := range surfaces {
		if other == where {
			continue
		}
		if more := saysNow(t, a, other); more != "" && more != "Connecting…" {
			t.Errorf("%s says %q, and %s too: %q", where, said, other, more)
		}
	}
}

func TestBadInput_WrongSecretAsksAgain(t *testing.T) {
	s := embedded(t)
	a := window.Open(t, window.Options{})
	to := embeddedAccount(t, s)
	wrong := to
	wrong.secret = "wrong"
	connect(a, wrong)
	one(t, a, "sheet", "did not accept the access key", "127.0.0.1:"+to.port)
	a.Picture("wrong-secret")
	a.Keys("Escape")
	a.WaitGone("sheet")
	a.Picture("given-up")
	one(t, a, "outline", "Login failed", "Check the access key and its secret")
	usable(t, a, s)
}

func TestBadInput_WrongSecretCorrected(t *testing.T) {
	s := embedded(t)
	a := window.Open(t, window.Options{})
	to := embeddedAccount(t, s)
	wrong := to
	wrong.secret = "wrong"
	connect(a, wrong)
	a.Press("login.secret")
	a.Type(to.secret)
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.Row("outline", "box")
	quiet(t, a)
}

func TestBadInput_UnknownHost(t *testing.T) {
	s := embedded(t)
	a := window.Open(t, window.Options{})
	connect(a, account{"nowhere.invalid", "80", "key", "secret"})
	a.WaitText("sheet", "without encryption")
	a.Picture("plain-http")
	a.Press("dialog.ok")
	one(t, a, "outline", "Unknown host", "nowhere.invalid", "Check the address")
	a.Picture("unknown-host")
	usable(t, a, s)
}

func TestBadInput_NotAnS3Server(t *testing.T) {
	s := embedded(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><html><body>Welcome to the hotel</body></html>")
	}))
	t.Cleanup(page.Close)
	a := window.Open(t, window.Options{})
	connect(a, accountOf(t, page.URL, "key", "secret"))
	one(t, a, "outline", "Not an S3 server", "127.0.0.1", "Check the address and port")
	a.Picture("not-s3")
	usable(t, a, s)
}

func TestBadInput_RefusedBucket(t *testing.T) {
	s := embedded(t, faultserver.Rule{Bucket: "closed", Kind: faultserver.Status, Status: http.StatusForbidden, Code: "AccessDenied", Times: -1})
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "closed")
	one(t, a, "outline", "Access denied", "closed", "s3:ListBucket")
	a.Picture("refused")
	a.Press("pathbar.up")
	a.Row("outline", "box")
	openFolder(a, "box")
	a.Row("outline", "docs")
	quiet(t, a)
}

func TestBadInput_UnreadableLocalFile(t *testing.T) {
	s := embedded(t)
	aws := embeddedClient(t, s)
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "box", "docs")
	local := filepath.Join(t.TempDir(), "mixed")
	writeRandom(t, filepath.Join(local, "good.bin"), 1000)
	if err := os.Symlink("nowhere", filepath.Join(local, "broken-link.txt")); err != nil {
		t.Fatal(err)
	}
	a.DropFiles(a.PointOfRow("outline", "here.txt"), nil, local)
	a.WaitText("sheet", "1 of 2 items failed")
	a.Picture("report")
	said := strings.ReplaceAll(a.Part("sheet").Text, "\n", "") // a long path is broken into lines
	if !containsAll(said, filepath.Join(local, "broken-link.txt")) || strings.Contains(said, "good.bin") {
		t.Errorf("the report says %q", said)
	}
	a.Keys("Escape")
	a.WaitGone("sheet")
	a.Press("toolbar.transfers")
	rowWith(a, "transfers.list", "mixed", "Failed", "1 of 2 files")
	a.Picture("transfers")
	if got := aws.List("box", "docs/mixed/"); !slices.Equal(got, []string{"docs/mixed/good.bin"}) {
		t.Errorf("stored are %q", got)
	}
	if left := aws.Uploads("box"); len(left) > 0 {
		t.Errorf("unfinished uploads are left: %v", left)
	}
	quiet(t, a)
}

func TestBadInput_FullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"); err != nil {
		if os.Getenv("CI") == "true" || os.Getenv("PINTAIL_REQUIRE_SERVERS") == "1" {
			t.Fatalf("a small disk cannot be mounted: %v (required here: run as root)", err)
		}
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(small, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := embedded(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 2<<20)
	if err := s.Add(demo.Object{Bucket: "box", Key: "docs/big.bin", Body: big}); err != nil {
		t.Fatal(err)
	}
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "box", "docs")
	downloadTo(a, "big.bin", small)
	a.WaitText("sheet", "disk is full")
	a.Picture("report")
	if said := a.Part("sheet").Text; !containsAll(said, "big.bin", "Make room") {
		t.Errorf("the report says %q", said)
	}
	a.Keys("Escape")
	a.WaitGone("sheet")
	if left := filesIn(t, small); slices.Contains(left, "big.bin") {
		t.Errorf("half a file is there under its name: %q", left)
	}
	a.Press("toolbar.transfers")
	rowWith(a, "transfers.list", "big.bin", "Failed")
	a.Keys("Home", "Right")
	rowWith(a, "transfers.list", "big.bin", "disk is full")
	a.Picture("transfers")
	a.Press("transfers.remove")
	a.Until("the temporary file's end", func() bool { return len(filesIn(t, small)) == 0 })
	quiet(t, a)
}

// downloadTo fetches a row into a folder by the keyboard.
func downloadTo(a *window.App, row, dir string) {
	clickRow(a, row)
	a.Keys("alt+shift+Down")
	a.Enter("chooser.path", dir)
	a.Press("chooser.ok")
	a.WaitGone("chooser.ok")
}

// filesIn is the names of all files below a folder.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(p, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBadInput_KeyThatIsNoFileName(t *testing.T) {
	s := embedded(t)
	long := strings.Repeat("long", 100) + ".txt"
	keys := []string{"docs/odd/../up.txt", "docs/odd//double.txt", "docs/odd/line\nbreak.txt", "docs/odd/" + long}
	for _, k := range keys {
		if err := s.Add(demo.Object{Bucket: "box", Key: k, Body: []byte(k)}); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "into")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	a := window.Open(t, window.Options{})
	connect(a, embeddedAccount(t, s))
	openFolder(a, "box", "docs")
	downloadTo(a, "odd", dir)
	a.Until("four files", func() bool { return len(filesIn(t, dir)) == len(keys) && !a.Has("activity") })
	a.Press("toolbar.transfers")
	rowWith(a, "transfers.list", "odd", "Done", "4 files")
	a.Keys("Home", "Right")
	a.Picture("transfers")
	var got []string
	for _, name := range filesIn(t, dir) {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		key := "docs/" + localfs.LocalToKey(name)
		if string(body) != key {
			t.Errorf("%q holds %q", name, body)
		}
		got = append(got, key)
	}
	slices.Sort(got)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		t.Errorf("the files stand for %q, want %q", got, keys)
	}
	if above := filesIn(t, filepath.Dir(dir)); len(above) != len(keys) {
		t.Errorf("files outside of the folder: %q", above)
	}
	quiet(t, a)
}

func TestBadInput_BrokenProfile(t *testing.T) {
	s := embedded(t)
	a := window.Open(t, window.Options{})
	dir := filepath.Join(a.Home, "config", "profiles")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Acme.cyberduckprofile"), []byte("<plist><dict><key>Protocol"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.Restart()
	a.WaitText("status.text", "Acme.cyberduckprofile")
	a.Picture("broken-profile")
	usable(t, a, s)
}
