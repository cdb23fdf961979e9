package storage_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pintail/internal/testkit/reliability"
	"pintail/storage"
)

// foreign are addresses that nothing may be sent to.
var foreign = []string{"http://evil.example/bucket/k", "https://evil.example/bucket/k", "http://s3.example.com:8080/bucket/k", "//evil.example/x",
	"http://s3.eu-west-1.amazonaws.com.evil.example/bucket/k", "http://user:pw@evil.example/", "http://bucket.s3.cn-north-1.amazonaws.com.cn/k",
	"http://169.254.169.254/latest/meta-data/"}

// TestRedirect_Matrix sends every operation, signed with a session token and with bytes in its body, to a server of ours and to
// Amazon that answer with a way elsewhere: 6 statuses x 8 addresses x 2 ways of saying it. Nothing may reach another host, let
// alone the credentials or the body; over https not even the beginning of a connection.
func TestRedirect_Matrix(t *testing.T) {
	cases, cells, requests, leaks := 0, 0, 0, 0
	for _, status := range []int{301, 302, 303, 307, 308, 400} {
		for _, to := range foreign {
			for _, way := range []string{"header", "document"} {
				cases++
				endpoints := []string{"http://s3.example.com", "http://s3.us-east-1.amazonaws.com"}
				if testing.Short() { // each of them has half of the cases
					endpoints = endpoints[cases%2 : cases%2+1]
				}
				for _, endpoint := range endpoints {
					r := record(t, elsewhere(status, to, way))
					s := connect(t, endpoint, proxied(r))
					for op, run := range operations(s) {
						cells++
						err := run(t.Context())
						if err == nil {
							t.Errorf("%s %d %s %s: %s succeeded", endpoint, status, way, to, op)
							continue
						}
						noSecret(t, "error", err.Error())
					}
					for _, g := range r.take() {
						requests++
						if !ownHost(endpoint, g.host) {
							leaks++
							t.Errorf("%s %d %s %s: %s went to %s with %v %q", endpoint, status, way, to, g.method, g.host, g.header, g.body)
						}
					}
					_ = s.Close()
					r.Close()
				}
			}
		}
	}
	if cases < 96 || requests < cells {
		t.Errorf("%d cases, %d operations, %d requests", cases, cells, requests)
	}
	t.Logf("%d cases, %d operations, %d requests, %d to a foreign host", cases, cells, requests, leaks)
	reliability.Record(t, reliability.Table{ID: "14-redirects", Title: "Redirects to other hosts",
		Note:    "Every operation of a session with temporary credentials, against answers that send it to another host, port or scheme by a header or a document. A request to the other host, with or without secrets, counts.",
		Columns: []string{"counted", "number"}, Rows: [][]string{{"cases", strconv.Itoa(cases)}, {"operations", strconv.Itoa(cells)},
			{"requests", strconv.Itoa(requests)}, {"to a foreign host", strconv.Itoa(leaks)}}})
}

// ownHost tells whether a request to host is one to the endpoint.
func ownHost(endpoint, host string) bool {
	own := strings.TrimPrefix(endpoint, "http://")
	return host == own || host == "bucket."+own || host == "locks."+own || // the buckets that are asked about
		host == "sts.us-east-1.amazonaws.com:443" && own == "s3.us-east-1.amazonaws.com" // who asks: Amazon's other service
}

// elsewhere answers every request with a way to another host.
func elsewhere(status int, to, way string) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodConnect { // a tunnel would be one to a host behind https: none of ours is
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("X-Amz-Request-Id", "R")
		if way == "header" {
			w.Header().Set("Location", to)
			w.WriteHeader(status)
			return
		}
		host := to
		if u, err := url.Parse(to); err == nil && u.Host != "" {
			host = u.Host
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if q.Method != http.MethodHead {
			_, _ = io.WriteString(w, fmt.Sprintf("<Error><Code>PermanentRedirect</Code><Endpoint>%s</Endpoint><Bucket>bucket</Bucket></Error>", host))
		}
	}
}

// A way that begins within Amazon does not make the second step allowed.
func TestRedirect_MatrixOfTwoSteps(t *testing.T) {
	for _, to := range foreign {
		r := record(t, func(w http.ResponseWriter, q *http.Request) {
			if strings.Contains(q.Host, "us-east-1") {
				w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
				w.WriteHeader(http.StatusTemporaryRedirect)
				return
			}
			elsewhere(http.StatusTemporaryRedirect, to, "header")(w, q)
		})
		s := connect(t, "http://s3.us-east-1.amazonaws.com", proxied(r))
		for op, run := range redirectOps {
			if err := run(t.Context(), s); storage.KindOf(err) != storage.KindRedirect {
				t.Errorf("%s %s: %v", op, to, err)
			}
		}
		for _, g := range r.take() {
			if !strings.HasSuffix(g.host, ".us-east-1.amazonaws.com") && !strings.HasSuffix(g.host, ".eu-west-1.amazonaws.com") {
				t.Errorf("%s: a request went to %s", to, g.host)
			}
		}
	}
}
