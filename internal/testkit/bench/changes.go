package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/bench/sink"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
	"pintail/transfer"
)

// The row about an edit of all objects of a folder, beside bare copies of the same objects with the same edit.

// atOnce is how many copies are made at once: by the bare copies, and by the server that answers late.
const atOnce = 32

const (
	changedBucket = "changed"
	bareCopies    = "bare CopyObject"
)

// place is a server with objects to be changed.
type place struct {
	at      storage.Config
	session *storage.Session
	late    atomic.Bool // answers come late
	mu      sync.Mutex  // guards asked
	asked   sink.Counts
	close   func()
}

// changes has a job for each server. One that is not on this machine shows as failed.
func changes(*bed) ([]job, error) {
	ratio := []goal{times(1/0.9, bareCopies, wall)}
	jobs := []job{{title: fmt.Sprintf("embedded server, each answer after %s, %d copies at once", slowPath, atOnce), must: ratio, reach: ratio,
		self: changing(1, embeddedPlace)}}
	for _, kind := range []servers.Kind{servers.KindVersitygw, servers.KindRGW} {
		jobs = append(jobs, job{title: "a fifth of them on " + kind + " on this machine", self: changing(5, func(p *place) error {
			s, err := servers.Start(kind)
			if err != nil {
				return err
			}
			return p.connect(s.Endpoint, s.AccessKey, s.SecretKey, s.Stop)
		})})
	}
	for i := range jobs {
		jobs[i].main, jobs[i].units = wall, 1
		for _, name := range []string{"pintail (transfer)", bareCopies} {
			jobs[i].clients = append(jobs[i].clients, client{name: name, argv: []string{"/bin/sh"}})
		}
	}
	return jobs, nil
}

// changing measures one way to give all objects of a fresh server an edit.
func changing(part int, start func(p *place) error) func(b *bed, c client) (sample, error) {
	return func(b *bed, c client) (sample, error) {
		n := b.scale.small / part
		p := &place{}
		if err := start(p); err != nil {
			return sample{}, err
		}
		defer p.close()
		etags, err := p.fill(n)
		if err != nil {
			return sample{}, err
		}
		p.late.Store(true)
		p.mu.Lock()
		p.asked = sink.Counts{Ops: map[string]int64{}}
		p.mu.Unlock()
		began := time.Now()
		if c.name == bareCopies {
			err = p.bare(etags)
		} else {
			err = p.change(b, n)
		}
		s := sample{Wall: time.Since(began)}
		p.late.Store(false)
		p.mu.Lock()
		s.Sink = p.asked
		s.Sink.Ops = maps.Clone(p.asked.Ops) // looking at what became of them is not counted
		p.mu.Unlock()
		return s, errors.Join(err, p.edited(n))
	}
}

// embeddedPlace is the embedded server. Late, it is as one that is far away and makes so many copies at once.
func embeddedPlace(p *place) error {
	room := make(chan struct{}, atOnce)
	d, err := demo.Start(context.Background(), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if p.late.Load() {
				if r.Header.Get("X-Amz-Copy-Source") != "" {
					room <- struct{}{}
					defer func() { <-room }()
				}
				time.Sleep(slowPath)
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		return err
	}
	return p.connect(d.URL(), d.AccessKey(), d.SecretKey(), func() { _ = d.Close() })
}

func (p *place) connect(endpoint, access, secret string, end func()) error {
	p.at = storagetest.Target{Name: "bench", Endpoint: endpoint, Region: "us-east-1", AccessKey: access, SecretKey: secret}.Config()
	p.at.Trace = p.note
	p.asked.Ops = map[string]int64{}
	var err error
	if p.session, err = storage.Open(context.Background(), p.at); err != nil {
		end()
		return err
	}
	p.close = func() { _ = p.session.Close(); end() }
	if err := p.session.MakeBucket(context.Background(), changedBucket, storage.MakeBucketOptions{}); err != nil {
		p.close()
		return err
	}
	return nil
}

func (p *place) note(e storage.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked.Ops[e.Op]++
	p.asked.Requests++
}

func objectOf(i int) storage.Location {
	return storage.Location{Bucket: changedBucket, Key: fmt.Sprintf("folder/%06d", i)}
}

func ownMetadata(i int) map[string]string { return map[string]string{"n": strconv.Itoa(i)} }

// each calls do for n numbers, [atOnce] of them at once.
func each(n int, do func(i int) error) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	errs := make([]error, atOnce)
	for w := range errs {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[w] == nil; i = int(next.Add(1)) - 1 {
				errs[w] = do(i)
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

func (p *place) fill(n int) ([]string, error) {
	etags, body := make([]string, n), make([]byte, kib4)
	return etags, each(n, func(i int) error {
		w, err := p.session.Put(context.Background(), objectOf(i), storage.Body{R: bytes.NewReader(body), Size: kib4}, storage.WriteOptions{Metadata: ownMetadata(i)})
		etags[i] = w.ETag
		return err
	})
}

// bare makes the copies alone, as one would who knows all that the objects have and looks at nothing afterwards.
func (p *place) bare(etags []string) error {
	return each(len(etags), func(i int) error {
		m := ownMetadata(i)
		m["by"] = "edit"
		_, err := p.session.Copy(context.Background(), objectOf(i), objectOf(i), storage.CopyOptions{SourceIfMatch: etags[i], Class: "STANDARD", Replace: &storage.WriteOptions{Metadata: m}})
		return err
	})
}

// change edits the folder as window and command line do.
func (p *place) change(b *bed, n int) error {
	ctx := context.Background()
	q, err := transfer.Open(ctx, transfer.Config{Journal: filepath.Join(b.dir, "home", "changes.db"), Owner: "bench",
		Connect: func(ctx context.Context, _ string) (*storage.Session, error) { return storage.Open(ctx, p.at) }})
	if err != nil {
		return err
	}
	id, err := q.Add(ctx, transfer.Changing("", storage.Edit{Metadata: map[string]string{"by": "edit"}}, storage.Location{Bucket: changedBucket, Key: "folder/"}))
	if err != nil {
		return errors.Join(err, q.Close(ctx))
	}
	s, err := q.Wait(ctx, id)
	if err == nil && s.Done != int64(n) {
		err = fmt.Errorf("%d objects of %d were changed", s.Done, n)
	}
	return errors.Join(err, q.Close(ctx))
}

// edited looks at every hundredth object.
func (p *place) edited(n int) error {
	return each(n/100, func(i int) error {
		info, err := p.session.Stat(context.Background(), objectOf(i*100))
		if err == nil && (info.Metadata["by"] != "edit" || info.Metadata["n"] != strconv.Itoa(i*100)) {
			err = fmt.Errorf("%s has %v", info.Location, info.Metadata)
		}
		return err
	})
}
