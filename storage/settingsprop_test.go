package storage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// editedSetting is a setting of rules: how one is made at random and how one is edited.
type editedSetting struct {
	feature string
	rule    func(t *rapid.T, i int) map[string]any
	wrap    func(rules []any) map[string]any
	rules   func(doc map[string]any) []any
	edit    func(s *storage.Session, t *rapid.T, loc storage.Location, i int) error
	mark    func(rule map[string]any) // what the edit does to the rule
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
	for _, c := range editedSettings() {
		t.Run(c.feature, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) { c.check(r, s, loc) })
		})
	}
}

func (c editedSetting) check(t *rapid.T, s *storage.Session, loc storage.Location) {
	var rules []any
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		rule := c.rule(t, i)
		maps.Copy(rule, unheard(t, 0))
		rules = append(rules, rule)
	}
	text, err := json.Marshal(c.wrap(rules))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := storage.ParseDocument(c.feature, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := s.SetBucketDocument(t.Context(), loc, doc, ""); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	before := c.read(t, s, loc)
	i := rapid.IntRange(0, len(rules)-1).Draw(t, "edited")
	if err := c.edit(s, t, loc, i); err != nil {
		t.Fatal(err)
	}
	c.mark(c.rules(before)[i].(map[string]any))
	if after := c.read(t, s, loc); !reflect.DeepEqual(before, after) {
		t.Fatalf("want %v\nhave %v", before, after)
	}
}

func (c editedSetting) read(t *rapid.T, s *storage.Session, loc storage.Location) map[string]any {
	doc, err := s.BucketDocument(t.Context(), loc, c.feature, "")
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

func editedSettings() []editedSetting {
	return []editedSetting{lifecycleEdits(), corsEdits(), websiteEdits(), policyEdits()}
}

func lifecycleEdits() editedSetting {
	wrap, rules := ofList("Rules")
	return editedSetting{"lifecycle", func(t *rapid.T, i int) map[string]any {
		filter := rapid.SampledFrom([]map[string]any{{"Prefix": "a/"}, {"Tag": map[string]any{"Key": "k", "Value": "v"}}, {"ObjectSizeGreaterThan": 5},
			{"And": map[string]any{"Prefix": "p", "Tags": []any{map[string]any{"Key": "k", "Value": ""}, map[string]any{"Key": "l", "Value": "v"}}}}}).Draw(t, "filter")
		r := map[string]any{"ID": fmt.Sprint("rule ", i), "Status": rapid.SampledFrom([]string{"Enabled", "Disabled"}).Draw(t, "status"), "Filter": filter,
			"Expiration": map[string]any{"Days": rapid.IntRange(400, 500).Draw(t, "days")}}
		if rapid.Bool().Draw(t, "moves") {
			r["Transitions"] = []any{map[string]any{"Days": 30, "StorageClass": "STANDARD_IA"}, map[string]any{"Days": 90, "StorageClass": "GLACIER"}}
		}
		return r
	}, wrap, rules, func(s *storage.Session, t *rapid.T, loc storage.Location, i int) error {
		l, err := s.Lifecycle(t.Context(), loc)
		if err != nil {
			return err
		}
		l.Rules[i].Expiration.Days = 777
		return s.SetLifecycle(t.Context(), loc, l)
	}, func(rule map[string]any) { rule["Expiration"].(map[string]any)["Days"] = 777.0 }}
}

func corsEdits() editedSetting {
	wrap, rules := ofList("CORSRules")
	return editedSetting{"cors", func(t *rapid.T, _ int) map[string]any {
		methods := rapid.SampledFrom([][]any{{"GET"}, {"PUT", "HEAD"}, {"HEAD", "GET", "DELETE"}}).Draw(t, "methods")
		return map[string]any{"AllowedMethods": methods, "AllowedOrigins": []any{"https://a.example"}, "ExposeHeaders": []any{"ETag"}}
	}, wrap, rules, func(s *storage.Session, t *rapid.T, loc storage.Location, i int) error {
		c, err := s.CORS(t.Context(), loc)
		if err != nil {
			return err
		}
		age := 60
		c.Rules[i].MaxAgeSeconds = &age
		return s.SetCORS(t.Context(), loc, c)
	}, func(rule map[string]any) { rule["MaxAgeSeconds"] = 60.0 }}
}

func websiteEdits() editedSetting {
	_, rules := ofList("RoutingRules")
	wrap := func(rules []any) map[string]any {
		return map[string]any{"IndexDocument": map[string]any{"Suffix": "index.html", "Unheard": "x"}, "RoutingRules": rules}
	}
	return editedSetting{"website", func(t *rapid.T, _ int) map[string]any {
		return map[string]any{"Condition": map[string]any{"KeyPrefixEquals": "a/", "Unheard": "y"}, "Redirect": map[string]any{"ReplaceKeyPrefixWith": rapid.SampledFrom([]string{"", "b/"}).Draw(t, "to")}}
	}, wrap, rules, func(s *storage.Session, t *rapid.T, loc storage.Location, i int) error {
		w, err := s.Website(t.Context(), loc)
		if err != nil {
			return err
		}
		w.Routing.Rules[i].Redirect.HostName = "edited.example"
		return s.SetWebsite(t.Context(), loc, w)
	}, func(rule map[string]any) { rule["Redirect"].(map[string]any)["HostName"] = "edited.example" }}
}

func policyEdits() editedSetting {
	_, rules := ofList("Statement")
	wrap := func(rules []any) map[string]any { return map[string]any{"Version": "2012-10-17", "Statement": rules} }
	return editedSetting{"policy", func(t *rapid.T, i int) map[string]any {
		return map[string]any{"Sid": fmt.Sprint("s", i), "Effect": rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect"), "Principal": "*", "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::rules-of-others/*"}
	}, wrap, rules, func(s *storage.Session, t *rapid.T, loc storage.Location, i int) error {
		text, err := s.BucketPolicy(t.Context(), loc)
		if err != nil {
			return err
		}
		var p map[string]any
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return err
		}
		p["Statement"].([]any)[i].(map[string]any)["Action"] = "s3:PutObject"
		b, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return s.SetBucketPolicy(t.Context(), loc, string(b))
	}, func(rule map[string]any) { rule["Action"] = "s3:PutObject" }}
}
