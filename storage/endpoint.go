package storage

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// endpoint is where a session's requests go.
type endpoint struct {
	base       *url.URL
	region     string
	aws        bool // Amazon's own service: its checksums, regions and redirects are known
	custom     bool // base is given to the SDK as it is; otherwise the SDK derives the host from the region
	pathStyle  bool
	dualStack  bool
	fips       bool
	accelerate bool
}

// awsHost is what the name of one of Amazon's S3 hosts says.
type awsHost struct {
	bucket, region              string
	dualStack, fips, accelerate bool
	private                     bool // a VPC endpoint: to be used as it is
	website                     bool // serves pages, not the S3 interface
}

var (
	awsSuffixes = []string{".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"}
	awsRegion   = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+){1,2}-\d{1,2}$`)
	anyRegion   = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
)

// parseAWSHost reads the host names of Amazon S3: regional, old style, dual stack, FIPS, accelerated, website and VPC
// endpoints, each with or without a bucket in front.
func parseAWSHost(host string) (awsHost, bool) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	rest := ""
	for _, suffix := range awsSuffixes {
		if strings.HasSuffix(host, suffix) {
			rest = strings.TrimSuffix(host, suffix)
		}
	}
	if rest == "" {
		return awsHost{}, false
	}
	labels := strings.Split(rest, ".")
	if n := len(labels); n >= 3 && labels[n-1] == "vpce" && labels[n-3] == "s3" && awsRegion.MatchString(labels[n-2]) {
		return awsHost{region: labels[n-2], private: true}, true
	}
	// The service's label is the last that is s3 or begins with s3-; what stands before is the bucket.
	for i := len(labels) - 1; i >= 0; i-- {
		h, ok := serviceLabels(labels[i:])
		if ok {
			h.bucket = strings.Join(labels[:i], ".")
			return h, true
		}
	}
	return awsHost{}, false
}

// serviceLabels reads the labels of a host from the service's on: "s3", "s3-fips", "s3-accelerate", "s3-eu-west-1", each
// perhaps followed by "dualstack" and a region.
func serviceLabels(l []string) (awsHost, bool) {
	var h awsHost
	switch name := l[0]; {
	case name == "s3":
	case name == "s3-fips":
		h.fips = true
	case name == "s3-accelerate":
		h.accelerate = true
	case name == "s3-website" || strings.HasPrefix(name, "s3-website-"):
		h.website = true
		h.region = strings.TrimPrefix(strings.TrimPrefix(name, "s3-website"), "-")
	case name == "s3-external-1":
		h.region = "us-east-1"
	case strings.HasPrefix(name, "s3-fips-") && awsRegion.MatchString(name[8:]):
		h.fips, h.region = true, name[8:]
	case strings.HasPrefix(name, "s3-") && awsRegion.MatchString(name[3:]):
		h.region = name[3:]
	default:
		return h, false
	}
	l = l[1:]
	if len(l) > 0 && l[0] == "dualstack" {
		h.dualStack, l = true, l[1:]
	}
	if len(l) == 1 && h.region == "" && awsRegion.MatchString(l[0]) {
		h.region, l = l[0], nil
	}
	return h, len(l) == 0
}

// partition is the group of regions that share accounts and host names.
func partition(region string) string {
	for prefix, p := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e",
		"us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(region, prefix) {
			return p
		}
	}
	return "aws"
}

// parseEndpoint turns what a connection says into an endpoint. A host of Amazon's gives its region and its kind.
func parseEndpoint(u *url.URL, region string, style Addressing) (endpoint, error) {
	if region != "" && !anyRegion.MatchString(region) {
		return endpoint{}, fmt.Errorf("the region %q has characters that no region has", region)
	}
	if u == nil {
		u = &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return endpoint{}, fmt.Errorf("the address must begin with https:// or http://, not %q", u.Scheme)
	}
	if u.Hostname() == "" || strings.ContainsAny(u.Host, " \t\r\n@/\\") {
		return endpoint{}, fmt.Errorf("the address %q has no usable host", u.Redacted())
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return endpoint{}, fmt.Errorf("the address of a server has no user, query or fragment")
	}
	ep := endpoint{region: region}
	h, isAWS := parseAWSHost(u.Host)
	if isAWS && h.website {
		return endpoint{}, fmt.Errorf("%s serves a website, not the S3 interface: take s3.%s.amazonaws.com", u.Host, h.region)
	}
	if isAWS && ep.region == "" {
		ep.region = h.region
	}
	if ep.region == "" {
		ep.region = "us-east-1"
	}
	ep.aws = isAWS
	ep.custom = !isAWS || h.private || u.Port() != "" || (u.Path != "" && u.Path != "/")
	ep.dualStack, ep.fips, ep.accelerate = h.dualStack, h.fips, h.accelerate
	ep.pathStyle = style == AddressingPath || style == AddressingAuto && ep.custom
	base := *u
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = ""
	if !ep.custom {
		base.Host = ep.hostIn(ep.region)
	}
	ep.base = &base
	return ep, nil
}

// hostIn is the host of Amazon's service in a region.
func (e endpoint) hostIn(region string) string {
	name, suffix := "s3", "amazonaws.com"
	if e.fips {
		name += "-fips"
	}
	if e.dualStack {
		name += ".dualstack"
	}
	switch partition(region) {
	case "aws-cn":
		suffix = "amazonaws.com.cn"
	case "aws-eusc":
		suffix = "amazonaws.eu"
	}
	return name + "." + region + "." + suffix
}
