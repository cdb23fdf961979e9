package keychain_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/keychain"
)

// machine is a metadata service of version 2 and, where old, of version 1 too.
type machine struct {
	URL string
	old bool

	mu    sync.Mutex
	asked []string
	fails bool
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{}
	srv := httptest.NewServer(m)
	t.Cleanup(srv.Close)
	m.URL = srv.URL
	return m
}

func (m *machine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, r.Method+" "+r.URL.Path)
	token := r.Header.Get("X-Aws-Ec2-Metadata-Token")
	switch role, isRole := strings.CutPrefix(r.URL.Path, "/latest/meta-data/iam/security-credentials/"); {
	case r.URL.Path == "/latest/api/token" && m.old:
		http.NotFound(w, r)
	case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
		fmt.Fprint(w, "v2token")
	case token != "v2token" && !m.old:
		http.Error(w, "version 1 is not served", http.StatusUnauthorized)
	case isRole && role == "":
		fmt.Fprint(w, "first-role\nsecond-role\n")
	case isRole && m.fails:
		fmt.Fprint(w, `{"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"}`)
	case isRole && strings.HasSuffix(role, "-role"):
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"ASIA-%s","SecretAccessKey":"meta","Token":"t","Expiration":"2099-01-01T00:00:00Z"}`, role)
	default:
		http.NotFound(w, r)
	}
}

func TestResolve_InstanceRole(t *testing.T) {
	cleanEnv(t)
	m := newMachine(t)
	vars := map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": m.URL}
	req := keychain.Request{Item: target(), InstanceMetadata: true, Order: []keychain.Source{keychain.SourceInstance}, Getenv: env(vars)}
	if res, _ := secretOf(t, req); res.KeyID != "ASIA-first-role" || res.Role != "first-role" {
		t.Errorf("%+v", res)
	}
	req.InstanceURL = "http://169.254.169.254/latest/meta-data/iam/security-credentials/second-role"
	m.asked = nil
	if res, _ := secretOf(t, req); res.KeyID != "ASIA-second-role" || res.Role != "second-role" || len(m.asked) != 2 {
		t.Errorf("%+v after %v", res, m.asked)
	}
	m.fails = true
	if _, err := keychain.Resolve(t.Context(), req); err == nil || !strings.Contains(err.Error(), "EC2 cannot assume") {
		t.Error(err)
	}
	vars["AWS_EC2_METADATA_DISABLED"] = "TRUE"
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrNoCredentials) {
		t.Error(err)
	}
	features.Proved(t, "login.instance", features.Embedded, "")
}

func TestResolve_InstanceVersionOneOnlyWhenAsked(t *testing.T) {
	cleanEnv(t)
	m := newMachine(t)
	m.old = true
	vars := map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": m.URL}
	req := keychain.Request{Item: target(), InstanceMetadata: true, Order: []keychain.Source{keychain.SourceInstance}, Getenv: env(vars)}
	if _, err := keychain.Resolve(t.Context(), req); err == nil || strings.Contains(strings.Join(m.asked, " "), "security-credentials") {
		t.Errorf("%v after %v", err, m.asked)
	}
	vars["AWS_EC2_METADATA_V1_DISABLED"] = "false"
	if res, _ := secretOf(t, req); res.KeyID != "ASIA-first-role" {
		t.Errorf("%+v", res)
	}
}

func TestMetadataRole_OnlyTheServiceItself(t *testing.T) {
	cleanEnv(t)
	const path = "/latest/meta-data/iam/security-credentials/"
	for address, want := range map[string]string{
		"http://169.254.169.254" + path + "my-role": "my-role", "http://169.254.169.254" + path: "", "http://169.254.169.254": "", "http://[fd00:ec2::254]" + path + "r+=,.@-_": "r+=,.@-_",
	} {
		if _, role, err := keychain.MetadataRole(address); err != nil || role != want {
			t.Errorf("%s: %q %v", address, role, err)
		}
	}
	for _, address := range []string{
		"https://169.254.169.254" + path, "http://evil.example" + path + "r", "http://169.254.169.254.evil.example" + path, "http://user@169.254.169.254" + path, "http://169.254.170.2" + path,
		"http://169.254.169.254" + path + "../../user-data", "http://169.254.169.254/latest/user-data", "http://169.254.169.254" + path + "a/b", "http://169.254.169.254" + path + "?x", "", "file:///etc", "http://169.254.169.254" + path + "a%0ab",
	} {
		if _, _, err := keychain.MetadataRole(address); !errors.Is(err, keychain.ErrMetadataHost) {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, bad := range []string{"http://evil.example", "https://127.0.0.1"} {
		req := keychain.Request{Item: target(), InstanceMetadata: true, Order: []keychain.Source{keychain.SourceInstance}, Getenv: env(map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": bad})}
		if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrMetadataHost) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestResolve_ContainerTokenFileIsReadEachTime(t *testing.T) {
	cleanEnv(t)
	url, paths := metadataServer(t)
	token := t.TempDir() + "/token"
	req := keychain.Request{Item: target(), Order: []keychain.Source{keychain.SourceContainer}, Getenv: env(map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token})}
	if _, err := keychain.Resolve(t.Context(), req); err == nil {
		t.Error("without its token")
	}
	for _, text := range []string{"one\n", "two"} {
		if err := os.WriteFile(token, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		res, _ := secretOf(t, req)
		res.Provider.Invalidate()
		if got := <-paths; !strings.HasSuffix(got, " "+strings.TrimSpace(text)) || res.Source != keychain.SourceContainer {
			t.Errorf("%s", got)
		}
	}
}
