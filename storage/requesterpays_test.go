package storage_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
)

// TestRequesterPays_RGW: a second account gets in to a bucket whose owner does not pay only where it says that it pays itself.
func TestRequesterPays_RGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := servers.SharedRGW(t)
	owner := client.For(t, s)
	bucket := owner.NewBucket()
	owner.Put(bucket, "k", []byte("paid"))
	for _, call := range []map[string]any{{"Bucket": bucket, "ACL": "public-read"}, {"Bucket": bucket, "Key": "k", "ACL": "public-read"}} {
		op := "put-bucket-acl"
		if call["Key"] != nil {
			op = "put-object-acl"
		}
		if _, err := owner.Try(op, call); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := owner.Try("put-bucket-request-payment", map[string]any{"Bucket": bucket, "RequestPaymentConfiguration": map[string]any{"Payer": "Requester"}}); err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	loc := storage.Location{Bucket: bucket, Key: "k"}
	open := func(pays, sdk bool) *storage.Session {
		t.Helper()
		c := storage.Config{Endpoint: endpoint, Region: s.Region, RequesterPays: pays, NoLean: sdk,
			Credentials: credentials.NewStaticCredentialsProvider(s.OtherAccessKey, s.OtherSecretKey, "")}
		other, err := storage.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Close() })
		return other
	}
	read := func(other *storage.Session) error {
		r, err := other.Read(t.Context(), loc, storage.ReadOptions{Whole: true})
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err == nil && !bytes.Equal(b, []byte("paid")) {
			t.Errorf("it reads %q", b)
		}
		_ = r.Close()
		return err
	}
	for _, sdk := range []bool{false, true} {
		if err := read(open(false, sdk)); storage.KindOf(err) != storage.KindPermission {
			t.Errorf("without a word (SDK %v): %v", sdk, err)
		}
		pays := open(true, sdk)
		if err := read(pays); err != nil {
			t.Errorf("as the one who pays (SDK %v): %v", sdk, err)
		}
		if _, err := pays.Stat(t.Context(), loc); err != nil {
			t.Errorf("stat (SDK %v): %v", sdk, err)
		}
		for _, err := range pays.List(t.Context(), bucket, "", storage.ListOptions{}) {
			if err != nil {
				t.Errorf("list (SDK %v): %v", sdk, err)
			}
		}
	}
	link, err := open(true, false).Presign(t.Context(), loc, "GET", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if status := fetchStatus(t, link.URL); status != http.StatusOK {
		t.Errorf("a signed address answers %d", status)
	}
	features.Proved(t, "object.requesterpays", string(s.Name), s.Version)
}

func fetchStatus(t *testing.T, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
