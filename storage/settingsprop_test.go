package storage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// editedSetting is a setting of rules: how one is made at random and how one is edited, and what the other program calls it.
type editedSetting struct {
	feature             string
	put, get, parameter string
	rule                func(t *rapid.T, i int) map[string]any
	wrap                func(rules []any) map[string]any
	rules               func(doc map[string]any) []any
	edit                func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error
	mark                func(rule map[string]any) // what the edit does to the rule
}

// foreignDocument is what another program has written, and the rule that is edited here.
type foreignDocument struct {
	Text   string
	Edited int
}

// TestSettings_AnEditKeepsForeignRules writes rules as another program would, with parts that this one has no name for, edits one of
// them through the types, and compares all of the document.
func TestSettings_AnEditKeepsForeignRules(t *testing.T) {
	d, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s := storagetest.Open(t, storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config())
	loc := storage.Location{Bucket: "rules-of-others"}
	if err := s.MakeBucket(t.Context(), loc.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetVersioning(t.Context(), loc, storage.Versioning{Status: "Enabled"}, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range editedSettings(ruleParts{loc.Bucket, "arn:aws:sqs:us-east-1:1:q", "arn:aws:s3:::other", "arn:aws:iam::1:role/r", true, []string{"", "b/"}}) {
		t.Run(c.feature, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				f := c.draw(r, true)
				doc, err := storage.ParseDocument(c.feature, []byte(f.Text))
				if err != nil {
					r.Fatalf("%s: %v", f.Text, err)
				}
				if err := s.SetBucketDocument(t.Context(), loc, doc, ""); err != nil {
					r.Fatalf("%s: %v", f.Text, err)
				}
				c.keeps(t.Context(), r, s, loc, f, nil)
			})
		})
	}
}

// TestSettings_AnEditKeepsRulesOfAnotherProgram does so on real servers with what they keep: the other program writes the rules, and reads
// what became of them.
func TestSettings_AnEditKeepsRulesOfAnotherProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	for _, on := range []struct {
		name     servers.Kind
		server   func(testing.TB) *servers.Server
		features string
	}{{servers.KindVersitygw, servers.SharedVersitygw, "cors website policy"}, {servers.KindRGW, servers.SharedRGW, "lifecycle cors website policy"}, {servers.KindMinIO, servers.SharedMinIO, "lifecycle policy notification replication"}} {
		t.Run(on.name, func(t *testing.T) {
			srv := on.server(t)
			s, other := storagetest.Open(t, target(srv, storagetest.Quirks{}).Config()), client.For(t, srv)
			loc, copies := storage.Location{Bucket: other.NewBucket()}, other.NewBucket()
			arn := ""
			if srv.Name == servers.KindMinIO {
				arn = replicates(t, srv, s, loc.Bucket, copies)
			}
			for _, c := range editedSettings(ruleParts{loc.Bucket, servers.MinIOQueue, arn, "", srv.Name != servers.KindMinIO, []string{"a/", "b/"}}) {
				if !slices.Contains(strings.Fields(on.features), c.feature) {
					continue
				}
				features.Proved(t, "bucket.foreign", srv.Name, srv.Version)
				drawn := rapid.Custom(func(r *rapid.T) foreignDocument { return c.draw(r, false) })
				for seed := range 3 { // the other program takes its time
					f := drawn.Example(seed)
					var v any = f.Text
					if c.feature != "policy" {
						_ = json.Unmarshal([]byte(f.Text), &v) // made by draw
					}
					other.Must(c.put, map[string]any{"Bucket": loc.Bucket, c.parameter: v})
					c.keeps(t.Context(), t, s, loc, f, other)
				}
			}
		})
	}
}

// replicates makes MinIO copy from one bucket to another, which alone tells it what the target is called.
func replicates(t *testing.T, srv *servers.Server, s *storage.Session, from, to string) string {
	t.Helper()
	for _, b := range []string{from, to} {
		if err := s.SetVersioning(t.Context(), storage.Location{Bucket: b}, storage.Versioning{Status: "Enabled"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	at := strings.Replace(srv.Endpoint, "://", "://"+srv.AccessKey+":"+srv.SecretKey+"@", 1) + "/" + to
	if err := srv.MC("replicate", "add", "server/"+from, "--remote-bucket", at); err != nil {
		t.Fatal(err)
	}
	r, err := s.Replication(t.Context(), storage.Location{Bucket: from})
	if err != nil || len(r.Rules) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	return r.Rules[0].Destination.Bucket
}

// draw makes a document; withUnheard: with members that S3 does not have.
func (c editedSetting) draw(t *rapid.T, withUnheard bool) foreignDocument {
	var rules []any
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		rule := c.rule(t, i)
		if withUnheard {
			maps.Copy(rule, unheard(t, 0))
		}
		rules = append(rules, rule)
	}
	doc := c.wrap(rules)
	if index, ok := doc["IndexDocument"].(map[string]any); ok && withUnheard {
		index["Unheard"] = "x"
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return foreignDocument{string(text), rapid.IntRange(0, len(rules)-1).Draw(t, "edited")}
}

// keeps edits a rule and compares all of the document, as this program reads it and, if there is one, another.
func (c editedSetting) keeps(ctx context.Context, t rapid.TB, s *storage.Session, loc storage.Location, f foreignDocument, other *client.Client) {
	t.Helper()
	views := map[string]func() map[string]any{"this program": func() map[string]any { return c.read(ctx, t, s, loc) }}
	if other != nil {
		views["the other"] = func() map[string]any { return c.theirs(t, other, loc) }
	}
	before := map[string]map[string]any{}
	for who, read := range views {
		before[who] = read()
		c.mark(c.rules(before[who])[f.Edited].(map[string]any))
	}
	if err := c.edit(ctx, s, loc, f.Edited); err != nil {
		t.Fatalf("%s: %v", f.Text, err)
	}
	for who, read := range views {
		if after := read(); !reflect.DeepEqual(before[who], after) {
			t.Fatalf("%s: %s reads %v\nwant %v", c.feature, who, after, before[who])
		}
	}
}

func (c editedSetting) read(ctx context.Context, t rapid.TB, s *storage.Session, loc storage.Location) map[string]any {
	t.Helper()
	doc, err := s.BucketDocument(ctx, loc, c.feature, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if c.feature == "policy" {
		b = []byte(doc.Policy())
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return c.inner(v)
}

func (c editedSetting) theirs(t rapid.TB, other *client.Client, loc storage.Location) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(other.Must(c.get, map[string]any{"Bucket": loc.Bucket}), &v); err != nil {
		t.Fatal(err)
	}
	if text, ok := v["Policy"].(string); ok {
		if v = nil; json.Unmarshal([]byte(text), &v) != nil {
			t.Fatalf("a policy that is none: %s", text)
		}
	}
	return c.inner(v)
}

func (c editedSetting) inner(v map[string]any) map[string]any {
	if in, ok := v[c.parameter].(map[string]any); ok {
		return in
	}
	return v
}

// unheard is members that no version of S3 has, some with others in them.
func unheard(t *rapid.T, depth int) map[string]any {
	v := map[string]any{}
	for i := range rapid.IntRange(0, 2).Draw(t, "foreign") {
		name := fmt.Sprintf("Unheard%d", i)
		if depth < 2 && rapid.Bool().Draw(t, "deep") {
			in := unheard(t, depth+1)
			in["Of"] = rapid.StringMatching(`[a-z<&>"' é]{1,8}[a-z]`).Draw(t, "text")
			v[name] = in
			continue
		}
		v[name] = rapid.StringMatching(`[a-z<&>"'é]{1,8}`).Draw(t, "text")
	}
	return v
}

func ofList(name string) (func([]any) map[string]any, func(map[string]any) []any) {
	return func(rules []any) map[string]any { return map[string]any{name: rules} }, func(doc map[string]any) []any { return doc[name].([]any) }
}

// ruleParts is what rules name: whom a bucket tells, where it replicates to and as whom, whether there are classes to move to, and what
// routing rules put in place of a prefix (versitygw and RGW do not take nothing).
type ruleParts struct {
	bucket, queue, target, role string
	classes                     bool
	prefixes                    []string
}

func editedSettings(p ruleParts) []editedSetting {
	return []editedSetting{lifecycleEdits(p.classes), corsEdits(), websiteEdits(p.prefixes), policyEdits(p.bucket), notificationEdits(p.queue), replicationEdits(p.target, p.role)}
}

func lifecycleEdits(classes bool) editedSetting {
	wrap, rules := ofList("Rules")
	return editedSetting{"lifecycle", "put-bucket-lifecycle-configuration", "get-bucket-lifecycle-configuration", "LifecycleConfiguration", func(t *rapid.T, i int) map[string]any {
		filter := rapid.SampledFrom([]map[string]any{{"Prefix": "a/"}, {"Tag": map[string]any{"Key": "k", "Value": "v"}}, {"ObjectSizeGreaterThan": 5},
			{"And": map[string]any{"Prefix": "p", "Tags": []any{map[string]any{"Key": "k", "Value": ""}, map[string]any{"Key": "l", "Value": "v"}}}}}).Draw(t, "filter")
		r := map[string]any{"ID": fmt.Sprint("rule ", i), "Status": rapid.SampledFrom([]string{"Enabled", "Disabled"}).Draw(t, "status"), "Filter": filter,
			"Expiration": map[string]any{"Days": rapid.IntRange(400, 500).Draw(t, "days")}}
		if classes && rapid.Bool().Draw(t, "moves") {
			r["Transitions"] = []any{map[string]any{"Days": 30, "StorageClass": "STANDARD_IA"}, map[string]any{"Days": 90, "StorageClass": "GLACIER"}}
		}
		return r
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		l, err := s.Lifecycle(ctx, loc)
		if err != nil {
			return err
		}
		l.Rules[i].Expiration.Days = 777
		return s.SetLifecycle(ctx, loc, l)
	}, func(rule map[string]any) { rule["Expiration"].(map[string]any)["Days"] = 777.0 }}
}

func corsEdits() editedSetting {
	wrap, rules := ofList("CORSRules")
	return editedSetting{"cors", "put-bucket-cors", "get-bucket-cors", "CORSConfiguration", func(t *rapid.T, _ int) map[string]any {
		methods := rapid.SampledFrom([][]any{{"GET"}, {"PUT", "HEAD"}, {"HEAD", "GET", "DELETE"}}).Draw(t, "methods")
		return map[string]any{"AllowedMethods": methods, "AllowedOrigins": []any{"https://a.example"}, "ExposeHeaders": []any{"ETag"}}
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		c, err := s.CORS(ctx, loc)
		if err != nil {
			return err
		}
		age := 60
		c.Rules[i].MaxAgeSeconds = &age
		return s.SetCORS(ctx, loc, c)
	}, func(rule map[string]any) { rule["MaxAgeSeconds"] = 60.0 }}
}

func websiteEdits(prefixes []string) editedSetting {
	_, rules := ofList("RoutingRules")
	wrap := func(rules []any) map[string]any {
		return map[string]any{"IndexDocument": map[string]any{"Suffix": "index.html"}, "RoutingRules": rules}
	}
	return editedSetting{"website", "put-bucket-website", "get-bucket-website", "WebsiteConfiguration", func(t *rapid.T, _ int) map[string]any {
		return map[string]any{"Condition": map[string]any{"KeyPrefixEquals": "a/"}, "Redirect": map[string]any{"ReplaceKeyPrefixWith": rapid.SampledFrom(prefixes).Draw(t, "to")}}
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		w, err := s.Website(ctx, loc)
		if err != nil {
			return err
		}
		w.Routing.Rules[i].Redirect.HostName = "edited.example"
		return s.SetWebsite(ctx, loc, w)
	}, func(rule map[string]any) { rule["Redirect"].(map[string]any)["HostName"] = "edited.example" }}
}

func policyEdits(bucket string) editedSetting {
	_, rules := ofList("Statement")
	wrap := func(rules []any) map[string]any { return map[string]any{"Version": "2012-10-17", "Statement": rules} }
	return editedSetting{"policy", "put-bucket-policy", "get-bucket-policy", "Policy", func(t *rapid.T, i int) map[string]any {
		return map[string]any{"Sid": fmt.Sprint("s", i), "Effect": rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect"), "Principal": map[string]any{"AWS": []any{"*"}},
			"Action": []any{"s3:GetObject"}, "Resource": []any{fmt.Sprintf("arn:aws:s3:::%s/%d/*", bucket, i)}}
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		text, err := s.BucketPolicy(ctx, loc)
		if err != nil {
			return err
		}
		var p map[string]any
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return err
		}
		p["Statement"].([]any)[i].(map[string]any)["Action"] = []any{"s3:PutObject"}
		b, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return s.SetBucketPolicy(ctx, loc, string(b))
	}, func(rule map[string]any) { rule["Action"] = []any{"s3:PutObject"} }}
}

func notificationEdits(queue string) editedSetting {
	wrap, rules := ofList("QueueConfigurations")
	return editedSetting{"notification", "put-bucket-notification-configuration", "get-bucket-notification-configuration", "NotificationConfiguration", func(t *rapid.T, i int) map[string]any {
		events := rapid.SampledFrom([][]any{{"s3:ObjectCreated:*"}, {"s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"}}).Draw(t, "events")
		keys := []any{map[string]any{"Name": "prefix", "Value": fmt.Sprintf("in%d/", i)}, map[string]any{"Name": "suffix", "Value": rapid.SampledFrom([]string{".a", ".b"}).Draw(t, "suffix")}}
		return map[string]any{"Id": fmt.Sprint("q", i), "QueueArn": queue, "Events": events, "Filter": map[string]any{"Key": map[string]any{"FilterRules": keys}}}
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		n, err := s.Notifications(ctx, loc)
		if err != nil {
			return err
		}
		n.Queues[i].Events = []string{"s3:ObjectRemoved:*"}
		return s.SetNotifications(ctx, loc, n)
	}, func(rule map[string]any) { rule["Events"] = []any{"s3:ObjectRemoved:*"} }}
}

func replicationEdits(target, role string) editedSetting {
	_, rules := ofList("Rules")
	wrap := func(rules []any) map[string]any { return map[string]any{"Role": role, "Rules": rules} }
	return editedSetting{"replication", "put-bucket-replication", "get-bucket-replication", "ReplicationConfiguration", func(t *rapid.T, i int) map[string]any {
		r := map[string]any{"ID": fmt.Sprint("rule", i), "Priority": i + 1, "Filter": map[string]any{"Prefix": fmt.Sprintf("p%d/", i)}, "Status": "Enabled", "Destination": map[string]any{"Bucket": target},
			"DeleteMarkerReplication": map[string]any{"Status": rapid.SampledFrom([]string{"Enabled", "Disabled"}).Draw(t, "markers")}}
		if rapid.Bool().Draw(t, "existing") {
			r["ExistingObjectReplication"] = map[string]any{"Status": "Enabled"}
		}
		if rapid.Bool().Draw(t, "replicas") {
			r["SourceSelectionCriteria"] = map[string]any{"ReplicaModifications": map[string]any{"Status": "Enabled"}}
		}
		return r
	}, wrap, rules, func(ctx context.Context, s *storage.Session, loc storage.Location, i int) error {
		r, err := s.Replication(ctx, loc)
		if err != nil {
			return err
		}
		r.Rules[i].Status = "Disabled"
		return s.SetReplication(ctx, loc, r)
	}, func(rule map[string]any) { rule["Status"] = "Disabled" }}
}
