package info

import (
	"strings"
	"testing"

	"pintail/storage"
	"pintail/ui/look"
)

func TestAccessPoints_OfABucketWithTheirAddresses(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Light, LeastWidth)
	bucket := b.beside(b.embedded())
	b.server.AddAccessPoint("analytics", bucket, "")
	b.server.AddAccessPoint("warehouse", bucket, "vpc-0a1b2c3d")
	b.show(Item{At: storage.Location{Bucket: bucket}, Folder: true, Kind: "Bucket", Icon: "kind-bucket"})
	d.tap("info.tabs", "S3")
	b.calm()
	d.inside("points")
	d.keep("points")
	f := b.vm.PointFacts().Facts
	if len(f) != 4 || f[0].Label != "analytics" || !strings.HasSuffix(f[0].Value, "-s3alias") || f[0].Note != "from the internet" || !f[0].Copy ||
		!strings.HasSuffix(f[1].Value, ":accesspoint/analytics") || f[2].Note != "only from vpc-0a1b2c3d" {
		t.Errorf("%+v", f)
	}
	if s := d.text("info.points"); strings.Count(s, "\n") != 3 {
		t.Errorf("it shows %q", s)
	}
}

func TestAccessPoints_ElsewhereAreNotOffered(t *testing.T) {
	b := newBench(t)
	b.vm.tab = Service
	b.show(Item{At: storage.Location{Bucket: "bucket"}, Folder: true, Kind: "Bucket"})
	b.calm()
	if f := b.vm.PointFacts().Facts; len(f) != 1 || f[0].Reason != "this server does not have it" || b.server.CountRequests("ListAccessPoints", "", 0) != 0 {
		t.Errorf("%+v", f)
	}
}
