package connect_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// setup is an environment without anything in it, and what tests change of it.
type setup struct {
	connect.Env
	vars   map[string]string
	script *prompt.Script
}

func newSetup(t *testing.T) *setup {
	t.Helper()
	r, err := profiles.OpenRegistry("")
	if err != nil {
		t.Fatal(err)
	}
	marks, err := bookmarks.Open(t.TempDir(), bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = marks.Close() })
	trust, err := connect.OpenTrust(filepath.Join(t.TempDir(), "trust.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := &setup{vars: map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}, script: &prompt.Script{}}
	s.Env = connect.Env{
		Bookmarks: marks, Profiles: r, Keychain: keychain.NewMemory(), Run: keychain.NewMemory(), Trust: trust, Prompter: s.script, Home: t.TempDir(),
		Getenv: func(name string) string { return s.vars[name] },
	}
	return s
}

func (s *setup) key(id, secret string) *setup {
	s.vars["AWS_ACCESS_KEY_ID"], s.vars["AWS_SECRET_ACCESS_KEY"] = id, secret
	return s
}

func (s *setup) open(t *testing.T, spec connect.Spec) *connect.Connection {
	t.Helper()
	c, err := connect.Open(t.Context(), s.Env, spec)
	if err != nil {
		t.Fatalf("open %+v: %v", spec, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *setup) bookmark(t *testing.T, b bookmarks.Bookmark) string {
	t.Helper()
	b.Protocol = "s3"
	b, err := s.Bookmarks.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return b.ID
}

func TestOpen_FirstThatIsGivenWins(t *testing.T) {
	s := newSetup(t).key("K", "S")
	s.vars["AWS_ENDPOINT_URL"], s.vars["AWS_REGION"] = "https://general.example.com", "eu-west-1"
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "mine", EndpointURL: "https://bookmark.example.com:9000/prefix", Username: "K", Region: "r1", Path: "bucket/sub"})
	s.script.Confirms = []bool{true, true, true, true, true, true}
	for _, c := range []struct {
		name         string
		spec         connect.Spec
		host, region string
	}{
		{"bookmark", connect.Spec{Bookmark: "mine", Endpoint: "https://other.example.com"}, "bookmark.example.com:9000", "r1"},
		{"bookmark by id", connect.Spec{Bookmark: id}, "bookmark.example.com:9000", "r1"},
		{"profile with host", connect.Spec{Profile: "S3 (HTTPS)", Endpoint: "profile.example.com", KeyID: "K"}, "profile.example.com", ""},
		{"endpoint", connect.Spec{Endpoint: "https://endpoint.example.com", Region: "r2"}, "endpoint.example.com", "r2"},
		{"environment", connect.Spec{}, "general.example.com", "eu-west-1"},
		{"amazon", connect.Spec{Amazon: true}, "s3.amazonaws.com", ""},
	} {
		got := s.open(t, c.spec)
		if got.Host != c.host || c.region != "" && got.Session.Region() != c.region || got.Source != "environment" {
			t.Errorf("%s: host %s, region %s, source %s", c.name, got.Host, got.Session.Region(), got.Source)
		}
	}
	if got := s.open(t, connect.Spec{Bookmark: "mine"}); got.Start != (storage.Location{Bucket: "bucket", Key: "sub/"}) || got.Name != "mine" {
		t.Errorf("start %v, name %q", got.Start, got.Name)
	}
	s.vars["AWS_ENDPOINT_URL_S3"] = "https://special.example.com"
	if got := s.open(t, connect.Spec{}); got.Host != "special.example.com" {
		t.Errorf("AWS_ENDPOINT_URL_S3: %s", got.Host)
	}
}

func TestOpen_AWSFilesGiveServerRegionAndKey(t *testing.T) {
	s := newSetup(t)
	dir := filepath.Join(s.Home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, body string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("config", "[profile work]\nregion = eu-central-1\nendpoint_url = https://s3.work.example.com\n")
	write("credentials", "[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = ws\n")
	s.vars["AWS_PROFILE"] = "work"
	c := s.open(t, connect.Spec{})
	if c.Host != "s3.work.example.com" || c.Session.Region() != "eu-central-1" || c.KeyID != "WORKKEY" || !strings.Contains(c.Source, "work") {
		t.Errorf("host %s, region %s, key %s, source %s", c.Host, c.Session.Region(), c.KeyID, c.Source)
	}
	delete(s.vars, "AWS_PROFILE")
	again, err := connect.OpenRef(t.Context(), s.Env, c.Ref)
	if err != nil || again.Host != c.Host || again.KeyID != "WORKKEY" {
		t.Errorf("by reference: %+v, %v", again, err)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{AWSProfile: "nobody"}); !errors.Is(err, keychain.ErrNoProfile) && !errors.Is(err, keychain.ErrNoCredentials) {
		t.Errorf("missing profile: %v", err)
	}
}

func TestOpen_WithoutASecretAsksOnceAndKeepsItForTheRun(t *testing.T) {
	s := newSetup(t)
	s.script.Logins = []prompt.LoginAnswer{{KeyID: "TYPED", Secret: "s3cr3t", Save: true}}
	spec := connect.Spec{Endpoint: "https://one.example.com"}
	c := s.open(t, spec)
	if !c.Asked || c.KeyID != "TYPED" {
		t.Errorf("%+v", c)
	}
	if strings.Contains(c.Ref, "s3cr3t") {
		t.Errorf("the reference holds the secret: %s", c.Ref)
	}
	item, err := keychain.NewItem("https://one.example.com", profiles.VendorHTTPS, "TYPED")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Keychain.Get(t.Context(), item); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("stored before the server took it: %v", err)
	}
	if err := c.Accepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Keychain.Get(t.Context(), item); err != nil || got.Reveal() != "s3cr3t" {
		t.Errorf("not stored: %v", err)
	}
	if again, err := connect.OpenRef(t.Context(), s.Env, c.Ref); err != nil || again.KeyID != "TYPED" || again.Asked {
		t.Errorf("by reference: %+v, %v", again, err)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Endpoint: "https://two.example.com", KeyID: "TYPED"}); !errors.Is(err, keychain.ErrNoCredentials) {
		t.Errorf("another host finds the secret: %v", err)
	}
	if err := connect.Forget(t.Context(), s.Env, connect.Spec{Endpoint: "https://one.example.com", KeyID: "TYPED"}); err != nil {
		t.Error(err)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Endpoint: "https://one.example.com", KeyID: "TYPED"}); !errors.Is(err, keychain.ErrNoCredentials) {
		t.Errorf("forgotten, and still found: %v", err)
	}
}

func TestOpen_AsksBeforeAKeyGoesWhereItNeverWent(t *testing.T) {
	for _, c := range []struct {
		name  string
		key   string
		spec  connect.Spec
		topic prompt.Topic // "" = nothing is asked
	}{
		{"loopback", "AKIAEXAMPLE", connect.Spec{Endpoint: "http://127.0.0.1:9000"}, ""},
		{"amazon", "AKIAEXAMPLE", connect.Spec{Amazon: true}, ""},
		{"explicit endpoint with its own key", "minio", connect.Spec{Endpoint: "https://s3.example.com"}, ""},
		{"Amazon's key elsewhere", "AKIAEXAMPLE", connect.Spec{Endpoint: "https://s3.example.com"}, prompt.TopicNewHost},
		{"plain http", "minio", connect.Spec{Endpoint: "http://s3.example.com"}, prompt.TopicPlainHTTP},
		{"anonymous over plain http", "minio", connect.Spec{Endpoint: "http://s3.example.com", Anonymous: true}, ""},
	} {
		s := newSetup(t).key(c.key, "S")
		_, err := connect.Open(t.Context(), s.Env, c.spec)
		var declined *connect.NotTrustedError
		if c.topic == "" {
			if err != nil || len(s.script.Asked()) > 0 {
				t.Errorf("%s: %v, asked %v", c.name, err, s.script.Asked())
			}
			continue
		}
		if !errors.As(err, &declined) || declined.Topic != c.topic {
			t.Errorf("%s: %v", c.name, err)
		}
		s.script.Confirms = []bool{true}
		s.open(t, c.spec)
		s.open(t, c.spec) // the answer is remembered
		reopened, err := connect.OpenTrust(filepath.Join(t.TempDir(), "none"))
		if err != nil {
			t.Fatal(err)
		}
		s.Env.Trust = reopened
		if _, err := connect.Open(t.Context(), s.Env, c.spec); !errors.As(err, &declined) {
			t.Errorf("%s: a new file remembers nothing, got %v", c.name, err)
		}
	}
}

func TestOpen_AnImportedFileCannotTakeTheEnvironmentsKey(t *testing.T) {
	s := newSetup(t).key("mykey", "S")
	s.bookmark(t, bookmarks.Bookmark{Nickname: "evil", EndpointURL: "https://evil.example.com"})
	s.bookmark(t, bookmarks.Bookmark{Nickname: "own", EndpointURL: "https://own.example.com", Username: "otherkey"})
	var declined *connect.NotTrustedError
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Bookmark: "evil"}); !errors.As(err, &declined) {
		t.Errorf("a bookmark without a key takes the environment's: %v", err)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Bookmark: "own"}); !errors.Is(err, keychain.ErrNoCredentials) {
		t.Errorf("a bookmark with its own key takes the environment's: %v", err)
	}
}

func TestAgain_ShowsTheServersSentence(t *testing.T) {
	srv, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	s := newSetup(t)
	s.script.Logins = []prompt.LoginAnswer{{KeyID: srv.AccessKey(), Secret: "wrong"}, {KeyID: srv.AccessKey(), Secret: srv.SecretKey()}}
	spec := connect.Spec{Endpoint: srv.URL()}
	c := s.open(t, spec)
	_, err = c.Session.Identity(t.Context())
	if !connect.Refused(err) {
		t.Fatalf("the wrong secret: %v", err)
	}
	if c, err = connect.Again(t.Context(), s.Env, spec, err); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Session.Identity(t.Context()); err != nil {
		t.Error(err)
	}
	asked := s.script.Asked()
	if q, ok := asked[len(asked)-1].(prompt.Login); !ok || !strings.Contains(q.Reason, "signature") {
		t.Errorf("asked %+v", asked)
	}
}

func TestOpen_BadInput(t *testing.T) {
	s := newSetup(t).key("K", "S")
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec connect.Spec
		want error
	}{
		{connect.Spec{Bookmark: "none"}, bookmarks.ErrNotFound},
		{connect.Spec{Profile: "none"}, profiles.ErrNotFound},
		{connect.Spec{Profile: "S3 (HTTPS)"}, connect.ErrEndpoint},
		{connect.Spec{Endpoint: "ftp://x"}, connect.ErrEndpoint},
		{connect.Spec{Endpoint: "https://user:pw@x"}, connect.ErrEndpoint},
		{connect.Spec{Endpoint: "https://"}, connect.ErrEndpoint},
	} {
		_, err := connect.Open(t.Context(), s.Env, c.spec)
		if !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.spec, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
	s.vars["AWS_CA_BUNDLE"] = bundle
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{}); !errors.Is(err, connect.ErrCABundle) {
		t.Errorf("bundle: %v", err)
	}
}

func TestRef_RoundTripWithoutSecretsAndHostileText(t *testing.T) {
	in := connect.Spec{
		Bookmark: "b", Profile: "p", Endpoint: "https://e", Amazon: true, Region: "r", Addressing: storage.AddressingPath, AWSProfile: "a", KeyID: "k", Anonymous: true,
		Production: true, Signature: "AWS2", Buckets: []string{"one"}, Network: connect.Network{Proxy: "none", Bypass: "*", CABundle: "ca", ClientCert: "cert", ClientKey: "key"},
		From: keychain.SourceEnvironment, Typed: keychain.Typed{KeyID: "k", Secret: keychain.NewSecret("hidden")}, Path: "x",
	}
	ref := in.Ref()
	if strings.Contains(ref, "hidden") {
		t.Errorf("%s", ref)
	}
	out, err := connect.ParseRef(ref)
	in.Typed, in.Path = keychain.Typed{}, ""
	if err != nil || !reflect.DeepEqual(out, in) {
		t.Errorf("%+v, %v", out, err)
	}
	for _, bad := range []string{"", "x", "connection:1:", "connection:1:[]", "connection:2:{}"} {
		if _, err := connect.ParseRef(bad); !errors.Is(err, connect.ErrBadRef) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOpen_SignsForThePreferredRegionWhereNoneIsKnown(t *testing.T) {
	s := newSetup(t).key("K", "S")
	s.script.Confirms = []bool{true, true, true, true, true, true}
	p, err := preferences.Open(preferences.Options{Overrides: map[string]string{"s3.location": "eu-north-1"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Preferences = p
	for _, c := range []struct {
		spec connect.Spec
		want string
	}{
		{connect.Spec{Endpoint: "https://s3.example.com"}, "eu-north-1"},
		{connect.Spec{Endpoint: "https://s3.example.com", Region: "r1"}, "r1"},
		{connect.Spec{Amazon: true}, "eu-north-1"},
		{connect.Spec{Endpoint: "https://s3.ap-south-1.amazonaws.com"}, "ap-south-1"},
		{connect.Spec{Endpoint: "https://s3-us-west-2.amazonaws.com", Region: "us-west-1"}, "us-west-1"},
		{connect.Spec{Endpoint: "https://s3.cn-north-1.amazonaws.com.cn"}, "cn-north-1"},
	} {
		if got := s.open(t, c.spec).Session.Region(); got != c.want {
			t.Errorf("%+v signs for %q, want %q", c.spec, got, c.want)
		}
	}
}

// TestOpen_HostThatLooksLikeAnotherIsWrittenOut: letters of other scripts show as what the network gets, in the question, in the error and
// in the connection's name; such a host is never Amazon.
func TestOpen_HostThatLooksLikeAnotherIsWrittenOut(t *testing.T) {
	for host, want := range map[string]string{"s3.\u0430mazonaws.com": "s3.xn--mazonaws-06g.com", "b\u00fccher.example:8443": "xn--bcher-kva.example:8443"} {
		s := newSetup(t)
		spec := connect.Spec{Endpoint: "https://" + host, Typed: keychain.Typed{KeyID: "AKIA1", Secret: keychain.NewSecret("s")}}
		_, err := connect.Open(t.Context(), s.Env, spec)
		var no *connect.NotTrustedError
		if !errors.As(err, &no) || no.Host != want {
			t.Fatalf("%s: %v", host, err)
		}
		q, ok := s.script.Asked()[0].(prompt.Confirm)
		if !ok || !strings.Contains(q.Title, want) || strings.Contains(q.Title, host) {
			t.Errorf("asked %+v", s.script.Asked())
		}
		s.script.Confirms = []bool{true}
		c := s.open(t, spec)
		if c.Host != want || c.Name != want || !strings.Contains(c.Ref, want) {
			t.Errorf("%s: host %s, name %s", host, c.Host, c.Name)
		}
	}
	for _, host := range []string{"https://\u202es3.example.com", "https://xn--\u0430.example"} {
		if _, err := connect.Open(t.Context(), newSetup(t).Env, connect.Spec{Endpoint: host}); !errors.Is(err, connect.ErrEndpoint) {
			t.Errorf("%q: %v", host, err)
		}
	}
}
