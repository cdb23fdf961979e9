package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// answering opens a session to a server that answers everything with one error of S3.
func answering(t *testing.T, status int, code string) *storage.Session {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>No.</Message></Error>")
		}
	}))
	t.Cleanup(srv.Close)
	return connect(t, srv.URL, nil)
}

func TestDenied_EveryOperationNamesTheMissingPermission(t *testing.T) {
	s := answering(t, http.StatusForbidden, "AccessDenied")
	// Two tell what they may not do in their answer, one goes without, and a bucket that may not be looked at is somebody else's.
	otherwise := map[string]bool{"Probe": true, "EffectiveAccess": true, "Versioned": true, "MakeBucket": true}
	for name, run := range operations(s) {
		var e *storage.Error
		if err := run(t.Context()); !otherwise[name] && (!errors.As(err, &e) || e.Kind != storage.KindPermission || !strings.Contains(e.Permission, ":")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := s.EffectiveAccess(t.Context(), opLoc)
	if err != nil || len(f.Unread) != 4 || f.List != nil || f.Policy != nil || f.Block != nil {
		t.Errorf("effective access: %+v, %v", f, err)
	}
}

// The four shapes of "not offered" are told from "denied" wherever something is only read.
func TestNotOffered_IsToldFromDenied(t *testing.T) {
	for _, shape := range []struct {
		status int
		code   string
		kind   storage.Kind
	}{
		{501, "NotImplemented", storage.KindUnsupported}, {405, "MethodNotAllowed", storage.KindUnsupported},
		{400, "MalformedXML", storage.KindUnsupported}, {400, "InvalidArgument", storage.KindUnsupported},
		{403, "AccessDenied", storage.KindPermission},
	} {
		s := answering(t, shape.status, shape.code)
		reads := map[string]func() error{
			"ACL":           func() error { _, err := s.ACL(t.Context(), opLoc); return err },
			"bucket's ACL":  func() error { _, err := s.ACL(t.Context(), opBucket); return err },
			"ownership":     func() error { _, err := s.Ownership(t.Context(), opBucket); return err },
			"policy":        func() error { _, err := s.BucketPolicy(t.Context(), opBucket); return err },
			"public access": func() error { _, err := s.PublicAccessBlock(t.Context(), opBucket); return err },
			"status":        func() error { _, err := s.PolicyIsPublic(t.Context(), opBucket); return err },
		}
		for name, read := range reads {
			if err := read(); storage.KindOf(err) != shape.kind {
				t.Errorf("%d %s: %s: %v", shape.status, shape.code, name, err)
			}
		}
		want := map[storage.Kind]storage.ProbeState{storage.KindUnsupported: storage.ProbeUnsupported, storage.KindPermission: storage.ProbeDenied}[shape.kind]
		states := map[string]storage.ProbeState{}
		err := s.Probe(t.Context(), opBucket, "", func(p storage.Probe) { states[p.Op] = p.State })
		for _, op := range []string{"GetBucketAcl", "GetBucketPolicy", "GetBucketVersioning", "GetBucketInventoryConfiguration"} {
			if err != nil || states[op] != want {
				t.Errorf("%d %s: probe of %s: %s, %v", shape.status, shape.code, op, states[op], err)
			}
		}
		if states["PutBucketPolicy"] != storage.ProbeSkipped || states["PutObject"] != storage.ProbeSkipped {
			t.Errorf("what changes something is not skipped: %v", states)
		}
	}
}

// One action after the other is denied by versitygw's own policies, and the operation that needs it names that one.
func TestDenied_OneActionAtATimeOnVersitygw(t *testing.T) {
	onReal(t, func() {
		srv := servers.SharedVersitygw(t)
		own := target(srv, versitygwQuirks)
		other := own
		other.AccessKey, other.SecretKey = srv.OtherAccessKey, srv.OtherSecretKey
		owner, guest := storagetest.Open(t, own.Config()), storagetest.Open(t, other.Config())
		b := storage.Location{Bucket: "pintail-one-action-" + strings.ToLower(fmt.Sprintf("%x", srv.Endpoint)[20:])}
		k := storage.Location{Bucket: b.Bucket, Key: "k"}
		if err := owner.MakeBucket(t.Context(), b.Bucket, storage.MakeBucketOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx := context.WithoutCancel(t.Context())
			_, _ = owner.Delete(ctx, k)
			_ = owner.RemoveBucket(ctx, b.Bucket)
		})
		if _, err := owner.Put(t.Context(), k, storagetest.Body([]byte("x")), storage.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		for action, run := range oneAction(t.Context(), guest, b, k) {
			doc := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
				{"Effect": "Allow", "Principal": {"AWS": [%[1]q]}, "Action": "s3:*", "Resource": ["arn:aws:s3:::%[2]s", "arn:aws:s3:::%[2]s/*"]},
				{"Effect": "Deny", "Principal": {"AWS": [%[1]q]}, "Action": %[3]q, "Resource": ["arn:aws:s3:::%[2]s%[4]s"]}]}`,
				srv.OtherAccessKey, b.Bucket, action, map[bool]string{true: "/*"}[strings.Contains(action, "Object") && !strings.Contains(action, "BucketObject") || strings.Contains(action, "Upload") && !strings.Contains(action, "List")])
			if err := owner.SetBucketPolicy(t.Context(), b, doc); err != nil {
				t.Errorf("%s: %v", action, err)
				continue
			}
			var e *storage.Error
			if err := run(); !errors.As(err, &e) || e.Kind != storage.KindPermission || e.Permission != action {
				t.Errorf("%s is denied: %v", action, err)
			}
			for allowed, run := range oneAction(t.Context(), guest, b, k) {
				if strings.HasPrefix(allowed, "s3:Get") && allowed != action && !strings.Contains(allowed, "GetObject") {
					if err := run(); storage.KindOf(err) == storage.KindPermission {
						t.Errorf("%s is denied, and so is %s: %v", action, allowed, err)
					}
				}
			}
		}
	})
}

// oneAction is an operation for each action that versitygw's policies know and that it has.
func oneAction(ctx context.Context, s *storage.Session, b, k storage.Location) map[string]func() error {
	return map[string]func() error{
		"s3:ListBucket":                 func() error { return drain(s.List(ctx, b.Bucket, "", storage.ListOptions{})) },
		"s3:ListBucketVersions":         func() error { return drain(s.ListVersions(ctx, b.Bucket, "", storage.ListOptions{})) },
		"s3:ListBucketMultipartUploads": func() error { return drain(s.ListUploads(ctx, b.Bucket, "", storage.ListOptions{})) },
		"s3:GetObject":                  func() error { _, err := s.Stat(ctx, k); return err },
		"s3:GetObjectTagging":           func() error { _, err := s.Tags(ctx, k); return err },
		"s3:PutObjectTagging":           func() error { return s.SetTags(ctx, k, map[string]string{"a": "b"}) },
		"s3:PutObject": func() error {
			_, err := s.Put(ctx, k, storagetest.Body([]byte("y")), storage.WriteOptions{})
			return err
		},
		"s3:DeleteObject":                     func() error { _, err := s.Delete(ctx, k); return err },
		"s3:GetBucketVersioning":              func() error { _, err := s.Versioning(ctx, b); return err },
		"s3:GetBucketAcl":                     func() error { _, err := s.ACL(ctx, b); return err },
		"s3:PutBucketAcl":                     func() error { return s.SetACL(ctx, b, storage.ACL{Owner: storage.Owner{ID: "demoaccess"}}) },
		"s3:GetBucketOwnershipControls":       func() error { _, err := s.Ownership(ctx, b); return err },
		"s3:PutBucketOwnershipControls":       func() error { return s.DeleteOwnership(ctx, b) },
		"s3:GetBucketPolicy":                  func() error { _, err := s.BucketPolicy(ctx, b); return err },
		"s3:GetBucketTagging":                 func() error { _, err := s.BucketTags(ctx, b); return err },
		"s3:PutBucketTagging":                 func() error { return s.SetBucketTags(ctx, b, map[string]string{"a": "b"}) },
		"s3:GetBucketCORS":                    func() error { _, err := s.CORS(ctx, b); return err },
		"s3:PutBucketCORS":                    func() error { return s.DeleteCORS(ctx, b) },
		"s3:GetBucketWebsite":                 func() error { _, err := s.Website(ctx, b); return err },
		"s3:DeleteBucketWebsite":              func() error { return s.DeleteWebsite(ctx, b) },
		"s3:GetBucketObjectLockConfiguration": func() error { _, err := s.ObjectLockDefault(ctx, b); return err },
	}
}
