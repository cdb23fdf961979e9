package profiles_test

import (
	"testing"

	"pintail/profiles"
)

// TestRegionName_IsTheProviders: the same code is another place with another provider.
func TestRegionName_IsTheProviders(t *testing.T) {
	t.Parallel()
	r := open(t, "")
	for _, tt := range []struct{ vendor, code, want string }{
		{"pintail-amazon-s3", "eu-west-1", "EU (Ireland) — eu-west-1"},
		{"pintail-amazon-cn-north-1", "cn-north-1", "China (Beijing) — cn-north-1"},
		{"pintail-wasabi", "eu-west-1", "London 1 — eu-west-1"},
		{"pintail-alibaba-oss", "oss-eu-central-1", "Germany (Frankfurt) — oss-eu-central-1"},
		{"pintail-minio", "us-east-1", "us-east-1"},
		{"pintail-amazon-s3", "xx-new-1", "xx-new-1"},
	} {
		p, err := r.Find(tt.vendor)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.RegionTitle(tt.code); got != tt.want {
			t.Errorf("%s %s: %q", tt.vendor, tt.code, got)
		}
	}
	evil := parse(t, "<key>Default Hostname</key><string>notamazonaws.com</string>")
	if got := evil.RegionName("eu-west-1"); got != "" {
		t.Errorf("another host: %q", got)
	}
}

// TestRegionName_KnowsEveryAmazonRegion: a region that a bundled Amazon profile offers has a name; likewise with every provider
// that has names at all.
func TestRegionName_KnowsEveryAmazonRegion(t *testing.T) {
	t.Parallel()
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, p := range list {
		var have, lack int
		for _, code := range p.Regions {
			if p.RegionName(code) == "" {
				lack++
			} else {
				have++
			}
		}
		if have > 0 && lack > 0 {
			t.Errorf("%s: %d regions without a name", p.File, lack)
		}
		named += have
	}
	if named < 150 {
		t.Errorf("only %d names", named)
	}
}
