package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pintail/internal/demo"
)

// TestCopy_AsTheProfileSays: what a connection profile says about uploads is in the requests that the server gets.
func TestCopy_AsTheProfileSays(t *testing.T) {
	var mu sync.Mutex
	var begun http.Header
	parts := 0
	srv, err := demo.Start(t.Context(), demo.Options{Sample: true, Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			if r.Method == http.MethodPost && r.URL.Query().Has("uploads") {
				begun = r.Header.Clone()
			}
			if r.URL.Query().Has("partNumber") {
				parts++
				if r.Header.Get("X-Amz-Request-Payer") != "requester" {
					t.Error("a part says nobody pays for it")
				}
			}
			mu.Unlock()
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	host, port, _ := strings.Cut(strings.TrimPrefix(srv.URL(), "http://"), ":")
	dir := t.TempDir()
	profile, local := filepath.Join(dir, "own.cyberduckprofile"), filepath.Join(dir, "file")
	body := `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>own</string><key>Scheme</key><string>http</string><key>Default Hostname</key><string>` + host +
		`</string><key>Default Port</key><string>` + port + `</string><key>Properties</key><array><string>s3.upload.multipart.size=6291456</string><string>s3.upload.multipart.threshold=6291456</string>` +
		`<string>s3.timestamp.enable=true</string><string>s3.storage.class=STANDARD_IA</string><string>s3.encryption.algorithm=AES256</string><string>s3.acl.default=bucket-owner-full-control</string>` +
		`<string>s3.bucket.requesterpays=true</string></array></dict></plist>`
	for path, content := range map[string]string{profile: body, local: strings.Repeat("x", 13<<20)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sys, _, errOut := testSystem(t)
	sys.Getenv = func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": srv.AccessKey(), "AWS_SECRET_ACCESS_KEY": srv.SecretKey()}[name]
	}
	if status := run(t.Context(), sys, []string{"--profile", profile, "cp", local, "s3://studio-media/own"}); status != 0 {
		t.Fatalf("status %d: %s", status, errOut)
	}
	mu.Lock()
	defer mu.Unlock()
	for name, want := range map[string]string{"X-Amz-Storage-Class": "STANDARD_IA", "X-Amz-Server-Side-Encryption": "AES256", "X-Amz-Acl": "bucket-owner-full-control", "X-Amz-Request-Payer": "requester"} {
		if got := begun.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if begun.Get("X-Amz-Meta-Mtime") == "" || parts != 3 {
		t.Errorf("time %q, %d parts", begun.Get("X-Amz-Meta-Mtime"), parts)
	}
}
