package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// table is what check says: operation → permission and state.
type table map[string][2]string

func checked(t *testing.T, printed string) table {
	t.Helper()
	got := table{}
	for line := range strings.Lines(printed) {
		var p probeForm
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		got[p.Op] = [2]string{p.Permission, p.State}
	}
	return got
}

// onlyDenied fails unless what is denied is denied by its permission, and all else is as it was.
func (was table) onlyDenied(t *testing.T, got table, what string, denied func(op, permission string) bool) {
	t.Helper()
	found := false
	for op, row := range was {
		want := row
		if denied(op, row[0]) && row[1] != "not probed" {
			want[1], found = "denied", true
		}
		if got[op] != want {
			t.Errorf("%s is denied: %s is %v, not %v", what, op, got[op], want)
		}
	}
	if !found || len(got) != len(was) {
		t.Errorf("%s is denied: found %v in %d rows of %d", what, found, len(got), len(was))
	}
}

// One operation after the other is refused: check names it and its permission, and stat shows all the rest.
func TestDenied_OneOperationAtATime(t *testing.T) {
	t.Parallel()
	var refused atomic.Value
	refused.Store("")
	d, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if op := demo.ParseTarget(r).Op; op != refused.Load() {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("X-Amz-Request-Id", "r")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"))
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	cli := runner(t, client.Account{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()})
	const bucket, object = "s3://one-by-one", "s3://one-by-one/k"
	cli("", "mb", "--object-lock", bucket)
	cli("content", "cp", "--tag", "a=b", "-", object)
	stat := func(addr string) (f statForm) {
		t.Helper()
		if err := json.Unmarshal([]byte(cli("", "--json", "stat", addr)), &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	was, settings := checked(t, cli("", "check", "--json", bucket)), stat(bucket).Settings
	for op, row := range was {
		if row[1] != "allowed" {
			continue
		}
		refused.Store(op)
		if op != "ListObjectsV2" && op != "HeadObject" { // without these nothing is found to try the others on
			was.onlyDenied(t, checked(t, cli("", "check", "--json", bucket)), op, func(is, _ string) bool { return is == op })
		}
		if op != "HeadObject" {
			if f := stat(object); f.Size == nil || *f.Size != 7 || len(f.Unread) > 1 || len(f.Unread) == 1 && f.Unread[0].Permission != row[0] {
				t.Errorf("%s is denied: of the object stat says %+v", op, f)
			}
		}
		missing := 0
		now := stat(bucket).Settings
		for i, s := range now {
			switch {
			case s.Missing == row[0]:
				missing++
			case i >= len(settings) || s != settings[i]:
				t.Errorf("%s is denied: stat says %+v", op, s)
			}
		}
		if len(now) != len(settings) || missing > 2 {
			t.Errorf("%s is denied: stat of the bucket misses %d of %d settings", op, missing, len(now))
		}
	}
	features.Proved(t, "cli.check", features.Embedded, "")
}

// The same by versitygw's own policies, one action at a time.
func TestDenied_OneActionAtATimeOnVersitygw(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	t.Parallel()
	srv := servers.SharedVersitygw(t)
	guest := account(srv)
	guest.AccessKey, guest.SecretKey = srv.OtherAccessKey, srv.OtherSecretKey
	other, cli := client.For(t, srv), runner(t, guest)
	bucket := "t-" + strings.ToLower(rand.Text())[:16]
	other.Must("create-bucket", map[string]any{"Bucket": bucket, "ObjectLockEnabledForBucket": true})
	other.Put(bucket, "k", []byte("content"))
	allow := func(denied string) {
		t.Helper()
		deny := ""
		if denied != "" {
			on := ""
			if strings.Contains(denied, "Object") && !strings.Contains(denied, "BucketObject") {
				on = "/*"
			}
			deny = fmt.Sprintf(`, {"Effect": "Deny", "Principal": {"AWS": [%q]}, "Action": [%q], "Resource": ["arn:aws:s3:::%s%s"]}`, guest.AccessKey, denied, bucket, on)
		}
		other.Must("put-bucket-policy", map[string]any{"Bucket": bucket, "Policy": fmt.Sprintf(
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": [%q]}, "Action": ["s3:*"], "Resource": ["arn:aws:s3:::%[2]s", "arn:aws:s3:::%[2]s/*"]}%s]}`, guest.AccessKey, bucket, deny)})
	}
	allow("")
	was := checked(t, cli("", "check", "--json", "s3://"+bucket))
	for _, action := range []string{"s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetBucketAcl", "s3:GetBucketVersioning", "s3:GetBucketPolicy", "s3:GetBucketCORS",
		"s3:GetBucketWebsite", "s3:GetBucketTagging", "s3:GetBucketOwnershipControls", "s3:GetBucketObjectLockConfiguration", "s3:GetObjectTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold"} {
		allow(action)
		was.onlyDenied(t, checked(t, cli("", "check", "--json", "s3://"+bucket)), action, func(_, permission string) bool { return permission == action })
		var f statForm
		if err := json.Unmarshal([]byte(cli("", "--json", "stat", "s3://"+bucket+"/k")), &f); err != nil || f.Size == nil || *f.Size != 7 {
			t.Errorf("%s is denied: of the object stat says %+v, %v", action, f, err)
		}
	}
	features.Proved(t, "cli.check", srv.Name, srv.Version)
}
