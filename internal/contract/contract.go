// Package contract is one suite of small cases, written from the S3 documentation, that every S3 server of the tests has to pass,
// so that the embedded server cannot drift away from real ones. It must never use the client under test, nor an SDK: it speaks
// HTTP by itself (client.go). What a real server does otherwise is a row in deviations.go, and nothing else excuses it.
package contract

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Server is what the suite runs against.
type Server struct {
	Name, Version        string // Name is a key of the deviations table
	Endpoint             string
	AccessKey, SecretKey string
	Region               string
}

// Case is one behaviour. It fails with an error that says what was seen.
type Case struct {
	Name string // "area/behaviour"
	Page string // where the S3 documentation says so
	run  func(*probe)
}

// Cases is the whole suite, in a fixed order.
func Cases() []Case {
	return slices.Concat(authCases(), streamCases(), bucketCases(), keyCases(), listCases(), readCases(), writeCases(), checksumCases(),
		multipartCases(), copyCases(), deleteCases(), versionCases(), accessCases(), archiveCases(), settingCases(), lockCases())
}

// Run runs all cases, each in a bucket of its own. A deviation in the table must show, exactly as it is described.
func Run(t *testing.T, s Server) {
	client := NewClient(s.Endpoint, s.AccessKey, s.SecretKey, s.Region)
	t.Cleanup(client.Close)
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			err := c.try(t.Context(), client)
			d, known := Deviation(s.Name, c.Name)
			switch {
			case !known && err != nil:
				t.Errorf("%s %s: %v (%s)", s.Name, s.Version, err, c.Page)
			case known && err == nil:
				t.Errorf("%s %s conforms now: remove the row %q from the table of deviations", s.Name, s.Version, d.Does)
			case known && !strings.Contains(err.Error(), d.Match):
				t.Errorf("%s %s deviates in another way than the table says (%q): %v", s.Name, s.Version, d.Match, err)
			}
		})
	}
}

// probe is one run of one case.
type probe struct {
	ctx    context.Context
	client *Client
	bucket string
}

// caseError ends a case; [Case.try] catches it.
type caseError struct{ error }

func (c Case) try(ctx context.Context, client *Client) (err error) {
	p := &probe{ctx: ctx, client: client, bucket: "contract-" + randomHex(8)}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case caseError:
			err = r.error
		default:
			panic(r)
		}
	}()
	p.expect(p.do(Request{Method: "PUT", Bucket: p.bucket}), 200, "")
	defer p.cleanUp()
	c.run(p)
	return nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}

// cleanUp removes the bucket as far as the server lets it; it judges nothing.
func (p *probe) cleanUp() {
	for _, kind := range []string{"versions", "list-type=2&encoding-type=url"} {
		r, err := p.client.Do(p.ctx, Request{Method: "GET", Bucket: p.bucket, Query: kind})
		if err != nil || r.Status != 200 {
			continue
		}
		root, err := parse(r.Body)
		if err != nil {
			continue
		}
		for _, n := range root.kids {
			if key := n.get("Key"); key != "" && n.name != "CommonPrefixes" {
				q, h := "", map[string]string{}
				if strings.HasSuffix(p.bucket, lockSuffix) {
					h[bypass] = "true"
				}
				if id := n.get("VersionId"); id != "" {
					q = "versionId=" + escape(id, "")
				}
				_, _ = p.client.Do(p.ctx, Request{Method: "DELETE", Bucket: p.bucket, Key: key, Query: q, Header: h})
			}
		}
	}
	_, _ = p.client.Do(p.ctx, Request{Method: "DELETE", Bucket: p.bucket})
}

func (p *probe) fail(format string, args ...any) { panic(caseError{fmt.Errorf(format, args...)}) }

// do sends a request in the case's bucket unless it names another or none ("-").
func (p *probe) do(r Request) *Reply {
	if r.Bucket == "" {
		r.Bucket = p.bucket
	}
	if r.Bucket == "-" {
		r.Bucket = ""
	}
	reply, err := p.client.Do(p.ctx, r)
	if err != nil {
		p.fail("%s /%s/%q?%s: %v", r.Method, r.Bucket, r.Key, r.Query, err)
	}
	return reply
}

// expect checks the status, and the error code unless it is "".
func (p *probe) expect(r *Reply, status int, code string) *Reply {
	got := ""
	if root, err := parse(r.Body); err == nil && root.name == "Error" {
		got = root.get("Code")
	}
	if r.Status != status || (code != "" && got != code) {
		p.fail("answered %d %s, want %d %s", r.Status, got, status, code)
	}
	return r
}

func (p *probe) equal(what, got, want string) {
	if got != want {
		p.fail("%s is %s, want %s", what, short(got), short(want))
	}
}

func short(s string) string {
	if len(s) > 120 {
		return fmt.Sprintf("%q… (%d bytes)", s[:120], len(s))
	}
	return fmt.Sprintf("%q", s)
}

func (p *probe) header(r *Reply, name, want string) {
	p.equal("header "+name, r.Header.Get(name), want)
}

// put stores an object.
func (p *probe) put(key, body string, headers ...string) *Reply {
	return p.expect(p.do(Request{Method: "PUT", Key: key, Body: body, Header: pairs(headers)}), 200, "")
}

func (p *probe) get(key string, headers ...string) *Reply {
	return p.do(Request{Method: "GET", Key: key, Header: pairs(headers)})
}

func (p *probe) head(key string, headers ...string) *Reply {
	return p.expect(p.do(Request{Method: "HEAD", Key: key, Header: pairs(headers)}), 200, "")
}

// list gets a document of the bucket and checks its root element.
func (p *probe) list(query, root string) *node {
	return p.document(p.expect(p.do(Request{Method: "GET", Query: query}), 200, ""), root)
}

func (p *probe) document(r *Reply, root string) *node {
	n, err := parse(r.Body)
	if err != nil {
		p.fail("the answer is no XML: %v", err)
	}
	p.equal("root element", n.name, root)
	return n
}

func pairs(list []string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(list); i += 2 {
		out[list[i]] = list[i+1]
	}
	return out
}

// node is an element of an answer.
type node struct {
	name string
	text string
	kids []*node
}

// get returns the text of the first element on a path ("Owner/ID"), "" when there is none.
func (n *node) get(path string) string {
	if all := n.all(path); len(all) > 0 {
		return all[0]
	}
	return ""
}

// all returns the texts of all elements on a path.
func (n *node) all(path string) []string {
	name, rest, deeper := strings.Cut(path, "/")
	var out []string
	for _, k := range n.kids {
		switch {
		case k.name != name:
		case deeper:
			out = append(out, k.all(rest)...)
		default:
			out = append(out, k.text)
		}
	}
	return out
}

// parse reads any document. It takes character references that XML 1.0 forbids, as S3 writes them for control characters.
func parse(doc string) (*node, error) {
	dec := xml.NewDecoder(strings.NewReader(hideControls(doc)))
	top := &node{}
	stack := []*node{top}
	for {
		tok, err := dec.Token()
		if err != nil {
			if len(top.kids) == 1 && len(stack) == 1 {
				return top.kids[0], nil
			}
			return nil, errors.Join(err, errors.New("not one whole document"))
		}
		last := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local}
			last.kids = append(last.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			last.text = showControls(last.text)
			stack = stack[:len(stack)-1]
		case xml.CharData:
			last.text += string(tok)
		}
	}
}

// hideControls moves references to control characters into a private range, for the parser's sake.
func hideControls(doc string) string {
	for i := range 0x20 {
		for _, form := range []string{fmt.Sprintf("&#x%x;", i), fmt.Sprintf("&#x%X;", i), fmt.Sprintf("&#%d;", i)} {
			doc = strings.ReplaceAll(doc, form, string(rune(0xE000+i)))
		}
	}
	return doc
}

func showControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xE000 && r < 0xE020 {
			return r - 0xE000
		}
		return r
	}, s)
}
