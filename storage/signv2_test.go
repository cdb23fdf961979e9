package storage_test

import (
	"net/url"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// TestSuite_RGWSignatureV2: the same cases with every request signed with version 2.
func TestSuite_RGWSignatureV2(t *testing.T) {
	onReal(t, func() {
		s := servers.SharedRGW(t)
		features.Proved(t, "connect.signv2", string(s.Name), s.Version)
		to := target(s, rgwQuirks)
		to.Signature = storage.SignatureV2
		storagetest.Run(t, to)
	})
}

// TestSuite_RGWSignatureV2VirtualHosts: the same with the bucket in the host's name, which version 2 covers as a part of the path.
func TestSuite_RGWSignatureV2VirtualHosts(t *testing.T) {
	onReal(t, func() {
		s := servers.SharedRGW(t)
		features.Proved(t, "connect.signv2", string(s.Name), s.Version)
		to := inHost(t, target(s, rgwQuirks))
		to.Signature = storage.SignatureV2
		storagetest.RunVirtualHosts(t, to)
	})
}

// inHost addresses the target's buckets by the host's name, which leads nowhere on this machine: the server takes requests for it as a
// proxy does.
func inHost(t *testing.T, to storagetest.Target) storagetest.Target {
	t.Helper()
	server, err := url.Parse(to.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	to.Endpoint, to.Proxy, to.Addressing = "http://s3.localhost:"+server.Port(), server, storage.AddressingVirtualHost
	return to
}
