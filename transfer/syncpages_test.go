package transfer_test

import (
	"context"

	"pintail/storage"
	"pintail/transfer/transfertest"
)

// smallPages connects with listings of two keys a page.
func smallPages(b *transfertest.Bench) func(context.Context, string) (*storage.Session, error) {
	return func(context.Context, string) (*storage.Session, error) {
		return b.Server.Open(func(c *storage.Config) { c.PageSize = 2 })
	}
}
