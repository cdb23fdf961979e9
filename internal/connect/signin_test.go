package connect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/prompt"
)

// browser answers a sign-in as a person would.
type browser struct {
	prompt.Nobody
	asked []prompt.SignIn
	agree func() // nil: gives up
	ended error
}

func (b *browser) SignIn(ctx context.Context, q prompt.SignIn) error {
	b.asked = append(b.asked, q)
	if b.agree == nil {
		return prompt.ErrDismissed
	}
	b.agree()
	<-ctx.Done()
	b.ended = ctx.Err()
	return b.ended
}

// identityCenter gives a token once the person has agreed.
func identityCenter(t *testing.T, agreed *atomic.Bool) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Method + " " + r.URL.Path {
		case "POST /client/register":
			fmt.Fprint(w, `{"clientId":"app","clientSecret":"s","clientIdIssuedAt":1,"clientSecretExpiresAt":4070908800}`)
		case "POST /device_authorization":
			fmt.Fprintf(w, `{"deviceCode":"dev","userCode":"ABCD-EFGH","verificationUri":"http://%[1]s/start","verificationUriComplete":"http://%[1]s/start?user_code=ABCD-EFGH","expiresIn":60,"interval":1}`, r.Host)
		case "POST /token":
			if !agreed.Load() {
				w.Header().Set("X-Amzn-Errortype", "AuthorizationPendingException")
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"error":"authorization_pending"}`)
				return
			}
			fmt.Fprint(w, `{"accessToken":"token","tokenType":"Bearer","expiresIn":3600,"refreshToken":"again"}`)
		case "GET /federation/credentials":
			fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":%d}}`, time.Now().Add(time.Hour).UnixMilli())
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestOpen_SignsInWhereTheSignInHasEnded: the person is shown where to sign in, and the connection opens once that is done; given up, it
// does not.
func TestOpen_SignsInWhereTheSignInHasEnded(t *testing.T) {
	var agreed atomic.Bool
	url := identityCenter(t, &agreed)
	s := newSetup(t)
	dir := filepath.Join(s.Home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("[profile corp]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\nendpoint_url = %[1]s\nregion = eu-west-1\n"+
		"[sso-session corp]\nsso_start_url = %[1]s/start\nsso_region = eu-west-1\n", url)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := connect.Spec{AWSProfile: "corp"}
	refuses := &browser{}
	s.Prompter = refuses
	if _, err := connect.Open(t.Context(), s.Env, spec); !errors.Is(err, prompt.ErrDismissed) || len(refuses.asked) != 1 {
		t.Fatalf("given up: %v, asked %v", err, refuses.asked)
	}
	agrees := &browser{agree: func() { agreed.Store(true) }}
	s.Prompter = agrees
	c := s.open(t, spec)
	q := agrees.asked[0]
	if q.Profile != "corp" || q.Code != "ABCD-EFGH" || !strings.HasSuffix(q.URL, "user_code=ABCD-EFGH") || !errors.Is(agrees.ended, context.Canceled) {
		t.Errorf("asked %+v, ended by %v", q, agrees.ended)
	}
	if c.KeyID != "ASIASSO" || c.Expires.IsZero() || c.Session.Region() != "eu-west-1" {
		t.Errorf("%+v", c)
	}
	s.open(t, spec)
	if len(agrees.asked) != 1 {
		t.Error("a second connection asks again")
	}
}

// TestOpen_RoleAndDeviceOfTheWindow: what the fields of a connection profile say is asked for, and is in the reference.
func TestOpen_RoleAndDeviceOfTheWindow(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = append(asked, r.Form.Get("Action")+" "+r.Form.Get("RoleArn")+" "+r.Form.Get("SerialNumber")+" "+r.Form.Get("TokenCode"))
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%[2]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
			r.Form.Get("Action"), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer srv.Close()
	s := newSetup(t)
	s.script.Codes = []string{"123456"}
	c := s.open(t, connect.Spec{Endpoint: srv.URL, Typed: typed("LONGTERM", "s3cr3t"), RoleARN: "arn:aws:iam::1:role/r", MFASerial: "device"})
	if len(asked) != 1 || asked[0] != "AssumeRole arn:aws:iam::1:role/r device 123456" || c.Role != "arn:aws:iam::1:role/r" || c.KeyID != "LONGTERM" {
		t.Errorf("asked %q: %+v", asked, c)
	}
	again, err := connect.OpenRef(t.Context(), s.Env, c.Ref)
	if err != nil || again.Role != c.Role || len(asked) != 1 {
		t.Errorf("by reference: %v, asked %q", err, asked)
	}
	if err == nil {
		_ = again.Close()
	}
}

// TestOpen_AWSProfileOfAmazonGivesItsRegion: chosen together with a connection profile it says where the buckets are.
func TestOpen_AWSProfileOfAmazonGivesItsRegion(t *testing.T) {
	s := newSetup(t)
	dir := filepath.Join(s.Home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte("[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = ws\nregion = eu-central-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := s.open(t, connect.Spec{Profile: "Amazon S3", AWSProfile: "work"}); c.Session.Region() != "eu-central-1" || c.KeyID != "WORKKEY" {
		t.Errorf("region %s, key %s", c.Session.Region(), c.KeyID)
	}
	if c := s.open(t, connect.Spec{Profile: "Amazon S3", AWSProfile: "work", Region: "eu-west-3"}); c.Session.Region() != "eu-west-3" {
		t.Errorf("what the person said is not used: %s", c.Session.Region())
	}
}
