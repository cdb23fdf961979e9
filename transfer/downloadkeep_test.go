package transfer_test

import (
	"net/http"
	"sync"
	"testing"

	"pintail/internal/demo"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// TestDownload_NoMoreRangesAreUnkeptThanInFlight: when a further range is asked for, all before it but those that the limit lets be in
// flight are in the journal, so that a kill at that instant makes no more than those come again.
func TestDownload_NoMoreRangesAreUnkeptThanInFlight(t *testing.T) {
	const connections, ranges, rangeSize = 3, 10, 5 << 20
	var mu sync.Mutex // guards below
	asked, most := 0, 0
	var stored func() int
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if g := demo.ParseTarget(r); g.Op == "GetObject" && g.Key == "large" {
					mu.Lock()
					if asked++; stored != nil {
						most = max(most, asked-stored())
					}
					mu.Unlock()
				}
				next.ServeHTTP(w, r)
			})
		})
	})
	b.Object("large", ranges*rangeSize-1, 1)
	q := b.Queue(func(c *transfer.Config) { c.Limits.Connections, c.NoHedge = connections, true })
	req := b.Download("large", "large")
	req.Options.PartSize = rangeSize
	mu.Lock()
	stored = func() int { return q.StoredParts(1) }
	mu.Unlock()
	b.MustDone(q, req, 1)
	mu.Lock()
	defer mu.Unlock()
	stored = nil // the checker reads too
	if asked != ranges || most > connections {
		t.Errorf("%d requests; %d ranges were unkept at once, want %d and at most %d", asked, most, ranges, connections)
	}
}
