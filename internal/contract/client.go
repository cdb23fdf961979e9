package contract

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Client sends single requests, signed or spoilt as asked. It retries nothing, follows nothing and checks nothing.
type Client struct {
	Endpoint             string // "http://127.0.0.1:7000"
	AccessKey, SecretKey string
	Region               string
	HTTP                 *http.Client
}

// NewClient makes a client with connections of its own. Call Close when done.
func NewClient(endpoint, accessKey, secretKey, region string) *Client {
	return &Client{
		Endpoint: endpoint, AccessKey: accessKey, SecretKey: secretKey, Region: region,
		HTTP: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			Timeout:       time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// The values of x-amz-content-sha256 that are not a hash.
const (
	Unsigned        = "UNSIGNED-PAYLOAD"
	StreamSigned    = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamUnsigned  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	amzTime         = "20060102T150405Z"
	streamChunkSize = 64 << 10
)

// Request is one request to S3. Key and bucket are raw bytes.
type Request struct {
	Method, Bucket, Key string
	Query               string // already encoded: "uploads" or "max-keys=2&prefix=a%2F"
	Header              map[string]string
	Body                string
	Anonymous           bool
	ContentSHA256       string        // "" is the hash of Body
	Age                 time.Duration // the signature is that old
	Presign             time.Duration // sign in the query, valid that long; 0 signs in the header
	Trailer             [2]string     // for the streaming kinds: name and value
	Spoil               func(*http.Request)
	SpoilBody           func([]byte) []byte // changes the framed body after signing
}

// Reply is the whole answer.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends r.
func (c *Client) Do(ctx context.Context, r Request) (*Reply, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.Send(req)
}

// Presigned returns a link for r, which is signed in the query.
func (c *Client) Presigned(ctx context.Context, r Request) (string, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return "", err
	}
	return req.URL.String(), nil
}

// Send sends any request and reads the answer.
func (c *Client) Send(req *http.Request) (*Reply, error) {
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return &Reply{resp.StatusCode, resp.Header, string(body)}, nil
}

func (c *Client) build(ctx context.Context, r Request) (*http.Request, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, err
	}
	u.Path = "/"
	if r.Bucket != "" {
		u.Path = "/" + r.Bucket
	}
	if r.Key != "" {
		u.Path += "/" + r.Key
	}
	u.RawPath = escape(u.Path, "/")
	u.RawQuery = r.Query
	body := []byte(r.Body)
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.URL = u
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	if !r.Anonymous {
		body = c.sign(req, r, body)
	}
	if r.SpoilBody != nil {
		body = r.SpoilBody(body)
	}
	if len(body) > 0 || r.Method == http.MethodPut || r.Method == http.MethodPost {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		if len(body) == 0 {
			req.Body = http.NoBody
		}
	}
	if r.Spoil != nil {
		r.Spoil(req)
	}
	return req, nil
}

// sign adds the signature and returns the body as it travels.
func (c *Client) sign(req *http.Request, r Request, body []byte) []byte {
	now := time.Now().UTC().Add(-r.Age)
	date := now.Format(amzTime)
	scope := date[:8] + "/" + c.Region + "/s3/aws4_request"
	kind := r.ContentSHA256
	if kind == "" {
		kind = hexHash(body)
	}
	streaming := strings.HasPrefix(kind, "STREAMING-")
	if streaming {
		req.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)))
		req.Header.Set("Content-Encoding", "aws-chunked")
		if r.Trailer[0] != "" {
			req.Header.Set("X-Amz-Trailer", r.Trailer[0])
		}
	}
	q := req.URL.Query()
	if r.Presign > 0 {
		kind = Unsigned
		q.Set("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
		q.Set("X-Amz-Credential", c.AccessKey+"/"+scope)
		q.Set("X-Amz-Date", date)
		q.Set("X-Amz-Expires", fmt.Sprint(int(r.Presign/time.Second)))
	} else {
		req.Header.Set("X-Amz-Date", date)
		req.Header.Set("X-Amz-Content-Sha256", kind)
	}
	names, canonicalHeaders := canonicalHeaders(req)
	if r.Presign > 0 {
		q.Set("X-Amz-SignedHeaders", names)
	}
	canonical := strings.Join([]string{req.Method, req.URL.RawPath, canonicalQuery(q), canonicalHeaders, names, kind}, "\n")
	key := []byte("AWS4" + c.SecretKey)
	for _, step := range []string{date[:8], c.Region, "s3", "aws4_request"} {
		key = mac(key, step)
	}
	seed := hex.EncodeToString(mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hexHash([]byte(canonical))}, "\n")))
	if r.Presign > 0 {
		req.URL.RawQuery = canonicalQuery(q) + "&X-Amz-Signature=" + seed
		return body
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.AccessKey+"/"+scope+", SignedHeaders="+names+", Signature="+seed)
	if streaming {
		return frame(body, kind, r.Trailer, chunkChain{key, date, scope, seed})
	}
	return body
}

func canonicalHeaders(req *http.Request) (names, lines string) {
	values := map[string]string{"host": req.URL.Host}
	for k, v := range req.Header {
		k = strings.ToLower(k)
		if k == "range" || k == "content-type" || k == "content-md5" || strings.HasPrefix(k, "x-amz-") {
			values[k] = strings.Join(strings.Fields(strings.Join(v, ",")), " ")
		}
	}
	var list []string
	for k := range values {
		list = append(list, k)
	}
	slices.Sort(list)
	for _, k := range list {
		lines += k + ":" + values[k] + "\n"
	}
	return strings.Join(list, ";"), lines
}

func canonicalQuery(q url.Values) string {
	var names, pairs []string
	for k := range q {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		for _, v := range q[k] {
			pairs = append(pairs, escape(k, "")+"="+escape(v, ""))
		}
	}
	return strings.Join(pairs, "&")
}

// chunkChain is the chain of chunk signatures.
type chunkChain struct {
	key                   []byte
	date, scope, previous string
}

func (c *chunkChain) next(kind, rest string) string {
	c.previous = hex.EncodeToString(mac(c.key, strings.Join([]string{kind, c.date, c.scope, c.previous, rest}, "\n")))
	return c.previous
}

// frame writes the body as aws-chunked.
func frame(body []byte, kind string, trailer [2]string, chain chunkChain) []byte {
	var out bytes.Buffer
	signed := kind != StreamUnsigned
	chunk := func(data []byte) {
		fmt.Fprintf(&out, "%x", len(data))
		if signed {
			out.WriteString(";chunk-signature=" + chain.next("AWS4-HMAC-SHA256-PAYLOAD", hexHash(nil)+"\n"+hexHash(data)))
		}
		out.WriteString("\r\n")
		out.Write(data)
		if len(data) > 0 {
			out.WriteString("\r\n")
		}
	}
	for len(body) > 0 {
		n := min(len(body), streamChunkSize)
		chunk(body[:n])
		body = body[n:]
	}
	chunk(nil)
	if trailer[0] != "" {
		out.WriteString(trailer[0] + ":" + trailer[1] + "\r\n")
		if signed {
			out.WriteString("x-amz-trailer-signature:" + chain.next("AWS4-HMAC-SHA256-TRAILER", hexHash([]byte(trailer[0]+":"+trailer[1]+"\n"))) + "\r\n")
		}
	}
	out.WriteString("\r\n")
	return out.Bytes()
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// escape percent-encodes all but the unreserved characters and those in keep.
func escape(s, keep string) string {
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		if 'a' <= ch && ch <= 'z' || 'A' <= ch && ch <= 'Z' || '0' <= ch && ch <= '9' || strings.IndexByte("-_.~"+keep, ch) >= 0 {
			b.WriteByte(ch)
		} else {
			fmt.Fprintf(&b, "%%%02X", ch)
		}
	}
	return b.String()
}
