package browser

import (
	"testing"

	"pintail/storage"
	"pintail/ui/command"
)

// The address at a distribution is offered once one is known, that which serves before others, and of this connection alone.
func TestViewModel_CopiesAddressesOfADistribution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a b.txt")
	if b.vm.Served("bucket") {
		t.Error("a distribution is known that nobody looked up")
	}
	b.vm.Serve(b.vm.conn.Session, "bucket", []storage.Distribution{{Domain: "off.cloudfront.net"}, {Domain: "on.cloudfront.net", Enabled: true}})
	b.vm.Address(command.CopyCDN, []Item{b.item("a b.txt"), b.item("a b.txt")})
	if want := "https://on.cloudfront.net/a%20b.txt"; b.clip != want+"\n"+want {
		t.Errorf("address %q", b.clip)
	}
	b.vm.Serve(b.vm.conn.Session, "bucket", nil)
	if b.vm.Served("bucket") {
		t.Error("a distribution that has gone is known")
	}
	b.vm.Serve(&storage.Session{}, "bucket", []storage.Distribution{{Domain: "x"}})
	if b.vm.Served("bucket") {
		t.Error("a distribution of another connection is offered")
	}
}
