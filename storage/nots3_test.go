package storage_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/storage"
	"pintail/storage/storagetest"
)

const (
	testKey    = "AKIATESTTESTTESTTEST"
	testSecret = "canary/secret+of/the=test"
	testToken  = "canary-token-of-the-test"
)

// connect opens a session to an address.
func connect(t *testing.T, address string, change func(*storage.Config)) *storage.Session {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	c := storage.Config{Endpoint: u, Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, testToken),
		Known: storage.Known{ConditionalDeletes: &yes}}
	if change != nil {
		change(&c)
	}
	return storagetest.Open(t, c)
}

// operations runs each method of a session that asks the server, once.
func operations(s *storage.Session) map[string]func(context.Context) error {
	all := readOperations(s)
	maps.Copy(all, writeOperations(s))
	maps.Copy(all, versionOperations(s))
	maps.Copy(all, settingOperations(s))
	return all
}

var (
	opLoc   = storage.Location{Bucket: "bucket", Key: "dir/key"}
	opOther = storage.Location{Bucket: "bucket", Key: "other"}
)

func readOperations(s *storage.Session) map[string]func(context.Context) error {
	loc := opLoc
	return map[string]func(context.Context) error{
		"Identity":     func(ctx context.Context) error { _, err := s.Identity(ctx); return err },
		"Buckets":      func(ctx context.Context) error { return drain(s.Buckets(ctx)) },
		"MakeBucket":   func(ctx context.Context) error { return s.MakeBucket(ctx, "bucket", storage.MakeBucketOptions{}) },
		"RemoveBucket": func(ctx context.Context) error { return s.RemoveBucket(ctx, "bucket") },
		"BucketRegion": func(ctx context.Context) error { _, err := s.BucketRegion(ctx, "bucket"); return err },
		"List":         func(ctx context.Context) error { return drain(s.List(ctx, "bucket", "", storage.ListOptions{})) },
		"ListVersions": func(ctx context.Context) error {
			return drain(s.ListVersions(ctx, "bucket", "", storage.ListOptions{}))
		},
		"ListUploads": func(ctx context.Context) error { return drain(s.ListUploads(ctx, "bucket", "", storage.ListOptions{})) },
		"Stat":        func(ctx context.Context) error { _, err := s.Stat(ctx, loc); return err },
		"Read": func(ctx context.Context) error {
			r, err := s.Read(ctx, loc, storage.ReadOptions{Whole: true})
			if err == nil {
				_, err = io.ReadAll(r)
				_ = r.Close()
			}
			return err
		},
		"Tags":            func(ctx context.Context) error { _, err := s.Tags(ctx, loc); return err },
		"ACL":             func(ctx context.Context) error { _, err := s.ACL(ctx, loc); return err },
		"EffectiveAccess": func(ctx context.Context) error { _, err := s.EffectiveAccess(ctx, loc); return err },
		"Probe": func(ctx context.Context) error {
			var failed error
			err := s.Probe(ctx, loc, "", func(p storage.Probe) { failed = errors.Join(failed, p.Err) })
			return errors.Join(err, failed)
		},
		"ACL of a bucket": func(ctx context.Context) error { _, err := s.ACL(ctx, storage.Location{Bucket: "bucket"}); return err },
		"Read range": func(ctx context.Context) error {
			_, err := s.Read(ctx, loc, storage.ReadOptions{Length: 5})
			return err
		},
	}
}

func writeOperations(s *storage.Session) map[string]func(context.Context) error {
	loc, other := opLoc, opOther
	up := storage.Upload{Key: loc.Key, ID: "upload-id"}
	ps := []storage.Part{{Number: 1, Size: 5, ETag: "5d41402abc4b2a76b9719d911017c592"}}
	body := storagetest.Body([]byte("hello"))
	return map[string]func(context.Context) error{
		"Put": func(ctx context.Context) error { _, err := s.Put(ctx, loc, body, storage.WriteOptions{}); return err },
		"Put unchecked": func(ctx context.Context) error {
			_, err := s.Put(ctx, loc, body, storage.WriteOptions{Checksum: storage.ChecksumNone})
			return err
		},
		"PutStream": func(ctx context.Context) error {
			_, err := s.PutStream(ctx, loc, strings.NewReader("hello"), storage.WriteOptions{})
			return err
		},
		"MakeFolder": func(ctx context.Context) error {
			return s.MakeFolder(ctx, storage.Location{Bucket: "bucket", Key: "dir/"})
		},
		"CreateUpload": func(ctx context.Context) error {
			_, err := s.CreateUpload(ctx, loc, storage.WriteOptions{})
			return err
		},
		"UploadPart": func(ctx context.Context) error { _, err := s.UploadPart(ctx, loc, up, 1, body); return err },
		"CopyPart":   func(ctx context.Context) error { _, err := s.CopyPart(ctx, other, 0, 5, "", loc, up, 1); return err },
		"Parts":      func(ctx context.Context) error { return drain(s.Parts(ctx, loc, "upload-id")) },
		"CompleteUpload": func(ctx context.Context) error {
			_, err := s.CompleteUpload(ctx, loc, up, ps, storage.WriteOptions{})
			return err
		},
		"ProveUpload":    func(ctx context.Context) error { _, err := s.ProveUpload(ctx, loc, up, ps); return err },
		"StoredParts":    func(ctx context.Context) error { _, _, err := s.StoredParts(ctx, loc, "upload-id"); return err },
		"CompleteStored": func(ctx context.Context) error { _, err := s.CompleteStored(ctx, loc, "upload-id"); return err },
		"AbortUpload":    func(ctx context.Context) error { return s.AbortUpload(ctx, loc, "upload-id") },
		"FindUpload":     func(ctx context.Context) error { _, err := s.FindUpload(ctx, loc, "upload-id"); return err },
		"Copy":           func(ctx context.Context) error { _, err := s.Copy(ctx, other, loc, storage.CopyOptions{}); return err },
		"Rewrite": func(ctx context.Context) error {
			_, err := s.Rewrite(ctx, loc, storage.Edit{Class: "STANDARD_IA"}, storage.RewriteOptions{})
			return err
		},
		"Copy at once": func(ctx context.Context) error {
			_, err := s.Copy(ctx, other, loc, storage.CopyOptions{SourceIfMatch: "5d41402abc4b2a76b9719d911017c592", Class: "STANDARD"})
			return err
		},
		"Delete":  func(ctx context.Context) error { _, err := s.Delete(ctx, loc); return err },
		"SetTags": func(ctx context.Context) error { return s.SetTags(ctx, loc, map[string]string{"k": "v"}) },
		"SetACL": func(ctx context.Context) error {
			return s.SetACL(ctx, loc, storage.ACL{Owner: storage.Owner{ID: "owner"}})
		},
		"SetACL of a bucket": func(ctx context.Context) error {
			return s.SetACL(ctx, storage.Location{Bucket: "bucket"}, storage.ACL{Owner: storage.Owner{ID: "owner"}})
		},
		"ChangeACL": func(ctx context.Context) error {
			_, err := s.ChangeACL(ctx, loc, []storage.Grant{{Grantee: storage.Grantee{ID: "x"}, Permission: "READ"}}, nil)
			return err
		},
		"SetCannedACL": func(ctx context.Context) error { _, err := s.SetCannedACL(ctx, loc, "private"); return err },
		"SetLock":      func(ctx context.Context) error { return s.SetLock(ctx, loc, storage.Lock{Hold: true}) },
		"CarryLock":    func(ctx context.Context) error { return s.CarryLock(ctx, loc, storage.Lock{Hold: true}) },
		"LockOf": func(ctx context.Context) error { // of a bucket that nothing else has asked about
			_, err := s.LockOf(ctx, storage.Info{Location: storage.Location{Bucket: "locks", Key: "k"}})
			return err
		},
		"DeleteUnchanged": func(ctx context.Context) error {
			_, err := s.DeleteUnchanged(ctx, "bucket", []storage.Location{loc}, []string{"5d41402abc4b2a76b9719d911017c592"})
			return err
		},
		"DeleteMany": func(ctx context.Context) error {
			res, err := s.DeleteMany(ctx, "bucket", []storage.Location{loc, other})
			for _, r := range res {
				err = errors.Join(err, r.Err)
			}
			return err
		},
	}
}

func drain[T any](seq func(func(T, error) bool)) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestOperations_AreAll fails when a method that asks the server is not in the table.
func TestOperations_AreAll(t *testing.T) {
	s := connect(t, "http://127.0.0.1:1", nil)
	have := operations(s)
	// Presign asks Amazon for a region only; the others claim nothing of what they could not learn.
	noRequest := map[string]bool{"Presign": true, "PresignWith": true, "PresignForm": true, "Keeps": true, "PartSizes": true, "ProbeExample": true,
		// These ask another service; see distribution_internal_test.go, kms_test.go and accesspoints_test.go.
		"KMSKeys": true, "AccessPoints": true,
		"Distributions": true, "MakeDistribution": true, "SetDistribution": true, "Invalidate": true, "Invalidation": true}
	typ := reflect.TypeOf(s)
	ctx := reflect.TypeFor[context.Context]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		if m.Type.NumIn() > 1 && m.Type.In(1) == ctx && have[m.Name] == nil && !noRequest[m.Name] {
			t.Errorf("%s is not in the table", m.Name)
		}
	}
}

const page = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please sign in</body></html>\n"

// impostors are answers that do not come from S3.
var impostors = map[string]http.HandlerFunc{
	"web page": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	},
	"web page with an ETag": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("ETag", `"5f3c-1a2b"`)
		_, _ = io.WriteString(w, page)
	},
	"web page that says it is XML": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, page)
	},
	"XHTML": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>`)
	},
	"empty": func(w http.ResponseWriter, r *http.Request) {},
	"JSON": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	},
	"other XML": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Greeting/>`)
	},
	"compressed": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "\x1f\x8b\x08\x00")
	},
	"created": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusCreated) },
	"partial": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, page)
	},
	"to a login": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://portal.example/login?token=abc", http.StatusFound)
	},
	"refused page": func(w http.ResponseWriter, r *http.Request) { http.Error(w, page, http.StatusForbidden) },
	"missing page": func(w http.ResponseWriter, r *http.Request) { http.Error(w, page, http.StatusNotFound) },
}

func TestImpostors_NoOperationSucceeds(t *testing.T) {
	for name, h := range impostors {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		for _, scheme := range []string{"", "unsigned"} {
			s := connect(t, srv.URL, func(c *storage.Config) {
				if scheme != "" {
					c.Credentials = nil
				}
			})
			for op, run := range operations(s) {
				if op == "Identity" && s.Anonymous() {
					continue
				}
				err := run(t.Context())
				var e *storage.Error
				if !errors.As(err, &e) {
					t.Errorf("%s: %s: %v", name, op, err)
					continue
				}
				if e.Kind != storage.KindNotS3 && e.Kind != storage.KindRedirect && e.Kind != storage.KindNetwork {
					t.Errorf("%s: %s: kind %d: %v", name, op, e.Kind, err)
				}
				if e.Retryable {
					t.Errorf("%s: %s is to be tried again: %v", name, op, err)
				}
				noSecret(t, name+": "+op, err.Error())
			}
		}
	}
}

// noSecret fails when a text holds what must not leave the process.
func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{testSecret, testToken, url.QueryEscape(testSecret), "Signature=", "token=abc"} {
		if strings.Contains(text, secret) && !strings.Contains(text, "Signature=***") {
			t.Errorf("%s: %q in %s", where, secret, text)
		}
	}
}

func TestImpostors_AreInDoubtWhereTheyMayHideAnEffect(t *testing.T) {
	srv := httptest.NewServer(impostors["web page"])
	t.Cleanup(srv.Close)
	s := connect(t, srv.URL, nil)
	for op, want := range map[string]bool{"Put": true, "CompleteUpload": true, "Delete": true, "RemoveBucket": true, "Copy at once": true,
		"Read": false, "List": false, "Stat": false, "UploadPart": false} {
		var e *storage.Error
		if err := operations(s)[op](t.Context()); !errors.As(err, &e) || e.Unknown != want {
			t.Errorf("%s: unknown should be %v: %v", op, want, err)
		}
	}
}

func TestOperations_AfterCloseFail(t *testing.T) {
	s := connect(t, "http://127.0.0.1:1", nil)
	_ = s.Close()
	for op, run := range operations(s) {
		if err := run(t.Context()); storage.KindOf(err) != storage.KindCancelled {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestOperations_ACancelledContextIsSaid(t *testing.T) {
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	t.Cleanup(func() { close(stop); srv.Close() })
	s := connect(t, srv.URL, nil)
	for op, run := range operations(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := run(ctx); storage.KindOf(err) != storage.KindCancelled {
			t.Errorf("%s: %v", op, err)
		}
		cancel()
	}
}
