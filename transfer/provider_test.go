package transfer_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// strict is a provider that takes few parts, all of one size but the last, and copies nothing in parts.
type strict struct {
	most int32

	mu       sync.Mutex
	sizes    map[string][]int64 // of parts by their number, for each upload
	refusals []string
}

func (s *strict) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := demo.ParseTarget(r)
		number := len(t.Query.Get("partNumber"))
		s.mu.Lock()
		bad := t.Op == "UploadPartCopy"
		if t.Op == "UploadPart" {
			id := t.Query.Get("uploadId")
			n := r.ContentLength
			if d, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
				n = d // the body comes in signed pieces
			}
			s.sizes[id] = append(s.sizes[id], n)
			bad = number != 1 || int32(t.Query.Get("partNumber")[0]-'0') > s.most
		}
		if bad {
			s.refusals = append(s.refusals, t.Op+" "+t.Query.Get("partNumber"))
		}
		s.mu.Unlock()
		if !bad {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = io.WriteString(w, "<Error><Code>NotImplemented</Code></Error>")
	})
}

// TestProvider_LimitsAreKept: what a connection profile says about parts is kept to, so that the provider refuses nothing.
func TestProvider_LimitsAreKept(t *testing.T) {
	features.Proved(t, "profile.limits", features.Embedded, "")
	p := &strict{most: 3, sizes: map[string][]int64{}}
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, p.middleware) })
	no := false
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(context.Context, string) (*storage.Session, error) {
			return b.Server.Open(func(c *storage.Config) { c.Known.MaxParts, c.Known.MultipartCopy = p.most, &no })
		}
	})
	q.SetSingleCopy(8*mib, 6*mib)
	b.MustDone(q, parts5(b.Upload(b.File("large", 22*mib+5, 1), "d/large.bin")), 1)
	b.MustDone(q, transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("e/")}}, 1)
	if info, err := b.Session.Stat(t.Context(), b.Loc("e/d/large.bin")); err != nil || info.Size != 22*mib+5 {
		t.Errorf("%d bytes, %v", info.Size, err)
	}
	if len(p.refusals) != 0 {
		t.Errorf("refused: %v", p.refusals)
	}
	for id, sizes := range p.sizes {
		other := 0 // sizes that are not the largest: the last part's only
		for _, n := range sizes {
			if n != 8*mib {
				other++
			}
		}
		if len(sizes) != 3 || other != 1 {
			t.Errorf("%s: parts of %v bytes", id, sizes)
		}
	}
	if len(p.sizes) != 1 {
		t.Errorf("%d uploads", len(p.sizes))
	}
}
