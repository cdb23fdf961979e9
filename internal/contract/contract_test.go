package contract_test

import (
	"os"
	"testing"

	"pintail/internal/contract"
	"pintail/internal/demo"
	"pintail/internal/testkit/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

func TestContract_Embedded(t *testing.T) {
	s, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	contract.Run(t, contract.Server{Name: "embedded", Endpoint: s.URL(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey(), Region: s.Region()})
}

func TestContract_Versitygw(t *testing.T) { runOn(t, servers.SharedVersitygw(t)) }

func TestContract_RGW(t *testing.T) { runOn(t, servers.SharedRGW(t)) }

func TestContract_MinIO(t *testing.T) { runOn(t, servers.SharedMinIO(t)) }

func TestContract_MotoEmulator(t *testing.T) { runOn(t, servers.SharedMoto(t)) }

func runOn(t *testing.T, s *servers.Server) {
	contract.Run(t, contract.Server{
		Name: s.Name, Version: s.Version, Endpoint: s.Endpoint, AccessKey: s.AccessKey, SecretKey: s.SecretKey, Region: s.Region,
	})
}

func TestDeviations_NameCasesOnce(t *testing.T) {
	names := map[string]bool{}
	for _, c := range contract.Cases() {
		if names[c.Name] || c.Page == "" {
			t.Errorf("case %q is there twice or names no page", c.Name)
		}
		names[c.Name] = true
	}
	if len(contract.Deviations("embedded")) > 0 {
		t.Error("the embedded server has rows of its own")
	}
	for _, server := range []string{"versitygw", "rgw", "minio", "moto"} {
		seen := map[string]bool{}
		for _, d := range contract.Deviations(server) {
			if !names[d.Case] || seen[d.Case] || d.Match == "" || d.Does == "" || d.Page() == "" {
				t.Errorf("bad row %+v", d)
			}
			seen[d.Case] = true
		}
	}
}
