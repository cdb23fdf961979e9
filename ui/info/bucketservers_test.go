package info

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// connectTo is a session with a server as somebody.
func (b *bench) connectTo(srv *servers.Server, keyID, secret string) *storage.Session {
	b.t.Helper()
	prefs, err := preferences.Open(preferences.Options{})
	b.must(err)
	profs, err := profiles.OpenRegistry("")
	b.must(err)
	c, err := connect.Open(context.Background(), connect.Env{Profiles: profs, Preferences: prefs, Run: keychain.NewMemory()}, connect.Spec{Endpoint: srv.Endpoint, Region: srv.Region,
		Typed: keychain.Typed{KeyID: keyID, Secret: keychain.NewSecret(secret)}})
	b.must(err)
	b.t.Cleanup(func() { b.must(c.Close()) })
	return c.Session
}

// moveTo makes the bench work with a new bucket on another server.
func (b *bench) moveTo(srv *servers.Server) Item {
	b.t.Helper()
	b.s = b.connectTo(srv, srv.AccessKey, srv.SecretKey)
	at := storage.Location{Bucket: fmt.Sprintf("settings-%x", time.Now().UnixNano())}
	b.must(b.s.MakeBucket(context.Background(), at.Bucket, storage.MakeBucketOptions{}))
	return Item{At: at, Folder: true, Kind: "Bucket"}
}

// on shows a bucket on a tab.
func (b *bench) on(it Item, t Tab) {
	b.t.Helper()
	b.vm.Choose(t)
	b.show(it)
	b.calm()
}

// offers is what a server has and has not, and what is changed there.
type offers struct {
	missing   []string          // settings and documents
	set       map[string]string // settings
	templates map[string]string // documents: the label of a template
	after     map[string]string // documents in a few words, afterwards
}

func TestBucket_OnVersitygw(t *testing.T) {
	srv := servers.SharedVersitygw(t)
	onServer(t, srv, offers{
		missing:   []string{"BlockPublicAcls", "RestrictPublicBuckets", "encryption", "payer", "acceleration", "lifecycle", "logging", "notification", "replication"},
		set:       map[string]string{"ownership": storage.OwnerPreferred, "versioning": "Enabled"},
		templates: map[string]string{"policy": "Everybody can download", "cors": "Reading from anywhere", "website": "Website of index.html and error.html"},
		after:     map[string]string{"policy": "1 rule", "cors": "1 rule", "website": "index.html"},
	})
}

func TestBucket_OnRGW(t *testing.T) {
	srv := servers.SharedRGW(t)
	onServer(t, srv, offers{
		missing:   []string{"ownership", "encryption", "acceleration", "notification"},
		set:       map[string]string{"versioning": "Enabled", "payer": on, "BlockPublicAcls": on, "IgnorePublicAcls": on},
		templates: map[string]string{"policy": "Everybody can download", "cors": "Reading from anywhere", "lifecycle": "Expire objects after some days"},
		after:     map[string]string{"policy": "1 rule", "cors": "1 rule", "lifecycle": "1 rule", "replication": "none"},
	})
}

func onServer(t *testing.T, srv *servers.Server, o offers) {
	b := newBench(t)
	it := b.moveTo(srv)
	for _, tab := range []Tab{Permissions, Metadata, Service} {
		b.on(it, tab)
		for _, id := range o.missing {
			_, open, reason := b.vm.SettingValue(id)
			if b.vm.docs.read[id] != nil {
				_, open, reason = b.vm.DocState(id)
			}
			if open || reason != "" && reason != "this server does not have it" {
				t.Errorf("%s: open %v, %q", id, open, reason)
			}
		}
		if tab == Metadata {
			b.vm.AddLine(Tags)
			b.vm.SetName(Tags, 0, "project")
			b.vm.SetValue(Tags, 0, "north")
		}
		for id, v := range o.set {
			b.vm.Set(id, v)
		}
		for _, d := range b.vm.Docs(tab) {
			if label := o.templates[d.Feature]; label != "" {
				b.vm.OpenDoc(d.Feature)
				b.vm.UseTemplate(b.template(d.Feature, label), "30")
			}
		}
		want := len(bucketDraft{b.vm}.writes())
		if out := b.apply(); out.Done != want || len(out.Failed) > 0 || out.Unread > 0 {
			t.Fatalf("tab %d: outcome %+v", tab, out)
		}
	}
	for _, tab := range []Tab{Permissions, Metadata, Service} { // asked anew
		b.on(it, tab)
		for _, set := range b.vm.Settings(tab) {
			if want, ok := o.set[set.ID]; ok && b.value(set.ID) != want {
				t.Errorf("%s is %q", set.ID, b.value(set.ID))
			}
		}
		for _, d := range b.vm.Docs(tab) {
			if got := b.state(d.Feature); o.after[d.Feature] != "" && got != o.after[d.Feature] {
				t.Errorf("%s is %q", d.Feature, got)
			}
		}
		if got := b.table(Tags); tab == Metadata && (len(got) != 1 || got[0] != "project=north") {
			t.Errorf("tags %q", got)
		}
		if tab != Permissions {
			continue
		}
		if got := b.effective("s3:GetObject"); got != "anyone: yes, by the bucket's policy" {
			t.Errorf("who can download: %q", got)
		}
	}
	features.Proved(t, "window.bucketsettings", string(srv.Name), srv.Version)
}

// Rules that another program set are edited in the form, and that program reads what was meant.
func TestRules_OnRGWBothWays(t *testing.T) {
	srv := servers.SharedRGW(t)
	b := newBench(t)
	it := b.moveTo(srv)
	other := client.For(t, srv)
	put := func(rules string) {
		t.Helper()
		var in map[string]any
		b.must(json.Unmarshal([]byte(rules), &in))
		_, err := other.Try("put-bucket-lifecycle-configuration", map[string]any{"Bucket": it.At.Bucket, "LifecycleConfiguration": in})
		b.must(err)
	}
	put(`{"Rules": [{"ID": "logs", "Status": "Enabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}}, "Expiration": {"Days": 30}},
		{"ID": "parts", "Status": "Disabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]}`)
	b.on(it, Service)
	b.vm.OpenRules()
	got := b.vm.Rules()
	if len(got) != 2 || got[0].Words != "logs/, a=b, c=d: expire after 30 days" || got[1].Words != "all objects: unfinished uploads aborted after 7 days" || got[1].Enabled {
		t.Fatalf("it shows %+v", got)
	}
	b.vm.EditRule(0, func(f *RuleFields) { f.OldExpire = "9" })
	b.vm.EditRule(1, func(f *RuleFields) { f.Enabled = true })
	b.vm.AddRule()
	b.vm.EditRule(2, func(f *RuleFields) { f.ID, f.Prefix, f.Expire = "day", "tmp/", "2031-01-31" })
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 || o.Unread > 0 {
		t.Fatalf("outcome %+v", o)
	}
	raw, err := other.Try("get-bucket-lifecycle-configuration", map[string]any{"Bucket": it.At.Bucket})
	b.must(err)
	var there struct{ Rules []map[string]any }
	b.must(json.Unmarshal(raw, &there))
	rules := map[any]string{}
	for _, r := range there.Rules {
		delete(r, "Prefix") // RGW says the scope twice
		rules[r["ID"]] = jsonOf(r)
	}
	for id, want := range map[string]string{
		"logs":  `{"Expiration":{"Days":30},"Filter":{"And":{"Tags":[{"Key":"a","Value":"b"},{"Key":"c","Value":"d"}]},"Prefix":"logs/"},"ID":"logs","NoncurrentVersionExpiration":{"NoncurrentDays":9},"Status":"Enabled"}`,
		"parts": `"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}`,
		"day":   `"Expiration":{"Date":"2031-01-31T00:00:00`,
	} {
		if !strings.Contains(rules[id], want) || !strings.Contains(rules[id], `"Status":"Enabled"`) {
			t.Errorf("%s: the other program reads %s", id, rules[id])
		}
	}
	for range 3 {
		b.vm.RemoveRule(0)
	}
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	if raw, err := other.Try("get-bucket-lifecycle-configuration", map[string]any{"Bucket": it.At.Bucket}); err == nil {
		t.Errorf("the other program still reads %s", raw)
	}
	features.Proved(t, "window.lifecycle", string(srv.Name), srv.Version)
}
