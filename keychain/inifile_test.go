package keychain_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pintail/keychain"
)

const awsConfig = `[default]
region = us-west-2
output = json

[profile work]
region = eu-west-1
endpoint_url = http://general.example
ca_bundle = /etc/ca.pem
services = mine
s3 =
  addressing_style = path
  use_accelerate_endpoint = true
  max_concurrent_requests = 20
# comment
[profile role]
role_arn = arn:aws:iam::1:role/r
source_profile = work
mfa_serial = arn:aws:iam::1:mfa/me
[profile role.child]
output = text
[profile sso]
sso_session = corp
sso_account_id = 1
sso_role_name = r
[sso-session corp]
sso_start_url = https://corp.example
[profile proc]
credential_process = /bin/true
[profile web]
role_arn = arn:aws:iam::1:role/w
web_identity_token_file = /tmp/t
[profile login]
login_session = arn:aws:iam::1:user/u
[not a profile]
aws_access_key_id = X
aws_secret_access_key = Y
[services mine]
s3 =
  endpoint_url = http://s3.example
dynamodb =
  endpoint_url = http://other.example
`

func TestListAWSProfiles_TellsTheKinds(t *testing.T) {
	t.Parallel()
	f := files(t, awsConfig, "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = secret#1\n[only here]\naws_access_key_id=AKIAONLY\naws_secret_access_key=x\nbroken line\n")
	list, err := keychain.ListAWSProfiles(f)
	if err != nil {
		t.Fatal(err)
	}
	want := []keychain.AWSProfile{
		{Name: "default", Kind: keychain.ProfileNone, File: f.Config, Region: "us-west-2"},
		{Name: "work", Kind: keychain.ProfileStatic, KeyID: "AKIAWORK", File: f.Credentials, Region: "eu-west-1", Endpoint: "http://s3.example"},
		{Name: "role", Kind: keychain.ProfileRole, File: f.Config, RoleARN: "arn:aws:iam::1:role/r", SourceProfile: "work", MFASerial: "arn:aws:iam::1:mfa/me", NeedsMFA: true},
		{Name: "role.child", Kind: keychain.ProfileNone, File: f.Config},
		{Name: "sso", Kind: keychain.ProfileSSO, File: f.Config, StartURL: "https://corp.example", Account: "1", RoleName: "r"},
		{Name: "proc", Kind: keychain.ProfileProcess, File: f.Config},
		{Name: "web", Kind: keychain.ProfileWebIdentity, File: f.Config, RoleARN: "arn:aws:iam::1:role/w"},
		{Name: "login", Kind: keychain.ProfileLogin, File: f.Config},
		{Name: "only here", Kind: keychain.ProfileStatic, KeyID: "AKIAONLY", File: f.Credentials},
	}
	if len(list) != len(want) {
		t.Fatalf("%d profiles: %+v", len(list), list)
	}
	for i := range want {
		if list[i] != want[i] {
			t.Errorf("\n got %+v\nwant %+v", list[i], want[i])
		}
	}
	for user, want := range map[string]string{"": "default", "work": "work", "AKIAONLY": "only here"} {
		if p, ok := keychain.MatchAWSProfile(list, user); !ok || p.Name != want {
			t.Errorf("%q: %q %v", user, p.Name, ok)
		}
	}
	if _, ok := keychain.MatchAWSProfile(list, "nobody"); ok {
		t.Error("matched nobody")
	}
}

func TestReadAWSConfig_ReadsTheNestedBlocks(t *testing.T) {
	t.Parallel()
	f := files(t, awsConfig, "")
	got, err := keychain.ReadAWSConfig(f, "work")
	want := keychain.AWSConfig{Region: "eu-west-1", EndpointURL: "http://general.example", S3EndpointURL: "http://s3.example",
		CABundle: "/etc/ca.pem", AddressingStyle: "path", UseAccelerate: true}
	if err != nil || got != want || got.Endpoint() != "http://s3.example" {
		t.Errorf("\n got %+v %v\nwant %+v", got, err, want)
	}
	if c, err := keychain.ReadAWSConfig(f, ""); err != nil || c.Region != "us-west-2" || c.Endpoint() != "" {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := keychain.ReadAWSConfig(f, "nobody"); !errors.Is(err, keychain.ErrNoProfile) {
		t.Errorf("%v", err)
	}
	if c, err := keychain.ReadAWSConfig(keychain.AWSFiles{Config: filepath.Join(t.TempDir(), "none")}, "default"); err != nil || c != (keychain.AWSConfig{}) {
		t.Errorf("%+v %v", c, err)
	}
}

func TestListAWSProfiles_RefusesWithoutQuotingTheFile(t *testing.T) {
	t.Parallel()
	f := files(t, "", strings.Repeat("#", 2<<20))
	if _, err := keychain.ListAWSProfiles(f); !errors.Is(err, keychain.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	f = files(t, "", "[unclosed "+canary+"\naws_secret_access_key = "+canary)
	if _, err := keychain.ListAWSProfiles(f); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
}

func TestAWSFilesFrom_EnvironmentThenHome(t *testing.T) {
	t.Parallel()
	f := keychain.AWSFilesFrom(env(map[string]string{"AWS_CONFIG_FILE": "/x/c"}), "/home/u")
	if f.Config != "/x/c" || f.Credentials != filepath.Join("/home/u", ".aws", "credentials") {
		t.Errorf("%+v", f)
	}
}
