package storage

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// TestSignV2_TagsWhereTheServerDoesNotCoverThem: a server whose rules are older than tags is found out by one refusal.
func TestSignV2_TagsWhereTheServerDoesNotCoverThem(t *testing.T) {
	t.Parallel()
	for covers, first := range map[bool]int64{true: 1, false: 2} {
		var requests atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			resource := r.URL.EscapedPath()
			if covers {
				resource += "?tagging"
			}
			var amz []string
			for name, v := range r.Header {
				if low := strings.ToLower(name); strings.HasPrefix(low, "x-amz-") {
					amz = append(amz, low+":"+v[0]+"\n")
				}
			}
			slices.Sort(amz)
			m := hmac.New(sha1.New, []byte(exampleSecret))
			_, _ = io.WriteString(m, strings.Join([]string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), r.Header.Get("Date"), strings.Join(amz, "") + resource}, "\n"))
			w.Header().Set("X-Amz-Request-Id", "r")
			if r.Header.Get("Authorization") != "AWS "+exampleKey+":"+base64.StdEncoding.EncodeToString(m.Sum(nil)) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>")
			}
		}))
		t.Cleanup(srv.Close)
		u, _ := url.Parse(srv.URL)
		s, err := Open(t.Context(), Config{Endpoint: u, Signature: SignatureV2, Credentials: credentials.NewStaticCredentialsProvider(exampleKey, exampleSecret, "")})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{first, 1} {
			requests.Store(0)
			if err := s.SetTags(t.Context(), Location{Bucket: "bucket", Key: "k"}, map[string]string{"a": "b"}); err != nil || requests.Load() != want {
				t.Errorf("covered %v: %d requests, not %d: %v", covers, requests.Load(), want, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
