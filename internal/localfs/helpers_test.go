package localfs_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pintail/internal/localfs"
)

func touch(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func keys(dir string, o localfs.WalkOptions) (list []string) {
	for e := range localfs.Walk(dir, o) {
		list = append(list, fmt.Sprintf("%s %d", e.Key, e.Kind))
	}
	return list
}

func dest(t *testing.T) (*localfs.Dest, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := localfs.OpenDest(filepath.Join(dir, "root"), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, filepath.Join(dir, "root")
}

func put(d *localfs.Dest, rel, content string) error {
	w, err := d.Create(rel, localfs.TempFor(rel), int64(len(content)))
	if err != nil {
		return err
	}
	if _, err := w.WriteAt([]byte(content), 0); err != nil {
		return errors.Join(err, w.Discard())
	}
	if err := w.Commit(int64(len(content)), time.Unix(1_700_000_000, 5)); err != nil {
		return errors.Join(err, w.Discard())
	}
	return nil
}
