package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"pintail/internal/testkit"
	"pintail/internal/testkit/bench/sink"
)

// bed is what the jobs work on: data and scratch in memory, the clients' programs, and the sinks, each made when first asked for.
type bed struct {
	dir   string // in memory where there is such a file system, so that no disk is measured
	disk  string // on a disk, for what is larger than memory
	tools string // build/tools
	ours  string // pintail-cli
	scale scale
	sinks map[string]*sink.Sink
	ca    string // certificate of the TLS sink
	kept  string // where results are kept between runs
}

// scale is how much work the jobs are. A quick run proves that all works; its figures mean little.
type scale struct {
	quick              bool
	bigMiB, midMiB     int64
	small, fewSmall    int // files of 4 KiB
	keys, fewKeys      int // listed
	synced             int // files compared
	sparseGiB          int64
	rounds, slowRounds int
}

func fullScale(rounds int) scale {
	return scale{bigMiB: 2048, midMiB: 512, small: 10_000, fewSmall: 1000, keys: 1_000_000, fewKeys: 100_000, synced: 100_000, sparseGiB: 100,
		rounds: rounds, slowRounds: 1}
}

func quickScale() scale {
	return scale{quick: true, bigMiB: 128, midMiB: 128, small: 500, fewSmall: 200, keys: 20_000, fewKeys: 10_000, synced: 2000, sparseGiB: 2,
		rounds: 1, slowRounds: 1}
}

func newBed(s scale) (*bed, error) {
	root, err := testkit.Root()
	if err != nil {
		return nil, err
	}
	base := os.TempDir()
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		base = "/dev/shm"
	}
	b := &bed{scale: s, tools: filepath.Join(root, "build", "tools"), ours: filepath.Join(root, "build", "pintail-cli"), sinks: map[string]*sink.Sink{}}
	if b.dir, err = os.MkdirTemp(base, "pintail-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if b.disk, err = os.MkdirTemp("", "pintail-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if _, err := os.Stat(b.ours); err != nil {
		return nil, fmt.Errorf("run `make build` first: %w", err)
	}
	return b, b.configure()
}

// configure writes the files that clients read their settings from.
func (b *bed) configure() error {
	part := "  multipart_threshold = 16MB\n  multipart_chunksize = 10MB\n  addressing_style = path\n"
	keys := "aws_access_key_id = test\naws_secret_access_key = testtest\n"
	files := map[string]string{
		"aws":     "[default]\nregion = us-east-1\ns3 =\n  max_concurrent_requests = 10\n" + part + "[profile crt]\nregion = us-east-1\n" + keys + "s3 =\n  preferred_transfer_client = crt\n" + part,
		"aws.def": "[default]\nregion = us-east-1\ns3 =\n  addressing_style = path\n",
		"s3cfg":   "[default]\nuse_https = False\nbucket_location = us-east-1\nmultipart_chunk_size_mb = 10\nprogress_meter = False\n",
		"rclone":  "", "mc/.keep": "",
	}
	for name, text := range files {
		p := filepath.Join(b.dir, "conf", name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	return b.freshHome()
}

// close ends the sinks and removes the data.
func (b *bed) close() {
	for _, s := range b.sinks {
		s.Close()
	}
	_, _ = os.RemoveAll(b.dir), os.RemoveAll(b.disk)
}

func (b *bed) conf(name string) string { return filepath.Join(b.dir, "conf", name) }

// freshHome gives the clients a home that knows nothing of earlier runs.
func (b *bed) freshHome() error {
	home := filepath.Join(b.dir, "home")
	if err := os.RemoveAll(home); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return os.MkdirAll(filepath.Join(home, ".cache"), 0o700)
}

// out is an empty folder for downloads.
func (b *bed) out() string { return filepath.Join(b.dir, "out") }

func (b *bed) freshOut() error {
	if err := os.RemoveAll(b.out()); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return os.MkdirAll(b.out(), 0o755)
}

// sink is the sink with these options, which stays until the end.
func (b *bed) sink(o sink.Options) (*sink.Sink, error) {
	name := fmt.Sprint(o)
	if s, ok := b.sinks[name]; ok {
		return s, nil
	}
	s, err := sink.Start(o)
	if err != nil {
		return nil, err
	}
	b.sinks[name] = s
	if o.TLS {
		b.ca = filepath.Join(b.dir, "ca.pem")
		return s, os.WriteFile(b.ca, s.CertPEM, 0o600)
	}
	return s, nil
}

// file is a file of random bytes, made when first asked for.
func (b *bed) file(mib int64) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("file-%d", mib))
	if fi, err := os.Stat(path); err == nil && fi.Size() == mib<<20 {
		return path, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), mib<<20)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	return path, nil
}

// sparse is a file of holes on the disk.
func (b *bed) sparse(gib int64) (string, error) {
	path := filepath.Join(b.disk, fmt.Sprintf("sparse-%d", gib))
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	return path, f.Truncate(gib << 30)
}

// tree is a folder of n files named and timed like those of a bucket of the sink, made when first asked for.
func (b *bed) tree(n int, size int64, perDir int) (string, error) {
	bucket := sink.Bucket(n, size, perDir)
	dir := filepath.Join(b.dir, "tree-"+strconv.Itoa(n)+"-"+strconv.FormatInt(size, 10))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	body := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(body) // never fails
	old := time.Unix(1_500_000_000, 0)             // before what the sink says of its objects
	for i := range n {
		path := filepath.Join(dir, filepath.FromSlash(sink.Key(bucket, i)))
		if i%perDir == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return "", fmt.Errorf("bench: %w", err)
			}
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			return "", fmt.Errorf("bench: %w", err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			return "", fmt.Errorf("bench: %w", err)
		}
	}
	return dir, nil
}
