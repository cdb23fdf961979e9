package sink

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// session is one connection. HTTP/1.1 is spoken by hand here, so that a body can be dropped without copying it.
type session struct {
	*Sink
	tcp  *net.TCPConn
	conn net.Conn
	br   *bufio.Reader
	out  []byte
}

func newSession(s *Sink, tcp *net.TCPConn) *session {
	c := &session{Sink: s, tcp: tcp, conn: tcp}
	if s.tls != nil {
		c.conn = tls.Server(tcp, s.tls)
	}
	c.br = bufio.NewReaderSize(c.conn, 16<<10)
	return c
}

// request is the head of a request, as far as anything depends on it.
type request struct {
	method, path, bucket, key string
	query                     url.Values
	length, decoded           int64
	chunked, expect, closing  bool
	rng, copySource           string
	sums                      string // lines of x-amz-checksum-* headers to echo
	trailer                   string // the header that follows the body
	algorithm                 string // x-amz-checksum-algorithm
	sumMode                   bool   // x-amz-checksum-mode
	notes                     []string
}

// proof says which headers show the content to the server: checksums, trailers and the signed payload.
func (r *request) proof() string {
	slices.Sort(r.notes)
	return strings.Join(r.notes, ", ")
}

func (c *session) serve() {
	defer c.conn.Close()
	for {
		r, err := c.readHead()
		if err != nil {
			return
		}
		end := c.begun(r)
		err = c.answer(r)
		end()
		if err != nil || r.closing {
			return
		}
	}
}

func (c *session) readHead() (*request, error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	f := strings.SplitN(strings.TrimRight(string(line), "\r\n"), " ", 3)
	if len(f) != 3 {
		return nil, errors.New("bad request line")
	}
	r := &request{method: f[0], decoded: -1}
	target, query, _ := strings.Cut(f[1], "?")
	r.query, _ = url.ParseQuery(query) // what is not understood is not there
	if r.path, err = url.PathUnescape(target); err != nil {
		return nil, err
	}
	r.bucket, r.key, _ = strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
	for {
		if line, err = c.br.ReadSlice('\n'); err != nil {
			return nil, err
		}
		h := bytes.TrimRight(line, "\r\n")
		if len(h) == 0 {
			return r, nil
		}
		if name, value, ok := bytes.Cut(h, []byte(":")); ok {
			r.header(strings.ToLower(string(name)), string(bytes.TrimSpace(value)))
		}
	}
}

func (r *request) header(name, v string) {
	number := func() int64 { n, _ := strconv.ParseInt(v, 10, 64); return n }
	switch name {
	case "content-length":
		r.length = number()
	case "x-amz-decoded-content-length":
		r.decoded = number()
	case "transfer-encoding":
		r.chunked = strings.EqualFold(v, "chunked")
	case "expect":
		r.expect = strings.EqualFold(v, "100-continue")
		r.notes = append(r.notes, "expect")
	case "connection":
		r.closing = strings.EqualFold(v, "close")
	case "range":
		r.rng = v
	case "x-amz-copy-source":
		r.copySource = v
	case "x-amz-checksum-mode":
		r.sumMode = true
	case "x-amz-checksum-algorithm", "x-amz-checksum-type":
		if name == "x-amz-checksum-algorithm" {
			r.algorithm = v
		}
		r.notes = append(r.notes, strings.TrimPrefix(name, "x-amz-")+" "+v)
	case "x-amz-content-sha256":
		if len(v) == 64 {
			v = "SHA-256"
		}
		r.notes = append(r.notes, "payload "+v)
	case "x-amz-trailer":
		r.trailer = strings.ToLower(v)
		r.notes = append(r.notes, "trailer "+v)
	case "content-md5":
		r.notes = append(r.notes, "content-md5")
	case "authorization":
		scheme, _, _ := strings.Cut(v, " ")
		if scheme != "AWS4-HMAC-SHA256" {
			r.notes = append(r.notes, "signed "+scheme)
		}
	default:
		if strings.HasPrefix(name, "x-amz-checksum-") {
			r.sums += name + ": " + v + "\r\n"
			r.notes = append(r.notes, strings.TrimPrefix(name, "x-amz-"))
		}
	}
}

// discard drops n bytes of a body; on a plain socket the kernel drops them uncopied.
func (c *session) discard(n int64) error {
	c.in.Add(n)
	if b := min(int64(c.br.Buffered()), n); b > 0 {
		if _, err := c.br.Discard(int(b)); err != nil {
			return err
		}
		n -= b
	}
	if c.o.ConnRate > 0 {
		return c.paced(n, func(step int64) error { return c.drop(step) })
	}
	return c.drop(n)
}

func (c *session) drop(n int64) error {
	if n == 0 {
		return nil
	}
	if c.tls != nil {
		_, err := io.CopyN(io.Discard, c.br, n)
		return err
	}
	for c.br.Buffered() > 0 { // a paced step before this one may have left nothing; the head of the body may be here
		b := min(int64(c.br.Buffered()), n)
		if _, err := c.br.Discard(int(b)); err != nil {
			return err
		}
		if n -= b; n == 0 {
			return nil
		}
	}
	return truncate(c.tcp, n)
}

// trash is where dropped bytes would go. The kernel writes nothing to it with MSG_TRUNC.
var trash = make([]byte, 4<<20)

func truncate(tcp *net.TCPConn, n int64) error {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for n > 0 {
			m, _, err := syscall.Recvfrom(int(fd), trash[:min(n, int64(len(trash)))], syscall.MSG_TRUNC)
			switch {
			case errors.Is(err, syscall.EAGAIN):
				return false
			case errors.Is(err, syscall.EINTR):
			case err != nil:
				failed = err
				return true
			case m == 0:
				failed = io.ErrUnexpectedEOF
				return true
			default:
				n -= int64(m)
			}
		}
		return true
	})
	return errors.Join(err, failed)
}

// paced does n bytes in steps at the rate of one connection.
func (c *session) paced(n int64, do func(step int64) error) error {
	const step = 256 << 10
	began, total := time.Now(), n
	for n > 0 {
		m := min(n, step)
		if err := do(m); err != nil {
			return err
		}
		n -= m
		time.Sleep(time.Duration(float64(total-n)/float64(c.o.ConnRate)*1e9) - time.Since(began))
	}
	return nil
}

// body reads a small body, such as the keys to delete.
func (c *session) body(r *request) ([]byte, error) {
	if !r.chunked {
		b := make([]byte, r.length)
		_, err := io.ReadFull(c.br, b)
		return b, err
	}
	var out []byte
	for {
		line, err := c.br.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("chunk: %w", err)
		}
		if n == 0 {
			return out, c.trailer()
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(c.br, b); err != nil {
			return nil, err
		}
		out = append(out, b...)
		if _, err := c.br.Discard(len("\r\n")); err != nil {
			return nil, err
		}
	}
}

// take reads a body away, but for a trailer at its end, which is echoed as a header would be.
func (c *session) take(r *request) error {
	const longest = 512 // of a trailer with its signature
	if r.trailer == "" {
		return c.discard(r.length)
	}
	end := min(r.length, longest)
	if err := c.discard(r.length - end); err != nil {
		return err
	}
	c.in.Add(end)
	tail := make([]byte, end)
	if _, err := io.ReadFull(c.br, tail); err != nil {
		return err
	}
	r.echo(tail)
	return nil
}

// echo finds the trailer at the end of a body.
func (r *request) echo(tail []byte) {
	if r.trailer == "" {
		return
	}
	if i := bytes.LastIndex(tail, []byte("\n"+r.trailer+":")); i >= 0 {
		v, _, _ := bytes.Cut(tail[i+len(r.trailer)+2:], []byte("\r\n"))
		r.sums += r.trailer + ": " + string(bytes.TrimSpace(v)) + "\r\n"
	}
}

func (c *session) trailer() error {
	for {
		line, err := c.br.ReadString('\n')
		if err != nil || line == "\r\n" {
			return err
		}
	}
}

// head writes status line and headers for a body of n bytes into the buffer.
func (c *session) head(status, extra string, n int64) []byte {
	b := append(c.out[:0], "HTTP/1.1 "...)
	b = append(b, status...)
	b = append(b, "\r\nServer: sink\r\nx-amz-request-id: 0\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 GMT")
	b = append(b, "\r\n"...)
	b = append(b, extra...)
	if n >= 0 {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, n, 10)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// reply answers with a document, or with none.
func (c *session) reply(status, extra string, body []byte) error {
	if len(body) > 0 {
		extra += "Content-Type: application/xml\r\n"
	}
	c.out = append(c.head(status, extra, int64(len(body))), body...)
	c.Sink.out.Add(int64(len(body)))
	_, err := c.conn.Write(c.out)
	return err
}

func (c *session) xml(body string) error { return c.reply("200 OK", "", []byte(xmlHead+body)) }

func (c *session) noContent() error {
	_, err := c.conn.Write(c.head("204 No Content", "", -1))
	return err
}

func (c *session) fail(r *request, status, code string) error {
	if r.method == "HEAD" {
		return c.reply(status, "", nil)
	}
	return c.reply(status, "", []byte(xmlHead+"<Error><Code>"+code+"</Code><Message>the sink answers "+code+"</Message></Error>"))
}
