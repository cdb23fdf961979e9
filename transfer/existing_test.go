package transfer_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pintail/internal/prompt"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// together is a prompter that shows files together: it answers none before so many wait.
type together struct {
	prompt.Nobody
	want int
	all  bool // the first gets an answer for all, the others none of their own

	mu      sync.Mutex // guards waiting
	waiting int
	enough  chan struct{}
}

func (p *together) ManyAtOnce() bool { return true }

func (p *together) Existing(ctx context.Context, _ prompt.Existing) (prompt.ExistingAnswer, error) {
	p.mu.Lock()
	p.waiting++
	first := p.waiting == 1
	if p.waiting == p.want {
		close(p.enough)
	}
	p.mu.Unlock()
	select {
	case <-p.enough:
	case <-ctx.Done():
		return prompt.ExistingAnswer{}, ctx.Err()
	}
	if p.all && !first {
		<-ctx.Done()
		return prompt.ExistingAnswer{}, ctx.Err()
	}
	return prompt.ExistingAnswer{Action: prompt.Skip, All: p.all}, nil
}

func TestExisting_FilesAreAskedAboutTogether(t *testing.T) {
	for _, all := range []bool{false, true} {
		t.Run(fmt.Sprint("all=", all), func(t *testing.T) {
			b := transfertest.New(t, embedded)
			p := &together{want: 3, all: all, enough: make(chan struct{})}
			q := b.Queue(func(c *transfer.Config) { c.Prompter = p })
			for i := range 3 {
				b.File(fmt.Sprint("dir/f", i), 10, uint64(i))
				b.Object(fmt.Sprint("into/f", i), 20, uint64(i))
			}
			r := b.Upload(filepath.Join(b.Src, "dir"), "into/")
			r.Options.Existing = prompt.Ask
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			id, err := q.Add(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			s, err := q.Wait(ctx, id)
			if err != nil || s.State != transfer.Done {
				t.Fatalf("%+v, %v", s, err)
			}
			x := state(q, id)
			if x.Skipped != 3 {
				t.Errorf("%d files were skipped, want 3", x.Skipped)
			}
		})
	}
}
