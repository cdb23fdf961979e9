package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// objectRow is something that an object has: how this program sets it and another reads it, and the other way round. ADDR, FILE, KEY
// and OWNER stand for the object, a file, the server's key and the account. Of answers only what is named is compared; a text that begins with "~" is what the
// answer's text contains.
type objectRow struct {
	what, proves string
	on           string     // the servers that have it, besides the embedded one
	ours         [][]string // commands
	reads        string     // operations of the other program, with a space between, and what their answers together have
	has          map[string]any
	before       [][]string // commands before the other program's
	theirs       string
	input        map[string]any
	stat         map[string]any // what this program then says
}

const objectContent = "content"

func objectRows() []objectRow {
	type m = map[string]any
	sum := sha256.Sum256([]byte(objectContent))
	sha := base64.StdEncoding.EncodeToString(sum[:])
	put := [][]string{{"cp", "FILE", "ADDR"}}
	change := func(args ...string) [][]string { return append(slices.Clone(put), args) }
	const all = "versitygw rgw minio moto"
	everyone, known := "http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	return []objectRow{
		{"headers", "object.metadata", all, change("meta", "set", "ADDR", "Content-Type=text/x-one", "Cache-Control=no-cache", "Content-Disposition=inline", "Content-Encoding=gzip", "Content-Language=de", "Expires=Fri, 21 Dec 2029 00:00:00 GMT"),
			"head-object", m{"ContentType": "text/x-one", "CacheControl": "no-cache", "ContentDisposition": "inline", "ContentEncoding": "gzip", "ContentLanguage": "de", "Expires": "~2029"}, nil,
			"put-object", m{"ContentType": "text/x-two", "CacheControl": "max-age=9", "ContentDisposition": "attachment", "ContentEncoding": "br", "ContentLanguage": "fr", "Expires": "2029-12-21T00:00:00Z"},
			m{"headers": m{"Content-Type": "text/x-two", "Cache-Control": "max-age=9", "Content-Disposition": "attachment", "Content-Encoding": "br", "Content-Language": "fr", "Expires": "Fri, 21 Dec 2029 00:00:00 GMT"}}},
		{"redirect of a website", "object.metadata", "versitygw rgw moto", change("meta", "set", "ADDR", "x-amz-website-redirect-location=/one"), "head-object", m{"WebsiteRedirectLocation": "/one"}, nil,
			"put-object", m{"WebsiteRedirectLocation": "/two"}, m{"headers": m{"x-amz-website-redirect-location": "/two"}}},
		{"metadata", "object.metadata", all, change("meta", "set", "ADDR", "one=a b"), "head-object", m{"Metadata": m{"one": "a b"}}, nil,
			"put-object", m{"Metadata": m{"two": "c=d"}}, m{"metadata": m{"two": "c=d"}}},
		{"tags", "object.tags", all, change("tag", "set", "ADDR", "one=a b"), "get-object-tagging", m{"TagSet": []any{m{"Key": "one", "Value": "a b"}}}, put,
			"put-object-tagging", m{"Tagging": m{"TagSet": []any{m{"Key": "two", "Value": "c"}}}}, m{"tags": m{"two": "c"}}},
		{"class", "object.class", "rgw moto", change("class", "ADDR", "STANDARD_IA"), "head-object", m{"StorageClass": "STANDARD_IA"}, nil,
			"put-object", m{"StorageClass": "GLACIER"}, m{"class": "GLACIER"}},
		{"checksum", "checksum.sha256", "versitygw minio", [][]string{{"cp", "--checksum", "sha256", "FILE", "ADDR"}}, "head-object", m{"ChecksumSHA256": sha}, nil,
			"put-object", m{"ChecksumAlgorithm": "SHA256"}, m{"checksums": m{"sha256": sha}}},
		{"upload with SSE-S3", "object.sse", "minio moto", [][]string{{"cp", "--sse", "AES256", "FILE", "ADDR"}}, "head-object", m{"ServerSideEncryption": "AES256"}, nil,
			"put-object", m{"ServerSideEncryption": "AES256"}, m{"encryption": m{"type": "AES256"}}},
		{"SSE-S3", "object.sse", "minio moto", change("encrypt", "ADDR", "AES256"), "head-object", m{"ServerSideEncryption": "AES256"}, put,
			"copy-object", m{"CopySource": "SOURCE", "MetadataDirective": "REPLACE", "ServerSideEncryption": "AES256"}, m{"encryption": m{"type": "AES256"}}},
		{"upload with SSE-KMS", "object.kms", "rgw minio moto", [][]string{{"cp", "--sse", "aws:kms:KEY", "FILE", "ADDR"}}, "head-object", m{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "~KEY"}, nil,
			"put-object", m{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "KEY"}, m{"encryption": m{"type": "aws:kms", "key": "~KEY"}}},
		{"SSE-KMS", "object.kms", "minio moto", change("encrypt", "ADDR", "aws:kms:KEY"), "head-object", m{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "~KEY"}, put,
			"copy-object", m{"CopySource": "SOURCE", "MetadataDirective": "REPLACE", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "KEY"}, m{"encryption": m{"type": "aws:kms", "key": "~KEY"}}},
		{"SSE-KMS with a bucket key", "object.kms", "moto", change("encrypt", "--bucket-key", "ADDR", "aws:kms:KEY"), "head-object", m{"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": true}, nil,
			"put-object", m{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "KEY", "BucketKeyEnabled": true}, m{"encryption": m{"type": "aws:kms"}}},
		{"DSSE-KMS", "object.kms", "", change("encrypt", "ADDR", "aws:kms:dsse:KEY"), "head-object", m{"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "~KEY"}, nil,
			"put-object", m{"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "KEY"}, m{"encryption": m{"type": "aws:kms:dsse", "key": "~KEY"}}},
		{"canned access list", "acl.canned", "rgw moto", change("acl", "set", "ADDR", "public-read"), "get-object-acl", m{"Grants": []any{m{"Grantee": m{"URI": everyone}, "Permission": "READ"}}}, put,
			"put-object-acl", m{"ACL": "authenticated-read"}, m{"acl": []any{m{"grantee": "authenticated", "permission": "READ"}}}},
		{"grants", "acl.object", "rgw", change("acl", "grant", "ADDR", "authenticated:READ_ACP", "everyone:READ"),
			"get-object-acl", m{"Grants": []any{m{"Grantee": m{"URI": known}, "Permission": "READ_ACP"}, m{"Grantee": m{"URI": everyone}, "Permission": "READ"}}}, put,
			"put-object-acl", m{"GrantFullControl": "id=OWNER", "GrantReadACP": "uri=" + everyone, "GrantWriteACP": "uri=" + known}, m{"acl": []any{m{"grantee": "everyone", "permission": "READ_ACP"}, m{"grantee": "authenticated", "permission": "WRITE_ACP"}}}},
		{"retention", "object.lock", "versitygw rgw minio", change("lock", "--mode", "governance", "--until", "2090-01-01T00:00:00Z", "ADDR"), "get-object-retention", m{"Retention": m{"Mode": "GOVERNANCE", "RetainUntilDate": "~2090-01-01T00:00:00"}}, put,
			"put-object-retention", m{"Retention": m{"Mode": "GOVERNANCE", "RetainUntilDate": "2091-01-01T00:00:00Z"}}, m{"lock": m{"mode": "GOVERNANCE", "until": "2091-01-01T00:00:00Z"}}},
		{"legal hold", "object.lock", "versitygw rgw minio", change("lock", "--hold", "on", "ADDR"), "get-object-legal-hold", m{"LegalHold": m{"Status": "ON"}}, put,
			"put-object-legal-hold", m{"LegalHold": m{"Status": "ON"}}, m{"lock": m{"hold": true}}},
		{"restore", "object.restore", "moto", [][]string{{"cp", "--storage-class", "GLACIER", "FILE", "ADDR"}, {"restore", "--days", "3", "ADDR"}}, "head-object", m{"StorageClass": "GLACIER", "Restore": "~ongoing-request="},
			[][]string{{"cp", "--storage-class", "GLACIER", "FILE", "ADDR"}}, "restore-object", m{"RestoreRequest": m{"Days": 3, "GlacierJobParameters": m{"Tier": "Standard"}}}, m{"class": "GLACIER", "restore": m{}}},
	}
}

// The TestObject_ tests set all that an object can have with this program and read it with another, then the other way round.
func TestObject_EmbeddedReadByAnotherProgram(t *testing.T) {
	d, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	objectBothWays(t, features.Embedded, "", "key-1", client.Account{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()})
}

func TestObject_VersitygwReadByAnotherProgram(t *testing.T) {
	objectOnServer(t, servers.SharedVersitygw, "")
}

func TestObject_RGWReadByAnotherProgram(t *testing.T) {
	objectOnServer(t, servers.SharedRGW, "testkey-1")
}

func TestObject_MinIOReadByAnotherProgram(t *testing.T) {
	objectOnServer(t, servers.SharedMinIO, servers.MinIOKey)
}

func TestObject_MotoReadByAnotherProgram(t *testing.T) {
	objectOnServer(t, servers.SharedMoto, "11111111-2222-3333-4444-555555555555")
}

func objectOnServer(t *testing.T, shared func(testing.TB) *servers.Server, key string) {
	t.Helper()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := shared(t)
	objectBothWays(t, s.Name, s.Version, key, account(s))
}

func objectBothWays(t *testing.T, server, version, key string, acc client.Account) {
	t.Helper()
	t.Parallel()
	other, cli := client.New(t, acc), runner(t, acc)
	prove(t, server, version, "cli.edit", "cli.stat")
	plain, locked := other.NewBucket(), "t-"+strings.ToLower(rand.Text())[:16]
	t.Cleanup(func() { cli("", "rb", "--yes", "--force", "s3://"+plain) })
	cli("", "mb", "--object-lock", "s3://"+locked) // stays: what it holds is locked
	var account struct{ Owner struct{ ID string } }
	if err := json.Unmarshal(other.Must("list-buckets", nil), &account); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(objectContent), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, r := range objectRows() {
		if server != features.Embedded && !slices.Contains(strings.Fields(r.on), server) {
			continue
		}
		features.Proved(t, r.proves, server, version)
		bucket := plain
		if r.proves == "object.lock" {
			bucket = locked
		}
		say := func(name string) (cmd func([]string), fill func(v any) any) {
			is := strings.NewReplacer("ADDR", "s3://"+bucket+"/"+name, "FILE", file, "KEY", key, "OWNER", account.Owner.ID, "SOURCE", bucket+"/"+name)
			return func(args []string) {
					for i := range args {
						args[i] = is.Replace(args[i])
					}
					cli("", args...)
				}, func(v any) any {
					var out any
					b, _ := json.Marshal(v) // made of texts, numbers and truth values
					_ = json.Unmarshal([]byte(is.Replace(string(b))), &out)
					return out
				}
		}
		name := fmt.Sprint(i)
		cmd, fill := say("ours" + name)
		for _, args := range r.ours {
			cmd(slices.Clone(args))
		}
		in := map[string]any{"Bucket": bucket, "Key": "ours" + name}
		if r.proves == "checksum.sha256" {
			in["ChecksumMode"] = "ENABLED"
		}
		if got := decode(t, string(other.Must(r.reads, in))); !within(fill(r.has), got) {
			t.Errorf("%s: this program set %v, the other one reads %v", r.what, fill(r.has), got)
		}
		cmd, fill = say("theirs" + name)
		for _, args := range r.before {
			cmd(slices.Clone(args))
		}
		in = fill(r.input).(map[string]any)
		maps.Copy(in, map[string]any{"Bucket": bucket, "Key": "theirs" + name})
		if r.theirs == "put-object" {
			other.Must(r.theirs, in, "--body", file)
		} else {
			other.Must(r.theirs, in)
		}
		if got := decode(t, cli("", "stat", "--json", "s3://"+bucket+"/theirs"+name)); !within(fill(r.stat), got) {
			t.Errorf("%s: the other program set %v, this one reads %v", r.what, fill(r.stat), got)
		}
	}
}

// within tells whether got has all of want: members, elements in any order, and texts, of which those with a "~" need only be in it.
func within(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, w := range want {
			ok = ok && within(w, g[name])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		for _, w := range want {
			ok = ok && slices.ContainsFunc(g, func(v any) bool { return within(w, v) })
		}
		return ok
	case string:
		g, ok := got.(string)
		part, some := strings.CutPrefix(want, "~")
		return ok && (g == want || some && strings.Contains(g, part))
	}
	return want == got
}
