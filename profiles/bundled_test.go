package profiles_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pintail/profiles"
)

func bundled(t *testing.T) int {
	t.Helper()
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// typedHosts are the words in the title of a profile without a host that say whose it is.
func typedHosts() []string {
	return []string{"(own server)", "(host of the account)", "(host named by the provider)", "VPC endpoint", "S3-compatible server"}
}

// TestBundled_AreSound looks at what holds for each of them: nothing odd in the file, a vendor of its own, a region that is offered, a host
// or a hint at one, and a way to sign in that is there or refused by name.
func TestBundled_AreSound(t *testing.T) {
	t.Parallel()
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	vendors, titles := map[string]bool{}, map[string]bool{}
	for _, p := range list {
		if !p.Bundled || len(p.Problems()) != 0 {
			t.Errorf("%s: %v", p.File, p.Problems())
		}
		if vendors[p.Vendor] || titles[p.Title()] || !strings.HasPrefix(p.Vendor, "pintail-") {
			t.Errorf("%s: vendor %q or title %q is not its own", p.File, p.Vendor, p.Title())
		}
		vendors[p.Vendor], titles[p.Title()] = true, true
		if p.DefaultHostname == "" && (p.Labels.Hostname == "" || !p.Fields.Hostname) {
			t.Errorf("%s: no host and no hint", p.File)
		}
		if p.DefaultHostname == "" && !slices.ContainsFunc(typedHosts(), func(s string) bool { return strings.Contains(p.Title(), s) }) {
			t.Errorf("%s: the title %q does not say that a host has to be typed", p.File, p.Title())
		}
		for _, r := range p.Regions {
			if got := p.RegionOf(p.HostIn(r)); p.Quirks.EndpointFormat != nil && got != r {
				t.Errorf("%s: host %s is of region %q", p.File, p.HostIn(r), got)
			}
		}
		if p.HostIn(p.Region) != p.DefaultHostname {
			t.Errorf("%s: host %q for the default region", p.File, p.HostIn(p.Region))
		}
		if err := p.Supported(); err != nil && !errors.Is(err, profiles.ErrUnsupported) {
			t.Errorf("%s: %v", p.File, err)
		}
	}
}

func TestBundled_GeneralOnesComeFirst(t *testing.T) {
	t.Parallel()
	list, err := profiles.Bundled()
	if err != nil || len(list) < 60 {
		t.Fatalf("%d %v", len(list), err)
	}
	amazon, https, http, pathStyle, demo := list[0], list[1], list[2], list[3], list[4]
	if amazon.Endpoint() != "https://s3.amazonaws.com" || amazon.Fields.Hostname || len(amazon.Regions) != 33 || len(amazon.Quirks.StorageClasses) != 8 {
		t.Errorf("amazon: %+v", amazon)
	}
	if https.Endpoint() != "" || https.Scheme != "https" || http.Scheme != "http" || http.DefaultPort != 80 || !https.Fields.Hostname {
		t.Errorf("%+v\n%+v", https, http)
	}
	for _, p := range []profiles.Profile{pathStyle, demo} {
		if p.Quirks.PathStyle == nil || !*p.Quirks.PathStyle {
			t.Errorf("%s: %+v", p.File, p.Quirks)
		}
	}
	if demo.DefaultHostname != "127.0.0.1" || demo.Scheme != "http" || demo.Fields.Hostname || !demo.Fields.Port {
		t.Errorf("demo: %+v", demo)
	}
}

// TestBundled_HaveEachWayToSignIn: a profile whose way is not there yet is refused for that way and no other.
func TestBundled_HaveEachWayToSignIn(t *testing.T) {
	t.Parallel()
	ways := map[string]profiles.Feature{
		"pintail-amazon-assume-role": profiles.FeatureRole, "pintail-amazon-session-token": profiles.FeatureMultiFactor,
		"pintail-amazon-openid": profiles.FeatureRole,
	}
	r := open(t, "")
	found := 0
	for _, p := range r.All() {
		want, special := ways[p.Vendor]
		if special {
			found++
		}
		var u *profiles.UnsupportedError
		if err := p.Supported(); errors.As(err, &u) && (!special || u.Feature != want) {
			t.Errorf("%s: refused for %s", p.File, u.Feature)
		}
	}
	if found != len(ways) {
		t.Errorf("%d of %d profiles", found, len(ways))
	}
	if p, err := r.Find("pintail-amazon-cli"); err != nil || !p.UsesAWSFiles() {
		t.Errorf("AWS profile: %v", err)
	}
	if p, err := r.Find("pintail-amazon-instance"); err != nil || !p.UsesInstanceMetadata() || p.UsesAWSFiles() {
		t.Errorf("instance: %v", err)
	}
}

func TestBundled_HostsFollowTheRegion(t *testing.T) {
	t.Parallel()
	r := open(t, "")
	for _, tt := range []struct{ vendor, region, want string }{
		{"pintail-wasabi", "eu-central-2", "https://s3.eu-central-2.wasabisys.com"},
		{"pintail-wasabi", "", "https://s3.us-east-1.wasabisys.com"},
		{"pintail-wasabi", "evil.example/", "https://s3.us-east-1.wasabisys.com"},
		{"pintail-scaleway", "pl-waw", "https://s3.pl-waw.scw.cloud"},
		{"pintail-exoscale", "at-vie-1", "https://sos-at-vie-1.exo.io"},
		{"pintail-cloudflare-r2", "weur", ""},
		{"pintail-filebase", "us-east-1", "https://s3.filebase.com"},
		{"pintail-eucalyptus", "", ""},
	} {
		p, err := r.Find(tt.vendor)
		if err != nil || p.EndpointIn(tt.region) != tt.want {
			t.Errorf("%s in %q: %q %v", tt.vendor, tt.region, p.EndpointIn(tt.region), err)
		}
	}
	p := parse(t, "<key>Properties</key><array><string>s3.endpoint.format.ipv4=%s.example/%s</string></array>")
	if p.Quirks.EndpointFormat != nil || !slices.ContainsFunc(p.Problems(), func(q profiles.Problem) bool { return q.Key == "Properties" }) {
		t.Errorf("%v", p.Problems())
	}
}
