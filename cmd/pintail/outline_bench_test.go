package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/sys/unix"

	"pintail/ui/browser/rows"
	"pintail/ui/look"
	"pintail/ui/outline"
)

// benchEnv names a list to scroll in a real window instead of running tests: "outline", "list", "tree", or "empty" for
// a window that only repaints. `make bench` sets it. It is a test binary because only this folder may open a window, and the program should not carry it.
const benchEnv = "PINTAIL_BENCH_LIST"

const (
	benchRows   = 1_000_000
	benchFrames = 600
	rowsAFrame  = 7
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(benchEnv); kind != "" {
		benchWindow(kind)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// frames is what scrolling cost.
type frames struct {
	Kind     string
	Frames   int
	Seconds  float64
	P50, P99 float64 // CPU milliseconds a frame, all threads, drawing included
	StallMS  float64 // longest time that the window's thread was busy with something else
	JumpMS   float64 // jump to 90 % of the list
	HeapMiB  float64 // Go heap above the same window without rows
}

// listView is one kind of list: its widget, how to scroll it, and how to give it rows.
type listView struct {
	object fyne.CanvasObject
	rowH   float64
	scroll func(y float64)
	fill   func(rows int)
}

// benchWindow opens a window, scrolls, prints the result as JSON and returns when the window is closed.
func benchWindow(kind string) {
	app.SetMetadata(fyne.AppMetadata{ID: "pintail.bench", Migrations: map[string]bool{"fyneDo": true}})
	a := app.New()
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	w := a.NewWindow("bench")
	view := map[string]func() listView{"outline": ourList, "list": stockList, "tree": stockTree, "empty": nothing}[kind]()
	w.SetContent(view.object)
	w.Resize(fyne.NewSize(1000, 650))
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			result := scroll(view)
			result.Kind = kind
			if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
				os.Exit(1)
			}
			fyne.Do(a.Quit)
		}()
	})
	w.ShowAndRun()
}

// scroll runs the script: it fills the list, jumps, and scrolls once for each frame that the toolkit draws.
func scroll(v listView) frames {
	settle()
	empty := heap()
	fyne.DoAndWait(func() { v.fill(benchRows) })
	settle()
	r := frames{HeapMiB: float64(heap()-empty) / (1 << 20)}

	began := time.Now()
	fyne.DoAndWait(func() { v.scroll(benchRows * 0.9 * v.rowH) })
	r.JumpMS = ms(time.Since(began))
	fyne.DoAndWait(func() { v.scroll(0) })
	settle()

	stop, stalls := make(chan struct{}), make(chan time.Duration)
	go watch(stop, stalls)
	costs := make([]float64, 0, benchFrames)
	done := make(chan struct{})
	began = time.Now()
	last := cpu()
	anim := fyne.NewAnimation(time.Hour, nil)
	anim.Tick = func(float32) {
		if len(costs) == benchFrames {
			return
		}
		now := cpu()
		costs = append(costs, ms(now-last))
		last = now
		v.scroll(float64(len(costs)*rowsAFrame) * v.rowH)
		if len(costs) == benchFrames {
			close(done)
		}
	}
	fyne.Do(anim.Start)
	<-done
	r.Seconds = time.Since(began).Seconds()
	fyne.DoAndWait(anim.Stop)
	close(stop)
	r.StallMS = ms(<-stalls)
	slices.Sort(costs)
	r.Frames, r.P50, r.P99 = len(costs), costs[len(costs)/2], costs[len(costs)*99/100]
	return r
}

// watch asks the window's thread for a turn, again and again, and reports the longest wait.
func watch(stop <-chan struct{}, worst chan<- time.Duration) {
	var longest time.Duration
	for {
		select {
		case <-stop:
			worst <- longest
			return
		default:
		}
		asked := time.Now()
		fyne.DoAndWait(func() {})
		longest = max(longest, time.Since(asked))
		time.Sleep(2 * time.Millisecond) // not to be the load itself
	}
}

// settle lets the window draw what was asked of it: an idle thread answers many times in a row.
func settle() {
	for range 60 {
		fyne.DoAndWait(func() {})
		time.Sleep(10 * time.Millisecond)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// cpu is the processor time of all threads so far.
func cpu() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func cells(i int) []string {
	s := strconv.Itoa(i)
	return []string{"object-" + s + ".dat", s + " B", "2026-01-02 03:04", "STANDARD"}
}

// ourList is the outline on the browser's own store, filled as a listing fills it: in pages of a thousand.
func ourList() listView {
	columns := []outline.Column{
		{ID: "name", Title: "Name", Width: 200, Min: 120, Flex: true, Fixed: true}, {ID: "size", Title: "Size", Width: 90, Min: 40},
		{ID: "modified", Title: "Modified", Width: 140, Min: 40}, {ID: "class", Title: "Class", Width: 100, Min: 40},
	}
	store := rows.New(rows.Config{Columns: []string{"name", "size", "modified", "class"}, Post: fyne.Do})
	o := outline.New(store, columns, outline.Options{})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return listView{o, 22, o.ScrollToOffset, func(n int) {
		page := make([]rows.Item, 0, 1000)
		for i := range n {
			page = append(page, rows.Item{Kind: rows.Object, Name: fmt.Sprintf("object-%07d.dat", i), Size: int64(i), Modified: at,
				Class: "STANDARD", ETag: fmt.Sprintf("%032x", i)})
			if len(page) == cap(page) || i == n-1 {
				store.Append(0, page)
				page = page[:0]
			}
		}
		o.Changed(false)
	}}
}

// nothing is the floor: a window that repaints because one small square moves.
func nothing() listView {
	dot := canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	dot.Resize(fyne.NewSize(10, 10))
	move := func(y float64) { dot.Move(fyne.NewPos(float32(int(y)%900), 100)) }
	return listView{container.NewWithoutLayout(dot), 22, move, func(int) {}}
}

func stockList() listView {
	rows := 0
	l := widget.NewList(func() int { return rows }, func() fyne.CanvasObject {
		return container.NewHBox(widget.NewIcon(theme.FileIcon()), widget.NewLabel("object-0000000.dat"),
			widget.NewLabel("0000000 B"), widget.NewLabel("2026-01-02 03:04"), widget.NewLabel("STANDARD"))
	}, func(i int, o fyne.CanvasObject) {
		for c, text := range cells(i) {
			o.(*fyne.Container).Objects[c+1].(*widget.Label).SetText(text)
		}
	})
	return listView{l, 30, func(y float64) { l.ScrollToOffset(float32(y)) }, func(n int) { rows = n; l.Refresh() }}
}

func stockTree() listView {
	var ids []string
	t := widget.NewTree(func(id string) []string {
		if id == "" {
			return ids
		}
		return nil
	}, func(id string) bool { return id == "" },
		func(bool) fyne.CanvasObject { return widget.NewLabel("object-0000000.dat") },
		func(id string, _ bool, o fyne.CanvasObject) { o.(*widget.Label).SetText("object-" + id) })
	return listView{t, 30, func(y float64) { t.ScrollToOffset(float32(y)) }, func(n int) {
		for i := range n {
			ids = append(ids, strconv.Itoa(i))
		}
		t.Refresh()
	}}
}
