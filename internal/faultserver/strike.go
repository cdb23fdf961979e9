package faultserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"

	"pintail/internal/demo"
)

// nextToken finds what a page of a listing names as the next one.
var nextToken = map[string]*regexp.Regexp{
	"ListObjectsV2":        regexp.MustCompile(`<NextContinuationToken>([^<]*)</NextContinuationToken>`),
	"ListObjects":          regexp.MustCompile(`<NextMarker>([^<]*)</NextMarker>`),
	"ListObjectVersions":   regexp.MustCompile(`<NextKeyMarker>([^<]*)</NextKeyMarker>`),
	"ListMultipartUploads": regexp.MustCompile(`<NextKeyMarker>([^<]*)</NextKeyMarker>`),
	"ListParts":            regexp.MustCompile(`<NextPartNumberMarker>([^<]*)</NextPartNumberMarker>`),
	"ListBuckets":          regexp.MustCompile(`<ContinuationToken>([^<]*)</ContinuationToken>`),
}

// tokenOf is what a request for a page names as its start.
func tokenOf(t demo.Target) string {
	for _, name := range []string{"continuation-token", "marker", "key-marker", "part-number-marker"} {
		if v := t.Query.Get(name); v != "" {
			return v
		}
	}
	return ""
}

var etagElement = regexp.MustCompile(`<ETag>[^<]*</ETag>`)

const (
	foreignETag = "00000000000000000000000000000bad"
	webPage     = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>\n"
	otherXML    = "<?xml version=\"1.0\"?>\n<Greeting xmlns=\"http://example.com/\"><Text>hello</Text></Greeting>\n"
)

// strike is one request that a rule has chosen.
type strike struct {
	f    *Faults
	rule Rule
	next http.Handler
	w    http.ResponseWriter
	r    *http.Request
	t    demo.Target
}

// answer is a response held back.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(p)
}

// run lets the server do its work and keeps the answer.
func (s *strike) run(r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	s.next.ServeHTTP(a, r)
	if a.status == 0 {
		a.status = http.StatusOK
	}
	s.f.learnPage(s.t, a.body.Bytes())
	return a
}

// pass answers rightly; only listings are held, to number their pages.
func (f *Faults) pass(next http.Handler, w http.ResponseWriter, r *http.Request, t demo.Target) {
	if nextToken[t.Op] == nil {
		next.ServeHTTP(w, r)
		return
	}
	s := strike{f: f, next: next, w: w, r: r, t: t}
	s.send(s.run(r))
}

func (s *strike) send(a *answer) {
	for k, v := range a.header {
		s.w.Header()[k] = v
	}
	s.w.WriteHeader(a.status)
	_, _ = s.w.Write(a.body.Bytes()) // a client that has gone is no concern of ours
}

// sends says whether the body of the operation travels to the server.
func (s *strike) sends() bool { return s.t.Op == "PutObject" || s.t.Op == "UploadPart" }

func (f *Faults) strike(s strike) {
	switch s.rule.Kind {
	case Pass:
		f.pass(s.next, s.w, s.r, s.t)
	case Reset, Close, Stall, CutLength, CutNoLength, CutChunked:
		s.breakConnection()
	case Raw:
		s.raw()
	case Prelude:
		s.prelude()
	case Meanwhile:
		s.rule.Meanwhile(s.t)
		f.pass(s.next, s.w, s.r, s.t)
	case Canned:
		s.fixed(s.statusOr(http.StatusOK), "", s.rule.Body)
	case Status:
		s.fixed(s.statusOr(http.StatusInternalServerError), "application/xml", s.errorXML())
	case ErrorIn200:
		s.fixed(http.StatusOK, "application/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n   \n  "+s.errorXML())
	case HTML:
		s.fixed(http.StatusOK, "text/html", webPage)
	case Empty:
		s.fixed(http.StatusOK, "", "")
	case WrongRoot:
		s.fixed(http.StatusOK, "application/xml", otherXML)
	default:
		s.spoil()
	}
}

func (s *strike) statusOr(def int) int {
	if s.rule.Status != 0 {
		return s.rule.Status
	}
	return def
}

func (s *strike) errorXML() string {
	code := s.rule.Code
	if code == "" {
		code = "InternalError"
	}
	return "<Error><Code>" + code + "</Code><Message>scripted</Message><RequestId>FAULT</RequestId></Error>"
}

// fixed answers something else than the server would; with AfterCommit the server has done the work nevertheless.
func (s *strike) fixed(status int, contentType, body string) {
	if s.rule.At == AfterCommit {
		s.run(s.r)
	} else {
		_, _ = io.Copy(io.Discard, s.r.Body) // so that the sender sees the answer, not a reset
	}
	if s.r.Method == http.MethodHead {
		body = ""
	}
	h := s.w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	if s.rule.Kind == Status {
		h.Set("X-Amz-Request-Id", "FAULT")
	}
	for k, v := range s.rule.Header {
		h.Set(k, v)
	}
	if status != http.StatusNoContent && status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	s.w.WriteHeader(status)
	_, _ = io.WriteString(s.w, body)
}

// spoil takes the right answer, or the upload, and changes one thing in it.
func (s *strike) spoil() {
	switch s.rule.Kind {
	case Flip:
		s.flip()
		return
	case IgnoreRange:
		s.send(s.run(demo.IgnoreRange(s.r)))
		return
	}
	a := s.run(s.r)
	body := a.body.Bytes()
	switch s.rule.Kind {
	case Changed:
		s.change(a)
		return
	case NoETag:
		a.header.Del("Etag")
		body = etagElement.ReplaceAll(body, nil)
	case WrongETag:
		if a.header.Get("Etag") != "" {
			a.header.Set("Etag", `"`+foreignETag+`"`)
		}
		body = etagElement.ReplaceAll(body, []byte("<ETag>&quot;"+foreignETag+"&quot;</ETag>"))
	case NoRange:
		a.header.Del("Content-Range")
	case WrongRange:
		a.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", a.body.Len(), 2*a.body.Len()-1, 2*a.body.Len()))
	case SameToken:
		body = s.replaceToken(body, tokenOf(s.t))
	case NoToken:
		body = nextToken[s.t.Op].ReplaceAll(body, nil)
	}
	s.resend(a, body)
}

// change lets the rule change the answer; a Content-Length that it leaves alone is made right.
func (s *strike) change(a *answer) {
	was := a.header.Get("Content-Length")
	c := Answer{Status: a.status, Header: a.header, Body: a.body.Bytes()}
	s.rule.Change(s.t, &c)
	if was != "" && c.Header.Get("Content-Length") == was && s.r.Method != http.MethodHead {
		c.Header.Set("Content-Length", strconv.Itoa(len(c.Body)))
	}
	fresh := &answer{status: c.Status, header: c.Header}
	fresh.body.Write(c.Body)
	s.send(fresh)
}

// raw answers with bytes that are no HTTP.
func (s *strike) raw() {
	_, _ = io.Copy(io.Discard, s.r.Body)
	s.cut([]byte(s.rule.Body))
}

// prelude sends bytes before the right answer, and ends the connection after it.
func (s *strike) prelude() {
	a := s.run(s.r)
	var raw bytes.Buffer
	raw.WriteString(s.rule.Body)
	fmt.Fprintf(&raw, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	if a.header.Get("Content-Length") == "" {
		a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	a.header.Set("Connection", "close")
	if err := a.header.Write(&raw); err != nil {
		panic(http.ErrAbortHandler)
	}
	raw.WriteString("\r\n")
	if s.r.Method != http.MethodHead {
		raw.Write(a.body.Bytes())
	}
	s.cut(raw.Bytes())
}

func (s *strike) replaceToken(body []byte, token string) []byte {
	re := nextToken[s.t.Op]
	loc := re.FindSubmatchIndex(body)
	if loc == nil {
		return body
	}
	return append(append(append([]byte{}, body[:loc[2]]...), token...), body[loc[3]:]...)
}

// resend sends an answer with another body.
func (s *strike) resend(a *answer, body []byte) {
	if a.header.Get("Content-Length") != "" && s.r.Method != http.MethodHead {
		a.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	fresh := &answer{status: a.status, header: a.header}
	fresh.body.Write(body)
	s.send(fresh)
}

// flip spoils one bit of the answer, or of the body that is sent.
func (s *strike) flip() {
	if s.sends() {
		body, err := io.ReadAll(s.r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r := s.r.Clone(s.r.Context())
		r.Body = io.NopCloser(bytes.NewReader(s.flipped(body)))
		s.send(s.run(r))
		return
	}
	a := s.run(s.r)
	s.resend(a, s.flipped(a.body.Bytes()))
}

func (s *strike) flipped(body []byte) []byte {
	out := bytes.Clone(body)
	if i := s.offset(int64(len(out))); len(out) > 0 {
		out[min(i, int64(len(out)-1))] ^= 1
	}
	return out
}

// offset is how many bytes of n come through.
func (s *strike) offset(n int64) int64 {
	switch s.rule.At {
	case Byte1:
		return min(1, n)
	case Middle:
		return n / 2
	case Last:
		return max(n-1, 0)
	}
	return 0
}

// breakConnection ends it: at once, in the middle of the body, or when everything is done but the answer.
func (s *strike) breakConnection() {
	switch {
	case s.rule.At == AfterCommit:
		s.run(s.r)
	case s.rule.At == BeforeHeaders || s.rule.At == "":
	case s.sends():
		// so much of the upload is read, and nothing is stored
		_, _ = io.CopyN(io.Discard, s.r.Body, s.offset(s.r.ContentLength))
	default:
		s.breakAnswer()
		return
	}
	s.wait()
	s.cut(nil)
}

// breakAnswer sends headers and a part of the body.
func (s *strike) breakAnswer() {
	a := s.run(s.r)
	n := s.offset(int64(a.body.Len()))
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	body := a.body.Bytes()[:n]
	switch s.rule.Kind {
	case CutNoLength:
		a.header.Del("Content-Length")
	case CutChunked:
		a.header.Del("Content-Length")
		a.header.Set("Transfer-Encoding", "chunked")
		if n > 0 {
			body = fmt.Appendf(nil, "%x\r\n%s\r\n", n, body)
		}
	}
	a.header.Set("Connection", "close")
	if err := a.header.Write(&raw); err != nil {
		panic(http.ErrAbortHandler)
	}
	raw.WriteString("\r\n")
	if s.r.Method != http.MethodHead {
		raw.Write(body)
	}
	s.cut(raw.Bytes())
}

// wait holds a stalled request until it is released, or the server ends.
func (s *strike) wait() {
	if s.rule.Kind != Stall {
		return
	}
	s.f.noteStall()
	select {
	case <-s.f.release:
	case <-s.r.Context().Done():
	}
}

// cut writes raw bytes to the connection and ends it: with a reset, or in an orderly way where the kind asks for it.
func (s *strike) cut(raw []byte) {
	conn, _, err := http.NewResponseController(s.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if _, err = conn.Write(raw); err == nil && raw != nil {
		s.wait()
	}
	if tcp, ok := conn.(*net.TCPConn); ok && s.rule.Kind == Reset {
		err = errors.Join(err, tcp.SetLinger(0))
	}
	_ = errors.Join(err, conn.Close()) // the connection is given up in any case
}
