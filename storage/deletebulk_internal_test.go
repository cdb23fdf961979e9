package storage

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"pgregory.net/rapid"
)

// answering opens a session that gets the same document in answer to everything.
func answering(t *testing.T, doc *string, noLean bool) *Session {
	t.Helper()
	s, err := Open(t.Context(), Config{Endpoint: parse(t, "http://127.0.0.1:9000"), NoLean: noLean, Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")})
	if err != nil {
		t.Fatal(err)
	}
	s.http.rt = &tracer{next: roundTripFunc(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"X-Amz-Request-Id": {"R"}}, Request: r, Body: io.NopCloser(strings.NewReader(*doc))}, nil
	}), now: s.cfg.Now}
	return s
}

// outcome is what a bulk deletion came to, in a form that can be compared.
func outcome(results []DeleteResult, err error) []string {
	out := []string{fmt.Sprint(KindOf(err), err != nil)}
	for _, r := range results {
		e, _ := r.Err.(*Error)
		if e == nil {
			e = &Error{}
		}
		out = append(out, fmt.Sprintf("%q %q %v %q %v %v %q %q %v %v", r.Location.Key, r.Location.Version, r.Marker, r.MarkerVersion, r.Err != nil, e.Kind, e.Code, e.Message, e.Retryable, e.Unknown))
	}
	return out
}

// Whatever the answer says, our reading of it is the SDK's: right, incomplete, about other keys, or cut off.
func TestDeleteMany_ReadsAnswersAsTheSDKDoes(t *testing.T) {
	var doc string
	lean, sdk := answering(t, &doc, false), answering(t, &doc, true)
	keys := []string{"a", "b c", "ü&<>", "x", "twice", "twice"}
	text := func(t *rapid.T, name, value string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(value))
		return "<" + name + ">" + b.String() + "</" + name + ">"
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString(xml.Header + `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`)
		for range rapid.IntRange(0, 8).Draw(t, "entries") {
			if rapid.Bool().Draw(t, "space") {
				b.WriteString("\n  ")
			}
			name := rapid.SampledFrom([]string{"Deleted", "Deleted", "Error", "Other"}).Draw(t, "name")
			b.WriteString("<" + name + ">" + text(t, "Key", rapid.SampledFrom(append(keys, "none")).Draw(t, "key")))
			for _, f := range [][]string{{"VersionId", "", "v1", "null"}, {"DeleteMarker", "", "true", "false"}, {"DeleteMarkerVersionId", "", "m"},
				{"Code", "", "AccessDenied", "InternalError", "NoSuchKey", "SlowDown"}, {"Message", "", "no & never"}, {"Extra", "", "x"}} {
				if v := rapid.SampledFrom(f[1:]).Draw(t, f[0]); v != "" {
					b.WriteString(text(t, f[0], v))
				}
			}
			b.WriteString("</" + name + ">")
		}
		b.WriteString("</DeleteResult>")
		doc = b.String()
		cut := rapid.SampledFrom([]int{0, 0, 0, 1, 14, 40}).Draw(t, "cut")
		doc = doc[:max(len(doc)-cut, 0)]
		var locs []Location
		for i, k := range keys {
			l := Location{Bucket: "bucket", Key: k}
			if i%2 == 1 && rapid.Bool().Draw(t, "version") {
				l.Version = "v1"
			}
			locs = append(locs, l)
		}
		got := outcome(lean.DeleteMany(t.Context(), "bucket", locs))
		want := outcome(sdk.DeleteMany(t.Context(), "bucket", locs))
		if cut > 0 { // the SDK says of what kind in its own way
			if len(got) != 1 || len(want) != 1 || !strings.HasSuffix(got[0], "true") || !strings.HasSuffix(want[0], "true") {
				t.Fatalf("%s\n%q\n%q", doc, got, want)
			}
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %q\nwant %q", doc, got, want)
		}
	})
}
