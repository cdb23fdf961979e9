package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// otherProgram is a setting as the independent client names it: operations, the parameter of the document, and a document.
type otherProgram struct {
	feature, proves string
	get, put        string
	parameter       string
	document        string // as put takes it
	printed         string // the member of get's answer that holds it; "" = the answer itself
	on              string // the servers that have it, besides the embedded one
}

// bucketPrograms are all settings. moto takes analytics, metrics, tiering and requester pays for questions
// about the bucket itself, and answers a policy with a body.
func bucketPrograms() []otherProgram {
	return []otherProgram{
		{"versioning", "bucket.versioning", "get-bucket-versioning", "put-bucket-versioning", "VersioningConfiguration", `{"Status":"Enabled"}`, "", "versitygw rgw moto minio"},
		{"cors", "bucket.cors", "get-bucket-cors", "put-bucket-cors", "CORSConfiguration",
			`{"CORSRules":[{"ID":"a","AllowedHeaders":["*"],"AllowedMethods":["GET","PUT"],"AllowedOrigins":["https://a.example"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":60}]}`, "", "versitygw rgw moto"},
		{"website", "bucket.website", "get-bucket-website", "put-bucket-website", "WebsiteConfiguration",
			`{"IndexDocument":{"Suffix":"i.html"},"ErrorDocument":{"Key":"e.html"},"RoutingRules":[{"Condition":{"KeyPrefixEquals":"a/"},"Redirect":{"ReplaceKeyPrefixWith":"b/"}}]}`, "", "versitygw rgw moto"},
		{"tags", "bucket.tags", "get-bucket-tagging", "put-bucket-tagging", "Tagging", `{"TagSet":[{"Key":"a","Value":"b c"}]}`, "", "versitygw rgw moto minio"},
		{"policy", "bucket.policy", "get-bucket-policy", "put-bucket-policy", "Policy",
			`{"Version":"2012-10-17","Statement":[{"Sid":"read","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::BUCKET/*"]}]}`, "Policy", "versitygw rgw minio"},
		{"lifecycle", "bucket.lifecycle", "get-bucket-lifecycle-configuration", "put-bucket-lifecycle-configuration", "LifecycleConfiguration",
			`{"Rules":[{"ID":"a","Filter":{"Prefix":"p/"},"Status":"Enabled","Expiration":{"Days":40}}]}`, "", "rgw moto minio"},
		{"public-access", "bucket.publicaccess", "get-public-access-block", "put-public-access-block", "PublicAccessBlockConfiguration",
			`{"BlockPublicAcls":true,"IgnorePublicAcls":false,"BlockPublicPolicy":true,"RestrictPublicBuckets":false}`, "PublicAccessBlockConfiguration", "rgw moto"},
		{"ownership", "bucket.ownership", "get-bucket-ownership-controls", "put-bucket-ownership-controls", "OwnershipControls",
			`{"Rules":[{"ObjectOwnership":"BucketOwnerPreferred"}]}`, "OwnershipControls", "versitygw moto"},
		{"requester-pays", "bucket.requesterpays", "get-bucket-request-payment", "put-bucket-request-payment", "RequestPaymentConfiguration", `{"Payer":"Requester"}`, "", "rgw"},
		{"accelerate", "bucket.accelerate", "get-bucket-accelerate-configuration", "put-bucket-accelerate-configuration", "AccelerateConfiguration", `{"Status":"Enabled"}`, "", "moto"},
		{"encryption", "bucket.encryption", "get-bucket-encryption", "put-bucket-encryption", "ServerSideEncryptionConfiguration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"},"BucketKeyEnabled":true}]}`, "ServerSideEncryptionConfiguration", "moto"},
		{"logging", "bucket.logging", "get-bucket-logging", "put-bucket-logging", "BucketLoggingStatus",
			`{"LoggingEnabled":{"TargetBucket":"BUCKET","TargetPrefix":"logs/","TargetGrants":[{"Grantee":{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},"Permission":"READ"}]}}`, "", "moto"},
		{"notification", "bucket.notification", "get-bucket-notification-configuration", "put-bucket-notification-configuration", "NotificationConfiguration",
			`{"QueueConfigurations":[{"Id":"q","QueueArn":"arn:aws:sqs:us-east-1:1:q","Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"in/"}]}}}],"LambdaFunctionConfigurations":[{"Id":"f","LambdaFunctionArn":"arn:aws:lambda:us-east-1:1:function:f","Events":["s3:ObjectRemoved:*"]}]}`, "", "moto"},
		{"replication", "bucket.replication", "get-bucket-replication", "put-bucket-replication", "ReplicationConfiguration",
			`{"Role":"arn:aws:iam::1:role/r","Rules":[{"ID":"a","Priority":1,"Filter":{"Prefix":""},"Status":"Enabled","Destination":{"Bucket":"arn:aws:s3:::other"},"DeleteMarkerReplication":{"Status":"Disabled"}}]}`, "ReplicationConfiguration", "moto"},
		{"inventory", "bucket.inventory", "get-bucket-inventory-configuration", "put-bucket-inventory-configuration", "InventoryConfiguration",
			`{"Id":"all","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::b","Format":"CSV"}},"IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Daily"}}`, "InventoryConfiguration", "moto"},
		{"analytics", "bucket.analytics", "get-bucket-analytics-configuration", "put-bucket-analytics-configuration", "AnalyticsConfiguration",
			`{"Id":"all","Filter":{"Prefix":"p/"},"StorageClassAnalysis":{}}`, "AnalyticsConfiguration", ""},
		{"metrics", "bucket.metrics", "get-bucket-metrics-configuration", "put-bucket-metrics-configuration", "MetricsConfiguration",
			`{"Id":"all","Filter":{"And":{"Prefix":"p/","Tags":[{"Key":"k","Value":"v"}]}}}`, "MetricsConfiguration", ""},
		{"intelligent-tiering", "bucket.tiering", "get-bucket-intelligent-tiering-configuration", "put-bucket-intelligent-tiering-configuration", "IntelligentTieringConfiguration",
			`{"Id":"all","Status":"Enabled","Tierings":[{"Days":90,"AccessTier":"ARCHIVE_ACCESS"}]}`, "IntelligentTieringConfiguration", ""},
	}
}

// The TestBucket_ tests set each setting with another program and read it with this one, then the other way round.
func TestBucket_EmbeddedReadByAnotherProgram(t *testing.T) {
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	bucketBothWays(t, features.Embedded, "", client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()})
}

func TestBucket_VersitygwReadByAnotherProgram(t *testing.T) {
	bucketOnServer(t, servers.SharedVersitygw)
}

// What no server has that a machine must have is shown on moto, where there is one.
func TestBucket_MotoReadByAnotherProgram(t *testing.T) { bucketOnServer(t, servers.SharedMoto) }

func TestBucket_MinIOReadByAnotherProgram(t *testing.T) { bucketOnServer(t, servers.SharedMinIO) }

func TestBucket_RGWReadByAnotherProgram(t *testing.T) { bucketOnServer(t, servers.SharedRGW) }

func bucketOnServer(t *testing.T, shared func(testing.TB) *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := shared(t)
	bucketBothWays(t, s.Name, s.Version, account(s))
}

func account(s *servers.Server) client.Account {
	return client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
}

func bucketBothWays(t *testing.T, server, version string, acc client.Account) {
	t.Helper()
	t.Parallel()
	other, cli := client.New(t, acc), runner(t, acc)
	prove(t, server, version, "cli.bucket")
	bucket := "both-" + strings.ToLower(rand.Text()[:12])
	cli("", "mb", "s3://"+bucket)
	if server == servers.KindMoto { // it looks whether the service may write its logs, and then fills the bucket with them
		other.Must("put-bucket-acl", map[string]any{"Bucket": bucket, "ACL": "log-delivery-write"})
	} else {
		t.Cleanup(func() { cli("", "rb", "--yes", "s3://"+bucket) })
	}
	where := []string{cli("", "bucket", "get", bucket, "location"), string(other.Must("get-bucket-location", map[string]any{"Bucket": bucket}))}
	if !reflect.DeepEqual(decode(t, where[0]), decode(t, where[1])) {
		t.Errorf("location: %q", where)
	}
	for _, p := range bucketPrograms() {
		if server == features.Embedded || slices.Contains(strings.Fields(p.on), server) {
			p.document = strings.ReplaceAll(p.document, "BUCKET", bucket)
			features.Proved(t, p.proves, server, version)
			p.bothWays(t, other, cli, bucket, server)
		}
	}
}

// bothWays sets with one program and reads with the other.
func (p otherProgram) bothWays(t *testing.T, other *client.Client, cli func(stdin string, args ...string) string, bucket, server string) {
	t.Helper()
	p.theirSet(t, other, bucket)
	want := decode(t, p.document)
	get, rm := []string{"bucket", "get", bucket, p.feature}, []string{"bucket", "rm", bucket, p.feature}
	if want["Id"] != nil {
		get, rm = append(get, "--id", "all"), append(rm, "--id", "all")
	}
	if got := p.inner(decode(t, cli("", get...))); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the other program set %v, this one reads %v", p.feature, want, got)
	}
	switch {
	case p.feature == "versioning":
		cli("", "bucket", "set", bucket, "versioning", "off")
	case server == servers.KindMinIO && p.feature == "replication", server == servers.KindMoto && want["Id"] != nil:
		// MinIO would forget the target, and moto would take the removal for the bucket's.
		p.document = strings.NewReplacer(`"ID":"a"`, `"ID":"b"`, "Daily", "Weekly").Replace(p.document)
	default:
		cli("", rm...)
	}
	want = decode(t, p.document)
	cli(p.document, "bucket", "set", bucket, p.feature, "-f", "-")
	if got := p.theirGet(t, other, bucket); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: this program set %v, the other one reads %v", p.feature, want, got)
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// inner is the document in an answer, without what only one of the programs writes.
func (p otherProgram) inner(v map[string]any) map[string]any {
	switch in := v[p.printed].(type) {
	case map[string]any:
		v = in
	case string: // a policy, which is a document in a text
		v = nil
		_ = json.Unmarshal([]byte(in), &v)
	}
	delete(v, "TransitionDefaultMinimumObjectSize")
	if v["MFADelete"] == "Disabled" { // RGW says so without being asked
		delete(v, "MFADelete")
	}
	return asked(v).(map[string]any)
}

// asked leaves out members that moto and MinIO add.
func asked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(name string, in any) bool {
			asked(in)
			return in == "" && (name == "ID" || name == "DisplayName") || name == "DeleteReplication"
		})
	case []any:
		for _, in := range v {
			asked(in)
		}
	}
	return v
}

func (p otherProgram) input(bucket string) map[string]any {
	in := map[string]any{"Bucket": bucket}
	if strings.Contains(p.document, `"Id":"all"`) {
		in["Id"] = "all"
	}
	return in
}

func (p otherProgram) theirSet(t *testing.T, c *client.Client, bucket string) {
	t.Helper()
	in := p.input(bucket)
	in[p.parameter] = decode(t, p.document)
	if p.feature == "policy" {
		in[p.parameter] = p.document
	}
	if _, err := c.Try(p.put, in); err != nil {
		t.Fatalf("%s: %v", p.feature, err)
	}
}

func (p otherProgram) theirGet(t *testing.T, c *client.Client, bucket string) map[string]any {
	t.Helper()
	b, err := c.Try(p.get, p.input(bucket))
	if err != nil {
		t.Fatalf("%s: %v", p.feature, err)
	}
	return p.inner(decode(t, string(b)))
}
