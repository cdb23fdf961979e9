package storage

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tracer reports each request when it ends: at the end of its body, or when it fails.
type tracer struct {
	next   http.RoundTripper
	report func(Event)
	now    func() time.Time
}

// RoundTrip sends r and notes in the call's record what the wire said.
func (t *tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := callFrom(r.Context())
	if rec != nil {
		rec.method, rec.host = r.Method, r.URL.Host
	}
	if t.report == nil {
		resp, err := t.next.RoundTrip(r)
		rec.note(resp)
		return resp, err
	}
	start := t.now()
	e := Event{Time: start, Method: r.Method, URL: safeURL(r.URL)}
	if rec != nil {
		e.Op = rec.op
	}
	var sent atomic.Int64
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &countedBody{ReadCloser: r.Body, n: &sent}
	}
	resp, err := t.next.RoundTrip(r)
	rec.note(resp)
	end := func(got int64, err error) {
		e.Sent, e.Got, e.Duration = sent.Load(), got, t.now().Sub(start)
		if err != nil {
			e.Err = safeText(err)
		}
		t.report(e)
	}
	if err != nil {
		end(0, err)
		return resp, err
	}
	e.Status, e.RequestID = resp.StatusCode, resp.Header.Get("X-Amz-Request-Id")
	if resp.Body == nil || resp.Body == http.NoBody {
		end(0, nil)
		return resp, nil
	}
	resp.Body = &tracedBody{ReadCloser: resp.Body, end: end}
	return resp, nil
}

// note keeps what an answer's head says. It works on a nil record.
func (c *call) note(resp *http.Response) {
	if c != nil && resp != nil {
		c.status, c.header = resp.StatusCode, resp.Header
	}
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

// Read counts what is handed to the connection.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

type tracedBody struct {
	io.ReadCloser
	got  int64
	once sync.Once
	end  func(int64, error)
}

// Read counts, and reports at the end.
func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.got += int64(n)
	if err == io.EOF {
		b.once.Do(func() { b.end(b.got, nil) })
	} else if err != nil {
		b.once.Do(func() { b.end(b.got, err) })
	}
	return n, err
}

// Close reports if nothing has.
func (b *tracedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.end(b.got, nil) })
	return err
}

// secretQuery are the parameters whose values let somebody act as us.
var secretQuery = map[string]bool{
	"x-amz-signature": true, "x-amz-credential": true, "x-amz-security-token": true, "signature": true, "awsaccesskeyid": true,
	"x-amz-s3session-token": true,
}

// safeURL is u without user, password and the values of a signature.
func safeURL(u *url.URL) string {
	c := *u
	c.User = nil
	if c.RawQuery != "" {
		pairs := strings.Split(c.RawQuery, "&")
		for i, p := range pairs {
			name, _, _ := strings.Cut(p, "=")
			if n, err := url.QueryUnescape(name); err != nil || secretQuery[strings.ToLower(n)] {
				pairs[i] = name + "=***"
			}
		}
		c.RawQuery = strings.Join(pairs, "&")
	}
	return c.String()
}

// safeText is err's text; addresses in it lose what safeURL takes away.
func safeText(err error) string {
	return redact(err.Error())
}

// redact takes the values of secret parameters out of a text, wherever they stand.
func redact(s string) string {
	low := asciiLower(s)
	for name := range secretQuery {
		for from := 0; ; {
			i := strings.Index(low[from:], name+"=")
			if i < 0 {
				break
			}
			start := from + i + len(name) + 1
			end := start
			for end < len(s) && !strings.ContainsRune("& \t\r\n\"'<>,;)", rune(s[end])) {
				end++
			}
			s = s[:start] + "***" + s[end:]
			low = asciiLower(s)
			from = start + 3
		}
	}
	return s
}

// asciiLower changes no byte's position, as strings.ToLower may.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
