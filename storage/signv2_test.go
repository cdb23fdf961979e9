package storage_test

import (
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// TestSuite_RGWSignatureV2: the same cases with every request signed with version 2.
func TestSuite_RGWSignatureV2(t *testing.T) {
	onReal(t, func() {
		to := target(servers.SharedRGW(t), rgwQuirks)
		to.Signature = storage.SignatureV2
		storagetest.Run(t, to)
	})
}
