package faultserver

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"pintail/internal/demo"
)

// page makes a fault of a fixed answer.
func page(name, why string, status int, contentType, body string) Fault {
	header := map[string]string{}
	if contentType != "" {
		header["Content-Type"] = contentType
	}
	return Fault{Name: name, Why: why, Rule: Rule{Kind: Canned, Status: status, Header: header, Body: body}}
}

func redirect(name, why string, status int, location string) Fault {
	return Fault{Name: name, Why: why, Once: Failed, Rule: Rule{Kind: Canned, Status: status, Header: map[string]string{"Location": location}}}
}

// foreignKinds are answers that do not come from S3 at all.
func foreignKinds() []Fault {
	html := "text/html; charset=utf-8"
	password := page("proxy asks for a password", "nobody can give it while a transfer runs", 407, html, webPage)
	unasked := page("304 unasked", "no condition was sent", 304, "", "")
	password.Once, unasked.Once = Failed, Failed
	unasked.Except = changed // some servers say so of a condition that was sent
	return []Fault{
		page("web page with 200", "a captive portal", 200, html, webPage),
		page("web page called XML", "a portal that copies the type", 200, "application/xml", webPage),
		page("JSON with 200", "another service answers", 200, "application/json", `{"ok":true}`),
		page("text with 200", "another service answers", 200, "text/plain", "OK"),
		page("empty 200", "a proxy answers for the server", 200, "", ""),
		page("201", "not a status that proves anything", 201, "", ""),
		page("202", "accepted is not done", 202, "", ""),
		page("204 unasked", "nothing is no answer", 204, "", ""),
		page("206 unasked", "a part of nothing asked for", 206, "", webPage),
		unasked,
		page("web page with 403", "a firewall says no", 403, html, webPage),
		page("web page with 404", "a proxy knows no such site", 404, html, webPage),
		page("web page with 500", "a proxy cannot reach the server", 500, html, webPage),
		page("web page with 502", "a proxy cannot reach the server", 502, html, webPage),
		page("web page with 503", "a load balancer is busy", 503, html, webPage),
		password,
		redirect("302 to a portal", "never followed", 302, "http://portal.example/login"),
		redirect("301 to another host", "never followed", 301, "http://elsewhere.example/bucket/k"),
		redirect("303", "never followed", 303, "http://elsewhere.example/bucket/k"),
		redirect("307 to another host", "never followed", 307, "http://elsewhere.example/bucket/k"),
		redirect("307 to another scheme", "never followed", 307, "ftp://127.0.0.1/bucket/k"),
		redirect("308 to nowhere", "never followed", 308, ""),
	}
}

// documentKinds spoil the documents of S3.
func documentKinds() []Fault {
	fixed := func(name, why, body string) Fault {
		f := page(name, why, 200, "application/xml", body)
		f.Ops = documents
		f.Rule.Header["X-Amz-Request-Id"] = "FAULT"
		return f
	}
	failing := func(name, why, code string, lead string) Fault {
		return fixed(name, why, lead+"<Error><Code>"+code+"</Code><Message>scripted</Message></Error>")
	}
	const head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	denied := failing("AccessDenied in a 200", "an error document in a 200 is an error", "AccessDenied", head)
	denied.Once = Failed
	committed := failing("InternalError in a 200 after it was done", "done, and an error in the answer", "InternalError", head)
	committed.Rule.At = AfterCommit
	committed.At, committed.Ops = []Position{AfterCommit}, []string{"CompleteMultipartUpload", "CopyObject", "DeleteObjects", "UploadPartCopy"}
	blank := fixed("white space and the end", "the server breathed and died", head+strings.Repeat(" ", 500))
	return []Fault{
		failing("InternalError in a 200", "an error document in a 200 is an error", "InternalError", head),
		failing("SlowDown in a 200", "an error document in a 200 is an error", "SlowDown", head),
		failing("white space, then an error", "the server breathed while it worked, and failed", "InternalError", head+strings.Repeat(" \n", 200)),
		denied, committed, blank,
		{Name: "white space, then the answer", Why: "the server breathed while it worked", Ops: documents, Always: Done, Rule: Rule{Kind: Changed, Change: breathe}},
		fixed("another document", "a document of another kind proves nothing", otherXML),
		fixed("a document of another operation", "the root does not fit", head+"<Tagging><TagSet/></Tagging>"),
		fixed("a document type", "S3 sends none; it may hold a bomb", head+`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>`),
		fixed("nested without end", "depth has a bound", head+strings.Repeat("<a>", 100_000)),
		fixed("binary", "no text at all", "\x00\xff\xfe\x00bplist00"),
		{Name: "half a document", Why: "a document that ends early, with a length that fits", Ops: documents, Rule: Rule{Kind: Changed, Change: halve}},
		{Name: "compressed unasked", Why: "a proxy compresses", Ops: documents, Rule: Rule{Kind: Changed, Change: compress}},
		{Name: "a document too long", Why: "documents have a bound", Ops: listings, Rule: Rule{Kind: Changed, Change: pad}},
		{Name: "the same page again", Why: "refused, and taken up after the last key", Always: Done, Ops: listings, Rule: Rule{Kind: SameToken, Number: 2}},
		{Name: "no next page", Why: "truncated, and no way to go on but after the last key", Always: Done, Ops: listings, Rule: Rule{Kind: NoToken}},
		{Name: "endless pages", Once: never, Why: "pages that add nothing, each with a new token", Ops: listings, Rule: Rule{Kind: Changed, Number: 2, Change: endless()}},
		{Name: "a page of another bucket", Why: "some servers name a bucket by an alias", Ops: listings, Always: Done, Rule: Rule{Kind: Changed, Change: otherBucket}},
		{Name: "keys outside the folder", Why: "nothing outside what was asked for may be taken", Ops: listings, Rule: Rule{Kind: Changed, Change: outside}},
		{Name: "deleted without saying what", Always: Done, Why: "the answer leaves out a key", Ops: []string{"DeleteObjects"}, Rule: Rule{Kind: Changed, Change: omitDeleted}},
		{Name: "deleted something else", Always: Done, Why: "the answer names another key", Ops: []string{"DeleteObjects"}, Rule: Rule{Kind: Changed, Change: otherDeleted}},
		{Name: "one of many not deleted", Always: Done, Why: "one key's own error in a 200", Ops: []string{"DeleteObjects"}, Rule: Rule{Kind: Changed, Change: oneNotDeleted}},
	}
}

// objectKinds spoil what is said of objects, and their bytes.
func objectKinds() []Fault {
	get := []string{"GetObject"}
	ranged := func(name, why string, change func(demo.Target, *Answer)) Fault {
		return Fault{Name: name, Why: why, Ops: get, Ranged: true, Rule: Rule{Kind: Changed, Change: change}}
	}
	return []Fault{
		{Name: "no ETag", Why: "nothing to tie later requests to", Ops: tagged, Rule: Rule{Kind: NoETag}},
		{Name: "empty ETag", Why: "quotes with nothing between", Ops: tagged, Rule: Rule{Kind: Changed, Change: emptyETag}},
		{Name: "another ETag", Why: "of other bytes", Ops: tagged, Rule: Rule{Kind: WrongETag},
			Except: []Except{{Jobs: provedByHead, Ops: []string{"HeadObject"}, Always: Done, Why: "the checksum proves the object"}, {Ops: []string{"CopyObject"}, Always: Done, Why: "both objects are looked at"},
				{Jobs: []string{"download", "download of a tree"}, Ops: []string{"GetObject"}, Always: Done, Why: "the checksum proves the object"},
				{Jobs: syncs, Ops: []string{"GetObject", "HeadObject"}, Once: Failed, Always: Failed, Why: planned}}},
		{Name: "another checksum", Why: "of other bytes", Ops: []string{"GetObject", "HeadObject", "PutObject", "UploadPart", "CompleteMultipartUpload", "CopyObject"},
			Except: []Except{{Jobs: []string{"copy through here"}, Ops: []string{"HeadObject"}, Once: Failed, Why: "what it is compared with is not asked for twice"},
				{Ops: []string{"CopyObject"}, Always: Done, Why: "the ETags agree"}, {Ops: []string{"HeadObject"}, Jobs: []string{"copy", "copy in parts", "move", "sync up"}, Always: Done, Why: "nothing is held against it"},
				{Ops: []string{"GetObject"}, Jobs: append([]string{"download", "copy through here"}, inRanges...), Always: Done, Why: "the answer to a range has none"}},
			Rule: Rule{Kind: Changed, Change: otherChecksum}},
		{Name: "a bit of the answer", Why: "spoilt on the way", Ops: get, Except: []Except{{Jobs: []string{"download"}, Always: Done, Why: "the second time it is asked for whole, not as a range"}}, At: []Position{Byte0, Middle, Last}, Rule: Rule{Kind: Flip}},
		{Name: "a bit of what is sent", Why: "spoilt on the way", Ops: sending, At: []Position{Byte0, Middle, Last}, Rule: Rule{Kind: Flip}},
		{Name: "a shorter object", Why: "a Content-Length that is less than was announced", Ops: get, Rule: Rule{Kind: Changed, Change: halve}},
		{Name: "a longer object", Why: "more bytes than were announced", Ops: get, Rule: Rule{Kind: Changed, Change: lengthen}},
		{Name: "an object compressed on the way", Why: "other bytes, and a header that says so", Ops: get, Rule: Rule{Kind: Changed, Change: compress}},
		{Name: "said to be compressed", Why: "a header that is not true", Ops: get, Always: Done, Rule: Rule{Kind: Changed, Change: setHeader("Content-Encoding", "gzip")}},
		{Name: "200 for a range", Why: "the whole object instead of a part", Ops: get, Ranged: true, Rule: Rule{Kind: IgnoreRange}},
		ranged("no Content-Range", "which bytes these are is not said", func(_ demo.Target, a *Answer) { a.Header.Del("Content-Range") }),
		ranged("a foreign Content-Range", "other bytes than asked for", shiftRange(1<<20, 0, 0)),
		ranged("a range one byte off", "other bytes than asked for", shiftRange(1, 1, 0)),
		ranged("another total", "the object has another size than it had", shiftRange(0, 0, 7)),
		ranged("a range that is no range", "nonsense in Content-Range", func(_ demo.Target, a *Answer) { a.Header.Set("Content-Range", "bytes x-y/z") }),
		{Name: "several ranges in one", Why: "only the type says so; range, length and checksum are right", Ops: get, Ranged: true, Always: Done, Rule: Rule{Kind: Changed, Change: setHeader("Content-Type", "multipart/byteranges; boundary=x")}},
		{Name: "head of nothing", Why: "404 for what is there", Once: Failed, Ops: []string{"HeadObject"}, Rule: Rule{Kind: Canned, Status: 404, Header: map[string]string{"X-Amz-Request-Id": "FAULT"}}},
		{Name: "head of something older", Why: "a read that is not yet consistent", Ops: []string{"HeadObject"}, Except: []Except{{Jobs: syncs, Once: Failed, Why: planned}}, Rule: Rule{Kind: Changed, Change: olderHead}},
		{Name: "bare 403 to a head", Why: "no document says why", Once: Failed, Ops: []string{"HeadObject"}, Rule: Rule{Kind: Canned, Status: 403, Header: map[string]string{"X-Amz-Request-Id": "FAULT"}}},
		{Name: "part missing in the list", Why: "ListParts lacks what was stored", Ops: []string{"ListParts"}, Always: Done, Rule: Rule{Kind: Changed, Change: partMissing}},
		{Name: "part twice in the list", Why: "ListParts repeats itself", Ops: []string{"ListParts"}, Always: Done, Rule: Rule{Kind: Changed, Change: partTwice}},
		{Name: "another part in the list", Why: "ListParts says another ETag", Ops: []string{"ListParts"}, Always: Done, Rule: Rule{Kind: Changed, Change: partOther}},
	}
}

// planned is why a sync fails where another transfer looks again.
const planned = "it is not what the plan was made for"

// worldKinds are changes by somebody else right before a request; the test makes them happen.
func worldKinds() []Fault {
	return []Fault{
		{Name: "object replaced", Why: "somebody writes the object between two requests", Ops: []string{"GetObject", "CopyObject", "UploadPartCopy", "HeadObject"}, Always: never, Except: []Except{{Jobs: syncs, Once: Failed, Why: planned},
			{Jobs: []string{"sync up"}, Ops: []string{"HeadObject"}, Once: never, Why: "a failure has to leave what somebody else wrote"}}, Rule: Rule{Kind: Meanwhile}},
		{Name: "object removed", Why: "somebody deletes the object between two requests", Except: []Except{{Jobs: provedByHead, Once: Done, Why: "it is sent again"}, {Jobs: syncs, Ops: []string{"HeadObject"}, Once: never, Why: "a failure has to leave what somebody else removed"}}, Ops: []string{"GetObject", "CopyObject", "UploadPartCopy", "HeadObject"}, Once: Failed, Always: never, Rule: Rule{Kind: Meanwhile}},
		{Name: "upload removed", Why: "a lifecycle rule or somebody ends the upload", Ops: []string{"UploadPart", "CompleteMultipartUpload", "UploadPartCopy", "ListParts"}, Always: never, Rule: Rule{Kind: Meanwhile}},
	}
}

func setHeader(name, value string) func(demo.Target, *Answer) {
	return func(_ demo.Target, a *Answer) { a.Header.Set(name, value) }
}

func manyHeaders(_ demo.Target, a *Answer) {
	for i := range 20_000 {
		a.Header.Set("X-Many-"+strconv.Itoa(i), "0123456789")
	}
}

func breathe(_ demo.Target, a *Answer) {
	a.Body = bytes.Replace(a.Body, []byte("?>"), []byte("?>"+strings.Repeat(" \n", 300)), 1)
}

func halve(_ demo.Target, a *Answer) { a.Body = a.Body[:len(a.Body)/2] }

func lengthen(_ demo.Target, a *Answer) { a.Body = append(bytes.Clone(a.Body), "more"...) }

func compress(_ demo.Target, a *Answer) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(a.Body) // into memory
	_ = w.Close()
	a.Body = b.Bytes()
	a.Header.Set("Content-Encoding", "gzip")
}

func pad(_ demo.Target, a *Answer) {
	a.Body = append(bytes.Clone(a.Body), bytes.Repeat([]byte(" "), 40<<20)...)
}

// endless makes pages of nothing.
func endless() func(demo.Target, *Answer) {
	var count atomic.Int64
	return func(_ demo.Target, a *Answer) {
		n := count.Add(1)
		a.Status = http.StatusOK
		a.Body = fmt.Appendf(nil, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t%d</NextContinuationToken></ListBucketResult>", n)
	}
}

var (
	nameElement    = regexp.MustCompile(`<Name>[^<]*</Name>`)
	keyElement     = regexp.MustCompile(`<Key>([^<]*)</Key>`)
	deletedElement = regexp.MustCompile(`<Deleted>.*?</Deleted>`)
	partElement    = regexp.MustCompile(`(?s)<Part>.*?</Part>`)
	sumElement     = regexp.MustCompile(`<(Checksum(?:CRC|SHA)\w+)>[^<]*</`)
)

func otherBucket(_ demo.Target, a *Answer) {
	a.Body = nameElement.ReplaceAll(a.Body, []byte("<Name>somebody-elses</Name>"))
}

func outside(_ demo.Target, a *Answer) {
	a.Body = keyElement.ReplaceAll(a.Body, []byte("<Key>../../outside</Key>"))
}

func omitDeleted(_ demo.Target, a *Answer) { a.Body = replaceFirst(deletedElement, a.Body, "") }

func otherDeleted(_ demo.Target, a *Answer) {
	a.Body = replaceFirst(deletedElement, a.Body, "<Deleted><Key>something-else</Key></Deleted>")
}

func oneNotDeleted(_ demo.Target, a *Answer) {
	m := keyElement.FindSubmatch(a.Body)
	if m == nil {
		return
	}
	a.Body = replaceFirst(deletedElement, a.Body, "<Error><Key>"+string(m[1])+"</Key><Code>InternalError</Code><Message>scripted</Message></Error>")
}

func replaceFirst(re *regexp.Regexp, in []byte, with string) []byte {
	loc := re.FindIndex(in)
	if loc == nil {
		return in
	}
	return append(append(bytes.Clone(in[:loc[0]]), with...), in[loc[1]:]...)
}

func emptyETag(_ demo.Target, a *Answer) {
	if a.Header.Get("Etag") != "" {
		a.Header.Set("Etag", `""`)
	}
	a.Body = etagElement.ReplaceAll(a.Body, []byte(`<ETag>&quot;&quot;</ETag>`))
}

func otherChecksum(_ demo.Target, a *Answer) {
	for name := range a.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") && name != "X-Amz-Checksum-Type" {
			a.Header.Set(name, strings.Repeat("A", 11)+"=")
		}
	}
	a.Body = sumElement.ReplaceAll(a.Body, []byte("<$1>AAAAAAAAAAA=</"))
}

// shiftRange changes where Content-Range begins and ends and what it calls the total.
func shiftRange(start, end, total int64) func(demo.Target, *Answer) {
	return func(_ demo.Target, a *Answer) {
		var s, e, n int64
		if _, err := fmt.Sscanf(a.Header.Get("Content-Range"), "bytes %d-%d/%d", &s, &e, &n); err == nil {
			a.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s+start, e+end, n+total))
		}
	}
}

func olderHead(_ demo.Target, a *Answer) {
	if a.Status != http.StatusOK {
		return
	}
	a.Header.Set("Etag", `"`+foreignETag+`"`)
	a.Header.Set("Content-Length", "3")
	a.Header.Set("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
	for name := range a.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") {
			a.Header.Del(name)
		}
	}
}

func partMissing(_ demo.Target, a *Answer) { a.Body = replaceFirst(partElement, a.Body, "") }

func partTwice(_ demo.Target, a *Answer) {
	if p := partElement.Find(a.Body); p != nil {
		a.Body = replaceFirst(partElement, a.Body, string(p)+string(p))
	}
}

func partOther(_ demo.Target, a *Answer) {
	a.Body = etagElement.ReplaceAll(a.Body, []byte("<ETag>&quot;"+foreignETag+"&quot;</ETag>"))
}
