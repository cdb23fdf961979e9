package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pintail/internal/demo"
)

// TestCp_FullDiskIsOneClearMessage downloads onto a file system that is too small.
func TestCp_FullDiskIsOneClearMessage(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small file system cannot be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	env := map[string]string{"AWS_ENDPOINT_URL_S3": s.URL(), "AWS_ACCESS_KEY_ID": s.AccessKey(), "AWS_SECRET_ACCESS_KEY": s.SecretKey()}
	call := func(stdin string, args ...string) (int, string) {
		sys, _, errOut := testSystem(t)
		sys.Getenv = func(name string) string { return env[name] }
		sys.Stdin = strings.NewReader(stdin)
		return run(t.Context(), sys, args), errOut.String()
	}
	if status, said := call("", "mb", "s3://bucket"); status != 0 {
		t.Fatal(said)
	}
	if status, said := call(strings.Repeat("x", 4<<20), "cp", "-", "s3://bucket/big"); status != 0 {
		t.Fatal(said)
	}
	status, said := call("", "cp", "s3://bucket/big", disk+"/")
	if status != 1 || strings.Count(said, "disk is full") != 1 {
		t.Errorf("status %d: %s", status, said)
	}
	if _, err := os.Stat(filepath.Join(disk, "big")); err == nil {
		t.Error("half a file has the final name")
	}
}
