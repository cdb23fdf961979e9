package main

import (
	"encoding/json"
	"strings"
	"testing"

	"pintail/internal/explain"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
)

// The TestEncryptKeys_ tests list keys that the independent client made, and encrypt with one by its alias, which that client reads.
func TestEncryptKeys_Moto(t *testing.T) {
	server, version, acc := besideMoto(t)
	keysBothWays(t, server, version, acc)
}

func TestEncryptKeys_Embedded(t *testing.T) {
	_, acc := besideEmbedded(t)
	keysBothWays(t, features.Embedded, "", acc)
}

func keysBothWays(t *testing.T, server, version string, acc client.Account) {
	t.Helper()
	other, cli := client.New(t, acc), runner(t, acc)
	bucket := other.NewBucket()
	made := func(alias string) string {
		var out struct{ KeyMetadata struct{ KeyId string } }
		if err := json.Unmarshal(other.Service("kms", "create-key"), &out); err != nil {
			t.Fatal(err)
		}
		if alias != "" {
			other.Service("kms", "create-alias", "--alias-name", alias, "--target-key-id", out.KeyMetadata.KeyId)
		}
		return out.KeyMetadata.KeyId
	}
	alias := "alias/" + bucket
	named, plain := made(alias), made("")
	list := cli("", "encrypt", "--keys", "s3://"+bucket)
	if !strings.Contains(list, named+"  "+alias+"\n") || !strings.Contains(list, plain+"  \n") || strings.Index(list, named) > strings.Index(list, plain) {
		t.Errorf("the list is\n%s", list)
	}
	if strings.Contains(list, "alias/aws/ebs") {
		t.Errorf("keys of other services are listed:\n%s", list)
	}
	var one keyForm
	if err := json.Unmarshal([]byte(strings.SplitN(cli("", "--json", "encrypt", "--keys", "s3://"+bucket), "\n", 2)[0]), &one); err != nil || !strings.HasSuffix(one.ARN, "/"+one.ID) {
		t.Errorf("as JSON: %+v, %v", one, err)
	}
	other.Put(bucket, "key", []byte("content"))
	cli("", "encrypt", "s3://"+bucket+"/key", "aws:kms", "--key", alias)
	var head struct{ ServerSideEncryption, SSEKMSKeyId string }
	raw, err := other.Try("head-object", map[string]any{"Bucket": bucket, "Key": "key"})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.ServerSideEncryption != "aws:kms" || !strings.Contains(head.SSEKMSKeyId, alias) && !strings.Contains(head.SSEKMSKeyId, named) {
		t.Errorf("the independent client reads %+v, %v", head, err)
	}
	features.Proved(t, "cli.kmskeys", server, version)
}

// A key goes with encryption by KMS alone, and is named once.
func TestEncryptKeys_Refused(t *testing.T) {
	for _, args := range [][]string{{"encrypt", "s3://b/k", "AES256", "--key", "alias/x"}, {"encrypt", "s3://b/k", "aws:kms:one", "--key", "two"},
		{"encrypt", "s3://b/k"}, {"encrypt", "--keys", "s3://b", "AES256"}} {
		sys, _, errOut := testSystem(t)
		if status := run(t.Context(), sys, args); status != int(explain.ExitUsage) {
			t.Errorf("%q: status %d, %s", args, status, errOut)
		}
	}
}
