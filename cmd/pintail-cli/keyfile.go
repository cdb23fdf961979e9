package main

import (
	"context"
	"path/filepath"

	"pintail/storage"
)

// keyFile checks the file of a key for SSE-C, and gives its whole path: a transfer may be resumed from elsewhere.
func keyFile(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	if _, err := storage.ReadCustomerKey(path); err != nil {
		return "", usagef("--sse-c %s: %v", path, err)
	}
	return filepath.Abs(path)
}

// withKeyFile makes requests bring the key of a file; "" is none.
func withKeyFile(ctx context.Context, path string) (context.Context, error) {
	if path == "" {
		return ctx, nil
	}
	k, err := storage.ReadCustomerKey(path)
	if err != nil {
		return ctx, usagef("--sse-c %s: %v", path, err)
	}
	return storage.WithCustomerKey(ctx, k), nil
}
