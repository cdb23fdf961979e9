package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pintail/internal/explain"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
)

// The TestAccessPoints_ tests list what the independent client lists.
func TestAccessPoints_Moto(t *testing.T) {
	server, version, acc := besideMoto(t)
	other := client.New(t, acc)
	bucket, elsewhere := other.NewBucket(), other.NewBucket()
	for i, to := range []string{bucket, bucket, elsewhere} {
		args := []string{"--name", fmt.Sprintf("p%d-%s", i, bucket), "--bucket", to}
		if i == 1 {
			args = append(args, "--vpc-configuration", "VpcId=vpc-12345678")
		}
		other.Control("123456789012", "us-east-1", "create-access-point", args...)
	}
	features.Proved(t, "bucket.accesspoints", server, version)
	samePoints(t, acc, bucket)
}

func TestAccessPoints_Embedded(t *testing.T) {
	s, acc := besideEmbedded(t)
	for _, name := range []string{"mine", "elsewhere", "empty"} {
		if err := s.AddBucket(name, time.Now(), false); err != nil {
			t.Fatal(err)
		}
		if name != "empty" {
			s.AddAccessPoint("of-"+name, name, "")
		}
	}
	s.AddAccessPoint("another", "mine", "vpc-12345678")
	features.Proved(t, "bucket.accesspoints", features.Embedded, "")
	samePoints(t, acc, "mine")
	if out := runner(t, acc)("", "bucket", "get", "empty", "access-points"); !strings.Contains(out, `"AccessPointList": []`) {
		t.Errorf("a bucket without any has %s", out)
	}
}

// samePoints holds the two that both programs read against each other.
func samePoints(t *testing.T, acc client.Account, bucket string) {
	t.Helper()
	ours := decode(t, runner(t, acc)("", "bucket", "get", bucket, "access-points"))
	theirs := decode(t, string(client.New(t, acc).Control("123456789012", "us-east-1", "list-access-points", "--bucket", bucket)))
	points := theirs["AccessPointList"].([]any)
	for _, p := range points {
		delete(p.(map[string]any), "BucketAccountId") // which is always ours
	}
	if len(points) != 2 || !reflect.DeepEqual(ours, theirs) {
		t.Errorf("this program reads %v, the other one %v", ours, theirs)
	}
}

// Access points are listed, and neither made nor removed.
func TestAccessPoints_AreNotSet(t *testing.T) {
	for _, args := range [][]string{{"bucket", "set", "b", "access-points", "on"}, {"bucket", "rm", "b", "access-points"}} {
		sys, _, errOut := testSystem(t)
		if status := run(t.Context(), sys, args); status != int(explain.ExitUsage) || !strings.Contains(errOut.String(), "only be listed") {
			t.Errorf("%q: status %d, %s", args, status, errOut)
		}
	}
}
