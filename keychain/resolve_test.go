package keychain_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/keychain"
)

// cleanEnv takes away what the SDK would read from the environment of the test.
func cleanEnv(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("HOME", t.TempDir())
}

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func files(t *testing.T, config, credentials string) keychain.AWSFiles {
	t.Helper()
	dir := t.TempDir()
	f := keychain.AWSFiles{Config: filepath.Join(dir, "config"), Credentials: filepath.Join(dir, "credentials")}
	for path, text := range map[string]string{f.Config: config, f.Credentials: credentials} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func target() keychain.Item { return keychain.Item{Scheme: "https", Host: "s3.example.com"} }

// secretOf resolves and returns the winner with its secret.
func secretOf(t *testing.T, req keychain.Request) (keychain.Resolved, string) {
	t.Helper()
	res, err := keychain.Resolve(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	c, err := res.Provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return res, c.SecretAccessKey
}

func TestResolve_FirstSourceWinsAndIsNamed(t *testing.T) {
	cleanEnv(t)
	store := keychain.NewMemory()
	it := target()
	it.KeyID = "KEY-CHAIN"
	if err := store.Set(t.Context(), it, keychain.NewSecret("chain")); err != nil {
		t.Fatal(err)
	}
	f := files(t, "", "[default]\naws_access_key_id=KEY-FILE\naws_secret_access_key=file\n[work]\naws_access_key_id=KEY-WORK\naws_secret_access_key=work-secret\n")
	full := map[string]string{"AWS_ACCESS_KEY_ID": "KEY-ENV", "AWS_SECRET_ACCESS_KEY": "env"}
	tests := []struct {
		name   string
		req    keychain.Request
		source keychain.Source
		key    string
		secret string
	}{
		{"typed over all", keychain.Request{Typed: keychain.Typed{KeyID: "T", Secret: keychain.NewSecret("typed")}, Getenv: env(full), AWSProfile: "work"}, keychain.SourceTyped, "T", "typed"},
		{"named profile over environment", keychain.Request{AWSProfile: "work", Getenv: env(full)}, keychain.SourceAWSProfile, "KEY-WORK", "work-secret"},
		{"environment", keychain.Request{Item: it, Getenv: env(full)}, keychain.SourceEnvironment, "KEY-ENV", "env"},
		{"keychain", keychain.Request{Item: it}, keychain.SourceKeychain, "KEY-CHAIN", "chain"},
		{"key typed, secret stored", keychain.Request{Typed: keychain.Typed{KeyID: "KEY-CHAIN"}}, keychain.SourceKeychain, "KEY-CHAIN", "chain"},
		{"bookmark ignores environment", keychain.Request{Item: it, Getenv: env(full), Order: keychain.BookmarkOrder()}, keychain.SourceKeychain, "KEY-CHAIN", "chain"},
		{"default profile", keychain.Request{}, keychain.SourceAWSProfile, "KEY-FILE", "file"},
		{"AWS_PROFILE", keychain.Request{Getenv: env(map[string]string{"AWS_PROFILE": "work"})}, keychain.SourceAWSProfile, "KEY-WORK", "work-secret"},
		{"AWS_DEFAULT_PROFILE", keychain.Request{Getenv: env(map[string]string{"AWS_DEFAULT_PROFILE": "work"})}, keychain.SourceAWSProfile, "KEY-WORK", "work-secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.req.Item.Host == "" {
				tt.req.Item = target()
			}
			tt.req.Store, tt.req.Files = store, f
			res, secret := secretOf(t, tt.req)
			if res.Source != tt.source || res.KeyID != tt.key || secret != tt.secret || res.Provider.Item().KeyID != tt.key {
				t.Errorf("%s %s %s, want %s %s %s", res.Source, res.KeyID, secret, tt.source, tt.key, tt.secret)
			}
			if shown := fmt.Sprintf("%v %+v %#v", res, res, tt.req); strings.Contains(shown, `"`+tt.secret+`"`) {
				t.Errorf("shows the secret: %s", shown)
			}
		})
	}
}

func TestResolve_NothingFoundListsWhatWasAsked(t *testing.T) {
	cleanEnv(t)
	_, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), Files: files(t, "[default]\nregion=eu-west-1\n", "")})
	var none *keychain.NoCredentialsError
	if !errors.As(err, &none) || !errors.Is(err, keychain.ErrNoCredentials) || !slices.Equal(none.Asked, keychain.CommandLineOrder()) {
		t.Errorf("%v", err)
	}
	for _, getenv := range []func(string) string{env(map[string]string{"AWS_PROFILE": "gone"}), nil} {
		req := keychain.Request{Item: target(), Getenv: getenv}
		if getenv == nil {
			req.AWSProfile = "gone"
		}
		if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrNoProfile) {
			t.Errorf("%v", err)
		}
	}
}

func TestResolve_Anonymous(t *testing.T) {
	t.Parallel()
	res, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), Anonymous: true, Typed: keychain.Typed{KeyID: "k", Secret: keychain.NewSecret("s")}})
	if err != nil || !res.Anonymous || res.Provider != nil || res.Source != keychain.SourceAnonymous {
		t.Errorf("%+v %v", res, err)
	}
}

type lockedStore struct{ keychain.Memory }

func (*lockedStore) Get(context.Context, keychain.Item) (keychain.Secret, error) {
	return keychain.Secret{}, fmt.Errorf("%w: locked", keychain.ErrUnavailable)
}

func TestResolve_SaysThatTheKeychainWasLocked(t *testing.T) {
	t.Parallel()
	it := target()
	it.KeyID = "k"
	_, err := keychain.Resolve(t.Context(), keychain.Request{Item: it, Store: &lockedStore{}, Order: keychain.BookmarkOrder()})
	if !errors.Is(err, keychain.ErrNoCredentials) || !errors.Is(err, keychain.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestBound_GivesNothingToAnotherHost(t *testing.T) {
	t.Parallel()
	res, _ := secretOf(t, keychain.Request{Item: target(), Typed: keychain.Typed{KeyID: "k", Secret: keychain.NewSecret("s")}})
	if _, err := res.Provider.RetrieveFor(t.Context(), "https://S3.example.com:443/"); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"http://s3.example.com", "https://s3.example.com:8443", "https://evil.example", "https://s3.example.com.evil.example", "junk"} {
		if _, err := res.Provider.RetrieveFor(t.Context(), url); err == nil {
			t.Errorf("given to %s", url)
		}
	}
}

// TestResolve_OddSecretsSurvive holds the SDK and our own reader to the same answer for what is legal in a secret.
func TestResolve_OddSecretsSurvive(t *testing.T) {
	cleanEnv(t)
	for i, secret := range []string{`abc#def;x/+`, `#start`, `a=b=c==`, `100%(aws_access_key_id)s`, `trail\`, `a;b`, `a:b`, `+/+/`, `it's "q"`, `%2F`, `a #b`, `x ;y`, "`tick", "`tick`", `"""three`, `"start`} {
		f := files(t, "", "[p]\naws_access_key_id = AKIA"+fmt.Sprint(i)+"\naws_secret_access_key = "+secret+"\nregion = after\r\n[q]\r\nregion=x\r\n")
		res, got := secretOf(t, keychain.Request{Item: target(), AWSProfile: "p", Files: f})
		if got != secret || res.KeyID != fmt.Sprint("AKIA", i) || res.Profile != "p" || res.File != f.Credentials {
			t.Errorf("%q became %q: %v", secret, got, res)
		}
		list, err := keychain.ListAWSProfiles(f)
		if err != nil || len(list) != 2 || list[0].KeyID != res.KeyID || list[0].Region != "after" || list[1].Region != "x" {
			t.Errorf("%q: %+v %v", secret, list, err)
		}
	}
}

// stsServer answers AssumeRole as STS does and counts the calls.
func stsServer(t *testing.T) (url string, bodies chan string) {
	t.Helper()
	bodies = make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		bodies <- r.Form.Encode()
		end := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		action := r.Form.Get("Action")
		fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>
<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%[2]s</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser></%[1]sResult></%[1]sResponse>`, action, end)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, bodies
}

func roleFiles(t *testing.T, sts, extra string) keychain.AWSFiles {
	return files(t, `[profile role]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = base
services = local
`+extra+`
[services local]
sts =
  endpoint_url = `+sts+"\n", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n")
}

func TestResolve_AssumesTheRoleOfAProfile(t *testing.T) {
	cleanEnv(t)
	url, bodies := stsServer(t)
	res, secret := secretOf(t, keychain.Request{Item: target(), AWSProfile: "role", Files: roleFiles(t, url, "")})
	if res.KeyID != "ASIAROLE" || secret != "role-secret" || res.Expires.IsZero() || res.Account != "123456789012" {
		t.Errorf("%+v %s", res, secret)
	}
	if body := <-bodies; !strings.Contains(body, "DurationSeconds=3600") {
		t.Errorf("asked %s", body)
	}
	if len(bodies) != 0 {
		t.Error("asked twice")
	}
}

func TestResolve_AsksForACode(t *testing.T) {
	cleanEnv(t)
	url, bodies := stsServer(t)
	const serial = "arn:aws:iam::123456789012:mfa/me"
	req := keychain.Request{Item: target(), AWSProfile: "role", Files: roleFiles(t, url, "mfa_serial = "+serial)}
	var mfa *keychain.MFAError
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrNeedsMFA) || !errors.As(err, &mfa) || mfa.Serial != serial {
		t.Fatalf("%v", err)
	}
	req.MFA = func(_ context.Context, q keychain.CodeQuestion) (string, error) {
		if q.Serial != serial {
			t.Errorf("device %q", q.Serial)
		}
		return "123456", nil
	}
	if res, _ := secretOf(t, req); res.KeyID != "ASIAROLE" {
		t.Errorf("%+v", res)
	}
	if body := <-bodies; !strings.Contains(body, "TokenCode=123456") {
		t.Errorf("asked %s", body)
	}
	denied := errors.New("the user said no")
	req.MFA = func(context.Context, keychain.CodeQuestion) (string, error) { return "", denied }
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, denied) {
		t.Errorf("%v", err)
	}
}

func TestResolve_RunsTheProcessOfAProfile(t *testing.T) {
	cleanEnv(t)
	f := files(t, "[profile p]\ncredential_process = /bin/echo {\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"AKIAPROC\\\",\\\"SecretAccessKey\\\":\\\"proc\\\"}\n", "")
	if res, secret := secretOf(t, keychain.Request{Item: target(), AWSProfile: "p", Files: f}); res.KeyID != "AKIAPROC" || secret != "proc" || res.File != f.Config {
		t.Errorf("%+v %s", res, secret)
	}
}

func TestResolve_WebIdentityOfTheEnvironment(t *testing.T) {
	cleanEnv(t)
	url, bodies := stsServer(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	res, _ := secretOf(t, keychain.Request{Item: target(), Getenv: env(map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token,
		"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r", "AWS_ENDPOINT_URL_STS": url})})
	if res.Source != keychain.SourceEnvironment || res.KeyID != "ASIAROLE" {
		t.Errorf("%+v", res)
	}
	if body := <-bodies; !strings.Contains(body, "WebIdentityToken=jwt") {
		t.Errorf("asked %s", body)
	}
}

func metadataServer(t *testing.T) (url string, paths chan string) {
	t.Helper()
	paths = make(chan string, 20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization")
		const creds = `{"Code":"Success","AccessKeyId":"ASIAMETA","SecretAccessKey":"meta","Token":"t","Expiration":"2099-01-01T00:00:00Z"}`
		switch {
		case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
			fmt.Fprint(w, "v2token")
		case r.URL.Path == "/container":
			fmt.Fprint(w, creds)
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "v2token":
			http.Error(w, "version 1 is not served", http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
			fmt.Fprint(w, "the-role")
		default:
			fmt.Fprint(w, creds)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, paths
}

func TestResolve_InstanceMetadataOnlyWhenAsked(t *testing.T) {
	cleanEnv(t)
	url, paths := metadataServer(t)
	req := keychain.Request{Item: target(), Getenv: env(map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url})}
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrNoCredentials) || len(paths) != 0 {
		t.Fatalf("%v, %d requests", err, len(paths))
	}
	req.InstanceMetadata = true
	if res, secret := secretOf(t, req); res.Source != keychain.SourceInstance || secret != "meta" || res.Expires.IsZero() {
		t.Errorf("%s %s %v", res, secret, res.Expires)
	}
}

func TestResolve_Container(t *testing.T) {
	cleanEnv(t)
	url, paths := metadataServer(t)
	req := keychain.Request{Item: target(), Getenv: env(map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "auth"})}
	if res, secret := secretOf(t, req); res.Source != keychain.SourceContainer || secret != "meta" {
		t.Errorf("%+v", res)
	}
	if got := <-paths; !strings.HasSuffix(got, " auth") {
		t.Errorf("%s", got)
	}
	for _, bad := range []string{"http://evil.example/x", "http://169.254.169.254/x", "ftp://localhost/x", "::"} {
		req.Getenv = env(map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": bad})
		if _, err := keychain.Resolve(t.Context(), req); err == nil || errors.Is(err, keychain.ErrNoCredentials) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
