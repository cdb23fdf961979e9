package keychain_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pintail/keychain"
)

// hostileLines are what a file of the AWS tools may hold when somebody wants harm or did not look.
var hostileLines = []string{
	"[profile a]", "[a]", "[default]", "[profile a", "profile a]", "[[a]]", "[profile \"a\"]", "[profile a]]", "[sso-session s]", "[services v]", "[]", "[profile ]",
	"[profile \x00]", "[profile \u202ea]", "[" + strings.Repeat("a", 5000) + "]", "[DEFAULT]", "[Profile a]",
	"aws_access_key_id = AKIA\naws_secret_access_key = s#e;c", "aws_access_key_id = AKIA\naws_secret_access_key = s#e;c=r%(x)s\\", "aws_access_key_id = AKIA", "aws_secret_access_key = s#e;c=r%(x)s\\", "aws_secret_access_key = `", `aws_secret_access_key = """`, "aws_secret_access_key", "=", "= x", ": x",
	"aws_session_token = " + strings.Repeat("t", 20000), "role_arn = arn:aws:iam::1:role/a", "role_arn = junk", "source_profile = a", "source_profile = default", "source_profile = nobody",
	"source_profile = %(source_profile)s", "credential_source = Environment", "credential_source = EcsContainer", "credential_source = Ec2InstanceMetadata", "credential_source = \x7f",
	"credential_process = false", "credential_process = ", "web_identity_token_file = /dev/null", "web_identity_token_file = /nowhere", "mfa_serial = device", "external_id = \x1b[2J",
	"duration_seconds = 99999999999999999999", "duration_seconds = -1", "duration_seconds = 3600", "sso_session = s", "sso_session = nobody", "sso_start_url = https://127.0.0.1:1/start",
	"sso_start_url = javascript:alert(1)", "sso_region = us-east-1", "sso_account_id = 1", "sso_role_name = ../../r", "login_session = x", "services = v", "services = nobody",
	"s3 =", "  addressing_style = path", "  endpoint_url = http://127.0.0.1:1", "sts =", "\tendpoint_url = ://", "endpoint_url = http://127.0.0.1:1", "region = \xff\xfe", "region = us-east-1",
	"ca_bundle = /dev/null", "use_dualstack_endpoint = maybe", "# comment", "; comment", "x = y # z", "\r", "\x00", "\ufeff", "%include /etc/passwd", "key with spaces = 1", "\u2028", "a.b.c = d",
}

// deaf is a network whose servers refuse everything, once.
type deaf struct{}

func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func hostileFile(r *rand.Rand) []byte {
	var b bytes.Buffer
	end := []string{"\n", "\r\n", "\r", ""}[r.IntN(4)]
	if end == "" || r.IntN(3) > 0 {
		end = "\n"
	}
	for range r.IntN(30) {
		b.WriteString(hostileLines[r.IntN(len(hostileLines))] + end)
	}
	if r.IntN(4) == 0 && b.Len() > 0 {
		b.Truncate(r.IntN(b.Len()))
	}
	return b.Bytes()
}

// TestHostileFiles_HarmNothing reads 250 pairs of files: none crashes, hangs or is changed, whatever is asked of it.
func TestHostileFiles_HarmNothing(t *testing.T) {
	cleanEnv(t)
	const pairs = 250
	resolved := 0
	for seed := range uint64(pairs) {
		r := rand.New(rand.NewPCG(seed, 5))
		config, creds := hostileFile(r), hostileFile(r)
		f := files(t, string(config), string(creds))
		f.SSOCache = t.TempDir()
		list, err := keychain.ListAWSProfiles(f)
		for i, p := range list {
			if _, err := keychain.ReadAWSConfig(f, p.Name); err != nil {
				t.Errorf("seed %d: %q is listed and not read: %v", seed, p.Name, err)
			}
			if i >= 4 {
				continue
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			_, err := keychain.Resolve(ctx, keychain.Request{Item: target(), AWSProfile: p.Name, Files: f, HTTPClient: &http.Client{Transport: deaf{}},
				MFA: func(context.Context, keychain.CodeQuestion) (string, error) { return "", errors.New("nobody") }})
			if ctx.Err() != nil {
				t.Errorf("seed %d: %q hangs", seed, p.Name)
			}
			cancel()
			if err == nil {
				resolved++
			} else if msg := err.Error(); strings.Contains(msg, "s#e;c") || len(msg) > 30000 {
				t.Errorf("seed %d: the error shows the file: %.200s", seed, msg)
			}
		}
		if err == nil && len(list) == 0 && len(config)+len(creds) > 4000 && bytes.Contains(config, []byte("[default]\n")) {
			t.Errorf("seed %d: no profile found", seed)
		}
		for path, want := range map[string][]byte{f.Config: config, f.Credentials: creds} {
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("seed %d: %s changed: %v", seed, path, err)
			}
		}
	}
	if resolved == 0 {
		t.Error("no profile of any file could be used: the files are not like real ones")
	}
	t.Logf("%d pairs, %d profiles gave keys", pairs, resolved)
}
