package connect_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/idp"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
	"pintail/storage"
)

// onEach runs a test on the servers that have more ways to sign and to sign in than S3's plainest.
func onEach(t *testing.T, do func(t *testing.T, srv *servers.Server)) {
	for name, start := range map[string]func(testing.TB) *servers.Server{"rgw": servers.SharedRGW, "minio": servers.SharedMinIO} {
		t.Run(name, func(t *testing.T) { do(t, start(t)) })
	}
}

func newBucket(t *testing.T, s *storage.Session) storage.Location {
	t.Helper()
	loc := storage.Location{Bucket: fmt.Sprintf("pintail-%d", time.Now().UnixNano())}
	if err := s.MakeBucket(t.Context(), loc.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return loc
}

func put(t *testing.T, s *storage.Session, loc storage.Location, content string) {
	t.Helper()
	w, err := s.Put(t.Context(), loc, storage.Body{R: strings.NewReader(content), Size: int64(len(content))}, storage.WriteOptions{})
	if err != nil || w.Proof < storage.ProofStored {
		t.Fatalf("put %s: %v, %v", loc, w.Proof, err)
	}
}

// works uploads below loc, lists, reads and deletes.
func works(t *testing.T, s *storage.Session, loc storage.Location) {
	t.Helper()
	loc.Key += "a b/ü+%.txt"
	put(t, s, loc, "content")
	n := 0
	for page, err := range s.List(t.Context(), loc.Bucket, strings.TrimSuffix(loc.Key, "ü+%.txt"), storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Entries)
	}
	if info, err := s.Stat(t.Context(), loc); err != nil || info.Size != 7 || n != 1 {
		t.Errorf("%+v, %d listed: %v", info, n, err)
	}
	if r, err := s.Delete(t.Context(), loc); err != nil || r.Err != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestServers_SignatureV2: the profile for it opens a connection that works, and its addresses hold longer than version 4 allows.
func TestServers_SignatureV2(t *testing.T) {
	onEach(t, func(t *testing.T, srv *servers.Server) {
		s := newSetup(t)
		s.script.Confirms = []bool{true, true}
		c := s.open(t, connect.Spec{Profile: "pintail-aws2-http", Endpoint: strings.TrimPrefix(srv.Endpoint, "http://"), Typed: typed(srv.AccessKey, srv.SecretKey)})
		if !c.Session.SignatureV2() {
			t.Fatal("not version 2")
		}
		loc := newBucket(t, c.Session)
		works(t, c.Session, loc)
		loc.Key = "pre signed/ü+%&?#.txt"
		put(t, c.Session, loc, "signed")
		p, err := c.Session.Presign(t.Context(), loc, http.MethodGet, 400*24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "signed" {
			t.Errorf("%d %.200s, %v", resp.StatusCode, b, err)
		}
		features.Proved(t, "connect.signv2", srv.Name, srv.Version)
	})
}

// share lets the second account do all in a bucket of the first one's, and see no other.
func share(t *testing.T, srv *servers.Server, s *storage.Session, loc storage.Location) {
	t.Helper()
	statement := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",%s"Action":["s3:*"],"Resource":["arn:aws:s3:::%[2]s","arn:aws:s3:::%[2]s/*"]}]}`
	if srv.Name == servers.KindRGW {
		if err := s.SetBucketPolicy(t.Context(), loc, fmt.Sprintf(statement, `"Principal":{"AWS":["arn:aws:iam:::user/other"]},`, loc.Bucket)); err != nil {
			t.Fatal(err)
		}
		return
	}
	file := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(file, fmt.Appendf(nil, statement, "", loc.Bucket), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"policy", "create", "server", loc.Bucket, file}, {"policy", "attach", "server", loc.Bucket, "--user", srv.OtherAccessKey}} {
		if err := srv.MC(append([]string{"admin"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestServers_SecondUsersSharedBucketByPath: who may not list buckets begins in the folder that the bookmark names, and works there.
func TestServers_SecondUsersSharedBucketByPath(t *testing.T) {
	onEach(t, func(t *testing.T, srv *servers.Server) {
		s := newSetup(t)
		s.script.Confirms = []bool{true, true, true}
		owner := s.open(t, connect.Spec{Endpoint: srv.Endpoint, Typed: typed(srv.AccessKey, srv.SecretKey)})
		loc, private := newBucket(t, owner.Session), newBucket(t, owner.Session)
		share(t, srv, owner.Session, loc)
		id := s.bookmark(t, bookmarks.Bookmark{Nickname: "shared", EndpointURL: srv.Endpoint, Username: srv.OtherAccessKey, Path: loc.Bucket + "/folder", Addressing: bookmarks.AddressingPath})
		guest := s.open(t, connect.Spec{Bookmark: id, Typed: typed(srv.OtherAccessKey, srv.OtherSecretKey)})
		if guest.Start != (storage.Location{Bucket: loc.Bucket, Key: "folder/"}) {
			t.Errorf("begins at %s", guest.Start)
		}
		works(t, guest.Session, guest.Start)
		_, err := guest.Session.Stat(t.Context(), storage.Location{Bucket: private.Bucket, Key: "k"})
		if storage.KindOf(err) != storage.KindPermission {
			t.Errorf("in a bucket that is not shared: %v", err)
		}
		features.Proved(t, "connect.endpoint", srv.Name, srv.Version)
	})
}

// TestServers_AssumeRoleOfMinIO: a bookmark with a role has its keys exchanged by the server's own token service. Ceph's is tested in
// package keychain.
func TestServers_AssumeRoleOfMinIO(t *testing.T) {
	srv := servers.SharedMinIO(t)
	s := newSetup(t)
	s.script.Confirms = []bool{true, true}
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "role", EndpointURL: srv.Endpoint, Username: srv.AccessKey, Custom: map[string]string{"role_arn": "arn:aws:iam::123456789012:role/any"}})
	c := s.open(t, connect.Spec{Bookmark: id, Typed: typed(srv.AccessKey, srv.SecretKey)})
	if c.Expires.IsZero() || c.Role == "" || strings.Contains(c.Ref, srv.SecretKey) {
		t.Errorf("%+v", c)
	}
	works(t, c.Session, newBucket(t, c.Session))
	features.Proved(t, "login.role", srv.Name, srv.Version)
}

// TestServers_WebIdentityOfMinIO: a sign-in at an identity provider, whose token MinIO's token service checks by the provider's keys and
// turns into keys with the rights that the token names.
func TestServers_WebIdentityOfMinIO(t *testing.T) {
	rights := "readwrite"
	p := idp.New(t, func(p *idp.Provider) {
		p.Sign()
		p.Lie = func(what string, fields map[string]any) {
			if what == "id" {
				fields["policy"] = rights
			}
		}
	})
	srv := servers.MinIO(t, "MINIO_IDENTITY_OPENID_CONFIG_URL="+p.URL+"/.well-known/openid-configuration", "MINIO_IDENTITY_OPENID_CLIENT_ID="+p.ClientID,
		"MINIO_IDENTITY_OPENID_CLAIM_NAME=policy", "MINIO_IDENTITY_OPENID_SCOPES=openid")
	host, err := url.Parse(srv.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	open := func() *connect.Connection {
		t.Helper()
		s := newSetup(t)
		s.Prompter = &surfer{Script: s.script, t: t}
		s.script.Confirms = []bool{true, true, true}
		spec := connect.Spec{Profile: openIDProfile(t, p, host.Host, ownClient)}
		body, err := os.ReadFile(spec.Profile)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(spec.Profile, []byte(strings.Replace(string(body), p.URL+"/sts", srv.Endpoint, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return s.open(t, spec)
	}
	c := open()
	if c.Source != string(keychain.SourceOpenID) || c.Expires.IsZero() {
		t.Errorf("%+v", c)
	}
	loc := newBucket(t, c.Session)
	works(t, c.Session, loc)
	features.Proved(t, "login.webidentity", srv.Name, srv.Version)
	rights = "readonly"
	c = open()
	lists(t, c)
	loc.Key = "k"
	_, err = c.Session.Put(t.Context(), loc, storage.Body{R: strings.NewReader(""), Size: 0}, storage.WriteOptions{})
	if storage.KindOf(err) != storage.KindPermission {
		t.Errorf("with rights to read only: %v", err)
	}
}
