package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"reflect"
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
	missing         map[string]bool
}

func bucketPrograms() []otherProgram {
	const rgw, gw = string(servers.KindRGW), string(servers.KindVersitygw)
	none := map[string]bool{rgw: true, gw: true}
	embedded := map[string]bool{rgw: true, gw: true, string(servers.KindMoto): true} // moto has them not, answers with other documents than S3, or takes the removal for the bucket's
	return []otherProgram{
		{"versioning", "bucket.versioning", "get-bucket-versioning", "put-bucket-versioning", "VersioningConfiguration", `{"Status":"Enabled"}`, "", nil},
		{"cors", "bucket.cors", "get-bucket-cors", "put-bucket-cors", "CORSConfiguration",
			`{"CORSRules":[{"ID":"a","AllowedHeaders":["*"],"AllowedMethods":["GET","PUT"],"AllowedOrigins":["https://a.example"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":60}]}`, "", nil},
		{"website", "bucket.website", "get-bucket-website", "put-bucket-website", "WebsiteConfiguration",
			`{"IndexDocument":{"Suffix":"i.html"},"ErrorDocument":{"Key":"e.html"},"RoutingRules":[{"Condition":{"KeyPrefixEquals":"a/"},"Redirect":{"ReplaceKeyPrefixWith":"b/"}}]}`, "", nil},
		{"tags", "bucket.tags", "get-bucket-tagging", "put-bucket-tagging", "Tagging", `{"TagSet":[{"Key":"a","Value":"b c"}]}`, "", nil},
		{"lifecycle", "bucket.lifecycle", "get-bucket-lifecycle-configuration", "put-bucket-lifecycle-configuration", "LifecycleConfiguration",
			`{"Rules":[{"ID":"a","Filter":{"Prefix":"p/"},"Status":"Enabled","Expiration":{"Days":40}}]}`, "", map[string]bool{gw: true}},
		{"public-access", "bucket.publicaccess", "get-public-access-block", "put-public-access-block", "PublicAccessBlockConfiguration",
			`{"BlockPublicAcls":true,"IgnorePublicAcls":false,"BlockPublicPolicy":true,"RestrictPublicBuckets":false}`, "PublicAccessBlockConfiguration", map[string]bool{gw: true}},
		{"ownership", "bucket.ownership", "get-bucket-ownership-controls", "put-bucket-ownership-controls", "OwnershipControls",
			`{"Rules":[{"ObjectOwnership":"BucketOwnerPreferred"}]}`, "OwnershipControls", map[string]bool{rgw: true}},
		{"requester-pays", "bucket.requesterpays", "get-bucket-request-payment", "put-bucket-request-payment", "RequestPaymentConfiguration", `{"Payer":"Requester"}`, "", map[string]bool{gw: true}},
		{"accelerate", "bucket.accelerate", "get-bucket-accelerate-configuration", "put-bucket-accelerate-configuration", "AccelerateConfiguration", `{"Status":"Enabled"}`, "", embedded},
		{"encryption", "bucket.encryption", "get-bucket-encryption", "put-bucket-encryption", "ServerSideEncryptionConfiguration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"},"BucketKeyEnabled":true}]}`, "ServerSideEncryptionConfiguration", none},
		{"logging", "bucket.logging", "get-bucket-logging", "put-bucket-logging", "BucketLoggingStatus",
			`{"LoggingEnabled":{"TargetBucket":"BUCKET","TargetPrefix":"logs/","TargetGrants":[{"Grantee":{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},"Permission":"READ"}]}}`, "", embedded},
		{"notification", "bucket.notification", "get-bucket-notification-configuration", "put-bucket-notification-configuration", "NotificationConfiguration",
			`{"QueueConfigurations":[{"Id":"q","QueueArn":"arn:aws:sqs:us-east-1:1:q","Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"in/"}]}}}],"LambdaFunctionConfigurations":[{"Id":"f","LambdaFunctionArn":"arn:aws:lambda:us-east-1:1:function:f","Events":["s3:ObjectRemoved:*"]}]}`, "", embedded},
		{"replication", "bucket.replication", "get-bucket-replication", "put-bucket-replication", "ReplicationConfiguration",
			`{"Role":"arn:aws:iam::1:role/r","Rules":[{"ID":"a","Priority":1,"Filter":{"Prefix":""},"Status":"Enabled","Destination":{"Bucket":"arn:aws:s3:::other"},"DeleteMarkerReplication":{"Status":"Disabled"}}]}`, "ReplicationConfiguration", none},
		{"inventory", "bucket.inventory", "get-bucket-inventory-configuration", "put-bucket-inventory-configuration", "InventoryConfiguration",
			`{"Id":"all","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::b","Format":"CSV"}},"IncludedObjectVersions":"All","OptionalFields":["Size","ETag"],"Schedule":{"Frequency":"Daily"}}`, "InventoryConfiguration", embedded},
		{"analytics", "bucket.analytics", "get-bucket-analytics-configuration", "put-bucket-analytics-configuration", "AnalyticsConfiguration",
			`{"Id":"all","Filter":{"Prefix":"p/"},"StorageClassAnalysis":{}}`, "AnalyticsConfiguration", embedded},
		{"metrics", "bucket.metrics", "get-bucket-metrics-configuration", "put-bucket-metrics-configuration", "MetricsConfiguration",
			`{"Id":"all","Filter":{"And":{"Prefix":"p/","Tags":[{"Key":"k","Value":"v"}]}}}`, "MetricsConfiguration", embedded},
		{"intelligent-tiering", "bucket.tiering", "get-bucket-intelligent-tiering-configuration", "put-bucket-intelligent-tiering-configuration", "IntelligentTieringConfiguration",
			`{"Id":"all","Status":"Enabled","Tierings":[{"Days":90,"AccessTier":"ARCHIVE_ACCESS"}]}`, "IntelligentTieringConfiguration", embedded},
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

func TestBucket_RGWReadByAnotherProgram(t *testing.T) { bucketOnServer(t, servers.SharedRGW) }

func bucketOnServer(t *testing.T, shared func(testing.TB) *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := shared(t)
	bucketBothWays(t, string(s.Name), s.Version, client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey})
}

func bucketBothWays(t *testing.T, server, version string, acc client.Account) {
	t.Helper()
	t.Parallel()
	other, cli := client.New(t, acc), runner(t, acc)
	prove(t, server, version, "cli.bucket")
	bucket := "both-" + strings.ToLower(rand.Text()[:12])
	cli("", "mb", "s3://"+bucket)
	t.Cleanup(func() { cli("", "rb", "--yes", "s3://"+bucket) })
	if server == string(servers.KindMoto) { // its answer about versioning is no document of S3: this program would not take it for one
		if _, err := other.Try("put-bucket-versioning", map[string]any{"Bucket": bucket, "VersioningConfiguration": map[string]any{"Status": "Enabled"}}); err != nil {
			t.Fatal(err)
		}
	} else {
		cli("", "bucket", "set", bucket, "versioning", "on") // for replication
	}
	doc := func(p otherProgram) string { return strings.ReplaceAll(p.document, "BUCKET", bucket) }
	for _, p := range bucketPrograms() {
		if p.missing[server] || (server == features.Embedded || server == string(servers.KindMoto)) && len(p.missing) < 2 { // what a real server shows is not shown again: the other program takes a second of CPU a call
			continue
		}
		features.Proved(t, p.proves, server, version)
		p.theirSet(t, other, bucket, doc(p))
		want := decode(t, doc(p))
		get, rm := []string{"bucket", "get", bucket, p.feature}, []string{"bucket", "rm", bucket, p.feature}
		if want["Id"] != nil {
			get, rm = append(get, "--id", "all"), append(rm, "--id", "all")
		}
		if got := p.inner(decode(t, cli("", get...))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the other program set %v, this one reads %v", p.feature, want, got)
		}
		if p.feature != "versioning" { // replication needs it
			cli("", rm...)
		}
		cli(doc(p), "bucket", "set", bucket, p.feature, "-f", "-")
		if got := p.theirGet(t, other, bucket); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: this program set %v, the other one reads %v", p.feature, want, got)
		}
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
	if in, ok := v[p.printed].(map[string]any); ok {
		v = in
	}
	delete(v, "TransitionDefaultMinimumObjectSize")
	if v["MFADelete"] == "Disabled" { // RGW says so without being asked
		delete(v, "MFADelete")
	}
	return v
}

func (p otherProgram) input(bucket, doc string) map[string]any {
	in := map[string]any{"Bucket": bucket}
	if strings.Contains(doc, `"Id":"all"`) {
		in["Id"] = "all"
	}
	return in
}

func (p otherProgram) theirSet(t *testing.T, c *client.Client, bucket, doc string) {
	t.Helper()
	in := p.input(bucket, doc)
	in[p.parameter] = decode(t, doc)
	if _, err := c.Try(p.put, in); err != nil {
		t.Fatalf("%s: %v", p.feature, err)
	}
}

func (p otherProgram) theirGet(t *testing.T, c *client.Client, bucket string) map[string]any {
	t.Helper()
	b, err := c.Try(p.get, p.input(bucket, p.document))
	if err != nil {
		t.Fatalf("%s: %v", p.feature, err)
	}
	return p.inner(decode(t, string(b)))
}
