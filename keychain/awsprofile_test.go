package keychain_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/internal/testkit/features"
	"pintail/keychain"
)

// tokenService is an STS that takes each code of a device once, and knows which key signed.
type tokenService struct {
	URL string

	mu    sync.Mutex
	asked []url.Values
	keys  []string // that signed
	codes map[string]bool
	wrong map[string]bool // codes that it refuses
	life  time.Duration
}

func newTokenService(t *testing.T) *tokenService {
	t.Helper()
	s := &tokenService{codes: map[string]bool{}, wrong: map[string]bool{}, life: time.Hour}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	return s
}

func (s *tokenService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, key, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ = strings.Cut(key, "/")
	s.asked, s.keys = append(s.asked, r.Form), append(s.keys, key)
	if code := r.Form.Get("TokenCode"); code != "" && (s.codes[code] || s.wrong[code]) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed with invalid MFA one time pass code.</Message></Error></ErrorResponse>`)
		return
	} else if code != "" {
		s.codes[code] = true
	}
	action := r.Form.Get("Action")
	end := time.Now().Add(s.life).UTC().Format(time.RFC3339)
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials><AccessKeyId>ASIA%[3]d</AccessKeyId>
<SecretAccessKey>temporary</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%[2]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`, action, end, len(s.asked))
}

func (s *tokenService) calls() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func TestResolve_FollowsAChainOfProfiles(t *testing.T) {
	cleanEnv(t)
	s := newTokenService(t)
	f := files(t, `[profile top]
role_arn = arn:aws:iam::1:role/top
source_profile = middle
external_id = id #1
duration_seconds = 7200
role_session_name = me
region = eu-west-1
services = local
[profile middle]
role_arn = arn:aws:iam::2:role/middle
source_profile = base
duration_seconds = 1800
[services local]
sts =
  endpoint_url = `+s.URL+"\n", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = odd #secret\\\n")
	res, _ := secretOf(t, keychain.Request{Item: target(), AWSProfile: "top", Files: f})
	calls := s.calls()
	if len(calls) != 2 || res.KeyID != "ASIA2" || res.Role != "arn:aws:iam::1:role/top" || res.Account != "1" {
		t.Fatalf("%d calls, %+v", len(calls), res)
	}
	first, second := calls[0], calls[1]
	if first.Get("RoleArn") != "arn:aws:iam::2:role/middle" || first.Get("DurationSeconds") != "1800" || s.keys[0] != "AKIABASE" {
		t.Errorf("first %v by %s", first, s.keys[0])
	}
	if second.Get("RoleArn") != res.Role || second.Get("ExternalId") != "id #1" || second.Get("RoleSessionName") != "me" || s.keys[1] != "ASIA1" ||
		second.Get("DurationSeconds") != "3600" { // the longest that a chained role may have
		t.Errorf("second %v by %s", second, s.keys[1])
	}
}

func TestResolve_RefusesProfilesThatCannotWork(t *testing.T) {
	cleanEnv(t)
	for name, c := range map[string]struct {
		config string
		want   error
	}{
		"loop":           {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=q\n[profile q]\nrole_arn=arn:aws:iam::1:role/b\nsource_profile=p\n", keychain.ErrProfileLoop},
		"own loop":       {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=p\n", keychain.ErrBadProfile},
		"no source":      {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\n", keychain.ErrBadProfile},
		"two sources":    {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=q\ncredential_source=Environment\n", keychain.ErrBadProfile},
		"missing source": {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=q\n", keychain.ErrNoProfile},
		"odd source":     {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Anywhere\n", keychain.ErrBadProfile},
		"empty source":   {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Environment\n", keychain.ErrNoCredentials},
		"metadata off":   {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Ec2InstanceMetadata\n", keychain.ErrNoCredentials},
		"duration":       {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=k\nduration_seconds=1e3\n" + keys, keychain.ErrBadProfile},
		"short":          {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=k\nduration_seconds=60\n" + keys, keychain.ErrBadProfile},
		"no arn":         {"[profile p]\nrole_arn=admin\nsource_profile=k\n" + keys, keychain.ErrBadProfile},
		"sso incomplete": {"[profile p]\nsso_session=corp\n", keychain.ErrBadProfile},
		"sso plain":      {"[profile p]\nsso_start_url=http://evil.example\nsso_region=r\nsso_account_id=1\nsso_role_name=r\n", keychain.ErrBadProfile},
		"ca":             {"[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=k\nca_bundle=/nowhere\n" + keys, keychain.ErrBadProfile},
		"nothing":        {"[profile p]\nregion=x\n", keychain.ErrNoCredentials},
		"deep":           {deepChain(7), keychain.ErrProfileLoop},
	} {
		_, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), AWSProfile: "p", Files: files(t, c.config, "")})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const keys = "[profile k]\naws_access_key_id=K\naws_secret_access_key=S\n"

func deepChain(n int) string {
	var b strings.Builder
	b.WriteString("[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=p1\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "[profile p%d]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=p%d\n", i, i+1)
	}
	fmt.Fprintf(&b, "[profile p%d]\naws_access_key_id=K\naws_secret_access_key=S\n", n)
	return b.String()
}

func TestResolve_RoleOfTheEnvironmentsKeysAndOfATokenFile(t *testing.T) {
	cleanEnv(t)
	s := newTokenService(t)
	token := t.TempDir() + "/token"
	if err := os.WriteFile(token, []byte("jwt\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := files(t, "[profile env]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Environment\nendpoint_url="+s.URL+
		"\n[profile web]\nrole_arn=arn:aws:iam::1:role/w\nweb_identity_token_file="+token+"\nendpoint_url="+s.URL+"\n", "")
	vars := env(map[string]string{"AWS_ACCESS_KEY_ID": "KEY-ENV", "AWS_SECRET_ACCESS_KEY": "env"})
	secretOf(t, keychain.Request{Item: target(), AWSProfile: "env", Files: f, Getenv: vars})
	secretOf(t, keychain.Request{Item: target(), AWSProfile: "web", Files: f})
	if calls := s.calls(); s.keys[0] != "KEY-ENV" || calls[1].Get("WebIdentityToken") != "jwt" || s.keys[1] != "" {
		t.Errorf("%v %v", calls, s.keys)
	}
	features.Proved(t, "login.webidentity", features.Embedded, "")
}

func mfaFiles(t *testing.T, s *tokenService) keychain.AWSFiles {
	return files(t, "[profile p]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=k\nmfa_serial=device\nendpoint_url="+s.URL+"\n"+keys, "")
}

// answers gives codes in order and keeps why each was asked for.
func answers(reasons *[]keychain.CodeReason, codes ...string) func(context.Context, keychain.CodeQuestion) (string, error) {
	var mu sync.Mutex
	return func(_ context.Context, q keychain.CodeQuestion) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		*reasons = append(*reasons, q.Reason)
		if len(codes) == 0 {
			return "", errors.New("no more codes")
		}
		code := codes[0]
		codes = codes[1:]
		return code, nil
	}
}

func TestResolve_SendsNoCodeTwice(t *testing.T) {
	cleanEnv(t)
	s := newTokenService(t)
	s.wrong["111111"] = true
	run := keychain.NewMemory()
	var why []keychain.CodeReason
	req := keychain.Request{Item: target(), AWSProfile: "p", Files: mfaFiles(t, s), Run: run, MFA: answers(&why, "12345", "111111", "222 222", "222222", "333333")}
	secretOf(t, req)
	var wg sync.WaitGroup
	for range 4 { // one session serves all
		wg.Go(func() {
			if _, err := keychain.Resolve(t.Context(), req); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(s.calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
	res, err := keychain.Resolve(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	res.Provider.Invalidate()
	if c, err := res.Provider.Retrieve(t.Context()); err != nil || c.AccessKeyID != "ASIA3" {
		t.Errorf("renewed: %v %v", c.AccessKeyID, err)
	}
	want := []keychain.CodeReason{keychain.CodeFirst, keychain.CodeForm, keychain.CodeRefused, keychain.CodeFirst, keychain.CodeUsed}
	if fmt.Sprint(why) != fmt.Sprint(want) {
		t.Errorf("asked for %q, want %q", why, want)
	}
	sent := map[string]bool{}
	for _, c := range s.calls() {
		code := c.Get("TokenCode")
		if sent[code] || c.Get("SerialNumber") != "device" {
			t.Errorf("sent again or for another device: %v", c)
		}
		sent[code] = true
	}
}

func TestResolve_SessionOfTypedKeysWithACode(t *testing.T) {
	cleanEnv(t)
	s := newTokenService(t)
	var why []keychain.CodeReason
	req := keychain.Request{Item: target(), Typed: keychain.Typed{KeyID: "K", Secret: keychain.NewSecret("S")}, MFA: answers(&why, "444444"),
		Assume: &keychain.Assume{MFASerial: "device", STSEndpoint: s.URL, Duration: 36 * time.Hour}}
	res, _ := secretOf(t, req)
	if c := s.calls()[0]; c.Get("Action") != "GetSessionToken" || c.Get("TokenCode") != "444444" || c.Get("DurationSeconds") != "129600" || res.Source != keychain.SourceTyped {
		t.Errorf("%v %+v", c, res)
	}
	req.Assume = &keychain.Assume{RoleARN: "arn:aws:iam::1:role/x", STSEndpoint: s.URL}
	if res, _ = secretOf(t, req); s.calls()[1].Get("Action") != "AssumeRole" || res.Role != "arn:aws:iam::1:role/x" {
		t.Errorf("%v", s.calls()[1])
	}
	features.Proved(t, "login.session", features.Embedded, "")
	req.Assume = &keychain.Assume{}
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrBadProfile) {
		t.Error(err)
	}
}

func TestResolve_ProcessOnlyOfAFileThatIsOnesOwn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the file's protection is the folder's there")
	}
	cleanEnv(t)
	f := files(t, "[profile p]\ncredential_process = cat >&2; echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROC\",\"SecretAccessKey\":\"proc\"}'\n", "")
	if res, _ := secretOf(t, keychain.Request{Item: target(), AWSProfile: "p", Files: f}); res.KeyID != "AKIAPROC" {
		t.Errorf("%+v", res)
	}
	if err := os.Chmod(f.Config, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), AWSProfile: "p", Files: f}); !errors.Is(err, keychain.ErrBadProfile) {
		t.Errorf("a file that everybody may write: %v", err)
	}
}
