package main

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// TestTorrent_RGW: the address of a torrent gives one.
func TestTorrent_RGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	t.Parallel()
	s := servers.SharedRGW(t)
	other, cli := client.For(t, s), runner(t, account(s))
	bucket, content := other.NewBucket(), bytes.Repeat([]byte("torrent "), 1000)
	addr := "s3://" + bucket + "/a b"
	cli(string(content), "cp", "--acl", "public-read", "-", addr)
	resp, err := http.Get(strings.TrimSpace(cli("", "url", "--kind", "torrent", addr)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.HasPrefix(got, []byte("d")) || !bytes.Contains(got, []byte("4:infod")) || !bytes.Contains(got, []byte("6:lengthi8000e")) {
		t.Errorf("%s, %v: %q", resp.Status, err, got)
	}
	cli("", "rb", "--yes", "--force", "s3://"+bucket)
	features.Proved(t, "object.torrent", s.Name, s.Version)
}

// TestCustomerKey_RGW: what is stored here with a key of one's own the other program reads with that key and not without, and the other way
// round. This program goes through TLS, without which it sends no key.
func TestCustomerKey_RGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	t.Parallel()
	s := servers.SharedRGW(t)
	to, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is part of the signature
	}})
	t.Cleanup(front.Close)
	dir := t.TempDir()
	authority, key, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "key"), filepath.Join(dir, "file")
	const secret = "0123456789abcdef0123456789ABCDEF"
	for path, b := range map[string][]byte{authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), key: []byte(secret), file: []byte("content")} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := client.For(t, s)
	acc := account(s)
	acc.Endpoint = front.URL
	cli := runner(t, acc, "AWS_CA_BUNDLE="+authority)
	bucket := other.NewBucket()
	cli("", "cp", "--sse-c", key, file, "s3://"+bucket+"/ours")
	got := filepath.Join(dir, "got")
	other.Must("get-object", nil, "--bucket", bucket, "--key", "ours", "--sse-customer-algorithm", "AES256", "--sse-customer-key", "file://"+key, got)
	if b, err := os.ReadFile(got); err != nil || string(b) != "content" {
		t.Errorf("the other program reads %q, %v", b, err)
	}
	if _, err := other.Try("head-object", map[string]any{"Bucket": bucket, "Key": "ours"}); err == nil {
		t.Error("the other program reads it without the key")
	}
	other.Must("put-object", map[string]any{"Bucket": bucket, "Key": "theirs", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": secret}, "--body", file)
	if b := cli("", "cat", "--sse-c", key, "s3://"+bucket+"/theirs"); b != "content" {
		t.Errorf("this program reads %q", b)
	}
	if v := decode(t, cli("", "--json", "stat", "--sse-c", key, "s3://"+bucket+"/theirs")); !within(map[string]any{"encryption": map[string]any{"type": "SSE-C"}}, v) {
		t.Errorf("this program says %v", v)
	}
	cli("", "rb", "--yes", "--force", "s3://"+bucket)
	features.Proved(t, "object.ssec", s.Name, s.Version)
}
