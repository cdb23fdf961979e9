package info

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/ui/look"
)

// seenDistribution is one as the independent client prints it, as far as it is looked at.
type seenDistribution struct {
	Distribution struct {
		DistributionConfig struct {
			Comment, DefaultRootObject string
			Enabled                    bool
			Aliases                    struct{ Items []string }
			Logging                    struct {
				Enabled        bool
				Bucket, Prefix string
			}
			Origins struct {
				Items []struct{ OriginAccessControlID string }
			}
		}
	}
}

func TestDistribution_MadeChangedAndEmptiedOnMoto(t *testing.T) {
	srv := servers.SharedMoto(t)
	distributionOn(t, newBench(t), ofServer(srv))
}

func TestDistribution_MadeChangedAndEmptiedOnTheEmbeddedServer(t *testing.T) {
	b := newBench(t)
	distributionOn(t, b, b.embedded())
}

func distributionOn(t *testing.T, b *bench, at beside) {
	t.Helper()
	d := newDesk(t, b, look.Light, LeastWidth)
	bucket := b.beside(at)
	other := client.New(t, at.Account)
	b.vm.Poll = time.Millisecond
	looked := ""
	b.vm.Distributed = func(_ *storage.Session, bucket string, list []storage.Distribution) {
		looked = fmt.Sprint(bucket, " ", len(list))
	}
	b.show(Item{At: storage.Location{Bucket: bucket}, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
	d.tap("info.tabs", "CDN")
	b.calm()
	d.keep("nodistribution")
	if s := d.text("info.distribution.reason"); s != bucket+" is served by no distribution." {
		t.Fatalf("it says %q", s)
	}
	d.press("info.distribution.add")
	v := d.pane.views[Distribution].(*distributionView)
	d.win.Canvas().Focus(v.entries[2])
	test.Type(v.entries[2], "index.html")
	test.Type(v.entries[4], "s3://logs/cdn/")
	d.press("info.distribution.private")
	d.inside("new")
	if o := b.apply(); o.Done != 1 || looked != bucket+" 1" || at.name == features.Embedded != (o.Ignored == nil) {
		t.Fatalf("outcome %+v, looked up %q", o, looked)
	}
	one, ok := b.vm.Distribution()
	read := func() (out seenDistribution) {
		b.must(json.Unmarshal(other.Service("cloudfront", "get-distribution", "--id", one.ID), &out))
		return out
	}
	control := read().Distribution.DistributionConfig.Origins.Items[0].OriginAccessControlID
	d.calm()
	d.keep("private")
	keeps := at.name == features.Embedded // moto keeps no origin access control
	if want := "For the policy: " + one.ReadPolicy(bucket); keeps && (control == "" || one.OriginAccess != control || !strings.Contains(d.text("info.distribution"), want)) {
		t.Errorf("the independent client reads the control %q; the tab says %q", control, d.text("info.distribution"))
	}
	if c := read().Distribution.DistributionConfig; !ok || !c.Enabled || c.DefaultRootObject != "index.html" || !c.Logging.Enabled ||
		!strings.HasPrefix(c.Logging.Bucket, "logs.s3") || c.Logging.Prefix != "cdn/" {
		t.Errorf("the independent client reads %+v", c)
	}
	f, _ := b.vm.DistributionForm()
	f.Enabled, f.Private, f.Aliases, f.Comment = false, false, "a.example.com  b.example.com", "shop"
	f.Certificate = "arn:aws:acm:us-east-1:123456789012:certificate/c"
	b.vm.SetDistributionForm(f)
	d.inside("changes")
	d.keep("distribution")
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("outcome %+v", o)
	}
	if c := read().Distribution.DistributionConfig; c.Enabled || c.Origins.Items[0].OriginAccessControlID != "" || len(c.Aliases.Items) != 2 || c.Comment != "shop" || c.DefaultRootObject != "index.html" || !c.Logging.Enabled {
		t.Errorf("after the change the independent client reads %+v", c)
	}
	d.press("info.distribution.private")
	if o := b.apply(); o.Done != 1 || keeps && read().Distribution.DistributionConfig.Origins.Items[0].OriginAccessControlID != control {
		t.Fatalf("outcome %+v; the independent client reads %+v", o, read())
	}
	b.show(Item{At: storage.Location{Bucket: bucket, Key: "a*/"}, Folder: true}, Item{At: storage.Location{Bucket: bucket, Key: "b c.txt"}})
	b.calm()
	d.inside("invalidate")
	d.win.Canvas().Focus(v.some) // which brings it into view
	d.press("info.distribution.forget")
	b.until("the answer", func() bool { return b.vm.Forgetting().Asked || b.vm.Forgetting().Err != nil })
	b.server.AdvanceClock(time.Minute)
	b.until("the end", func() bool { return b.vm.Forgetting().Done || b.vm.Forgetting().Err != nil })
	d.keep("forgotten")
	if s := d.text("info.distribution.told"); s != "2 paths are forgotten everywhere." {
		t.Errorf("it says %q", s)
	}
	if seen := string(other.Service("cloudfront", "list-invalidations", "--distribution-id", one.ID)); strings.Count(seen, `"Id"`) != 1 {
		t.Errorf("the independent client reads %s", seen)
	}
	features.Proved(t, "window.distribution", at.name, at.version)
}

// An invalidation is looked at until it is done, also when something else is shown meanwhile.
func TestDistribution_InvalidationIsFollowed(t *testing.T) {
	var looks atomic.Int64 // the requests come over several connections
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := "InProgress"
		if r.Method == http.MethodGet {
			if looks.Add(1) == 3 {
				state = "Completed"
			}
		}
		w.WriteHeader(http.StatusOK)
		_, _ = fmt.Fprintf(w, `<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>I1</Id><Status>%s</Status><CreateTime>2026-03-01T12:00:00Z</CreateTime></Invalidation>`, state)
	}))
	t.Cleanup(srv.Close)
	b := newBench(t)
	b.besideAt(srv.URL, "us-east-1", "key", "secret")
	b.vm.Poll = time.Millisecond
	b.vm.tab = Distribution
	at := storage.Location{Bucket: "bucket", Key: "key"}
	b.vm.subject = Subject{Session: b.s, Items: []Item{{At: at}}, Count: 1}
	b.vm.cdn = distributions{of: b.s, bucket: "bucket", list: part[[]storage.Distribution]{state: ready, value: []storage.Distribution{{ID: "D"}}}}
	b.vm.Invalidate(false)
	if b.vm.CanInvalidate() {
		t.Error("it can be asked twice at once")
	}
	asked := b.vm.Forgetting()
	b.until("the answer", func() bool { return asked.Asked })
	if !asked.Done && asked.Words() != "1 path is being forgotten, which takes some minutes…" {
		t.Errorf("it says %q", asked.Words())
	}
	b.show(Item{At: storage.Location{Bucket: "other", Key: "key"}})
	b.until("the end", func() bool { return asked.Done })
	if n := looks.Load(); n != 3 || asked.Err != nil {
		t.Errorf("%d looks, %v", n, asked.Err)
	}
}

func TestDistribution_ElsewhereThanAmazonItIsSaidAndNothingIsSent(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Dark, LeastWidth)
	b.show(b.put("key", "x", storage.WriteOptions{}))
	b.calm()
	before := b.requests.Load()
	d.tap("info.tabs", "CDN")
	b.calm()
	d.keep("elsewhere")
	if s := d.text("info.distribution.reason"); s != "Distributions are a service of Amazon, and "+b.s.Host()+" is not Amazon." || b.requests.Load() != before {
		t.Errorf("it says %q after %d requests", s, b.requests.Load()-before)
	}
	for _, f := range []DistributionForm{{Certificate: "mine"}, {Root: "/index.html"}, {Log: "bucket/prefix"}, {Log: "s3://"}, {Log: "s3:///x"}} {
		if draft := (distributionDraft{open: true, want: f}); draft.problem() == "" {
			t.Errorf("%+v can be sent", f)
		}
	}
}

// What reads the bucket's website is public: the control cannot be chosen, and the older identity shows no statement for another policy.
func TestDistribution_ControlOnlyWhereItReadsTheBucketItself(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Light, LeastWidth)
	list := []storage.Distribution{
		{ID: "W", Domain: "w.cloudfront.net", Origin: "bucket.s3-website-us-east-1.amazonaws.com"},
		{ID: "I", Domain: "i.cloudfront.net", Origin: "bucket.s3.amazonaws.com", Direct: true, OriginAccess: "origin-access-identity/cloudfront/E1"}}
	b.vm.tab = Distribution
	b.vm.subject = Subject{Session: b.s, Items: []Item{{At: storage.Location{Bucket: "bucket"}, Folder: true}}, Count: 1}
	b.vm.cdn = distributions{of: b.s, bucket: "bucket", list: part[[]storage.Distribution]{state: ready, value: list}}
	b.vm.ChooseDistribution(0)
	d.keep("website")
	if p, _ := d.reg.Part("info.distribution.private"); p.Enabled || p.Selected {
		t.Errorf("a website's distribution has %+v", p)
	}
	b.vm.ChooseDistribution(1)
	if p, _ := d.reg.Part("info.distribution.private"); !p.Enabled || !p.Selected || strings.Contains(d.text("info.distribution"), "For the policy") {
		t.Errorf("with the older identity it has %+v, and says %q", p, d.text("info.distribution"))
	}
	if c := b.vm.Changes(); len(c) != 0 {
		t.Errorf("looking changes %+v", c)
	}
}
