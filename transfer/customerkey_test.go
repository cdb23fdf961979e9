package transfer_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
	"pintail/transfer"
)

// A key of the customer's goes with every request of a transfer: up, from object to object, and down; in one request and in parts.
func TestQueue_CustomerKey(t *testing.T) {
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	t.Cleanup(cert.Close)
	d, err := demo.Start(t.Context(), demo.Options{TLS: cert.TLS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	target := storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey(),
		TLS: cert.Client().Transport.(*http.Transport).TLSClientConfig}
	s := storagetest.Open(t, target.Config())
	if err := s.MakeBucket(t.Context(), "bucket", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, bytes.Repeat([]byte("k"), 32), 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := transfer.Open(t.Context(), transfer.Config{Journal: filepath.Join(dir, "journal"), Connect: func(context.Context, string) (*storage.Session, error) {
		return storage.Open(context.Background(), target.Config())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close(context.Background()) })
	run := func(r transfer.Request) transfer.Summary {
		t.Helper()
		id, err := q.Add(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := q.Wait(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	q.SetSingleCopy(8*mib, 6*mib)
	for name, size := range map[string]int{"small": 1000, "large": 11 * mib} {
		data := storagetest.Data(1, size)
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		at := func(k string) storage.Location { return storage.Location{Bucket: "bucket", Key: k} }
		o := transfer.Options{KeyFile: key, PartSize: 5 * mib, Threshold: 5 * mib}
		for i, r := range []transfer.Request{
			{Kind: transfer.Upload, Sources: []transfer.Source{{Local: file}}, Target: transfer.Target{Remote: at(name), Exact: true}, Options: o},
			{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: at(name)}}, Target: transfer.Target{Remote: at(name + "2"), Exact: true}, Options: o},
			{Kind: transfer.Download, Sources: []transfer.Source{{Remote: at(name + "2")}}, Target: transfer.Target{Local: file + ".back", Exact: true}, Options: o},
		} {
			if sum := run(r); sum.State != transfer.Done || sum.Done != 1 {
				t.Fatalf("%s, step %d: %+v", name, i, sum)
			}
		}
		if back, err := os.ReadFile(file + ".back"); err != nil || !bytes.Equal(back, data) {
			t.Errorf("%s came back with %d bytes, %v", name, len(back), err)
		}
		for _, k := range []string{name, name + "2"} {
			if _, err := s.Stat(t.Context(), at(k)); err == nil {
				t.Errorf("%s is told without the key", k)
			}
		}
		if sum := run(transfer.Request{Kind: transfer.Download, Sources: []transfer.Source{{Remote: at(name)}}, Target: transfer.Target{Local: file + ".no", Exact: true}}); sum.Failed != 1 {
			t.Errorf("without the key: %+v", sum)
		}
	}
	// The key is gone: nothing is sent.
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	d.ResetRequests()
	sum := run(transfer.Request{Kind: transfer.Upload, Sources: []transfer.Source{{Local: filepath.Join(dir, "small")}},
		Target: transfer.Target{Remote: storage.Location{Bucket: "bucket", Key: "no"}, Exact: true}, Options: transfer.Options{KeyFile: key}})
	if sum.State != transfer.Failed || d.CountRequests("PutObject", "", 0) != 0 {
		t.Errorf("%+v", sum)
	}
}
