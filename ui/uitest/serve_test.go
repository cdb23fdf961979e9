package uitest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/uitest"
)

// talk is a client of a server over the test's own window; post runs one function at a time, as a window's thread does.
type talk struct {
	t   *testing.T
	in  *bufio.Scanner
	out net.Conn
}

func newTalk(t *testing.T, reg *uitest.Registry) (*talk, func(func())) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	var mu sync.Mutex
	post := func(f func()) { mu.Lock(); defer mu.Unlock(); f() }
	s, err := uitest.Serve(t.Context(), path, reg, post)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("socket %v %v", info.Mode(), err)
	}
	c, err := (&net.Dialer{}).DialContext(context.Background(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &talk{t, bufio.NewScanner(c), c}, post
}

func (k *talk) ask(q string) (a uitest.Answer) {
	k.t.Helper()
	if _, err := k.out.Write([]byte(q + "\n")); err != nil {
		k.t.Fatal(err)
	}
	if !k.in.Scan() {
		k.t.Fatal("no answer to ", q)
	}
	if err := json.Unmarshal(k.in.Bytes(), &a); err != nil {
		k.t.Fatal(err)
	}
	return a
}

type list struct {
	widget.Label
}

func (l *list) UIRows() []uitest.Row {
	return []uitest.Row{{Name: "a.txt", Selected: true, Pos: fyne.NewPos(0, 10), Size: fyne.NewSize(50, 22)}}
}

func window(t *testing.T) (*uitest.Registry, *widget.Button, *widget.Label) {
	test.NewTempApp(t)
	b, l := widget.NewButton("Go", nil), widget.NewLabel("one")
	rows := &list{}
	rows.ExtendBaseWidget(rows)
	w := test.NewTempWindow(t, container.NewVBox(l, b, rows))
	w.SetTitle("Main")
	w.Resize(fyne.NewSize(200, 200))
	reg := uitest.NewRegistry()
	reg.Set("go", b)
	reg.Set("say", l)
	reg.Set("rows", rows)
	reg.SetArea("menu.file", "File", l, func() (fyne.Position, fyne.Size) { return fyne.NewPos(3, 0), fyne.NewSize(20, 10) })
	return reg, b, l
}

func TestServe_DescribesParts(t *testing.T) {
	reg, b, _ := window(t)
	b.Disable()
	k, _ := newTalk(t, reg)
	a := k.ask(`{"cmd":"dump"}`)
	if !a.OK || len(a.Parts) != 4 {
		t.Fatalf("%+v", a)
	}
	if p := a.Parts[0]; p.ID != "go" || p.Enabled || !p.Visible || p.Window != "Main" || p.Bounds.Y <= 0 || p.Bounds.W < 20 {
		t.Errorf("button %+v", p)
	}
	if p := a.Parts[1]; p.ID != "menu.file" || p.Text != "File" || p.Bounds.W != 20 {
		t.Errorf("area %+v", p)
	}
	if a := k.ask(`{"cmd":"rows","id":"rows"}`); len(a.Rows) != 1 || a.Rows[0].Name != "a.txt" || !a.Rows[0].Selected || a.Rows[0].Bounds.H != 22 {
		t.Errorf("rows %+v", a)
	}
	if a := k.ask(`{"cmd":"settle"}`); !a.OK {
		t.Errorf("settle %+v", a)
	}
	for _, q := range []string{`{"cmd":"rows","id":"go"}`, `{"cmd":"what"}`, `nonsense`} {
		if a := k.ask(q); a.OK || a.Error == "" {
			t.Errorf("%s: %+v", q, a)
		}
	}
}

func TestServe_WaitsUntilItHolds(t *testing.T) {
	reg, _, l := window(t)
	k, post := newTalk(t, reg)
	if a := k.ask(`{"cmd":"wait","id":"say","text":"two","timeout_ms":1}`); a.OK || a.Error != `timeout: say says "one"` {
		t.Errorf("%+v", a)
	}
	done := make(chan struct{})
	go func() { defer close(done); post(func() { l.SetText("two three") }) }()
	if a := k.ask(`{"cmd":"wait","id":"say","text":"two"}`); !a.OK {
		t.Errorf("%+v", a)
	}
	<-done
	if a := k.ask(`{"cmd":"wait","id":"rows","row":"a.txt"}`); !a.OK || len(a.Rows) != 1 {
		t.Errorf("%+v", a)
	}
	post(func() { reg.Remove("say", "menu.file") })
	if a := k.ask(`{"cmd":"wait","id":"say","gone":true}`); !a.OK {
		t.Errorf("%+v", a)
	}
}

func TestServe_NoticesAThreadThatHangs(t *testing.T) {
	reg, _, _ := window(t)
	k, post := newTalk(t, reg)
	hold, held := make(chan struct{}), make(chan struct{})
	go post(func() { close(held); <-hold })
	<-held
	for { // the question is not answered on that thread, so it comes through
		if a := k.ask(`{"cmd":"thread"}`); a.Thread.Stalls > 0 && a.Thread.LongestMS > 50 {
			break
		}
	}
	close(hold)
}

func TestRegistry_NilKeepsNothing(t *testing.T) {
	var reg *uitest.Registry
	reg.Set("a", widget.NewLabel(""))
	reg.SetArea("b", "", nil, nil)
	reg.Remove("a")
	if _, ok := reg.Part("a"); ok || len(reg.Dump()) != 0 {
		t.Error("a nil registry keeps something")
	}
}
