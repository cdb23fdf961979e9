package main

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// TestBucketMinIO_KeysQueuesAndTargets sets, both ways, what names something of the server's own: its key, where it sends events, and where
// it replicates to, with an element of its own that the other program does not know.
func TestBucketMinIO_KeysQueuesAndTargets(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := servers.SharedMinIO(t)
	t.Parallel()
	acc := account(s)
	other, cli := client.New(t, acc), runner(t, acc)
	bucket, copies := "both-"+strings.ToLower(rand.Text()[:12]), "copies-"+strings.ToLower(rand.Text()[:12])
	for _, b := range []string{bucket, copies} {
		cli("", "mb", "s3://"+b)
		cli("", "bucket", "set", b, "versioning", "on")
		t.Cleanup(func() { cli("", "rb", "--yes", "--force", "s3://"+b) })
	}
	target := strings.Replace(s.Endpoint, "://", "://"+s.AccessKey+":"+s.SecretKey+"@", 1) + "/" + copies
	if err := s.MC("replicate", "add", "server/"+bucket, "--remote-bucket", target, "--replicate", "delete"); err != nil {
		t.Fatal(err)
	}
	var made struct {
		ReplicationConfiguration struct {
			Rules []struct {
				Destination       struct{ Bucket string }
				DeleteReplication struct{ Status string }
			}
		}
	}
	err := json.Unmarshal([]byte(cli("", "bucket", "get", bucket, "replication")), &made)
	rules := made.ReplicationConfiguration.Rules
	if err != nil || len(rules) != 1 || rules[0].DeleteReplication.Status != "Enabled" {
		t.Fatalf("of the rule that the server made this program reads %+v, %v", made, err)
	}
	for _, p := range []otherProgram{
		{"encryption", "bucket.encryption", "get-bucket-encryption", "put-bucket-encryption", "ServerSideEncryptionConfiguration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`, "ServerSideEncryptionConfiguration", ""},
		{"encryption", "bucket.encryption", "get-bucket-encryption", "put-bucket-encryption", "ServerSideEncryptionConfiguration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"` + servers.MinIOKey + `"}}]}`, "ServerSideEncryptionConfiguration", ""},
		{"notification", "bucket.notification", "get-bucket-notification-configuration", "put-bucket-notification-configuration", "NotificationConfiguration",
			`{"QueueConfigurations":[{"Id":"q","QueueArn":"` + servers.MinIOQueue + `","Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"in/"}]}}}]}`, "", ""},
		{"replication", "bucket.replication", "get-bucket-replication", "put-bucket-replication", "ReplicationConfiguration",
			`{"Role":"","Rules":[{"ID":"a","Priority":1,"Filter":{"Prefix":"in/"},"Status":"Enabled","SourceSelectionCriteria":{"ReplicaModifications":{"Status":"Enabled"}},"ExistingObjectReplication":{"Status":"Disabled"},
			"Destination":{"Bucket":"` + rules[0].Destination.Bucket + `"},"DeleteMarkerReplication":{"Status":"Disabled"}}]}`, "ReplicationConfiguration", ""},
	} {
		features.Proved(t, p.proves, s.Name, s.Version)
		p.bothWays(t, other, cli, bucket, s.Name)
	}
}
