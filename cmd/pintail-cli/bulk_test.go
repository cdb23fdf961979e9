package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

const (
	bulkFiles = 2000
	bulkBytes = 1 << 30
)

// TestBulk_Versitygw and TestBulk_RGW move 2,000 files and one of 1 GiB there and back; the independent client reads the same bytes.
func TestBulk_Versitygw(t *testing.T) { bulk(t, servers.SharedVersitygw(t)) }

func TestBulk_RGW(t *testing.T) { bulk(t, servers.SharedRGW(t)) }

func bulk(t *testing.T, s *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("moves 2 GiB")
	}
	features.Proved(t, "cli.bulk", string(s.Name), s.Version)
	acc := client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
	independent, cli := client.For(t, s), runner(t, acc)
	bucket := independent.NewBucket()
	t.Cleanup(func() { cli("", "rb", "--force", "--yes", "s3://"+bucket) })
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	tree := filepath.Join(dir, "tree")
	if err := makeTree(tree, seed); err != nil {
		t.Fatal(err)
	}
	said := cli("", "cp", "-r", "--json", tree+"/", "s3://"+bucket+"/tree/")
	if want := fmt.Sprintf(`"done":%d,"skipped":0,"failed":0,"unknown":0`, bulkFiles); !strings.Contains(said, want) {
		t.Fatalf("summary: %s", said[max(0, len(said)-300):])
	}
	cli("", "cp", "-r", "s3://"+bucket+"/tree/", filepath.Join(dir, "back")+"/")
	if err := equalTrees(tree, filepath.Join(dir, "back")); err != nil {
		t.Error(err)
	}
	independent.GetTree(bucket, "tree/", filepath.Join(dir, "independent"))
	if err := equalTrees(tree, filepath.Join(dir, "independent")); err != nil {
		t.Error(err)
	}
	for _, d := range []string{tree, filepath.Join(dir, "back"), filepath.Join(dir, "independent")} {
		if err := os.RemoveAll(d); err != nil {
			t.Fatal(err)
		}
	}
	bigFile(t, cli, independent, bucket, filepath.Join(dir, "big.bin"), seed)
}

// bigFile moves one file of 1 GiB; only two copies of it are on the disk at a time.
func bigFile(t *testing.T, cli func(string, ...string) string, independent *client.Client, bucket, big string, seed uint64) {
	t.Helper()
	if err := randomFile(big, bulkBytes, rand.New(rand.NewPCG(seed, 1))); err != nil {
		t.Fatal(err)
	}
	said := cli("", "cp", "--json", big, "s3://"+bucket+"/big.bin")
	if strings.Contains(said, `"verified":"size"`) || !strings.Contains(said, `"verified":"`) {
		t.Errorf("the upload is not proved by content: %s", said)
	}
	got := big + ".back"
	cli("", "cp", "s3://"+bucket+"/big.bin", got)
	if err := equalFiles(big, got); err != nil {
		t.Error(err)
	}
	if err := os.Remove(got); err != nil {
		t.Fatal(err)
	}
	independent.GetFile(bucket, "big.bin", got)
	if err := equalFiles(big, got); err != nil {
		t.Error(err)
	}
}

// makeTree makes 2,000 files of 0 to 32 KiB in 40 folders.
func makeTree(root string, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range bulkFiles {
		path := filepath.Join(root, fmt.Sprintf("folder %02d", i%40), fmt.Sprintf("file-%04d.bin", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := randomFile(path, r.Int64N(32<<10), r); err != nil {
			return err
		}
	}
	return nil
}

func randomFile(path string, size int64, r *rand.Rand) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(r.Uint32())
	}
	_, err = io.Copy(f, io.LimitReader(rand.NewChaCha8(seed), size))
	return errors.Join(err, f.Close())
}
