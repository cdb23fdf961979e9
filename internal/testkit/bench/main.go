// Command bench is `make bench`: it measures pintail-cli beside other clients, row by row of a table of goals, and the file list beside
// the toolkit's own, and writes docs/benchmarks.md. It must never print a figure of a run that did not do its work.
// Start reading at [rows], the table; how a run is measured is in exec.go, what the servers are in the folder sink.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"pintail/internal/testkit"
	"pintail/internal/testkit/bench/sink"
)

func main() {
	if len(os.Args) > 3 && os.Args[1] == runnerWord {
		if err := runner(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.StringVar(&o.out, "o", "", "document to write from all results that are kept, for example docs/benchmarks.md")
	flag.StringVar(&o.row, "row", "", "measure this row alone (a name or number; see -list); `real` and outline are the other parts")
	flag.IntVar(&o.rounds, "n", 3, "rounds")
	flag.BoolVar(&o.short, "short", false, "small data, one round: whether all works; nothing is kept")
	flag.BoolVar(&o.render, "render", false, "measure nothing, only write the document")
	flag.BoolVar(&o.serve, "serve", false, "run the sinks until interrupted, to try clients by hand")
	flag.BoolVar(&o.list, "list", false, "list the rows")
	flag.StringVar(&o.only, "only", "", "of each row only ours and this `client`; nothing is kept")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	out, row, only             string
	rounds                     int
	short, render, serve, list bool
}

func run(o options) error {
	root, err := testkit.Root()
	if err != nil {
		return err
	}
	kept := filepath.Join(root, "build", "bench")
	switch {
	case o.list:
		for _, r := range rows {
			fmt.Printf("%2d  %-15s %s\n", r.n, r.name, r.title)
		}
		return nil
	case o.serve:
		return serve()
	case !o.render:
		s := fullScale(o.rounds)
		if o.short {
			s = quickScale()
		}
		if err := measureAll(o, s, kept); err != nil {
			return err
		}
	}
	if o.out == "" || o.short {
		return nil
	}
	text, err := document(kept)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.out, []byte(text), 0o644); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	fmt.Println("wrote", o.out)
	return nil
}

// measureAll measures what was asked for and keeps each result as soon as it is there.
func measureAll(o options, s scale, kept string) error {
	b, err := newBed(s)
	if err != nil {
		return err
	}
	defer b.close()
	defer cleanWhenStopped(b)()
	b.kept = kept
	keep := !o.short && o.only == ""
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if o.row == "outline" || o.row == "" && !o.short {
		if err := b.outlineNow(); err != nil {
			return err
		}
	}
	found := o.row == "outline"
	for _, r := range rows {
		if o.row != "" && o.row != r.name && o.row != fmt.Sprint(r.n) {
			continue
		}
		found = true
		res, err := r.measure(b, o.only)
		if err != nil {
			return err
		}
		fmt.Print(res.section())
		if keep {
			if err := os.WriteFile(filepath.Join(kept, r.name+".json"), marshal(res), 0o644); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
		}
	}
	if o.row == "" || o.row == "real" {
		found = true
		text, err := realServer(b)
		if err != nil {
			return err
		}
		fmt.Print(text)
		if keep {
			if err := os.WriteFile(filepath.Join(kept, "real.md"), []byte(text), 0o644); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
		}
	}
	if !found {
		return errors.New("no row " + o.row + "; see -list")
	}
	return nil
}

// cleanWhenStopped removes the data, which is gigabytes of memory, when the program is interrupted. The result ends that.
func cleanWhenStopped(b *bed) (end func()) {
	stop, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-stop:
			b.close()
			os.Exit(130)
		case <-done:
		}
	}()
	return func() { signal.Stop(stop); close(done) }
}

// measure runs a row's jobs.
func (r row) measure(b *bed, only string) (rowResult, error) {
	fmt.Fprintf(os.Stderr, "%d %s\n", r.n, r.title)
	jobs, err := r.jobs(b)
	if err != nil {
		return rowResult{}, fmt.Errorf("%s: %w", r.name, err)
	}
	res := rowResult{N: r.n, Name: r.name, Title: r.title, Must: r.must, Reach: r.reach, When: time.Now().UTC().Format("2006-01-02 15:04"), Rounds: b.scale.rounds}
	for _, j := range jobs {
		j.keepClients(only)
		samples, err := j.measure(b, b.scale.rounds)
		if err != nil {
			return rowResult{}, fmt.Errorf("%s: %w", r.name, err)
		}
		res.Jobs = append(res.Jobs, j.result(samples))
	}
	return res, nil
}

// keepClients leaves out clients that are not on this machine, or were not asked for. Ours stays.
func (j *job) keepClients(only string) {
	here := present(j.clients)
	keep := func(c client) bool {
		return slices.ContainsFunc(here, func(h client) bool { return h.name == c.name }) && (only == "" || c.name == only || c.name == j.clients[0].name)
	}
	first := j.clients[0]
	var clients, calm []client
	for i, c := range j.clients {
		if c.name == first.name || keep(c) {
			clients = append(clients, c)
			if j.calm != nil {
				calm = append(calm, j.calm[i])
			}
		}
	}
	j.clients, j.calm = clients, calm
}

// serve runs the sinks on fixed ports.
func serve() error {
	for port, o := range map[int]sink.Options{
		9900: {}, 9911: {Latency: slowPath}, 9912: {Latency: slowPath, ConnRate: 20_000_000}, 9913: {ResetOneIn: 100}, 9914: {SlowDownOneIn: 20}, 9917: {TLS: true},
	} {
		o.Addr = fmt.Sprintf("127.0.0.1:%d", port)
		s, err := sink.Start(o)
		if err != nil {
			return err
		}
		defer s.Close()
		fmt.Printf("%s  latency %s, %d B/s a connection, reset 1 in %d, 503 1 in %d\n", s.URL, o.Latency, o.ConnRate, o.ResetOneIn, o.SlowDownOneIn)
		fmt.Print(string(s.CertPEM))
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	return nil
}
