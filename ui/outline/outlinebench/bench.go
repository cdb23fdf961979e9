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

	"pintail/ui/uitest"
)

// Frames is how many frames one measurement has.
const Frames = 600

// Config says what to measure.
type Config struct {
	Rows    int      // 0 means a million
	Subject []string // of "outline", "still" (the outline drawn without scrolling), "list", "tree"; nil means all
}

// Result is the measurement of one widget. Times are milliseconds. CPU is of all threads of the program, drawing by
// software included, between two frames; Update is what the widget itself took on the windows' thread.
type Result struct {
	Name                           string
	Rows                           int
	CPUp50, CPUp99, CPUMax         float64
	UpdateP50, UpdateP99, UpdateMx float64
	PerSecond                      float64 // frames shown in a second
	StoreMiB, HeapMiB              float64 // heap of the rows; and after the scrolling, above the empty window
	Stalls                         int     // times the thread did not answer for 50 ms while it scrolled
	LongestMS                      float64
}

// Header is the first lines of a table of results.
const Header = "| widget | rows | CPU a frame p50 / p99 / worst ms | update p50 / p99 / worst ms | frames/s | heap of rows MiB | heap MiB | stalls > 50 ms | longest ms |\n" +
	"|---|---|---|---|---|---|---|---|---|\n"

// String is one line of the table.
func (r Result) String() string {
	return fmt.Sprintf("| %s | %d | %.1f / %.1f / %.1f | %.2f / %.2f / %.2f | %.0f | %.1f | %.1f | %d | %.1f |", r.Name, r.Rows,
		r.CPUp50, r.CPUp99, r.CPUMax, r.UpdateP50, r.UpdateP99, r.UpdateMx, r.PerSecond, r.StoreMiB, r.HeapMiB, r.Stalls, r.LongestMS)
}

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
	t := pulse.Stats(false)
	cancel()
	<-beating
	r.Stalls, r.LongestMS = t.Stalls, t.LongestMS
	r.HeapMiB = heap() - base
	return r, nil
}

// scroll plays the script, one step a frame, and fills in the times.
func scroll(r *Result, s *Subject) {
	var cpu, update []float64
	finished := make(chan struct{})
	var anim *fyne.Animation
	frame := 0
	last, started := cpuTime(), time.Now()
	anim = &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever, Curve: fyne.AnimationLinear,
		Tick: func(float32) {
			if frame > Frames {
				return
			}
			now := cpuTime()
			if frame > 0 { // what the frame before has cost, its drawing included
				cpu = append(cpu, ms(now-last))
			}
			last = now
			if frame == Frames {
				frame++
				anim.Stop()
				close(finished)
				return
			}
			at := time.Now()
			s.Step(frame)
			update = append(update, ms(time.Since(at)))
			frame++
		}}
	fyne.Do(anim.Start)
	<-finished
	r.PerSecond = Frames / time.Since(started).Seconds()
	r.CPUp50, r.CPUp99, r.CPUMax = quantiles(cpu)
	r.UpdateP50, r.UpdateP99, r.UpdateMx = quantiles(update)
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
