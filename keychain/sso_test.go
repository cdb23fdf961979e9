package keychain_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"pintail/internal/testkit/features"
	"pintail/keychain"
)

// identityCenter answers as the three endpoints of IAM Identity Center do: registering, the device flow, and the portal.
type identityCenter struct {
	URL string

	mu       sync.Mutex
	asked    []string // method, path and what was sent
	answers  []string // of the token endpoint, before it gives one
	tokens   int
	life     int // seconds of a token
	page     string
	renewals int
}

func newIdentityCenter(t *testing.T) *identityCenter {
	t.Helper()
	c := &identityCenter{life: 3600}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	c.URL, c.page = srv.URL, srv.URL+"/start"
	return c
}

func (c *identityCenter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var in map[string]any
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	sent, _ := json.Marshal(in)
	c.asked = append(c.asked, r.Method+" "+r.URL.Path+" "+string(sent))
	w.Header().Set("Content-Type", "application/json")
	switch r.Method + " " + r.URL.Path {
	case "POST /client/register":
		fmt.Fprint(w, `{"clientId":"app","clientSecret":"app-secret","clientIdIssuedAt":1,"clientSecretExpiresAt":4070908800}`)
	case "POST /device_authorization":
		fmt.Fprintf(w, `{"deviceCode":"dev","userCode":"ABCD-EFGH","verificationUri":%[1]q,"verificationUriComplete":"%[1]s?user_code=ABCD-EFGH","expiresIn":60,"interval":1}`, c.page)
	case "POST /token":
		if in["grantType"] == "refresh_token" {
			c.renewals++
		} else if len(c.answers) > 0 {
			w.Header().Set("X-Amzn-Errortype", c.answers[0])
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"x","error_description":"y"}`)
			c.answers = c.answers[1:]
			return
		}
		c.tokens++
		fmt.Fprintf(w, `{"accessToken":"token%d","tokenType":"Bearer","expiresIn":%d,"refreshToken":"again"}`, c.tokens, c.life)
	case "GET /federation/credentials":
		if r.Header.Get("X-Amz-Sso_bearer_token") != fmt.Sprintf("token%d", c.tokens) {
			w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"Session token not found or invalid"}`)
			return
		}
		q := r.URL.Query()
		fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":%q,"sessionToken":"t","expiration":%d}}`,
			q.Get("account_id")+"/"+q.Get("role_name"), time.Now().Add(time.Hour).UnixMilli())
	default:
		http.NotFound(w, r)
	}
}

func (c *identityCenter) requests(path string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.asked), func(s string) bool { return !strings.Contains(s, " "+path+" ") })
}

func (c *identityCenter) files(t *testing.T) keychain.AWSFiles {
	f := files(t, fmt.Sprintf(`[profile new]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
endpoint_url = %[1]s
[sso-session corp]
sso_start_url = %[1]s/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access,more
[profile old]
sso_start_url = %[1]s/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Writer
endpoint_url = %[1]s
`, c.URL), "")
	f.SSOCache = filepath.Join(t.TempDir(), "sso", "cache")
	return f
}

func TestLoginSSO_DeviceFlowThenCredentials(t *testing.T) {
	cleanEnv(t)
	for profile, c := range map[string]struct{ name, secret string }{"new": {"corp", "123456789012/Reader"}, "old": {"", "123456789012/Writer"}} {
		center := newIdentityCenter(t)
		center.answers = []string{"AuthorizationPendingException", "SlowDownException", "AuthorizationPendingException"}
		f := center.files(t)
		req := keychain.Request{Item: target(), AWSProfile: profile, Files: f}
		var wants *keychain.SSOError
		if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrNeedsSSO) || !errors.As(err, &wants) || wants.Profile != profile {
			t.Fatalf("before the sign-in: %v", err)
		}
		var shown keychain.SSODevice
		var waits []time.Duration
		res, err := keychain.LoginSSO(t.Context(), keychain.SSOLogin{Files: f, Profile: profile, Show: func(d keychain.SSODevice) { shown = d },
			Wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }})
		if err != nil {
			t.Fatal(err)
		}
		if shown.UserCode != "ABCD-EFGH" || shown.URL != center.page+"?user_code=ABCD-EFGH" || fmt.Sprint(waits) != "[1s 1s 6s 6s]" {
			t.Errorf("%+v, waited %v", shown, waits)
		}
		if c.name == "" {
			c.name = center.page
		}
		sum := sha1.Sum([]byte(c.name))
		if want := filepath.Join(f.SSOCache, hex.EncodeToString(sum[:])+".json"); res.File != want {
			t.Errorf("kept in %s, the AWS tools look at %s", res.File, want)
		}
		checkTokenFile(t, res.File, center.page, profile == "new")
		if got, secret := secretOf(t, req); got.KeyID != "ASIASSO" || secret != c.secret || got.Account != "123456789012" || got.Expires.IsZero() {
			t.Errorf("%+v %s", got, secret)
		}
		if reg := center.requests("/client/register")[0]; strings.Contains(reg, "refresh_token") != (profile == "new") || strings.Contains(reg, `"more"`) != (profile == "new") {
			t.Errorf("registered %s", reg)
		}
	}
	features.Proved(t, "login.sso", features.Embedded, "")
}

// checkTokenFile holds the file to the form of the AWS command line.
func checkTokenFile(t *testing.T, file, start string, session bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{"startUrl": start, "region": "eu-west-1", "accessToken": "token1", "clientId": "app", "clientSecret": "app-secret",
		"refreshToken": "again", "registrationExpiresAt": "2099-01-01T00:00:00Z"} {
		if got[k] != want && (session || k != "refreshToken") {
			t.Errorf("%s is %q", k, got[k])
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05Z", got["expiresAt"]); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".pintail-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLoginSSO_TokenIsRenewedUntilTheSessionEnds(t *testing.T) {
	cleanEnv(t)
	center := newIdentityCenter(t)
	center.life = 0 // ended when it is there
	f := center.files(t)
	show := func(keychain.SSODevice) {}
	wait := func(context.Context, time.Duration) error { return nil }
	if _, err := keychain.LoginSSO(t.Context(), keychain.SSOLogin{Files: f, Profile: "new", Show: show, Wait: wait}); err != nil {
		t.Fatal(err)
	}
	center.life = 3600
	if res, _ := secretOf(t, keychain.Request{Item: target(), AWSProfile: "new", Files: f}); res.KeyID != "ASIASSO" || center.renewals != 1 {
		t.Errorf("%+v after %d renewals", res, center.renewals)
	}
	center.tokens = 99 // the session was ended elsewhere
	if _, err := keychain.Resolve(t.Context(), keychain.Request{Item: target(), AWSProfile: "new", Files: f}); !errors.Is(err, keychain.ErrNeedsSSO) {
		t.Error(err)
	}
}

func TestLoginSSO_Refuses(t *testing.T) {
	cleanEnv(t)
	wait := func(context.Context, time.Duration) error { return nil }
	for name, c := range map[string]struct {
		page    string
		answers []string
		profile string
		want    error
	}{
		"another server's page": {page: "https://evil.example/start", profile: "new", want: keychain.ErrBadProfile},
		"look-alike":            {page: "https://device.sso.amazonaws.com.evil.example", profile: "new", want: keychain.ErrBadProfile},
		"plain":                 {page: "http://device.sso.eu-west-1.amazonaws.com/", profile: "new", want: keychain.ErrBadProfile},
		"refused":               {answers: []string{"AccessDeniedException"}, profile: "new", want: keychain.ErrNeedsSSO},
		"too late":              {answers: []string{"ExpiredTokenException"}, profile: "new", want: keychain.ErrNeedsSSO},
		"never":                 {answers: slices.Repeat([]string{"AuthorizationPendingException"}, 61), profile: "new", want: keychain.ErrNeedsSSO},
		"no profile":            {profile: "gone", want: keychain.ErrNoProfile},
	} {
		center := newIdentityCenter(t)
		if c.page != "" {
			center.page = c.page
		}
		center.answers = c.answers
		shown := false
		_, err := keychain.LoginSSO(t.Context(), keychain.SSOLogin{Files: center.files(t), Profile: c.profile, Wait: wait, Show: func(keychain.SSODevice) { shown = true }})
		if !errors.Is(err, c.want) || c.page != "" && shown {
			t.Errorf("%s: %v, shown %v", name, err, shown)
		}
	}
}

// TestIdentityCenter_SpeaksTheModel asks the fake through the SDK's client of that service, so that no field is a guess.
func TestIdentityCenter_SpeaksTheModel(t *testing.T) {
	cleanEnv(t)
	center := newIdentityCenter(t)
	c := ssooidc.New(ssooidc.Options{Region: "eu-west-1", BaseEndpoint: &center.URL})
	name, kind, start := "n", "public", center.page
	app, err := c.RegisterClient(t.Context(), &ssooidc.RegisterClientInput{ClientName: &name, ClientType: &kind})
	if err != nil {
		t.Fatal(err)
	}
	dev, err := c.StartDeviceAuthorization(t.Context(), &ssooidc.StartDeviceAuthorizationInput{ClientId: app.ClientId, ClientSecret: app.ClientSecret, StartUrl: &start})
	if err != nil || *dev.DeviceCode != "dev" || dev.Interval != 1 || dev.ExpiresIn != 60 || app.ClientSecretExpiresAt == 0 {
		t.Errorf("%+v %v", dev, err)
	}
}
