package connect_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
)

// TestOpen_BookmarkOfARoleAsksForACode: one code opens the connection, and the transfers' connection of the same run needs none.
func TestOpen_BookmarkOfARoleAsksForACode(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = append(asked, r.Form.Get("Action")+" "+r.Form.Get("RoleArn")+" "+r.Form.Get("TokenCode"))
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%[2]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
			r.Form.Get("Action"), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer srv.Close()
	for custom, want := range map[string]string{"role_arn": "AssumeRole arn:aws:iam::1:role/r 123456", "": "GetSessionToken  123456"} {
		asked = nil
		s := newSetup(t)
		s.script.Codes = []string{"123456"}
		s.script.Logins = []prompt.LoginAnswer{{KeyID: "LONGTERM", Secret: "s3cr3t"}}
		props := map[string]string{"mfa_serial": "device"}
		if custom != "" {
			props[custom] = "arn:aws:iam::1:role/r"
		}
		id := s.bookmark(t, bookmarks.Bookmark{Nickname: "r", EndpointURL: srv.URL, Username: "LONGTERM", Custom: props})
		c := s.open(t, connect.Spec{Bookmark: id})
		if len(asked) != 1 || asked[0] != want || c.KeyID != "LONGTERM" || c.Expires.IsZero() || c.Role != props["role_arn"] || strings.Contains(c.Ref, "ASIA") {
			t.Errorf("asked %q, want %q: %+v", asked, want, c)
		}
		again, err := connect.OpenRef(t.Context(), s.Env, c.Ref)
		if err != nil || len(asked) != 1 || !again.Expires.Equal(c.Expires) {
			t.Errorf("by reference: %v, asked %q", err, asked)
		}
		if err == nil {
			_ = again.Close()
		}
	}
}

// TestConnection_EndedSessionAsksAgain: a session that ends in the middle asks for a code by itself; unanswered it is work to be
// paused, not an error for good.
func TestConnection_EndedSessionAsksAgain(t *testing.T) {
	sessions, life := 0, -time.Second
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("X-Amz-Request-Id", "1")
			fmt.Fprint(w, `<?xml version="1.0"?><ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>`)
			return
		}
		sessions++
		fmt.Fprintf(w, `<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>`,
			sessions, time.Now().Add(life).UTC().Format(time.RFC3339))
	}))
	defer srv.Close()
	s := newSetup(t).key("LONGTERM", "S")
	s.script.Codes = []string{"111111"}
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "r", EndpointURL: srv.URL, Username: "LONGTERM", Custom: map[string]string{"mfa_serial": "device"}})
	c := s.open(t, connect.Spec{Bookmark: id})
	list := func() error {
		for _, err := range c.Session.Buckets(t.Context()) {
			return err
		}
		return nil
	}
	if err := list(); storage.KindOf(err) != storage.KindExpired {
		t.Errorf("nobody there: %v", err)
	}
	s.script.Codes, life = []string{"222222"}, time.Hour
	if err := list(); err != nil || sessions != 2 {
		t.Errorf("with a code: %v, %d sessions", err, sessions)
	}
}

func profileFile(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x"+profiles.Ext)
	if err := os.WriteFile(file, []byte("<plist version=\"1.0\"><dict>"+body+"</dict></plist>"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOpen_RoleNeedsItsArnAndATokenServiceOfTheServer(t *testing.T) {
	s := newSetup(t).key("K", "S")
	role := func(rest string) string {
		return profileFile(t, `<key>Protocol</key><string>s3</string><key>Vendor</key><string>x</string><key>Description</key><string>x</string>
<key>Default Hostname</key><string>s3.example.com</string><key>Role Configurable</key><true/>`+rest)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: role("")}); !errors.Is(err, profiles.ErrUnsupported) {
		t.Errorf("without a role: %v", err)
	}
	const arn = `<key>Properties</key><dict><key>role_arn</key><string>arn:aws:iam::1:role/r</string></dict>`
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: role(arn + `<key>STS Endpoint</key><string>https://evil.example</string>`)}); !errors.Is(err, connect.ErrEndpoint) {
		t.Errorf("a token service elsewhere: %v", err)
	}
	_, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: role(arn)})
	var no *connect.NotTrustedError
	if !errors.As(err, &no) { // nothing goes to the server's token service before the person agreed
		t.Errorf("not asked: %v", err)
	}
	if errors.Is(err, keychain.ErrNoCredentials) {
		t.Error("the key was not found")
	}
}
