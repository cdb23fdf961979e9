package contract

import (
	"net/http"
	"slices"
	"strings"
)

const (
	pageBuckets   = "API Reference: ListBuckets"
	pageNaming    = "User Guide: General purpose bucket naming rules"
	pageKeys      = "User Guide: Naming Amazon S3 objects"
	pageListV2    = "API Reference: ListObjectsV2"
	pageListV1    = "API Reference: ListObjects"
	pageVersions  = "API Reference: ListObjectVersions"
	pageNoFeature = "API Reference: Error responses (NotImplemented)"
)

func bucketCases() []Case {
	return []Case{
		{"bucket/list", pageBuckets, func(p *probe) {
			root := p.document(p.expect(p.do(Request{Method: "GET", Bucket: "-"}), 200, ""), "ListAllMyBucketsResult")
			if !slices.Contains(root.all("Buckets/Bucket/Name"), p.bucket) || root.get("Owner/ID") == "" {
				p.fail("the bucket or the owner is missing")
			}
		}},
		{"bucket/list-prefix", pageBuckets, func(p *probe) {
			root := p.document(p.do(Request{Method: "GET", Bucket: "-", Query: "prefix=" + p.bucket}), "ListAllMyBucketsResult")
			p.equal("names", strings.Join(root.all("Buckets/Bucket/Name"), " "), p.bucket)
		}},
		{"bucket/list-pages", pageBuckets, func(p *probe) {
			other := p.bucket + "-2"
			p.expect(p.do(Request{Method: "PUT", Bucket: other}), 200, "")
			defer p.do(Request{Method: "DELETE", Bucket: other})
			q := "max-buckets=1&prefix=" + p.bucket
			one := p.document(p.do(Request{Method: "GET", Bucket: "-", Query: q}), "ListAllMyBucketsResult")
			p.equal("first page", strings.Join(one.all("Buckets/Bucket/Name"), " "), p.bucket)
			two := p.document(p.do(Request{Method: "GET", Bucket: "-", Query: q + "&continuation-token=" + escape(one.get("ContinuationToken"), "")}), "ListAllMyBucketsResult")
			p.equal("second page", strings.Join(two.all("Buckets/Bucket/Name"), " "), other)
			p.equal("last token", two.get("ContinuationToken"), "")
		}},
		{"bucket/head-region", "API Reference: HeadBucket", func(p *probe) {
			r := p.expect(p.do(Request{Method: "HEAD"}), 200, "")
			p.header(r, "X-Amz-Bucket-Region", p.client.Region)
		}},
		{"bucket/head-missing", "API Reference: HeadBucket", func(p *probe) {
			r := p.expect(p.do(Request{Method: "HEAD", Bucket: "contract-none-" + randomHex(6)}), 404, "")
			p.equal("body", r.Body, "")
		}},
		{"bucket/missing", pageErrors, func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Bucket: "contract-none-" + randomHex(6)}), 404, "NoSuchBucket")
		}},
		{"bucket/location", "API Reference: GetBucketLocation", func(p *probe) {
			p.equal("location", p.list("location", "LocationConstraint").text, "")
		}},
		{"bucket/make-again", "API Reference: CreateBucket", func(p *probe) {
			p.expect(p.do(Request{Method: "PUT"}), 409, "BucketAlreadyOwnedByYou")
		}},
		{"bucket/names", pageNaming, func(p *probe) {
			for _, name := range []string{"ab", "Upper-case", "under_score", "-dash", "dash-", "a..b", "192.168.5.4", strings.Repeat("a", 64), "xn--abc", "abc-s3alias"} {
				r := p.do(Request{Method: "PUT", Bucket: name})
				if r.Status != http.StatusBadRequest {
					p.do(Request{Method: "DELETE", Bucket: name})
					p.fail("%s: answered %d, want 400 InvalidBucketName", name, r.Status)
				}
			}
		}},
		{"bucket/delete-full", "API Reference: DeleteBucket", func(p *probe) {
			p.put("a", "x")
			p.expect(p.do(Request{Method: "DELETE"}), 409, "BucketNotEmpty")
			p.expect(p.do(Request{Method: "DELETE", Key: "a"}), 204, "")
			p.expect(p.do(Request{Method: "DELETE"}), 204, "")
		}},
		{"bucket/request-id", pageErrors, func(p *probe) {
			r := p.do(Request{Method: "GET", Key: "none"})
			root := p.document(r, "Error")
			if root.get("RequestId") == "" || root.get("RequestId") != r.Header.Get("X-Amz-Request-Id") {
				p.fail("RequestId %q and x-amz-request-id %q", root.get("RequestId"), r.Header.Get("X-Amz-Request-Id"))
			}
		}},
		{"bucket/unknown-subresource", pageNoFeature, func(p *probe) {
			p.put("a", "the bytes of the object")
			r := p.do(Request{Method: "GET", Key: "a", Query: "torrent"})
			if r.Status == 200 && strings.Contains(r.Body, "the bytes of the object") {
				p.fail("a sub-resource is answered with the object")
			}
		}},
	}
}

// AwkwardKeys are raw keys that clients and servers get wrong.
func AwkwardKeys() map[string]string {
	return map[string]string{
		"space": "a b", "plus": "a+b", "percent": "a%20b%", "quotes": `a'b"c`, "amp": "a&b<c>d", "hash": "a#b?c", "tilde": "a~b(c)*!",
		"backslash": `a\b`, "umlaut": "grüße/ñandú", "cyrillic": "Документы/отчёт.txt", "japanese": "写真/東京.jpg", "emoji": "😀/🏳️‍🌈.png",
		"double-slash": "a//b", "lead-slash": "/a", "only-slash": "/", "trail-slash": "a/b/", "dotdot": "a/../b", "dot": "./x", "dots": "..",
		"trail-space": "a ", "lead-space": " a", "newline": "a\nb", "control": "a\x01b", "carriage": "a\rb", "tab": "a\tb", "del": "a\x7fb",
		"long-segment": strings.Repeat("k", 1024), "long-path": strings.Repeat("abcdefg/", 127) + "12345678", "nfd": "e\u0301", "question": "a?versionId=x",
	}
}

func keyCases() []Case {
	var cases []Case
	names := make([]string, 0, 32)
	for name := range AwkwardKeys() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		key := AwkwardKeys()[name]
		cases = append(cases, Case{"key/" + name, pageKeys, func(p *probe) {
			p.put(key, "body of "+name)
			p.equal("body", p.expect(p.get(key), 200, "").Body, "body of "+name)
			root := p.list("list-type=2&encoding-type=url", "ListBucketResult")
			listed := root.get("Contents/Key")
			if root.get("EncodingType") == "url" {
				listed = p.decode(listed)
			}
			p.equal("listed key", listed, key)
			p.expect(p.do(Request{Method: "DELETE", Key: key}), 204, "")
			p.expect(p.get(key), 404, "NoSuchKey")
		}})
	}
	return append(cases,
		Case{"key/plain-listing", pageKeys, func(p *probe) {
			p.put("a<b&c\nd", "")
			p.equal("listed key", p.list("list-type=2", "ListBucketResult").get("Contents/Key"), "a<b&c\nd")
		}},
		Case{"key/too-long", pageKeys, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: strings.Repeat("abcdefg/", 128) + "1", Body: "x"}), 400, "KeyTooLongError")
		}},
		Case{"key/object-and-folder", pageKeys, func(p *probe) {
			p.put("a", "1")
			p.put("a/b", "2")
			p.put("a/", "")
			root := p.list("list-type=2", "ListBucketResult")
			p.equal("keys", strings.Join(root.all("Contents/Key"), " "), "a a/ a/b")
		}},
	)
}
