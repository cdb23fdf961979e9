package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pintail/internal/explain"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// device tells the codes of RGW's device (RFC 6238), each once and in their order.
type device struct{ last int64 }

const codeStep = 30 // seconds

// code is "SERIAL CODE" with a code that was not told yet, of now or as little later as there is.
func (d *device) code(t *testing.T) string {
	t.Helper()
	seed, err := hex.DecodeString(servers.MFASeed)
	if err != nil {
		t.Fatal(err)
	}
	d.last = max(d.last+1, time.Now().Unix()/codeStep)
	m := hmac.New(sha1.New, seed)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(d.last)))
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%s %06d", servers.MFASerial, n%1_000_000)
}

// TestMFADelete_RGW switches MFA delete on with a code, removes a version with another, and is told where one is missing or wrong; the
// independent client reads what holds.
func TestMFADelete_RGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := servers.SharedRGW(t)
	acc := client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
	other, cli := client.New(t, acc), runner(t, acc)
	bucket := other.NewBucket()
	var d device
	refused := func(args ...string) {
		t.Helper()
		sys, _, errOut := testSystem(t)
		env := map[string]string{"AWS_ENDPOINT_URL_S3": acc.Endpoint, "AWS_ACCESS_KEY_ID": acc.AccessKey, "AWS_SECRET_ACCESS_KEY": acc.SecretKey, "AWS_REGION": acc.Region}
		sys.Getenv = func(name string) string { return env[name] }
		if status := run(context.WithoutCancel(t.Context()), sys, args); status != int(explain.ExitRefused) || !strings.Contains(errOut.String(), "code") {
			t.Errorf("%q: status %d: %s", args, status, errOut)
		}
	}
	versioning := func() (v struct{ Status, MFADelete string }) {
		t.Helper()
		raw, err := other.Try("get-bucket-versioning", map[string]any{"Bucket": bucket})
		if err == nil {
			err = json.Unmarshal(raw, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	refused("bucket", "set", bucket, "versioning", "on", "--mfa-delete", "on", "--mfa", servers.MFASerial+" 000000")
	cli("", "bucket", "set", bucket, "versioning", "on", "--mfa-delete", "on", "--mfa", d.code(t))
	if v := versioning(); v.Status != "Enabled" || v.MFADelete != "Enabled" {
		t.Fatalf("the independent client reads %+v", v)
	}
	other.Put(bucket, "key", []byte("content"))
	addr := "s3://" + bucket + "/key"
	version := other.Head(bucket, "key").VersionID
	rm := []string{"versions", "rm", "--yes", addr, "--version", version}
	refused(rm...)
	refused(append(rm, "--mfa", servers.MFASerial+" 000000")...)
	if !other.Exists(bucket, "key") {
		t.Fatal("the version was removed without a code")
	}
	cli("", append(rm, "--mfa", d.code(t))...)
	if other.Exists(bucket, "key") {
		t.Error("the version is still there")
	}
	refused("bucket", "set", bucket, "versioning", "on", "--mfa-delete", "off", "--mfa", "another-device 000000")
	cli("", "bucket", "set", bucket, "versioning", "on", "--mfa-delete", "off", "--mfa", d.code(t))
	if v := versioning(); v.MFADelete != "Disabled" {
		t.Errorf("the independent client reads %+v in the end", v)
	}
	features.Proved(t, "bucket.mfadelete", string(s.Name), s.Version)
}
