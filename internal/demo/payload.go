package demo

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// payload is what the headers say of the body, and the trailer once the body is read.
type payload struct {
	length      int64  // decoded bytes, -1 unknown
	trailerName string // announced by x-amz-trailer, lower case
	trailer     map[string]string
}

const minChunk = 8 << 10

// preparePayload sets c.body to the decoded body, whose hashes are checked when it ends. g is nil for an anonymous request.
func (c *call) preparePayload(g *signature, key []byte) error {
	h := c.r.Header
	kind := h.Get("X-Amz-Content-Sha256")
	if kind == "" && g != nil {
		kind = c.query.Get("X-Amz-Content-Sha256")
	}
	c.payload = &payload{length: c.r.ContentLength, trailerName: strings.ToLower(h.Get("X-Amz-Trailer"))}
	if strings.HasPrefix(kind, "STREAMING-") {
		return c.prepareChunked(kind, g, key)
	}
	body := io.Reader(c.r.Body)
	if c.r.ContentLength > 0 {
		body = &exactReader{r: body, left: c.r.ContentLength}
	}
	switch raw, err := hex.DecodeString(kind); {
	case kind == "" || kind == unsignedPayload:
		c.body = body
	case err == nil && len(raw) == sha256.Size && kind == strings.ToLower(kind):
		if c.r.ContentLength == 0 && kind != emptySHA256 {
			return fail("XAmzContentSHA256Mismatch", "", field{"ClientComputedContentSHA256", kind}, field{"S3ComputedContentSHA256", emptySHA256})
		}
		c.body = &hashedReader{r: body, hash: sha256.New(), want: kind}
	default:
		return fail("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			field{"ArgumentName", "x-amz-content-sha256"}, field{"ArgumentValue", kind})
	}
	return nil
}

func (c *call) prepareChunked(kind string, g *signature, key []byte) error {
	n, err := strconv.ParseInt(c.r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return fail("MissingContentLength", "")
	}
	c.payload.length = n
	cr := &chunkedReader{r: bufio.NewReaderSize(c.r.Body, 64<<10), left: n, p: c.payload}
	switch kind {
	case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
	case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
		if g == nil || g.query {
			return fail("AccessDenied", "")
		}
		cr.sig = &chunkSigner{key: key, g: g, previous: g.value}
	default:
		return fail("NotImplemented", "", field{"Header", "x-amz-content-sha256"}, field{"AdditionalMessage", kind})
	}
	cr.wantTrailer = strings.HasSuffix(kind, "-TRAILER")
	if !cr.wantTrailer {
		c.payload.trailerName = ""
	}
	c.body = cr
	return nil
}

// exactReader turns a body that ends early into an error.
type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// hashedReader compares the hash of the body with the signed one at its end.
type hashedReader struct {
	r    io.Reader
	hash hash.Hash
	want string
}

func (h *hashedReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.hash.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if got := hex.EncodeToString(h.hash.Sum(nil)); got != h.want {
			return n, fail("XAmzContentSHA256Mismatch", "", field{"ClientComputedContentSHA256", h.want}, field{"S3ComputedContentSHA256", got})
		}
	}
	return n, err
}

// chunkedReader decodes aws-chunked: hex size[;chunk-signature=…] CRLF data CRLF … 0 … CRLF trailers CRLF.
type chunkedReader struct {
	r           *bufio.Reader
	left        int64 // decoded bytes still announced
	sig         *chunkSigner
	p           *payload
	wantTrailer bool

	chunk    []byte // rest of the verified signed chunk
	open     int64  // bytes left of an unsigned chunk
	wasSmall bool
	err      error
}

const (
	maxChunkLine = 4 << 10
	maxChunk     = 16 << 20 // a signed chunk is held in memory until its signature is checked
)

func (c *chunkedReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for c.err == nil && len(c.chunk) == 0 && c.open == 0 {
		c.err = c.next()
	}
	switch {
	case len(c.chunk) > 0:
		n := copy(p, c.chunk)
		c.chunk = c.chunk[n:]
		return n, nil
	case c.open > 0:
		n, err := c.r.Read(p[:min(int64(len(p)), c.open)])
		c.open -= int64(n)
		if err != nil {
			c.err, c.open = io.ErrUnexpectedEOF, 0
		} else if c.open == 0 {
			c.err = c.crlf()
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, c.err
}

// next reads a chunk header, and the whole chunk when it is signed.
func (c *chunkedReader) next() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	sizeText, ext, _ := strings.Cut(line, ";")
	size, err := strconv.ParseInt(sizeText, 16, 64)
	if err != nil || size < 0 || sizeText[0] == '+' {
		return fail("IncompleteBody", "")
	}
	if size > c.left || (size == 0 && c.left > 0) {
		return fail("IncompleteBody", "The decoded length is not the announced x-amz-decoded-content-length.")
	}
	if size > 0 && c.wasSmall {
		return fail("InvalidChunkSizeError", "")
	}
	c.wasSmall = size < minChunk
	c.left -= size
	if c.sig == nil {
		c.open = size
		if size == 0 {
			return c.finish()
		}
		return nil
	}
	if size > maxChunk {
		return fail("EntityTooLarge", "")
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(c.r, data); err != nil {
		return io.ErrUnexpectedEOF
	}
	if !c.sig.chunk(data, strings.TrimPrefix(ext, "chunk-signature=")) {
		return fail("SignatureDoesNotMatch", "")
	}
	if size == 0 {
		return c.finish()
	}
	c.chunk = data
	return c.crlf()
}

// finish reads the trailer and the last CRLF. Some clients leave the last CRLF out when there is no trailer.
func (c *chunkedReader) finish() error {
	var canonical bytes.Buffer
	c.p.trailer = map[string]string{}
	signed := ""
	for {
		line, err := c.line()
		if errors.Is(err, io.ErrUnexpectedEOF) && line == "" {
			break
		}
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case !ok || len(c.p.trailer) > 8:
			return fail("MalformedTrailerError", "")
		case name == "x-amz-trailer-signature":
			signed = value
		default:
			c.p.trailer[name] = value
			canonical.WriteString(name + ":" + value + "\n")
		}
	}
	if _, sent := c.p.trailer[c.p.trailerName]; (c.p.trailerName != "") != sent || len(c.p.trailer) > 1 {
		return fail("MalformedTrailerError", "")
	}
	if c.sig != nil && c.wantTrailer && !c.sig.trailer(canonical.Bytes(), signed) {
		return fail("SignatureDoesNotMatch", "")
	}
	if _, err := c.r.ReadByte(); err == nil {
		return fail("IncompleteBody", "")
	}
	return io.EOF
}

func (c *chunkedReader) crlf() error {
	var b [2]byte
	if _, err := io.ReadFull(c.r, b[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if b != [2]byte{'\r', '\n'} {
		return fail("IncompleteBody", "")
	}
	return nil
}

func (c *chunkedReader) line() (string, error) {
	var line []byte
	for len(line) < maxChunkLine {
		b, err := c.r.ReadByte()
		if err != nil {
			return string(line), io.ErrUnexpectedEOF
		}
		if b == '\n' {
			text, ok := strings.CutSuffix(string(line), "\r")
			if !ok {
				return "", fail("IncompleteBody", "")
			}
			return text, nil
		}
		line = append(line, b)
	}
	return "", fail("IncompleteBody", "")
}

// chunkSigner checks the chain of chunk signatures.
type chunkSigner struct {
	key      []byte
	g        *signature
	previous string
}

func (s *chunkSigner) chunk(data []byte, signature string) bool {
	sum := sha256.Sum256(data)
	return s.check("AWS4-HMAC-SHA256-PAYLOAD", emptySHA256+"\n"+hex.EncodeToString(sum[:]), signature)
}

func (s *chunkSigner) trailer(canonical []byte, signature string) bool {
	sum := sha256.Sum256(canonical)
	return s.check("AWS4-HMAC-SHA256-TRAILER", hex.EncodeToString(sum[:]), signature)
}

func (s *chunkSigner) check(kind, rest, signature string) bool {
	want := hex.EncodeToString(mac(s.key, strings.Join([]string{kind, s.g.time, s.g.scope(), s.previous, rest}, "\n")))
	s.previous = want
	return want == signature
}

// wantedChecksum finds the checksum that a request promises, in a header or in the trailer; algo nil is none.
func (p *payload) wantedChecksum(h http.Header) (wanted, error) {
	var found wanted
	for name := range h {
		lower := strings.ToLower(name)
		suffix, ok := strings.CutPrefix(lower, "x-amz-checksum-")
		if !ok || suffix == "mode" || suffix == "algorithm" || suffix == "type" {
			continue
		}
		algo := algorithm(suffix)
		if algo == nil {
			return found, fail("NotImplemented", "", field{"Header", name})
		}
		if found.algo != nil {
			return found, fail("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		found = wanted{algo: algo, value: h.Get(name)}
		if !algo.valid(found.value) {
			return found, fail("InvalidRequest", "Value for "+lower+" header is invalid.")
		}
	}
	if suffix, ok := strings.CutPrefix(p.trailerName, "x-amz-checksum-"); ok {
		algo := algorithm(suffix)
		if algo == nil {
			return found, fail("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
		}
		if found.algo != nil {
			return found, fail("InvalidRequest", "Expecting a single x-amz-checksum- header")
		}
		found = wanted{algo: algo, inTrailer: true}
	} else if p.trailerName != "" {
		return found, fail("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
	}
	if name := h.Get("X-Amz-Sdk-Checksum-Algorithm"); name != "" {
		algo := algorithm(strings.ToLower(name))
		switch {
		case algo == nil:
			return found, fail("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
		case found.algo == nil && h.Get("Content-Md5") != "":
			return found, nil
		case found.algo == nil:
			return found, fail("InvalidRequest", "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
		case found.algo != algo:
			return found, fail("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
		}
	}
	return found, nil
}

// wanted is a checksum that the client promised.
type wanted struct {
	algo      *checksumAlgo
	value     string // base64
	inTrailer bool
}

// verify compares; the trailer is only there when the body has been read.
func (w wanted) verify(sum []byte, p *payload) error {
	value := w.value
	if w.inTrailer {
		value = p.trailer["x-amz-checksum-"+w.algo.lower]
		if !w.algo.valid(value) {
			return fail("InvalidRequest", "Value for x-amz-checksum-"+w.algo.lower+" trailing header is invalid.")
		}
	}
	if value != encode64(sum) {
		return fail("BadDigest", "The "+w.algo.name+" you specified did not match the calculated checksum.")
	}
	return nil
}
