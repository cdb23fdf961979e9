package connect_test

import (
	"testing"

	"pintail/internal/connect"
)

// TestOpen_AmazonHostsSayRegionAndKind: FIPS and dual-stack hosts are taken for what they are. Requests go to them and not to the
// plain host of the region, whatever the preferences say about regions.
func TestOpen_AmazonHostsSayRegionAndKind(t *testing.T) {
	s := newSetup(t).key("K", "S")
	for _, c := range []struct{ host, region, sent string }{
		{"s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "s3-fips.us-gov-west-1.amazonaws.com"},
		{"s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1", "s3.dualstack.eu-west-1.amazonaws.com"},
		{"s3-fips.dualstack.us-east-2.amazonaws.com", "us-east-2", "s3-fips.dualstack.us-east-2.amazonaws.com"},
		{"s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn"},
		{"s3-eu-central-1.amazonaws.com", "eu-central-1", "s3.eu-central-1.amazonaws.com"},
	} {
		con := s.open(t, connect.Spec{Endpoint: "https://" + c.host})
		if con.Session.Region() != c.region || con.Session.Endpoint().Host != c.sent || con.Profile.Vendor != "pintail-amazon-s3" {
			t.Errorf("%s: region %s, host %s, profile %s", c.host, con.Session.Region(), con.Session.Endpoint().Host, con.Profile.Vendor)
		}
	}
}
