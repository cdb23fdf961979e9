// Package outlinebench measures how the outline scrolls over a million rows, beside the toolkit's List and Tree.
// It must never be part of an ordinary start: the program runs it only when asked by a hidden flag.
// Start reading at [Run].
package outlinebench

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/cputime"
	"pintail/ui/uitest"
)

// Frames is how many frames one measurement has.
const Frames = 600

// Config says what to measure.
type Config struct {
	Rows    int      // 0 means a million
	Subject []string // of "outline", "still" (the outline drawn without scrolling), "list", "tree"; nil means all
}

// Result is the measurement of one widget. Times are milliseconds of processor time between two frames, so other
// programs on the machine add little. CPU is of all threads of the program, drawing by software included; Thread is of
// the windows' thread alone; Update is what the widget itself took on it. Smooth, Pages and Jumps are the three parts
// of the script, CPU of all threads.
type Result struct {
	Name                           string
	Rows                           int
	CPUp50, CPUp99, CPUMax         float64
	ThreadP50, ThreadP99, ThreadMx float64
	UpdateP50, UpdateP99, UpdateMx float64
	Smooth, Pages, Jumps           Part
	PerSecond                      float64       // frames shown in a second
	StoreMiB, HeapMiB              float64       // heap of the rows; and after the scrolling, above the empty window
	Answers                        uitest.Thread // how the thread answered while it scrolled
}

// Part is the processor time of the frames of one part of the script.
type Part struct{ P50, P99 float64 }

// Header is the first lines of a table of results.
const Header = "| widget | rows | CPU a frame, all threads, p50 / p99 / worst ms | 7 rows a frame p50 / p99 | pages p50 / p99 | jumps p50 / p99 | " +
	"CPU of the windows' thread p50 / p99 / worst ms | of it update p50 / p99 / worst ms | frames/s | heap of rows MiB | heap MiB | " +
	"answers after 50 ms, busy / all | longest busy / all ms |\n" +
	"|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"

// String is one line of the table.
func (r Result) String() string {
	return fmt.Sprintf("| %s | %d | %.1f / %.1f / %.1f | %v | %v | %v | %.1f / %.1f / %.1f | %.2f / %.2f / %.2f | %.0f | %.1f | %.1f | %d / %d | %.1f / %.1f |",
		r.Name, r.Rows, r.CPUp50, r.CPUp99, r.CPUMax, r.Smooth, r.Pages, r.Jumps, r.ThreadP50, r.ThreadP99, r.ThreadMx,
		r.UpdateP50, r.UpdateP99, r.UpdateMx, r.PerSecond, r.StoreMiB, r.HeapMiB,
		r.Answers.BusyStalls, r.Answers.Stalls, r.Answers.LongestBusyMS, r.Answers.LongestMS)
}

func (p Part) String() string { return fmt.Sprintf("%.1f / %.1f", p.P50, p.P99) }

// Run opens a window of app, measures each subject in it, writes a table to out and ends the program's loop. The heap
// figures are right for the first subject of a process: the toolkit keeps what it drew for a minute.
// It must be called instead of app.Run, on the main thread.
func Run(app fyne.App, cfg Config, out io.Writer) ([]Result, error) {
	if cfg.Rows <= 0 {
		cfg.Rows = 1_000_000
	}
	if cfg.Subject == nil {
		cfg.Subject = []string{"still", "outline", "list", "tree"}
	}
	w := app.NewWindow("Outline benchmark")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1000, 650))
	var results []Result
	var failed error
	done := make(chan struct{})
	app.Lifecycle().SetOnStarted(func() {
		go func() {
			defer close(done)
			defer fyne.Do(app.Quit)
			for _, name := range cfg.Subject {
				r, err := measure(w, name, cfg.Rows)
				if err != nil {
					failed = err
					return
				}
				results = append(results, r)
			}
		}()
	})
	w.ShowAndRun()
	<-done
	if failed != nil {
		return nil, failed
	}
	if _, err := io.WriteString(out, Header); err != nil {
		return nil, err
	}
	for _, r := range results {
		if _, err := fmt.Fprintln(out, r); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// measure runs beside the windows' thread.
func measure(w fyne.Window, name string, rows int) (Result, error) {
	r := Result{Name: name, Rows: rows}
	fyne.DoAndWait(func() { w.SetContent(emptyContent()) })
	time.Sleep(300 * time.Millisecond) // the empty window draws
	base := heap()
	s, err := NewSubject(name, rows)
	if err != nil {
		return r, err
	}
	defer s.Close()
	r.StoreMiB = heap() - base
	fyne.DoAndWait(func() { w.SetContent(s.Object()) })
	time.Sleep(700 * time.Millisecond) // first drawing, first textures
	ctx, cancel := context.WithCancel(context.Background())
	pulse := uitest.NewPulse(func(f func()) { fyne.Do(f) })
	beating := make(chan struct{})
	go func() { defer close(beating); pulse.Run(ctx) }()
	scroll(&r, s)
	r.Answers = pulse.Stats(false)
	cancel()
	<-beating
	r.HeapMiB = heap() - base
	return r, nil
}

// scroll plays the script, one step a frame, and fills in the times.
func scroll(r *Result, s *Subject) {
	var all, thread, update []float64
	finished := make(chan struct{})
	var anim *fyne.Animation
	frame := 0
	started := time.Now()
	var lastAll, lastThread time.Duration
	anim = &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever, Curve: fyne.AnimationLinear,
		Tick: func(float32) {
			if frame > Frames {
				return
			}
			nowAll, nowThread := cputime.Used(), uitest.ThreadTime()
			if frame > 0 { // what the frame before has cost, its drawing included
				all = append(all, ms(nowAll-lastAll))
				thread = append(thread, ms(nowThread-lastThread))
			}
			lastAll, lastThread = nowAll, nowThread
			if frame == Frames {
				frame++
				anim.Stop()
				close(finished)
				return
			}
			s.Step(frame)
			update = append(update, ms(uitest.ThreadTime()-nowThread))
			frame++
		}}
	fyne.Do(anim.Start)
	<-finished
	r.PerSecond = Frames / time.Since(started).Seconds()
	r.CPUp50, r.CPUp99, r.CPUMax = quantiles(all)
	r.ThreadP50, r.ThreadP99, r.ThreadMx = quantiles(thread)
	r.UpdateP50, r.UpdateP99, r.UpdateMx = quantiles(update)
	r.Smooth, r.Pages, r.Jumps = part(all[:smoothEnd]), part(all[smoothEnd:pagesEnd]), part(all[pagesEnd:])
}

func part(v []float64) Part {
	p50, p99, _ := quantiles(v)
	return Part{p50, p99}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func quantiles(v []float64) (p50, p99, worst float64) {
	if len(v) == 0 {
		return 0, 0, 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2], v[len(v)*99/100], v[len(v)-1]
}

// heap is the live Go heap in MiB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
