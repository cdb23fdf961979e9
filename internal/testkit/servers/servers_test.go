package servers_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"pintail/internal/testkit/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// answers says whether anything answers HTTP at the endpoint.
func answers(endpoint string) bool {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(endpoint + "/")
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return true
}

func TestServer_KillAndRestartOnTheSamePort(t *testing.T) {
	own := map[servers.Kind]func(testing.TB) *servers.Server{
		servers.KindVersitygw: servers.Versitygw, servers.KindRGW: servers.RGW,
		servers.KindMinIO: func(t testing.TB) *servers.Server { return servers.MinIO(t) }, servers.KindMoto: servers.Moto,
	}
	for kind, start := range own {
		t.Run(kind, func(t *testing.T) {
			s := start(t)
			if !answers(s.Endpoint) || s.Version == "" {
				t.Fatalf("%s %q does not answer after its start", s.Name, s.Version)
			}
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			if answers(s.Endpoint) {
				t.Fatalf("%s still answers after Kill", s.Name)
			}
			if err := s.Restart(); err != nil {
				t.Fatal(err)
			}
			if !answers(s.Endpoint) {
				t.Fatalf("%s does not answer after Restart", s.Name)
			}
			s.Stop()
			if answers(s.Endpoint) {
				t.Fatalf("%s still answers after Stop", s.Name)
			}
		})
	}
}

func TestShared_IsOneServerAndCannotBeKilled(t *testing.T) {
	a, b := servers.SharedVersitygw(t), servers.SharedVersitygw(t)
	if a.Endpoint != b.Endpoint {
		t.Errorf("two servers: %s and %s", a.Endpoint, b.Endpoint)
	}
	if a.Kill() == nil || a.Restart() == nil {
		t.Error("a shared server could be killed or restarted")
	}
	if a.Stop(); !answers(a.Endpoint) {
		t.Error("a shared server could be stopped")
	}
}

func TestSave_IsReadBackByLoad(t *testing.T) {
	s := servers.SharedVersitygw(t)
	path := filepath.Join(t.TempDir(), "servers.json")
	if err := servers.Save(path, []*servers.Server{s}); err != nil {
		t.Fatal(err)
	}
	list, err := servers.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	got := list[0]
	if got.Name != s.Name || got.Endpoint != s.Endpoint || got.Version != s.Version || got.SecretKey != s.SecretKey {
		t.Errorf("got %s %s %s", got.Name, got.Version, got.Endpoint)
	}
}
