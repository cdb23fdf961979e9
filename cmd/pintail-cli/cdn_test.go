package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// theirs is a distribution as the independent client prints it, as far as it is looked at.
type theirs struct {
	Distribution struct {
		ID, DomainName     string
		DistributionConfig struct {
			Comment, DefaultRootObject string
			Enabled                    bool
			Aliases                    struct{ Items []string }
			Logging                    struct {
				Enabled        bool
				Bucket, Prefix string
			}
			Origins struct {
				Items []struct{ DomainName, OriginAccessControlID string }
			}
		}
	}
}

// controlHost is where Amazon's access points of the tests' account and region are.
const controlHost = "123456789012.s3-control.us-east-1.amazonaws.com"

// besideEmbedded starts an embedded server, which is all of Amazon's services that concern buckets.
func besideEmbedded(t *testing.T) (*demo.Server, client.Account) {
	t.Helper()
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Hosts: []string{controlHost}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()}
}

// besideMoto is a moto server, where there is one.
func besideMoto(t *testing.T) (server, version string, acc client.Account) {
	t.Helper()
	s := servers.SharedMoto(t)
	return string(s.Name), s.Version, client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
}

// The TestCDN_ tests make, change and empty a distribution; the independent client reads each, and makes one that is found.
func TestCDN_Moto(t *testing.T) {
	server, version, acc := besideMoto(t)
	cdnBothWays(t, server, version, acc)
}

func TestCDN_Embedded(t *testing.T) {
	_, acc := besideEmbedded(t)
	cdnBothWays(t, features.Embedded, "", acc)
}

func cdnBothWays(t *testing.T, server, version string, acc client.Account) {
	t.Helper()
	features.Proved(t, "cli.cdn", server, version)
	other, cli := client.New(t, acc), runner(t, acc)
	bucket := other.NewBucket()
	addr := "s3://" + bucket
	if out := cli("", "cdn", "ls", addr); out != "" {
		t.Errorf("a new bucket has %q", out)
	}
	cli("", "cdn", "create", addr, "--comment", "a site", "--root", "index.html", "--private")
	var d distributionForm
	if err := json.Unmarshal([]byte(cli("", "--json", "cdn", "ls", addr)), &d); err != nil {
		t.Fatal(err)
	}
	read := func() (out theirs) {
		t.Helper()
		if err := json.Unmarshal(other.Service("cloudfront", "get-distribution", "--id", d.ID), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if c := read().Distribution.DistributionConfig; c.Comment != "a site" || c.DefaultRootObject != "index.html" || !c.Enabled ||
		!strings.HasPrefix(c.Origins.Items[0].DomainName, bucket+".s3.") {
		t.Errorf("aws reads %+v", c)
	}
	if server == features.Embedded { // moto keeps no origin access control
		cdnControl(t, other, cli, addr, d, read)
	}
	cli("", "cdn", "set", addr, "--disable", "--alias", "cdn.example.com", "--certificate", "arn:aws:acm:us-east-1:123456789012:certificate/c")
	if c := read().Distribution.DistributionConfig; c.Enabled || c.Comment != "a site" || c.DefaultRootObject != "index.html" || len(c.Aliases.Items) != 1 {
		t.Errorf("aws reads %+v after the change", c)
	}
	if out := cli("", "url", "--kind", "cdn", addr+"/a dir/ü.txt"); out != "https://cdn.example.com/a%20dir/%C3%BC.txt\n" {
		t.Errorf("address %q", out)
	}
	out := cli("", "--json", "cdn", "invalidate", addr+"/a*/")
	var i struct {
		ID    string
		Paths []string
	}
	if err := json.Unmarshal([]byte(out), &i); err != nil {
		t.Fatal(err)
	}
	if seen := string(other.Service("cloudfront", "get-invalidation", "--distribution-id", d.ID, "--id", i.ID)); !strings.Contains(seen, `"/a%2A/*"`) {
		t.Errorf("aws reads %s", seen)
	}
	if out := cli("", "--purge", "s3:/"+bucket+"/b.txt"); !strings.HasPrefix(out, "/b.txt: ") {
		t.Errorf("in the form of duck: %q", out)
	}
	if out := cli("", "--dry-run", "cdn", "set", addr, "--enable"); out != "" || read().Distribution.DistributionConfig.Enabled {
		t.Errorf("a dry run printed %q", out)
	}
}

// cdnControl has the distribution read the bucket as anybody, and with its control again, which stays the same one.
func cdnControl(t *testing.T, other *client.Client, cli func(string, ...string) string, addr string, d distributionForm, read func() theirs) {
	t.Helper()
	control := read().Distribution.DistributionConfig.Origins.Items[0].OriginAccessControlID
	if list := string(other.Service("cloudfront", "list-origin-access-controls")); control == "" || d.Access != control || !strings.Contains(list, control) {
		t.Errorf("aws reads the origin access control %q among %s", control, list)
	}
	cli("", "cdn", "set", addr, "--public")
	if c := read().Distribution.DistributionConfig; c.Origins.Items[0].OriginAccessControlID != "" || !c.Enabled {
		t.Errorf("aws reads %+v when it is to be read as anybody", c)
	}
	cli("", "cdn", "set", addr, "--private") // with the control that is there
	if c := read().Distribution.DistributionConfig; c.Origins.Items[0].OriginAccessControlID != control {
		t.Errorf("aws reads another control: %+v", c)
	}
}
