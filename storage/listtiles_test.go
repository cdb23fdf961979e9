package storage_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"pintail/storage"
)

// lister is a server that lists keys, rightly or not.
type lister struct {
	keys        []string // in the order that it gives them
	ignoreStart bool     // takes no notice of start-after
	refuseStart bool     // refuses it
	requests    atomic.Int32
	mu          sync.Mutex  // guards what follows
	chain       map[int]int // how many pages came one after the other before a token
	longest     int
}

func (l *lister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.requests.Add(1)
	q := r.URL.Query()
	after, from := q.Get("start-after"), 0
	if t := q.Get("continuation-token"); t != "" {
		from, _ = strconv.Atoi(t)
		after = ""
	} else if after != "" && l.refuseStart {
		s3error(w, 403, "AccessDenied")
		return
	}
	if l.ignoreStart {
		after = ""
	}
	size, _ := strconv.Atoi(q.Get("max-keys"))
	var doc strings.Builder
	n, more := 0, -1
	seen := map[string]bool{}
	for i := from; i < len(l.keys); i++ {
		k := l.keys[i]
		if !strings.HasPrefix(k, q.Get("prefix")) || k <= after && after != "" {
			continue
		}
		folder := ""
		if d := q.Get("delimiter"); d != "" {
			if before, _, ok := strings.Cut(k[len(q.Get("prefix")):], d); ok {
				folder = q.Get("prefix") + before + d
			}
		}
		if folder != "" && seen[folder] {
			continue
		}
		if n == size {
			more = i
			break
		}
		n++
		if folder != "" {
			seen[folder] = true
			fmt.Fprintf(&doc, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", url.QueryEscape(folder))
			continue
		}
		fmt.Fprintf(&doc, "<Contents><Key>%s</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>%d</Size></Contents>", url.QueryEscape(k), i)
	}
	l.follow(from, more)
	if more >= 0 {
		fmt.Fprintf(&doc, "<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", more)
	}
	s3(w, 200, xml.Header+"<ListBucketResult><EncodingType>url</EncodingType>"+doc.String()+"</ListBucketResult>")
}

// follow notes a page that was asked for behind another one.
func (l *lister) follow(from, more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chain == nil {
		l.chain = map[int]int{}
	}
	n := 1
	if from > 0 {
		n += l.chain[from]
	}
	l.longest = max(l.longest, n)
	l.chain[more] = n
}

func listAll(s *storage.Session, prefix string, o storage.ListOptions) (keys []string, err error) {
	for p, err := range s.List(context.Background(), "bucket", prefix, o) {
		if err != nil {
			return keys, err
		}
		for _, e := range p.Entries {
			keys = append(keys, e.Key)
		}
	}
	return keys, nil
}

// Whatever the keys, the page size and the server's faults: a listing in tiles is the listing, in its order.
func TestListTiles_AreTheListing(t *testing.T) {
	var now atomic.Pointer[lister] // a request that a listing no longer waited for may still be running
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { now.Load().ServeHTTP(w, r) }))
	defer srv.Close()
	s := connect(t, srv.URL, nil)
	piece := rapid.SampledFrom([]string{"a", "b", "ab", "", ".", "-", "0", "é", "日", " ", "+", "%", "z~"})
	key := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 1, 4).Draw(t, "pieces"), "/") + rapid.SampledFrom([]string{"", "/", "x"}).Draw(t, "end")
	}).Filter(func(k string) bool { return k != "" })
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(key, 0, 60, rapid.ID).Draw(t, "keys")
		slices.Sort(keys)
		l := &lister{keys: keys}
		l.ignoreStart = rapid.Bool().Draw(t, "ignores start-after")
		l.refuseStart = !l.ignoreStart && rapid.Bool().Draw(t, "refuses start-after")
		now.Store(l)
		o := storage.ListOptions{PageSize: rapid.Int32Range(1, 12).Draw(t, "page"), Parallel: rapid.IntRange(2, 6).Draw(t, "parallel")}
		if !l.ignoreStart && !l.refuseStart {
			o.StartAfter = rapid.OneOf(rapid.Just(""), key).Draw(t, "start after")
		}
		prefix := rapid.SampledFrom([]string{"", "a", "a/", "b/"}).Draw(t, "prefix")
		sameInParallel(t, s, prefix, o)
	})
}

// sameInParallel lists with o and one page after the other.
func sameInParallel(t *rapid.T, s *storage.Session, prefix string, o storage.ListOptions) {
	got, err := listAll(s, prefix, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Parallel = 0
	want, err := listAll(s, prefix, o)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%q\nwant %q, %v", got, want, err)
	}
}

// A server whose order is not that of bytes is listed one page after the other, or the listing ends with an error: no key
// is lost without a word.
func TestListTiles_OfAnotherOrderLoseNothing(t *testing.T) {
	for _, keys := range [][]string{
		{"b/1", "b/2", "a/1", "a/2", "c/1", "c/2", "B/3"},
		{"a/1", "a/2", "b/1", "b/2", "A/0", "c/1", "c/2", "d/1"},
	} {
		l := &lister{keys: keys, ignoreStart: true}
		srv := httptest.NewServer(l)
		got, err := listAll(connect(t, srv.URL, nil), "", storage.ListOptions{PageSize: 2, Parallel: 4})
		srv.Close()
		if err == nil && !slices.Equal(got, keys) {
			t.Errorf("%q, and no error", got)
		}
	}
}

// Two requests are enough for what fits on a page; a hundred folders need no more than their pages and the bounds.
func TestListTiles_CostFewRequests(t *testing.T) {
	var keys []string
	for d := range 100 {
		for i := range 50 {
			keys = append(keys, fmt.Sprintf("d%03d/%03d", d, i))
		}
	}
	l := &lister{keys: keys[45:55]}
	srv := httptest.NewServer(l)
	defer srv.Close()
	s := connect(t, srv.URL, nil)
	if got, err := listAll(s, "", storage.ListOptions{PageSize: 100, Parallel: 16}); err != nil || len(got) != 10 || l.requests.Load() > 2 {
		t.Errorf("%d keys, %v, %d requests", len(got), err, l.requests.Load())
	}
	l = &lister{keys: keys}
	srv2 := httptest.NewServer(l)
	defer srv2.Close()
	s = connect(t, srv2.URL, nil)
	got, err := listAll(s, "", storage.ListOptions{PageSize: 100, Parallel: 16})
	if err != nil || !slices.Equal(got, keys) || l.requests.Load() > 50+64+2 {
		t.Errorf("%d keys, %v, %d requests", len(got), err, l.requests.Load())
	}
}

// A consumer that stops leaves nothing running.
func TestListTiles_StopEarly(t *testing.T) {
	l := &lister{keys: []string{"a/1", "a/2", "b/1", "b/2", "c/1", "c/2", "d/1"}}
	srv := httptest.NewServer(l)
	defer srv.Close()
	s := connect(t, srv.URL, nil)
	for n := range 5 {
		for range s.List(t.Context(), "bucket", "", storage.ListOptions{PageSize: 1, Parallel: 3}) {
			if n--; n < 0 {
				break
			}
		}
	}
}

// The same without folders, where the bounds are guessed.
func TestListTiles_WithoutFoldersAreTheListing(t *testing.T) {
	var now atomic.Pointer[lister] // a request that a listing no longer waited for may still be running
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { now.Load().ServeHTTP(w, r) }))
	defer srv.Close()
	s := connect(t, srv.URL, nil)
	key := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "p", "pé"}).Draw(t, "start") + rapid.StringOfN(rapid.SampledFrom([]rune("019abzé日 +%~\x01")), 1, 5, -1).Draw(t, "key")
	})
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(key, 0, 120, rapid.ID).Draw(t, "keys")
		slices.Sort(keys)
		l := &lister{keys: keys}
		l.ignoreStart = rapid.IntRange(0, 4).Draw(t, "ignores start-after") == 0
		l.refuseStart = !l.ignoreStart && rapid.IntRange(0, 4).Draw(t, "refuses start-after") == 0
		now.Store(l)
		o := storage.ListOptions{PageSize: rapid.Int32Range(1, 12).Draw(t, "page"), Parallel: rapid.IntRange(2, 6).Draw(t, "parallel")}
		if !l.ignoreStart && !l.refuseStart {
			o.StartAfter = rapid.OneOf(rapid.Just(""), key).Draw(t, "start after")
		}
		prefix := rapid.SampledFrom([]string{"", "p", "pé"}).Draw(t, "prefix")
		sameInParallel(t, s, prefix, o)
	})
}

// Keys in a row, and keys that look random, are cut into pieces that together need a fraction of the rounds of their pages.
func TestListTiles_WithoutFoldersGoSideBySide(t *testing.T) {
	rows := map[string][]string{"in a row": nil, "random": nil}
	for i := range 10_000 {
		rows["in a row"] = append(rows["in a row"], fmt.Sprintf("file%08d", i))
		rows["random"] = append(rows["random"], fmt.Sprintf("%08x", uint32(i)*2654435761))
	}
	for name, keys := range rows {
		slices.Sort(keys)
		l := &lister{keys: keys}
		srv := httptest.NewServer(l)
		s := connect(t, srv.URL, nil)
		got, err := listAll(s, "", storage.ListOptions{PageSize: 100, Parallel: 32})
		srv.Close()
		if err != nil || !slices.Equal(got, keys) {
			t.Errorf("%s: %d keys, %v", name, len(got), err)
		}
		pages := int32(len(keys) / 100)
		if n := l.requests.Load(); n > 2*pages+20 || l.longest > 15 {
			t.Errorf("%s: %d requests, %d pages one after the other", name, n, l.longest)
		}
	}
}
