package storage

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Whose distribution it is goes by the whole name of the bucket, with or without region, as a website or not.
func TestDistribution_HostsOfABucket(t *testing.T) {
	for host, want := range map[string]bool{
		"b.s3.amazonaws.com": true, "b.s3.eu-west-1.amazonaws.com": true, "b.s3-website-us-east-1.amazonaws.com": true, "b.s3-eu-west-1.amazonaws.com": true,
		"B.S3.amazonaws.com": true, "b.s3.cn-north-1.amazonaws.com.cn": true,
		"a.b.s3.amazonaws.com": false, "bb.s3.amazonaws.com": false, "b.s3.example.com": false, "b.s3x.amazonaws.com": false, "b.example.com": false, "": false,
	} {
		if got := isBucketHost(host, "b"); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestDistribution_Paths(t *testing.T) {
	for key, want := range map[string]string{"": "/*", "a/": "/a/*", "a b+ü.txt": "/a%20b+%C3%BC.txt", "x*": "/x%2A", "a?b#c%": "/a%3Fb%23c%25", "a//b": "/a//b"} {
		if got := DistributionPath(Location{Bucket: "b", Key: key}); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
	d := Distribution{Domain: "d.cloudfront.net"}
	if got := d.URL(Location{Bucket: "b", Key: "a/"}); got != "https://d.cloudfront.net/a/" {
		t.Error(got)
	}
	d.Aliases = []string{"cdn.example.com"}
	if got := d.URL(Location{Bucket: "b", Key: "x*"}); got != "https://cdn.example.com/x%2A" {
		t.Error(got)
	}
}

// Of several origins the bucket's is told, with what it reads it with; its website has no control.
func TestDistribution_TheBucketsOriginCounts(t *testing.T) {
	host := func(h string) types.Origin { return types.Origin{DomainName: aws.String(h)} }
	control, identity, site := host("b.s3.amazonaws.com"), host("b.s3.amazonaws.com"), host("b.s3-website-us-east-1.amazonaws.com")
	control.OriginAccessControlId = aws.String("E1")
	identity.S3OriginConfig = &types.S3OriginConfig{OriginAccessIdentity: aws.String("origin-access-identity/cloudfront/E2")}
	site.CustomOriginConfig = &types.CustomOriginConfig{}
	for _, c := range []struct {
		origin types.Origin
		access string
		direct bool
		signed bool
	}{{control, "E1", true, true}, {identity, "origin-access-identity/cloudfront/E2", true, false}, {site, "", false, false}} {
		d := distributionOf(&types.Distribution{DistributionConfig: &types.DistributionConfig{Origins: &types.Origins{Items: []types.Origin{host("example.com"), c.origin}}}}, "b")
		if d.Origin != *c.origin.DomainName || d.OriginAccess != c.access || d.Direct != c.direct || d.ReadsByControl() != c.signed {
			t.Errorf("%+v", d)
		}
	}
}
