package connect_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
)

// tried runs Try and returns what came of each step, and whether each was begun before it ended.
func tried(t *testing.T, s *setup, spec connect.Spec) (map[connect.StepID]connect.Step, bool) {
	t.Helper()
	got := map[connect.StepID]connect.Step{}
	ok := connect.Try(t.Context(), s.Env, spec, func(st connect.Step) {
		if old := got[st.ID]; st.State != connect.StepSkipped && st.State != connect.StepRunning && old.State != connect.StepRunning {
			t.Errorf("%s ended as %v and was not begun", st.ID, st.State)
		}
		got[st.ID] = st
	})
	return got, ok
}

func typed(id, secret string) keychain.Typed {
	return keychain.Typed{KeyID: id, Secret: keychain.NewSecret(secret)}
}

func startDemo(t *testing.T, o demo.Options) *demo.Server {
	t.Helper()
	d, err := demo.Start(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestTry_EveryStepOnRealServers(t *testing.T) {
	for _, srv := range []*servers.Server{servers.SharedVersitygw(t), servers.SharedRGW(t)} {
		s := newSetup(t)
		got, ok := tried(t, s, connect.Spec{Endpoint: srv.Endpoint, Typed: typed(srv.AccessKey, srv.SecretKey), Save: true, Path: ""})
		if !ok {
			t.Fatalf("%s: %+v", srv.Name, got)
		}
		for _, id := range connect.Steps() {
			want := connect.StepPassed
			if id == connect.StepTLS {
				want = connect.StepSkipped // plain http to this machine
			}
			if got[id].State != want || got[id].Detail == "" {
				t.Errorf("%s: %s is %+v", srv.Name, id, got[id])
			}
		}
		wrong, ok := tried(t, newSetup(t), connect.Spec{Endpoint: srv.Endpoint, Typed: typed(srv.AccessKey, "not the secret")})
		if ok || wrong[connect.StepSignature].State != connect.StepFailed || wrong[connect.StepSignature].Err == nil || wrong[connect.StepList].State != connect.StepWaiting {
			t.Errorf("%s: a wrong secret: %+v", srv.Name, wrong)
		}
		features.Proved(t, "connect.try", srv.Name, srv.Version)
	}
}

func TestTry_StopsAtTheStepThatFails(t *testing.T) {
	d := startDemo(t, demo.Options{})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := silent.Addr().String()
	_ = silent.Close()
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	t.Cleanup(cert.Close)
	secure := startDemo(t, demo.Options{TLS: cert.TLS})
	key := typed(d.AccessKey(), d.SecretKey())
	for _, c := range []struct {
		name string
		spec connect.Spec
		at   connect.StepID
		kind storage.Kind
		says string
	}{
		{"no such name", connect.Spec{Endpoint: "https://nowhere.invalid", Typed: key}, connect.StepName, storage.KindNetwork, "nowhere.invalid"},
		{"nobody listens", connect.Spec{Endpoint: "http://" + free, Typed: key}, connect.StepReach, storage.KindNetwork, "refused"},
		{"https to a server without", connect.Spec{Endpoint: strings.Replace(d.URL(), "http", "https", 1), Typed: key}, connect.StepTLS, storage.KindTLS, ""},
		{"unknown authority", connect.Spec{Endpoint: secure.URL(), Typed: key}, connect.StepTLS, storage.KindTLS, ""},
		{"no bucket", connect.Spec{Endpoint: d.URL(), Typed: key, Path: "nothing-here"}, connect.StepList, storage.KindNotFound, ""},
		{"no address", connect.Spec{Endpoint: "ftp://x"}, connect.StepSettings, storage.KindOther, ""},
		{"no key", connect.Spec{Endpoint: d.URL()}, connect.StepCredentials, storage.KindOther, ""},
	} {
		got, ok := tried(t, newSetup(t), c.spec)
		st := got[c.at]
		if ok || st.State != connect.StepFailed || st.Err == nil || storage.KindOf(st.Err) != c.kind || !strings.Contains(st.Detail, c.says) {
			t.Errorf("%s: %+v", c.name, got)
		}
		ended := false
		for _, id := range connect.Steps() {
			if id == c.at {
				ended = true
			} else if s := got[id].State; ended != (s == connect.StepWaiting) {
				t.Errorf("%s: %s is %v", c.name, id, s)
			}
		}
	}
}

// A key that may not list is a right key, and a secret that was refused does not stay in the way of the one in the keychain.
func TestTry_TellsAWrongKeyFromAKeyThatMayNot(t *testing.T) {
	d := startDemo(t, demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" && r.Method == http.MethodGet && r.Header.Get("Authorization") != "" && strings.Contains(r.Header.Get("Authorization"), "MAYNOT") {
				w.Header().Set("X-Amz-Request-Id", "1")
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
				return
			}
			next.ServeHTTP(w, r)
		})
	}, AccessKey: "MAYNOT", SecretKey: "right"})
	s := newSetup(t)
	got, ok := tried(t, s, connect.Spec{Endpoint: d.URL(), Typed: typed("MAYNOT", "right")})
	if ok || got[connect.StepSignature].State != connect.StepPassed || got[connect.StepList].State != connect.StepFailed || got[connect.StepList].Advice == "" {
		t.Errorf("may not list: %+v", got)
	}
	item, err := keychain.NewItem(d.URL(), profiles.VendorHTTP, "OTHER")
	if err != nil {
		t.Fatal(err)
	}
	got, ok = tried(t, s, connect.Spec{Endpoint: d.URL(), Typed: typed("OTHER", "wrong"), Save: true})
	if ok || got[connect.StepSignature].State != connect.StepFailed {
		t.Errorf("an unknown key: %+v", got)
	}
	for name, store := range map[string]keychain.Store{"run": s.Run, "keychain": s.Keychain} {
		if _, err := store.Get(t.Context(), item); !errors.Is(err, keychain.ErrNotFound) {
			t.Errorf("%s: a refused secret is kept: %v", name, err)
		}
	}
}

func TestTry_ClockCertificateProxyAndAnonymous(t *testing.T) {
	late := startDemo(t, demo.Options{Now: func() time.Time { return time.Now().Add(3 * time.Hour) }})
	got, ok := tried(t, newSetup(t), connect.Spec{Endpoint: late.URL(), Typed: typed(late.AccessKey(), late.SecretKey())})
	if st := got[connect.StepClock]; !ok || st.State != connect.StepWarned || !strings.Contains(st.Detail, "3 h ahead") && !strings.Contains(st.Detail, "2 h 59 min ahead") {
		t.Errorf("clock: %v %+v", ok, got)
	}
	out := newOutside(t)
	d := startDemo(t, demo.Options{Hosts: []string{"s3.elsewhere.example"}})
	out.to(t, d.URL())
	s := newSetup(t)
	s.vars["HTTPS_PROXY"], s.vars["AWS_CA_BUNDLE"] = out.url, out.ca
	got, ok = tried(t, s, connect.Spec{Endpoint: "https://s3.elsewhere.example", Typed: typed(d.AccessKey(), d.SecretKey())})
	if !ok || !strings.Contains(got[connect.StepReach].Detail, "proxy") || got[connect.StepTLS].State != connect.StepWarned || !strings.Contains(got[connect.StepTLS].Detail, "certificate of test") {
		t.Errorf("proxy and certificate that ends in an hour: %v %+v", ok, got)
	}
	s.vars["AWS_CA_BUNDLE"] = filepath.Join(t.TempDir(), "none.pem")
	if got, ok = tried(t, s, connect.Spec{Endpoint: "https://s3.elsewhere.example", Typed: typed("K", "S")}); ok || !errors.Is(got[connect.StepSettings].Err, connect.ErrCABundle) {
		t.Errorf("no bundle: %+v", got)
	}
	got, ok = tried(t, newSetup(t), connect.Spec{Endpoint: d.URL(), Anonymous: true})
	if ok || got[connect.StepSignature].State != connect.StepSkipped || storage.KindOf(got[connect.StepList].Err) != storage.KindPermission {
		t.Errorf("anonymous: %+v", got)
	}
}

func TestTry_EndsWithItsContext(t *testing.T) {
	begun := make(chan struct{})
	d := startDemo(t, demo.Options{Middleware: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { close(begun); <-r.Context().Done() })
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	var last connect.Step
	if connect.Try(ctx, newSetup(t).Env, connect.Spec{Endpoint: d.URL(), Typed: typed("K", "S")}, func(s connect.Step) { last = s }) {
		t.Fatal("passed")
	}
	if last.ID != connect.StepClock || last.State != connect.StepFailed || !errors.Is(last.Err, context.Canceled) {
		t.Errorf("%+v", last)
	}
}
