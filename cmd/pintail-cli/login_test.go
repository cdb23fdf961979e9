package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogin_IdentityCenterShowsAddressAndCode signs in through a server that speaks the device flow, then uses what was kept.
func TestLogin_IdentityCenterShowsAddressAndCode(t *testing.T) {
	start := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/client/register":
			fmt.Fprint(w, `{"clientId":"app","clientSecret":"app-secret","clientSecretExpiresAt":4070908800}`)
		case "/device_authorization":
			fmt.Fprintf(w, `{"deviceCode":"dev","userCode":"ABCD-EFGH","verificationUri":%q,"expiresIn":60,"interval":1}`, start)
		case "/token":
			fmt.Fprint(w, `{"accessToken":"sso-token","expiresIn":3600,"refreshToken":"again"}`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	start = srv.URL + "/start"
	sys, out, errOut := testSystem(t)
	home := t.TempDir()
	sys.Dirs = testDirs(home)
	config := filepath.Join(home, "aws-config")
	text := fmt.Sprintf("[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\nendpoint_url = %s\n[sso-session corp]\nsso_start_url = %s\nsso_region = eu-west-1\n", srv.URL, start)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sys.Getenv = func(name string) string { return map[string]string{"AWS_CONFIG_FILE": config}[name] }
	if status := run(t.Context(), sys, []string{"login", "--sso", "work"}); status != 0 {
		t.Fatalf("status %d: %s", status, errOut)
	}
	shown := out.String() + errOut.String()
	if !strings.Contains(shown, start) || !strings.Contains(shown, "ABCD-EFGH") || strings.Contains(shown, "sso-token") || strings.Contains(shown, "app-secret") {
		t.Errorf("shown: %s", shown)
	}
	if kept, err := filepath.Glob(filepath.Join(home, ".aws", "sso", "cache", "*.json")); err != nil || len(kept) != 1 {
		t.Errorf("kept %v %v", kept, err)
	}
	errOut.Reset()
	if status := run(t.Context(), sys, []string{"login", "--sso", "gone"}); status != 2 {
		t.Errorf("no such profile: status %d: %s", status, errOut)
	}
}
