package contract

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// decode undoes encoding-type=url, in which S3 writes a space as a plus.
func (p *probe) decode(v string) string {
	out, err := url.QueryUnescape(v)
	if err != nil {
		p.fail("encoded key %q: %v", v, err)
	}
	return out
}

func (p *probe) fill(keys ...string) {
	for _, k := range keys {
		p.put(k, "")
	}
}

// fillMany puts k0000, k0001 and so on, a few at a time.
func (p *probe) fillMany(n int) {
	numbers := make(chan int)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			var failed error
			for i := range numbers {
				r, err := p.client.Do(p.ctx, Request{Method: "PUT", Bucket: p.bucket, Key: fmt.Sprintf("k%04d", i)})
				if err == nil && r.Status != 200 {
					err = fmt.Errorf("put answered %d", r.Status)
				}
				failed = errors.Join(failed, err)
			}
			errs <- failed
		}()
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	var failed error
	for range cap(errs) {
		failed = errors.Join(failed, <-errs)
	}
	if failed != nil {
		p.fail("%v", failed)
	}
}

func (p *probe) keys(n *node) string { return strings.Join(n.all("Contents/Key"), " ") }

func (p *probe) prefixes(n *node) string { return strings.Join(n.all("CommonPrefixes/Prefix"), " ") }

func listCases() []Case {
	return []Case{
		{"list/v2-delimiter", pageListV2, func(p *probe) {
			p.fill("a/1", "a/2", "b", "c/d/e")
			n := p.list("list-type=2&delimiter=%2F", "ListBucketResult")
			p.equal("keys", p.keys(n), "b")
			p.equal("prefixes", p.prefixes(n), "a/ c/")
			p.equal("KeyCount", n.get("KeyCount"), "3")
		}},
		{"list/v2-prefix-delimiter", pageListV2, func(p *probe) {
			p.fill("a/1", "a/b/2", "a/b/3", "a/c/4", "b")
			n := p.list("list-type=2&delimiter=%2F&prefix=a%2F", "ListBucketResult")
			p.equal("keys", p.keys(n), "a/1")
			p.equal("prefixes", p.prefixes(n), "a/b/ a/c/")
		}},
		{"list/v2-other-delimiter", pageListV2, func(p *probe) {
			p.fill("x--1", "x--2", "y-3")
			n := p.list("list-type=2&delimiter=--", "ListBucketResult")
			p.equal("keys", p.keys(n), "y-3")
			p.equal("prefixes", p.prefixes(n), "x--")
		}},
		{"list/v2-pages", pageListV2, func(p *probe) {
			p.fill("a/1", "a/2", "b", "c/1", "d")
			seen, token := []string{}, ""
			for range 10 {
				n := p.list("list-type=2&delimiter=%2F&max-keys=1"+token, "ListBucketResult")
				seen = append(seen, append(n.all("Contents/Key"), n.all("CommonPrefixes/Prefix")...)...)
				if n.get("IsTruncated") != "true" {
					p.equal("last token", n.get("NextContinuationToken"), "")
					break
				}
				token = "&continuation-token=" + escape(n.get("NextContinuationToken"), "")
			}
			p.equal("all", strings.Join(seen, " "), "a/ b c/ d")
		}},
		{"list/v2-start-after", pageListV2, func(p *probe) {
			p.fill("a", "b", "c")
			n := p.list("list-type=2&start-after=a", "ListBucketResult")
			p.equal("keys", p.keys(n), "b c")
			p.equal("StartAfter", n.get("StartAfter"), "a")
		}},
		{"list/v2-owner", pageListV2, func(p *probe) {
			p.fill("a")
			p.equal("owner unasked", p.list("list-type=2", "ListBucketResult").get("Contents/Owner/ID"), "")
			if p.list("list-type=2&fetch-owner=true", "ListBucketResult").get("Contents/Owner/ID") == "" {
				p.fail("no owner though asked for")
			}
		}},
		{"list/v2-max-keys-0", pageListV2, func(p *probe) {
			p.fill("a")
			n := p.list("list-type=2&max-keys=0", "ListBucketResult")
			p.equal("keys", p.keys(n), "")
			p.equal("IsTruncated", n.get("IsTruncated"), "false")
		}},
		{"list/v2-max-keys-bad", pageListV2, func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Query: "list-type=2&max-keys=-1"}), 400, "InvalidArgument")
			p.expect(p.do(Request{Method: "GET", Query: "list-type=2&max-keys=x"}), 400, "InvalidArgument")
		}},
		{"list/v2-empty", pageListV2, func(p *probe) {
			n := p.list("list-type=2", "ListBucketResult")
			p.equal("KeyCount", n.get("KeyCount"), "0")
			p.equal("Name", n.get("Name"), p.bucket)
			p.equal("IsTruncated", n.get("IsTruncated"), "false")
		}},
		{"list/v2-fields", pageListV2, func(p *probe) {
			r := p.put("a", "hello")
			n := p.list("list-type=2", "ListBucketResult")
			p.equal("Size", n.get("Contents/Size"), "5")
			p.equal("ETag", n.get("Contents/ETag"), r.Header.Get("Etag"))
			p.equal("StorageClass", n.get("Contents/StorageClass"), "STANDARD")
			if !strings.HasSuffix(n.get("Contents/LastModified"), "Z") {
				p.fail("LastModified is %q", n.get("Contents/LastModified"))
			}
		}},
		{"list/v2-encoding", pageListV2, func(p *probe) {
			p.fill("dir +/ä&", "z")
			n := p.list("list-type=2&encoding-type=url&delimiter=%2F&prefix=d", "ListBucketResult")
			p.equal("EncodingType", n.get("EncodingType"), "url")
			p.equal("prefix", p.decode(n.get("CommonPrefixes/Prefix")), "dir +/")
			n = p.list("list-type=2&encoding-type=url&prefix=dir%20%2B%2F", "ListBucketResult")
			p.equal("Prefix", p.decode(n.get("Prefix")), "dir +/")
			if strings.ContainsAny(n.get("Contents/Key"), " ä&") {
				p.fail("key is not encoded: %q", n.get("Contents/Key"))
			}
			p.equal("key", p.decode(n.get("Contents/Key")), "dir +/ä&")
		}},
		{"list/byte-order", pageListV2, func(p *probe) {
			p.fill("a", "B", "é", "\uffee", "😀", "a.b", "a0", "Z")
			p.equal("keys", p.keys(p.list("list-type=2", "ListBucketResult")), "B Z a a.b a0 é \uffee 😀")
		}},
		{"list/slash-order", pageListV2, func(p *probe) {
			p.fill("a-b", "a/b", "a.b", "a0")
			p.equal("keys", p.keys(p.list("list-type=2", "ListBucketResult")), "a-b a.b a/b a0")
		}},
		{"list/v1-marker", pageListV1, func(p *probe) {
			p.fill("a", "b/1", "b/2", "c")
			n := p.list("delimiter=%2F&max-keys=2", "ListBucketResult")
			p.equal("first page", p.keys(n)+" "+p.prefixes(n), "a b/")
			p.equal("NextMarker", n.get("NextMarker"), "b/")
			n = p.list("delimiter=%2F&marker=b%2F", "ListBucketResult")
			p.equal("second page", p.keys(n)+p.prefixes(n), "c")
			if n.get("Contents/Owner/ID") == "" {
				p.fail("no owner")
			}
		}},
		{"list/v1-no-next-marker", pageListV1, func(p *probe) {
			p.fill("a", "b")
			n := p.list("max-keys=1", "ListBucketResult")
			p.equal("IsTruncated", n.get("IsTruncated"), "true")
			p.equal("NextMarker", n.get("NextMarker"), "")
		}},
		{"list/1001-keys", pageListV2, func(p *probe) {
			p.fillMany(1001)
			n := p.list("list-type=2&max-keys=2000", "ListBucketResult")
			p.equal("KeyCount", n.get("KeyCount"), "1000")
			n = p.list("list-type=2&continuation-token="+escape(n.get("NextContinuationToken"), ""), "ListBucketResult")
			p.equal("rest", p.keys(n), "k1000")
		}},
	}
}
