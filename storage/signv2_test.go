package storage_test

import (
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
