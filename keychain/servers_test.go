package keychain_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// manage calls the IAM interface of RGW.
func manage(t *testing.T, s *servers.Server, form url.Values) {
	t.Helper()
	body := []byte(form.Encode())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sum := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: s.AccessKey, SecretAccessKey: s.SecretKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), key, r, hex.EncodeToString(sum[:]), "iam", s.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var text bytes.Buffer
		_, _ = text.ReadFrom(resp.Body)
		t.Fatalf("%s: %d %s", form.Get("Action"), resp.StatusCode, text.String())
	}
}

// TestRGW_AssumesARole takes a role of Ceph's token service through a profile of the AWS files and works with its keys.
func TestRGW_AssumesARole(t *testing.T) {
	cleanEnv(t)
	s := servers.SharedRGW(t)
	name := fmt.Sprintf("pintail%d", time.Now().UnixNano())
	manage(t, s, url.Values{"Action": {"CreateRole"}, "RoleName": {name}, "Path": {"/"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/other"]},"Action":["sts:AssumeRole"]}]}`}})
	manage(t, s, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {name}, "PolicyName": {"all"}, "PolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}]}`}})
	f := files(t, fmt.Sprintf("[profile p]\nrole_arn=arn:aws:iam:::role/%s\nsource_profile=k\nendpoint_url=%s\nregion=%s\nduration_seconds=900\n", name, s.Endpoint, s.Region),
		fmt.Sprintf("[k]\naws_access_key_id=%s\naws_secret_access_key=%s\n", s.OtherAccessKey, s.OtherSecretKey))
	res, _ := secretOf(t, keychain.Request{Item: target(), AWSProfile: "p", Files: f})
	if left := time.Until(res.Expires); res.KeyID == s.OtherAccessKey || left <= 0 || left > 16*time.Minute || !strings.HasSuffix(res.Role, name) {
		t.Fatalf("%+v", res)
	}
	c := s3.New(s3.Options{Region: s.Region, BaseEndpoint: &s.Endpoint, UsePathStyle: true, Credentials: res.Provider})
	bucket := strings.ToLower(name)
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: strings.NewReader("by the role")}); err != nil {
		t.Error(err)
	}
	if out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("k")}); err != nil || *out.ContentLength != 11 {
		t.Error(err)
	} else {
		_ = out.Body.Close()
	}
	features.Proved(t, "login.role", s.Name, s.Version)
}

// TestMoto_KnowsWhoTheKeysAre asks moto's token service, with a code, and then who the keys are. moto takes any code.
func TestMoto_KnowsWhoTheKeysAre(t *testing.T) {
	cleanEnv(t)
	s := servers.SharedMoto(t)
	const device = "arn:aws:iam::123456789012:mfa/me"
	f := files(t, "[profile p]\nrole_arn=arn:aws:iam::123456789012:role/reader\nrole_session_name=me\nsource_profile=k\nmfa_serial="+device+"\nendpoint_url="+s.Endpoint+"\n"+keys, "")
	who := func(p aws.CredentialsProvider) string {
		t.Helper()
		out, err := sts.New(sts.Options{Region: s.Region, BaseEndpoint: &s.Endpoint, Credentials: p}).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Arn
	}
	var why []keychain.CodeReason
	res, _ := secretOf(t, keychain.Request{Item: target(), AWSProfile: "p", Files: f, MFA: answers(&why, "123456")})
	if got := who(res.Provider); got != "arn:aws:sts::123456789012:assumed-role/reader/me" || res.Account != "123456789012" || len(why) != 1 {
		t.Errorf("%s, %+v", got, res)
	}
	features.Proved(t, "login.role", s.Name, s.Version)
	if got := who(credentials.NewStaticCredentialsProvider("K", "S", "")); strings.Contains(got, "assumed-role") {
		t.Errorf("the long-term key is %s", got)
	}
	res, _ = secretOf(t, keychain.Request{Item: target(), Typed: keychain.Typed{KeyID: "K", Secret: keychain.NewSecret("S")}, MFA: answers(&why, "654321"),
		Assume: &keychain.Assume{MFASerial: device, STSEndpoint: s.Endpoint}})
	if got := who(res.Provider); got == "" || res.KeyID == "K" || res.Expires.IsZero() {
		t.Errorf("%s, %+v", got, res)
	}
	features.Proved(t, "login.session", s.Name, s.Version)

	token := t.TempDir() + "/token"
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	f = files(t, "[profile w]\nrole_arn=arn:aws:iam::123456789012:role/web\nrole_session_name=me\nweb_identity_token_file="+token+"\nendpoint_url="+s.Endpoint+"\n", "")
	res, _ = secretOf(t, keychain.Request{Item: target(), AWSProfile: "w", Files: f})
	if got := who(res.Provider); got != "arn:aws:sts::123456789012:assumed-role/web/me" {
		t.Errorf("%s, %+v", got, res)
	}
	features.Proved(t, "login.webidentity", s.Name, s.Version)
}
