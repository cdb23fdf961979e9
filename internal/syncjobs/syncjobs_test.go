package syncjobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pintail/internal/syncjobs"
	"pintail/storage"
	"pintail/transfer"
)

func TestStore_KeepsJobs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config", "sync.json")
	s := syncjobs.Open(path)
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
	most := int64(3)
	for _, r := range []transfer.Request{
		{Kind: transfer.Sync, Connection: "c", Sources: []transfer.Source{{Local: "/a"}}, Target: transfer.Target{Remote: storage.Location{Bucket: "b", Key: "k\xff/"}, Exact: true},
			Options: transfer.Options{Exclude: []string{"*.tmp"}}, Sync: &transfer.SyncOptions{Delete: true, MaxDelete: &most}},
		{Kind: transfer.Sync, Connection: "c", TargetConnection: "d", Sources: []transfer.Source{{Remote: storage.Location{Bucket: "b"}}},
			Target: transfer.Target{Remote: storage.Location{Bucket: "e", Key: "x/"}, Exact: true}, Sync: &transfer.SyncOptions{}},
		{Kind: transfer.Sync, Connection: "c", Sources: []transfer.Source{{Remote: storage.Location{Bucket: "b"}}}, Target: transfer.Target{Local: "/l", Exact: true},
			Sync: &transfer.SyncOptions{Mirror: true}},
	} {
		if err := s.Put(syncjobs.FromRequest("one", r)); err != nil {
			t.Fatal(err)
		}
		j, err := syncjobs.Open(path).Get("one")
		if err != nil || !reflect.DeepEqual(j.Request(), r) {
			t.Errorf("%+v, want %+v: %v", j.Request(), r, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v %v", info, err)
	}
	if err := s.Remove("two"); !errors.Is(err, syncjobs.ErrNotFound) {
		t.Error(err)
	}
	if err := s.Remove("one"); err != nil {
		t.Error(err)
	}
	if _, err := s.Get("one"); !errors.Is(err, syncjobs.ErrNotFound) {
		t.Error(err)
	}
	for _, name := range []string{"", "a\nb", strings.Repeat("x", 101), "\xff"} {
		if err := s.Put(syncjobs.Job{Name: name}); !errors.Is(err, syncjobs.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestStore_LeavesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sync.json")
	for _, content := range []string{"{", `{"version":9,"jobs":[]}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := syncjobs.Open(path).Put(syncjobs.Job{Name: "x"}); !errors.Is(err, syncjobs.ErrFile) {
			t.Error(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%q %v", b, err)
		}
	}
}
