package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/reliability"
	"pintail/internal/testkit/servers"
)

const (
	bulkPart  = 8 << 20
	bulkLanes = 4
)

// bulk is a tree of many small files and one large one, on its way through a server that the runs are killed in front of.
type bulk struct {
	testing.TB
	gate        *killGate
	independent *client.Client
	work        string // the programs' folder: src has tree/ and big.bin
	env         []string
	files       int
	bytes       int64
	rnd         *rand.Rand
}

// TestBulk_Versitygw and TestBulk_RGW carry 5,000 files and one of 1 GiB (an eighth of both outside the long run) up, down, along
// with changes, and to another bucket. Each way is cut off by a kill -9 in the middle and resumed; the independent client tells
// what the server has.
func TestBulk_Versitygw(t *testing.T) { bulkOn(t, servers.SharedVersitygw(t)) }

func TestBulk_RGW(t *testing.T) { bulkOn(t, servers.SharedRGW(t)) }

func bulkOn(t *testing.T, s *servers.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("moves half a gigabyte")
	}
	features.Proved(t, "cli.bulk", string(s.Name), s.Version)
	b := &bulk{TB: t, gate: newKillGate(t, s.Endpoint), independent: client.For(t, s), work: t.TempDir(), files: 625, bytes: 128 << 20, rnd: testkit.Rand(t)}
	if reliability.Long() {
		b.files, b.bytes = 5000, 1<<30
	}
	b.env = []string{"PINTAIL_HOME=" + t.TempDir(), "AWS_ENDPOINT_URL_S3=" + b.gate.URL, "AWS_ACCESS_KEY_ID=" + s.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s.SecretKey,
		"AWS_REGION=" + s.Region, "AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none", "NO_PROXY=127.0.0.1,localhost"}
	first, second := b.independent.NewBucket(), b.independent.NewBucket()
	t.Cleanup(func() {
		for _, name := range []string{first, second} {
			b.must("rb", "--force", "--yes", "s3://"+name)
		}
	})
	for i := range b.files {
		b.write(i, b.rnd.Int64N(32<<10))
	}
	b.random("src/big.bin", b.bytes)
	b.up(first)
	b.down(first)
	b.synchronize(first)
	b.move(first, second)
}

// write makes a file of the tree.
func (b *bulk) write(i int, size int64) {
	b.Helper()
	b.random(fmt.Sprintf("src/tree/folder %02d/file-%04d.bin", i%40, i), size)
}

func (b *bulk) up(bucket string) {
	b.Helper()
	b.cut("PutObject", b.files/2, "cp", "-r", "src/tree/", "s3://"+bucket+"/tree/")
	b.gate.reset()
	parts := int(b.bytes / bulkPart)
	b.cut("UploadPart", parts/2, "cp", "src/big.bin", "s3://"+bucket+"/big.bin")
	if sent, most := b.gate.count("UploadPart"), parts+bulkLanes; sent < parts || sent > most {
		b.Errorf("%d parts were sent, want %d to %d: only what was in flight may go again", sent, parts, most)
	}
	b.stores(bucket)
}

func (b *bulk) down(bucket string) {
	b.Helper()
	b.cut("GetObject", b.files/2, "cp", "-r", "s3://"+bucket+"/", "down/")
	if err := equalTrees(filepath.Join(b.work, "src"), filepath.Join(b.work, "down")); err != nil {
		b.Error(err)
	}
	if err := os.RemoveAll(filepath.Join(b.work, "down")); err != nil {
		b.Fatal(err)
	}
}

// synchronize changes a tenth of the files, adds some and takes some away.
func (b *bulk) synchronize(bucket string) {
	b.Helper()
	for i := 0; i+5 < b.files; i += 11 { // every folder keeps some
		b.write(i, 40<<10)
		b.write(b.files+i, 100)
		if err := os.Remove(filepath.Join(b.work, fmt.Sprintf("src/tree/folder %02d/file-%04d.bin", (i+5)%40, i+5))); err != nil {
			b.Fatal(err)
		}
	}
	b.cut("PutObject", b.files/11, "sync", "--delete", "--yes", "src", "s3://"+bucket)
	b.stores(bucket)
	if said := b.must("sync", "--delete", "--yes", "src", "s3://"+bucket); !strings.Contains(said, "nothing differs") {
		b.Errorf("a second run says %s", said)
	}
}

func (b *bulk) move(from, to string) {
	b.Helper()
	b.cut("CopyObject", b.files/2, "mv", "-r", "--yes", "s3://"+from+"/", "s3://"+to+"/")
	b.stores(to)
	if left := b.independent.Listed(from, ""); len(left) > 0 {
		b.Errorf("%d objects were not moved", len(left))
	}
	got := filepath.Join(b.work, "big.independent")
	b.independent.GetFile(to, "big.bin", got)
	if err := equalFiles(filepath.Join(b.work, "src/big.bin"), got); err != nil {
		b.Error(err)
	}
}

// stores compares what the server has with src: each key and size, and the MD5 that the server made of each small object.
func (b *bulk) stores(bucket string) {
	b.Helper()
	want, err := contentsBelow(filepath.Join(b.work, "src"))
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range b.independent.Listed(bucket, "") {
		path, ok := want[o.Key]
		if !ok {
			b.Errorf("%s should not be there", o.Key)
			continue
		}
		delete(want, o.Key)
		if o.Key == "big.bin" {
			if o.Size != b.bytes {
				b.Errorf("big.bin has %d bytes", o.Size)
			}
			continue
		}
		body, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		if sum := md5.Sum(body); o.Size != int64(len(body)) || o.ETag != hex.EncodeToString(sum[:]) {
			b.Errorf("%s has other bytes: %+v", o.Key, o)
		}
	}
	if len(want) > 0 {
		b.Errorf("%d objects are missing", len(want))
	}
}

// cut runs the program, kills it at the n-th request of a kind, and resumes it.
func (b *bulk) cut(op string, n int, args ...string) {
	b.Helper()
	p := b.program(append(args, "--connections", fmt.Sprint(bulkLanes), "--part-size", "8MiB", "--multipart-threshold", "8MiB")...)
	b.gate.arm(op, n, p)
	if err := p.run(); err == nil || !p.killed() {
		b.Fatalf("%q was not killed: %v: %s", args, err, p.out)
	}
	said := b.must("transfers", "resume", "--json")
	if !strings.Contains(said, `"failed":0,"unknown":0`) {
		b.Errorf("resumed %q: %s", args, said[max(0, len(said)-300):])
	}
}

func (b *bulk) random(name string, size int64) {
	b.Helper()
	path := filepath.Join(b.work, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := randomFile(path, size, b.rnd); err != nil {
		b.Fatal(err)
	}
}
