package windowtest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// tokenService answers AssumeRole on the embedded server: the second code that it is asked with is right, and each code is good once.
type tokenService struct {
	mu    sync.Mutex
	srv   *demo.Server
	codes []string
}

func (s *tokenService) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		form, _ := url.ParseQuery(string(body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if form.Get("Action") != "AssumeRole" {
			next.ServeHTTP(w, r)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		code := form.Get("TokenCode")
		used := slices.Contains(s.codes, code)
		s.codes = append(s.codes, code)
		if used || len(s.codes) == 1 || form.Get("RoleArn") != "arn:aws:iam::123456789012:role/operations" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed with invalid MFA one time pass code.</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken></SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			s.srv.AccessKey(), s.srv.SecretKey(), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
}

func (s *tokenService) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.codes)
}

// TestLogin_RoleWithACodeThenABookmarkThatStays: at the first start an AWS profile is chosen, its role asks for a code, the connection is
// tested and opened with that one code, kept as a bookmark, and comes back at the next start; no file of the program has the secret.
func TestLogin_RoleWithACodeThenABookmarkThatStays(t *testing.T) {
	sts := &tokenService{}
	srv, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Sample: true, Middleware: sts.wrap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	sts.srv = srv
	dir := t.TempDir()
	const secret = "long-term-secret-of-the-test"
	writeFile(t, filepath.Join(dir, "config"), "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/operations\nsource_profile = work\n"+
		"mfa_serial = arn:aws:iam::123456789012:mfa/me\nregion = us-east-1\nendpoint_url = "+srv.URL()+"\n")
	writeFile(t, filepath.Join(dir, "credentials"), "[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = "+secret+"\n")
	a := window.Open(t, window.Options{Env: []string{"AWS_CONFIG_FILE=" + filepath.Join(dir, "config"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(dir, "credentials")}})
	g := gallery{t, a}
	a.Part("welcome.demo")

	a.Keys("ctrl+o")
	pick(a, "connection.login", "AWS profile")
	a.Part("connection.awsprofile")
	a.Enabled("connection.try")
	g.take("profile")
	a.Press("connection.try")
	a.Part("dialog.field")
	g.take("code")
	a.Type("111111")
	a.Keys("Return")
	a.Until("a second question", func() bool {
		return len(sts.asked()) == 1 && a.Has("dialog.field") && a.Part("dialog.field").Text == ""
	})
	a.Type("222222")
	a.Keys("Return")
	a.WaitText("connection.steps", "Listing done 4 buckets")
	g.take("tested")
	a.Press("connection.ok")
	a.WaitGone("connection.ok")
	a.Row("outline", "studio-media")
	if got := sts.asked(); !slices.Equal(got, []string{"111111", "222222"}) {
		t.Errorf("codes %q", got)
	}

	a.Keys("ctrl+shift+b")
	a.Enter("connection.nickname", "Operations")
	a.Press("connection.ok")
	a.Row("sidebar", "Operations")
	a.Restart() // it is killed: what is kept is kept at once
	a.Part("dialog.field")
	a.Type("333333")
	a.Keys("Return")
	a.Row("outline", "studio-media")
	a.Row("sidebar", "Operations")
	g.take("again")
	for _, word := range []string{secret, srv.SecretKey()} {
		if file := holding(t, a.Home, word); file != "" {
			t.Errorf("%s has a secret", file)
		}
	}
	features.Proved(t, "window.login", features.Embedded, "")
}

// holding is a file below dir that has word in it; "" if none has.
func holding(t *testing.T, dir, word string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(p)
		if err == nil && strings.Contains(string(raw), word) {
			found = p
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
