package profiles

import "strings"

// vendorAlias tells which profile of ours means the same as a widespread one that may not be installed, so that bookmarks made
// elsewhere work. Theirs are one a region; the bookmark has the host.
func vendorAlias(vendor string) (string, bool) {
	for _, a := range vendorAliases {
		if vendor == a[0] || strings.HasSuffix(a[0], "*") && strings.HasPrefix(vendor, strings.TrimSuffix(a[0], "*")) {
			return "pintail-" + a[1], true
		}
	}
	return "", false
}

// vendorAliases are tried in order; * stands for any end.
var vendorAliases = [][2]string{
	{"s3-https", "s3-https"}, {"cyberduck", "s3-https"}, {"s3-http", "s3-http"}, {"s3-path-style", "s3-path-style"},
	{"s3-aws2-http", "aws2-http"}, {"s3-aws2-https", "aws2-https"}, {"s3-timestamps", "amazon-timestamps"},
	{"s3-privatelink", "amazon-privatelink"}, {"s3-cli", "amazon-cli"}, {"s3-role", "amazon-instance"},
	{"aws-s3-sts-assumerole", "amazon-assume-role"}, {"aws-s3-getsessiontoken", "amazon-session-token"},
	{"aws-s3-sts-google-oidc", "amazon-openid"}, {"s3-cn-north-1", "amazon-cn-north-1"}, {"s3-cn-northwest-1", "amazon-cn-northwest-1"},
	{"s3-us-gov-east-1", "amazon-us-gov-east-1"}, {"alibaba-oss-*", "alibaba-oss"}, {"backblaze-s3", "backblaze"},
	{"s3-cloudflare-r2", "cloudflare-r2"}, {"contabo-*", "contabo"}, {"digitalocean-*", "digitalocean"}, {"dreamhost-*", "dreamobjects"},
	{"dunkel", "dunkel"}, {"Exoscale (*", "exoscale"}, {"Filebase", "filebase"}, {"Garage", "garage"}, {"hetzner-*", "hetzner"},
	{"cos-us-geo", "ibm-cos-us"}, {"cos-eu-geo", "ibm-cos-eu"}, {"cos-ap-geo", "ibm-cos-ap"}, {"linode-*", "linode"},
	{"oracle-*", "oracle"}, {"ovh-us-*", "ovhcloud-us"}, {"ovh-*", "ovhcloud"}, {"pilw.io", "pilvio"}, {"scaleway-*", "scaleway"},
	{"Storj Labs", "storj"}, {"swisscom", "swisscom"}, {"Tigris", "tigris"}, {"upcloud", "upcloud"}, {"wasabisys-*", "wasabi"},
	{"z1storage", "z1"},
}
