package transfer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pintail/storage"
)

// journalProcess is a process that uses the journal. The model kills it by never using it again: nothing is closed in order.
type journalProcess struct {
	q    *Queue
	gone bool
}

// journalWorld is a journal with processes, and what has to be in it.
type journalWorld struct {
	path  string
	now   time.Time
	procs []*journalProcess
	want  map[ID]*journalWant
	undo  []func() error
}

// journalWant is a transfer as it has to be.
type journalWant struct {
	owner *journalProcess // nil = nobody's
	lease time.Time
	state State
	items map[int64]*itemWant
}

type itemWant struct {
	result Result
	stage  int
	upload string // "" = none
	parts  map[int32]string
}

const modelLease = time.Minute

func (w *journalWorld) start(t *rapid.T) {
	j, err := openJournal(context.Background(), w.path, new(sync.Mutex))
	if err != nil {
		t.Fatal(err)
	}
	q := &Queue{j: j, owner: newOwner(fmt.Sprint(len(w.procs))), cfg: Config{Lease: modelLease, Now: func() time.Time { return w.now }}, all: map[ID]*entry{}}
	w.procs = append(w.procs, &journalProcess{q: q})
	w.undo = append(w.undo, j.close)
}

// proc draws a living process.
func (w *journalWorld) proc(t *rapid.T) *journalProcess {
	living := slices.DeleteFunc(slices.Clone(w.procs), func(p *journalProcess) bool { return p.gone })
	if len(living) == 0 {
		t.Skip("none lives")
	}
	return rapid.SampledFrom(living).Draw(t, "process")
}

// transfer draws a transfer with an item of it.
func (w *journalWorld) transfer(t *rapid.T) (ID, *journalWant, int64, *itemWant) {
	if len(w.want) == 0 {
		t.Skip("there is none")
	}
	var ids []ID
	for id := range w.want {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	id := rapid.SampledFrom(ids).Draw(t, "transfer")
	seq := rapid.Int64Range(1, int64(len(w.want[id].items))).Draw(t, "item")
	return id, w.want[id], seq, w.want[id].items[seq]
}

// free tells whether a process may take a transfer.
func (w *journalWorld) free(x *journalWant, p *journalProcess) bool {
	return x.owner == nil || x.owner == p || !w.now.Before(x.lease) || x.owner.gone
}

// add records a transfer with its items, as Add and the planner do.
func (w *journalWorld) add(t *rapid.T) {
	p, n := w.proc(t), rapid.IntRange(1, 4).Draw(t, "items")
	rec, err := encodeRequest(Request{Kind: Upload, Sources: []Source{{Local: "/x"}}, Target: Target{Remote: storage.Location{Bucket: "b"}}})
	if err != nil {
		t.Fatal(err)
	}
	var id ID
	x := &journalWant{owner: p, lease: w.now.Add(modelLease), state: Running, items: map[int64]*itemWant{}}
	err = p.q.j.write(context.Background(), rapid.Bool().Draw(t, "durable"), func(c *tx) error {
		err := c.row(`INSERT INTO transfers (kind, state, request, owner, lease, added, planned, files, revision) VALUES ('upload', ?, ?, ?, ?, 1, 1, ?, 0) RETURNING id`,
			[]any{Running, rec, p.q.owner, unixNano(x.lease), n}, &id)
		for i := range n {
			err = errors.Join(err, c.addItem(id, itemRow{seq: int64(i + 1), source: "/x", target: "b/k", size: 10}))
		}
		return errors.Join(err, c.bump(id))
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		x.items[int64(i+1)] = &itemWant{parts: map[int32]string{}}
	}
	w.want[id] = x
}

// change lets a process write about an item; it may only if the transfer is its own.
func (w *journalWorld) change(t *rapid.T, do func(r *run, seq int64, it *itemWant) (func(*tx) error, func())) {
	p := w.proc(t)
	id, x, seq, it := w.transfer(t)
	r := &run{q: p.q, id: id, cancel: func(error) {}}
	write, then := do(r, seq, it)
	err := r.write(context.Background(), false, write)
	switch mine := x.owner == p; {
	case mine && err != nil:
		t.Fatalf("its owner cannot write to %d: %v", id, err)
	case !mine && !errors.Is(err, ErrForeign):
		t.Fatalf("another's transfer %d was written to: %v", id, err)
	case mine:
		then()
	}
}

func (w *journalWorld) claim(t *rapid.T) {
	p := w.proc(t)
	id, x, _, _ := w.transfer(t)
	free := w.free(x, p)
	err := p.q.j.write(context.Background(), true, func(c *tx) error {
		if err := c.claim(p.q, id); err != nil {
			return err
		}
		return c.reopen(id)
	})
	if free != (err == nil) || err != nil && !errors.Is(err, ErrForeign) {
		t.Fatalf("transfer %d: free %v, and claiming it gives %v", id, free, err)
	}
	if !free {
		return
	}
	x.owner, x.lease, x.state = p, w.now.Add(modelLease), Queued
	for _, it := range x.items {
		if it.result == ResultFailed || it.result == ResultUnknown {
			if it.result == ResultUnknown && it.stage != stageCopied {
				it.stage = stageUnsure
			}
			it.result = Pending
		}
	}
}

// kill ends a process without a word: its number is given to nobody.
func (w *journalWorld) kill(t *rapid.T) {
	p := w.proc(t)
	f := strings.Split(p.q.owner, "/")
	was := p.q.owner
	f[1], p.gone = "999999999", true // no process has it
	gone := strings.Join(f, "/")
	// What it is called in the journal is what it would be called had it had that number.
	err := p.q.j.write(context.Background(), false, func(c *tx) error {
		_, err := c.exec("UPDATE transfers SET owner = ? WHERE owner = ?", gone, was)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.q.owner = gone
}

// adopt is what every process does when it starts and now and then.
func (w *journalWorld) adopt(t *rapid.T) {
	p := w.proc(t)
	if err := p.q.adoptOrphans(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, x := range w.want {
		if x.owner != p && w.free(x, p) && slices.Contains([]State{Queued, Running}, x.state) {
			x.owner, x.lease, x.state = nil, time.Time{}, Stopped
		}
	}
}

// check compares all that the journal says, read by a process of chance, with what was written.
func (w *journalWorld) check(t *rapid.T) {
	j := w.procs[rapid.IntRange(0, len(w.procs)-1).Draw(t, "reader")].q.j
	rows, err := j.transfers(context.Background(), -1)
	if err != nil || len(rows) != len(w.want) {
		t.Fatalf("%d transfers, want %d, %v", len(rows), len(w.want), err)
	}
	for _, row := range rows {
		x := w.want[row.id]
		owner := ""
		if x != nil && x.owner != nil {
			owner = x.owner.q.owner
		}
		if x == nil || row.owner != owner || row.state != x.state || !row.lease.Equal(x.lease) {
			t.Fatalf("transfer %d: %s of %q until %v, want %+v", row.id, row.state, row.owner, row.lease, x)
		}
		w.checkItems(t, j, row, x)
	}
}

func (w *journalWorld) checkItems(t *rapid.T, j *journal, row transferRow, x *journalWant) {
	items, err := j.rows(context.Background(), "transfer = ? ORDER BY seq", row.id)
	if err != nil || len(items) != len(x.items) {
		t.Fatalf("%d items, want %d, %v", len(items), len(x.items), err)
	}
	for _, i := range items {
		it := x.items[i.seq]
		if i.result != it.result || i.stage != it.stage {
			t.Fatalf("item %d/%d: %q at %d, want %+v", row.id, i.seq, i.result, i.stage, it)
		}
		ups, err := j.uploads(context.Background(), row.id, i.seq)
		if err != nil || (len(ups) == 1) != (it.upload != "") || len(ups) == 1 && ups[0].upload.ID != it.upload {
			t.Fatalf("item %d/%d: uploads %+v, want %q, %v", row.id, i.seq, ups, it.upload, err)
		}
		parts, err := j.parts(context.Background(), row.id, i.seq)
		if err != nil || len(parts) != len(it.parts) {
			t.Fatalf("item %d/%d: %d parts, want %d, %v", row.id, i.seq, len(parts), len(it.parts), err)
		}
		for _, p := range parts {
			if it.parts[p.Number] != p.ETag {
				t.Fatalf("item %d/%d: part %d is %q, want %q", row.id, i.seq, p.Number, p.ETag, it.parts[p.Number])
			}
		}
	}
}

// TestJournal_Model lets processes add, claim, write, die, sleep past their lease and look for orphans in any order. A transfer is written
// to by its owner alone, taken only when it is free, and what was committed is what every process reads.
func TestJournal_Model(t *testing.T) {
	dir, number := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		w := &journalWorld{path: filepath.Join(dir, strconv.Itoa(number), "journal.db"), now: time.Unix(1_000_000, 0), want: map[ID]*journalWant{}}
		defer func() {
			for _, f := range w.undo {
				if err := f(); err != nil {
					t.Error(err)
				}
			}
		}()
		w.start(t)
		w.start(t)
		t.Repeat(map[string]func(*rapid.T){
			"start": func(t *rapid.T) {
				if len(w.procs) >= 4 {
					t.Skip("enough")
				}
				w.start(t)
			},
			"add": w.add, "claim": w.claim, "kill": w.kill, "adopt": w.adopt,
			"time": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{1, 30, 61}).Draw(t, "seconds")) * time.Second)
			},
			"upload": func(t *rapid.T) {
				number++
				id := fmt.Sprint("upload-", number)
				w.change(t, func(r *run, seq int64, it *itemWant) (func(*tx) error, func()) {
					u := uploadRow{seq: seq, upload: storage.Upload{ID: id}, loc: storage.Location{Bucket: "b", Key: "k"}}
					return func(c *tx) error { return c.putUpload(r.id, u) }, func() { it.upload = id }
				})
			},
			"part": func(t *rapid.T) {
				number++
				etag, n := fmt.Sprint("part-", number), rapid.Int32Range(1, 5).Draw(t, "part")
				w.change(t, func(r *run, seq int64, it *itemWant) (func(*tx) error, func()) {
					p := partRow{Part: storage.Part{Number: n, ETag: etag}}
					return func(c *tx) error { return c.putPart(r.id, seq, p) }, func() { it.parts[n] = etag }
				})
			},
			"end": func(t *rapid.T) {
				result := rapid.SampledFrom([]Result{ResultDone, ResultFailed, ResultUnknown, ResultSkipped}).Draw(t, "result")
				p := w.proc(t)
				id, x, seq, it := w.transfer(t)
				if x.owner != p || it.result != Pending {
					t.Skip("not its")
				}
				r := &run{q: p.q, id: id, cancel: func(error) {}}
				if err := r.record(context.Background(), []*liveItem{{itemRow: itemRow{seq: seq, result: result, stage: it.stage, target: "b/k"}, planned: "b/k"}}); err != nil {
					t.Fatal(err)
				}
				it.result = result
				if result == ResultDone || result == ResultSkipped {
					it.upload, it.parts = "", map[int32]string{}
				}
			},
			"fail half way": func(t *rapid.T) {
				p := w.proc(t)
				id, _, seq, _ := w.transfer(t)
				half := errors.New("half way")
				err := p.q.j.write(context.Background(), false, func(c *tx) error {
					return errors.Join(c.forgetItem(id, seq), c.putUpload(id, uploadRow{seq: seq}), half)
				})
				if !errors.Is(err, half) {
					t.Fatal(err)
				}
			},
			"remove": func(t *rapid.T) {
				p := w.proc(t)
				id, x, _, _ := w.transfer(t)
				if x.owner != nil {
					t.Skip("in use")
				}
				if err := p.q.j.write(context.Background(), false, func(c *tx) error { return c.removeTransfer(id) }); err != nil {
					t.Fatal(err)
				}
				delete(w.want, id)
			},
			"": w.check,
		})
	})
}
