package main

import (
	"crypto/rand"
	"reflect"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// The TestObjectLockDefault_ tests set what new objects are retained for with one program and read it with the other, both ways.
func TestObjectLockDefault_Versitygw(t *testing.T) { lockDefaultOn(t, servers.SharedVersitygw) }

func TestObjectLockDefault_RGW(t *testing.T) { lockDefaultOn(t, servers.SharedRGW) }

func TestObjectLockDefault_Embedded(t *testing.T) {
	_, acc := besideEmbedded(t)
	lockDefault(t, features.Embedded, "", acc)
}

func lockDefaultOn(t *testing.T, shared func(testing.TB) *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := shared(t)
	lockDefault(t, string(s.Name), s.Version, client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey})
}

func lockDefault(t *testing.T, server, version string, acc client.Account) {
	t.Helper()
	t.Parallel()
	features.Proved(t, "bucket.objectlock", server, version)
	other, cli := client.New(t, acc), runner(t, acc)
	bucket := "lock-" + strings.ToLower(rand.Text()[:12])
	if _, err := other.Try("create-bucket", map[string]any{"Bucket": bucket, "ObjectLockEnabledForBucket": true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cli("", "rb", "--yes", "s3://"+bucket) })
	p := otherProgram{feature: "object-lock", get: "get-object-lock-configuration", put: "put-object-lock-configuration",
		parameter: "ObjectLockConfiguration", printed: "ObjectLockConfiguration"}
	days := `{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"GOVERNANCE","Days":3}}}`
	p.document = days
	p.theirSet(t, other, bucket)
	if got := p.inner(decode(t, cli("", "bucket", "get", bucket, "object-lock"))); !reflect.DeepEqual(got, decode(t, days)) {
		t.Errorf("the other program set %s, this one reads %v", days, got)
	}
	years := `{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Years":2}}}`
	cli(years, "bucket", "set", bucket, "object-lock", "-f", "-")
	if got := p.theirGet(t, other, bucket); !reflect.DeepEqual(got, decode(t, years)) {
		t.Errorf("this program set %s, the other one reads %v", years, got)
	}
	cli("", "bucket", "rm", bucket, "object-lock")
	got := p.theirGet(t, other, bucket)
	if rule, _ := got["Rule"].(map[string]any); len(rule) == 0 {
		delete(got, "Rule") // versitygw leaves one with nothing in it
	}
	if !reflect.DeepEqual(got, map[string]any{"ObjectLockEnabled": "Enabled"}) {
		t.Errorf("without a default the other program reads %v", got)
	}
}
