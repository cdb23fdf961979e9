package keychain_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/features"
	"pintail/keychain"
)

const loginSession = "arn:aws:iam::123456789012:user/me"

// loginServer renews sessions for whoever proves to have the key.
type loginServer struct {
	url    string
	key    *ecdsa.PrivateKey
	status int    // of the answer
	code   string // of a refusal
	asked  int
}

func newLoginServer(t *testing.T) *loginServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for err == nil && (len(key.X.Bytes()) < 32 || len(key.Y.Bytes()) < 32) { // the SDK writes such a key's halves too short
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &loginServer{key: key, status: http.StatusOK}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked++
		var in struct{ ClientID, GrantType, RefreshToken string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case s.status != http.StatusOK:
			if s.code != "" {
				w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			}
			w.WriteHeader(s.status)
			fmt.Fprintf(w, `{"error":%q,"message":"no"}`, s.code)
		case in.ClientID != "cli" || in.GrantType != "refresh_token" || in.RefreshToken != "renew-1" || !s.proved(r):
			t.Errorf("%s %s: %+v, DPoP %q", r.Method, r.URL, in, r.Header.Get("Dpop"))
			w.WriteHeader(http.StatusBadRequest)
		default:
			fmt.Fprint(w, `{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"new-secret","sessionToken":"t2"},"tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"renew-2"}`)
		}
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// proved checks the proof of possession: RFC 9449.
func (s *loginServer) proved(r *http.Request) bool {
	parts := strings.Split(r.Header.Get("Dpop"), ".")
	if len(parts) != 3 {
		return false
	}
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	body, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var p struct{ Htm, Htu string }
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return len(sig) == 64 && json.Unmarshal(body, &p) == nil && p.Htm == r.Method && p.Htu == s.url+r.URL.Path &&
		ecdsa.Verify(&s.key.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

// files has a profile of that server and a session that ends at a time.
func (s *loginServer) files(t *testing.T, ends time.Time, change func(map[string]any)) (keychain.AWSFiles, string) {
	t.Helper()
	f := files(t, "[profile me]\nlogin_session = "+loginSession+"\nregion = eu-west-1\nendpoint_url = "+s.url+"\n", "")
	f.LoginCache = t.TempDir()
	der, err := x509.MarshalECPrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]any{
		"accessToken": map[string]any{"accessKeyId": "ASIAOLD", "secretAccessKey": "old-secret", "sessionToken": "t1", "accountId": "123456789012", "expiresAt": ends.UTC().Format(time.RFC3339)},
		"tokenType":   "aws_sigv4", "refreshToken": "renew-1", "identityToken": "i", "clientId": "cli",
		"dpopKey": string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})),
	}
	if change != nil {
		change(kept)
	}
	raw, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(loginSession))
	file := filepath.Join(f.LoginCache, hex.EncodeToString(sum[:])+".json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return f, file
}

// TestLoginSession_IsReadAndRenewed: a session is used while it lasts, renewed with the proof of its key once it has ended, and what
// renews it next is kept where the AWS tools find it.
func TestLoginSession_IsReadAndRenewed(t *testing.T) {
	cleanEnv(t)
	s := newLoginServer(t)
	f, _ := s.files(t, time.Now().Add(time.Hour), nil)
	res, secret := secretOf(t, keychain.Request{Item: target(), AWSProfile: "me", Files: f})
	if secret != "old-secret" || res.Account != "123456789012" || s.asked != 0 || res.String() != "AWS profile me, aws login ("+f.Config+")" || res.Expires.IsZero() {
		t.Errorf("%v %+v, asked %d", res, res, s.asked)
	}
	f, file := s.files(t, time.Now().Add(-time.Minute), nil)
	res, secret = secretOf(t, keychain.Request{Item: target(), AWSProfile: "me", Files: f})
	if secret != "new-secret" || res.KeyID != "ASIANEW" || res.Account != "123456789012" || s.asked != 1 || time.Until(res.Expires) < 10*time.Minute {
		t.Errorf("renewed: %+v, asked %d", res, s.asked)
	}
	if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), "renew-2") || !strings.Contains(string(raw), "new-secret") {
		t.Errorf("kept %s %v", raw, err)
	}
	secretOf(t, keychain.Request{Item: target(), AWSProfile: "me", Files: f})
	if s.asked != 1 {
		t.Error("the kept session is not used")
	}
	features.Proved(t, "login.awslogin", features.Embedded, "")
}

// TestLoginSession_ItsEndIsSaid: what a person can mend by aws login says so and pauses work; a failing server does not, and a broken file
// is no crash.
func TestLoginSession_ItsEndIsSaid(t *testing.T) {
	cleanEnv(t)
	ended := time.Now().Add(-time.Minute)
	for name, c := range map[string]struct {
		set   func(*loginServer)
		file  func(map[string]any)
		wants bool
	}{
		"ended":        {set: func(s *loginServer) { s.status, s.code = http.StatusForbidden, "TOKEN_EXPIRED" }, wants: true},
		"password":     {set: func(s *loginServer) { s.status, s.code = http.StatusForbidden, "USER_CREDENTIALS_CHANGED" }, wants: true},
		"server fails": {set: func(s *loginServer) { s.status = http.StatusServiceUnavailable }},
		"no key":       {file: func(m map[string]any) { m["dpopKey"] = "no PEM" }, wants: true},
		"a wrong key": {file: func(m map[string]any) {
			m["dpopKey"] = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
		}, wants: true},
		"another form":   {file: func(m map[string]any) { m["accessToken"] = 7 }, wants: true},
		"no credentials": {file: func(m map[string]any) { delete(m, "accessToken") }, wants: true},
		"too long":       {file: func(m map[string]any) { m["x"] = strings.Repeat("x", 1<<20) }, wants: true},
	} {
		s := newLoginServer(t)
		if c.set != nil {
			c.set(s)
		}
		f, _ := s.files(t, ended, c.file)
		_, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), AWSProfile: "me", Files: f})
		var wants *keychain.LoginError
		if err == nil || errors.Is(err, keychain.ErrNeedsLogin) != c.wants || c.wants && (!errors.As(err, &wants) || wants.Profile != "me" || !wants.Ended()) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(fmt.Sprint(err), "old-secret") || strings.Contains(fmt.Sprint(err), "renew-1") {
			t.Errorf("%s: a secret in %v", name, err)
		}
	}
	f, file := newLoginServer(t).files(t, ended, nil)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), AWSProfile: "me", Files: f}); !errors.Is(err, keychain.ErrNeedsLogin) {
		t.Errorf("no session: %v", err)
	}
}
