// Package faultserver makes the embedded server fail on purpose, by a script: which request, where in it, and how. For tests only.
// It must never fail anything that no rule names, and never by chance or by time.
// Start at [New]; [Rows] is the table of all cases with what a correct client has to conclude from each.
package faultserver

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"pintail/internal/demo"
)

// Kind is the way in which a request goes wrong.
type Kind string

// The kinds. Those that need an answer to spoil let the server do its work first.
const (
	Pass        Kind = "pass"         // nothing: the right answer, counted
	Reset       Kind = "reset"        // the connection is reset
	Stall       Kind = "stall"        // no bytes until Release, then the connection is cut
	Status      Kind = "status"       // an S3 error document with Rule.Status and Rule.Code
	HTML        Kind = "html"         // 200 and a web page, as a hotel's network gives
	Empty       Kind = "empty"        // 200 and nothing, not even headers of S3
	WrongRoot   Kind = "wrong-root"   // 200 and a well-formed document of another kind
	NoETag      Kind = "no-etag"      // the answer lacks its ETag
	WrongETag   Kind = "wrong-etag"   // the answer has the ETag of something else
	NoRange     Kind = "no-range"     // 206 without Content-Range
	WrongRange  Kind = "wrong-range"  // 206 for other bytes than asked for
	IgnoreRange Kind = "ignore-range" // 200 and the whole object for a ranged GET
	CutNoLength Kind = "cut-nolength" // the body ends early, and there is no Content-Length to tell
	CutLength   Kind = "cut-length"   // the body ends before its Content-Length
	Flip        Kind = "flip"         // one bit of the body is wrong: of the answer, or of the upload on its way in
	SameToken   Kind = "same-token"   // a page names as next the page that it is itself
	NoToken     Kind = "no-token"     // a page is truncated and names no next one
	ErrorIn200  Kind = "error-in-200" // status 200, white space, then an error document
	Close       Kind = "close"        // the connection is ended in an orderly way
	CutChunked  Kind = "cut-chunked"  // a chunked body ends without its last chunk
	Canned      Kind = "canned"       // Rule.Status, Rule.Header and Rule.Body
	Changed     Kind = "changed"      // the right answer after Rule.Change
	Raw         Kind = "raw"          // the bytes of Rule.Body instead of an answer of HTTP
	Prelude     Kind = "prelude"      // the bytes of Rule.Body, then the right answer
	Meanwhile   Kind = "meanwhile"    // Rule.Meanwhile happens, then the request is answered rightly
	Refused     Kind = "refused"      // nobody listens; needs [Faults.Proxy] in the client
	NoName      Kind = "no-name"      // the host's name is not found; needs [Faults.Proxy] in the client
)

// Position is where in the request or its answer it happens. For PUT and UploadPart, byte positions
// count the body sent; for all others the body answered.
type Position string

// The positions. BeforeHeaders means that the server never learnt of the request.
const (
	BeforeHeaders Position = "before-headers"
	Byte0         Position = "byte-0"
	Byte1         Position = "byte-1"
	Middle        Position = "middle"
	Last          Position = "last"         // one byte is missing
	AfterCommit   Position = "after-commit" // the server did it, and the answer is lost
)

// Rule says which requests fail, and how.
type Rule struct {
	Op     string // S3 operation; "" is any
	Bucket string // "" is any
	Key    string // exact key; "" is any
	Number int    // part number, or page of a listing counted from 1; 0 is any
	Range  string // the Range header; "" is any
	Nth    int    // the first matching request to fail, counted from 1; 0 is 1
	Times  int    // how many fail from there on; 0 is 1, below 0 is all
	Kind   Kind
	At     Position // "" is BeforeHeaders
	Status int      // for Status: the HTTP status; 0 is 500. For Canned; 0 is 200
	Code   string   // for Status and ErrorIn200: the error code; "" is InternalError

	Header    map[string]string              // for Canned and Status, besides what the kind itself sets
	Body      string                         // for Canned, Raw and Prelude
	Change    func(t demo.Target, a *Answer) // for Changed
	Meanwhile func(t demo.Target)            // for Meanwhile
}

// Answer is a response held back, to be changed.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Faults is a set of rules with their counters. Use it for one server only.
type Faults struct {
	release     chan struct{}
	releaseOnce sync.Once

	mu      sync.Mutex // guards what follows
	rules   []*ruleState
	choose  func(t demo.Target) (Rule, bool)
	fired   int
	stalled chan struct{} // closed and renewed at each stall, see WaitStalled
	waiting int
	pages   map[string]int // continuation token to the page it leads to
}

type ruleState struct {
	Rule
	seen, fired int
}

// New makes the script. The first rule that matches a request decides.
func New(rules ...Rule) *Faults {
	f := &Faults{release: make(chan struct{}), stalled: make(chan struct{}), pages: map[string]int{}}
	for _, r := range rules {
		f.rules = append(f.rules, &ruleState{Rule: r})
	}
	return f
}

// Chosen makes a script in which choose decides for each request; calls of it do not overlap. Rules that need the client's
// help ([Refused], [NoName]) are not for it.
func Chosen(choose func(t demo.Target) (Rule, bool)) *Faults {
	f := New()
	f.choose = choose
	return f
}

// Fired is how many requests were failed so far (or, with Pass, let through on purpose).
func (f *Faults) Fired() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired
}

// Release ends all stalls, those to come too. Harmless when repeated.
func (f *Faults) Release() { f.releaseOnce.Do(func() { close(f.release) }) }

// WaitStalled blocks until at least n requests have run into a stall.
func (f *Faults) WaitStalled(ctx context.Context, n int) error {
	for {
		f.mu.Lock()
		got, changed := f.waiting, f.stalled
		f.mu.Unlock()
		if got >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *Faults) noteStall() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting++
	close(f.stalled)
	f.stalled = make(chan struct{})
}

// Middleware is for [demo.Options].
func (f *Faults) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := demo.ParseTarget(r)
		rule, ok := f.match(t, r.Header.Get("Range"), false)
		if !ok {
			f.pass(next, w, r, t)
			return
		}
		f.strike(strike{f: f, rule: rule, next: next, w: w, r: r, t: t})
	})
}

// match finds the rule for a request and counts it.
func (f *Faults) match(t demo.Target, byteRange string, dialling bool) (Rule, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := f.number(t)
	if f.choose != nil {
		r, ok := f.choose(t)
		if ok {
			f.fired++
		}
		return r, ok
	}
	for _, r := range f.rules {
		if (r.Kind == Refused || r.Kind == NoName) != dialling {
			continue
		}
		if (r.Op != "" && r.Op != t.Op) || (r.Bucket != "" && r.Bucket != t.Bucket) || (r.Key != "" && r.Key != t.Key) ||
			(r.Number != 0 && r.Number != number) || (r.Range != "" && r.Range != byteRange) {
			continue
		}
		r.seen++
		if r.seen < max(r.Nth, 1) || (r.Times >= 0 && r.fired >= max(r.Times, 1)) {
			continue
		}
		r.fired++
		f.fired++
		return r.Rule, true
	}
	return Rule{}, false
}

// Proxy is for the client: it sends the requests that meet [Refused] or [NoName] to where nobody listens.
func (f *Faults) Proxy(r *http.Request) (*url.URL, error) {
	q := r.Clone(r.Context())
	q.RequestURI = r.URL.RequestURI()
	rule, ok := f.match(demo.ParseTarget(q), r.Header.Get("Range"), true)
	switch {
	case !ok:
		return nil, nil
	case rule.Kind == NoName: // an empty label: no resolver is asked
		return &url.URL{Scheme: "http", Host: "no-such-host..invalid:9"}, nil
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, nil
}

// number is the part number, or the page that the token stands for.
func (f *Faults) number(t demo.Target) int {
	if n, err := strconv.Atoi(t.Query.Get("partNumber")); err == nil {
		return n
	}
	if nextToken[t.Op] == nil {
		return 0
	}
	if page, ok := f.pages[tokenOf(t)]; ok {
		return page
	}
	if t.Query.Get("start-after") != "" || tokenOf(t) != "" {
		return 2 // taken up after a page, or after one that a fault has made
	}
	return 1
}

// learnPage notes which page follows, from the answer to this one.
func (f *Faults) learnPage(t demo.Target, answer []byte) {
	re := nextToken[t.Op]
	if re == nil {
		return
	}
	m := re.FindSubmatch(answer)
	if m == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages[string(m[1])] = f.number(t) + 1
}
