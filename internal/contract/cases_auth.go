package contract

import (
	"encoding/base64"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
)

const (
	pageAuth    = "API Reference: Authenticating Requests (AWS Signature Version 4)"
	pagePresign = "API Reference: Authenticating Requests: Using Query Parameters"
	pageChunked = "API Reference: Signature Calculations: Transferring Payload in Multiple Chunks"
	pageErrors  = "API Reference: Error responses"
)

// as returns a client with other credentials.
func (p *probe) as(accessKey, secretKey string) *Client {
	c := *p.client
	c.AccessKey, c.SecretKey = accessKey, secretKey
	return &c
}

func (p *probe) through(c *Client, r Request) *Reply {
	other := *p
	other.client = c
	return other.do(r)
}

func authCases() []Case {
	return []Case{
		{"auth/wrong-secret", pageAuth, func(p *probe) {
			p.expect(p.through(p.as(p.client.AccessKey, "wrong"), Request{Method: "GET"}), 403, "SignatureDoesNotMatch")
		}},
		{"auth/unknown-key", pageAuth, func(p *probe) {
			p.expect(p.through(p.as("NOSUCHKEY", p.client.SecretKey), Request{Method: "GET"}), 403, "InvalidAccessKeyId")
		}},
		{"auth/skew", pageErrors, func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Age: 20 * time.Minute}), 403, "RequestTimeTooSkewed")
		}},
		{"auth/anonymous-refused", pageErrors, func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Anonymous: true}), 403, "AccessDenied")
		}},
		{"auth/changed-path", pageAuth, func(p *probe) {
			p.put("a", "x")
			p.expect(p.do(Request{Method: "GET", Key: "b", Spoil: func(r *http.Request) {
				r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "b")+"a", ""
			}}), 403, "SignatureDoesNotMatch")
		}},
		{"auth/payload-hash", pageAuth, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "hello", ContentSHA256: hexHash([]byte("other"))}), 400, "XAmzContentSHA256Mismatch")
			p.expect(p.get("a"), 404, "")
		}},
		{"auth/unsigned-payload", pageAuth, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "hello", ContentSHA256: Unsigned}), 200, "")
			p.equal("body", p.get("a").Body, "hello")
		}},
		{"auth/amz-header-not-signed", pageAuth, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Spoil: func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }}), 403, "AccessDenied")
		}},
		{"presign/get", pagePresign, func(p *probe) {
			p.put("a b+c", "hello")
			p.equal("body", p.expect(p.do(Request{Method: "GET", Key: "a b+c", Presign: time.Minute}), 200, "").Body, "hello")
		}},
		{"presign/put", pagePresign, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "hello", Presign: time.Minute}), 200, "")
			p.equal("body", p.get("a").Body, "hello")
		}},
		{"presign/expired", pagePresign, func(p *probe) {
			p.put("a", "hello")
			p.expect(p.do(Request{Method: "GET", Key: "a", Presign: time.Minute, Age: 2 * time.Minute}), 403, "AccessDenied")
		}},
		{"presign/tampered", pagePresign, func(p *probe) {
			p.put("a", "hello")
			p.expect(p.do(Request{Method: "GET", Key: "a", Presign: time.Minute, Spoil: func(r *http.Request) {
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=60", "X-Amz-Expires=600", 1)
			}}), 403, "SignatureDoesNotMatch")
		}},
		{"presign/eight-days", pagePresign, func(p *probe) {
			p.put("a", "hello")
			p.expect(p.do(Request{Method: "GET", Key: "a", Presign: 8 * 24 * time.Hour}), 400, "AuthorizationQueryParametersError")
		}},
		{"presign/response-headers", pagePresign, func(p *probe) {
			p.put("a", "hello")
			r := p.expect(p.do(Request{Method: "GET", Key: "a", Presign: time.Minute, Query: "response-content-disposition=attachment%3B%20filename%3D%22x%22"}), 200, "")
			p.header(r, "Content-Disposition", `attachment; filename="x"`)
		}},
	}
}

func crc32Of(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	return base64.StdEncoding.EncodeToString([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func streamCases() []Case {
	body := strings.Repeat("0123456789abcdef", 10000) // three chunks
	stream := func(kind string, trailer [2]string) Request {
		return Request{Method: "PUT", Key: "a", Body: body, ContentSHA256: kind, Trailer: trailer}
	}
	good := [2]string{"x-amz-checksum-crc32", crc32Of(body)}
	stored := func(p *probe, r Request) {
		p.expect(p.do(r), 200, "")
		reply := p.get("a")
		p.equal("body", reply.Body, body)
		p.header(reply, "Content-Encoding", "")
	}
	refused := func(p *probe, r Request, status int, code string) {
		p.expect(p.do(r), status, code)
		p.expect(p.get("a"), 404, "")
	}
	return []Case{
		{"stream/signed", pageChunked, func(p *probe) { stored(p, stream(StreamSigned, [2]string{})) }},
		{"stream/signed-trailer", pageChunked, func(p *probe) { stored(p, stream(StreamTrailer, good)) }},
		{"stream/unsigned-trailer", pageChunked, func(p *probe) { stored(p, stream(StreamUnsigned, good)) }},
		{"stream/changed-chunk", pageChunked, func(p *probe) {
			r := stream(StreamSigned, [2]string{})
			r.SpoilBody = func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
			refused(p, r, 403, "SignatureDoesNotMatch")
		}},
		{"stream/changed-trailer", pageChunked, func(p *probe) {
			r := stream(StreamTrailer, good)
			r.SpoilBody = func(b []byte) []byte { // the last digit of the trailer's signature
				i := len(b) - len("\r\n\r\n") - 1
				if b[i]++; b[i] == 'g' {
					b[i] = '0'
				}
				return b
			}
			refused(p, r, 403, "SignatureDoesNotMatch")
		}},
		{"stream/wrong-trailer-checksum", pageChunked, func(p *probe) {
			refused(p, stream(StreamUnsigned, [2]string{good[0], crc32Of("other")}), 400, "BadDigest")
		}},
		{"stream/too-short", pageChunked, func(p *probe) {
			r := stream(StreamUnsigned, good)
			r.SpoilBody = func(b []byte) []byte { return append(append([]byte{}, b[:100]...), "\r\n0\r\n\r\n"...) }
			reply := p.do(r)
			if reply.Status < 400 || reply.Status >= 500 {
				p.fail("answered %d, want 4xx", reply.Status)
			}
			p.expect(p.get("a"), 404, "")
		}},
	}
}
