package client_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// awkward keys must reach the server byte by byte, or the client could not judge ours.
func TestClient_KeepsAwkwardKeysOnRGW(t *testing.T) {
	c := client.For(t, servers.SharedRGW(t))
	b := c.NewBucket()
	keys := []string{"a//b", "/a", "a/../b", "a+b", "a%20b", "a b ", "-x", "é😀", "new\nline", strings.Repeat("k", 1024)}
	for _, k := range keys {
		c.Put(b, k, []byte(k))
	}
	got := c.List(b, "")
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		t.Errorf("got keys %q", got)
	}
	for _, k := range keys {
		if string(c.Get(b, k)) != k {
			t.Errorf("key %q reads back as another object", k)
		}
	}
}

func TestClient_ReadsWhatItWrote(t *testing.T) {
	s := servers.Versitygw(t)
	c := client.For(t, s)
	b := c.NewBucket()
	c.Put(b, "dir/one", []byte("1"))
	c.Put(b, "dir/two", []byte("22"))
	dir := t.TempDir()
	c.GetTree(b, "dir/", dir)
	if body, err := os.ReadFile(filepath.Join(dir, "two")); err != nil || string(body) != "22" {
		t.Errorf("tree: %q, %v", body, err)
	}
	if h := c.Head(b, "dir/two"); h.ContentLength != 2 || h.ETag == "" {
		t.Errorf("head: %+v", h)
	}
	if !c.Exists(b, "dir/one") || c.Exists(b, "dir/three") {
		t.Error("Exists is wrong")
	}
	if _, err := c.Try("get-object", nil, "--bucket="+b, "--key=none", os.DevNull); err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
		t.Errorf("a missing key: %v", err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	c.Delete(b, "dir/one")
	if got := c.List(b, ""); !slices.Equal(got, []string{"dir/two"}) {
		t.Errorf("after the restart: %q", got)
	}
}

// Calls at the same time have the account that each was made with.
func TestClient_CallsSideBySideKeepTheirAccounts(t *testing.T) {
	s := servers.SharedRGW(t)
	made := map[*client.Client]string{client.For(t, s): "", client.Other(t, s): ""}
	for c := range made {
		made[c] = c.NewBucket()
	}
	var calls sync.WaitGroup
	for c, own := range made {
		for range 4 {
			calls.Go(func() {
				b, err := c.Try("list-buckets", nil)
				for other, name := range made {
					if err != nil || strings.Contains(string(b), name) != (other == c) {
						t.Errorf("the owner of %s lists %s, %v", own, b, err)
					}
				}
			})
		}
	}
	calls.Wait()
}

func TestServer_CountsStoredPartsAcrossAKill(t *testing.T) {
	for _, start := range []func(testing.TB) *servers.Server{servers.Versitygw, servers.RGW} {
		s := start(t)
		c := client.For(t, s)
		b, key := c.NewBucket(), "big file+1"
		body := filepath.Join(t.TempDir(), "part")
		if err := os.WriteFile(body, make([]byte, 5<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Try("create-multipart-upload", map[string]any{"Bucket": b, "Key": key}); err != nil {
			t.Fatal(err)
		}
		up := c.Uploads(b)
		if len(up) != 1 || up[0].Key != key {
			t.Fatalf("%s: uploads %+v", s.Name, up)
		}
		send := func(n int) {
			in := map[string]any{"Bucket": b, "Key": key, "UploadId": up[0].UploadID, "PartNumber": n}
			if _, err := c.Try("upload-part", in, "--body", body); err != nil {
				t.Fatal(err)
			}
		}
		send(1)
		send(2)
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		send(2)
		if parts := c.Parts(b, up[0]); len(parts) != 2 || parts[1].PartNumber != 2 || parts[1].Size != 5<<20 {
			t.Errorf("%s: parts %+v", s.Name, parts)
		}
		if got, err := s.PartsStored(b, key); err != nil || !slices.Equal(got, []int{1, 2, 2}) {
			t.Errorf("%s: stored %v, %v", s.Name, got, err)
		}
	}
}
