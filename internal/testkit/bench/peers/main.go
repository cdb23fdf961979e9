// Command peers drives Go libraries for S3 through the jobs of the benchmark, as a program would that is written with them.
// It must stay a plain use of each library: no tuning that its documentation does not name. A module of its own, so that what it
// needs is no dependency of the project. Start reading at main; the libraries are in sdk.go and minio.go.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// settings are the options of a run.
type settings struct {
	endpoint, bucket, access, secret string
	part                             int64
	workers                          int
}

// library is what each library does; an operation that it lacks is an error.
type library interface {
	upload(ctx context.Context, path, key string) error
	download(ctx context.Context, key, path string) error
	list(ctx context.Context, each func(key string) error) error
	remove(ctx context.Context) error
	copyTo(ctx context.Context, key, target string) error
}

func main() {
	var s settings
	flag.StringVar(&s.endpoint, "endpoint", "", "URL of the server")
	flag.StringVar(&s.bucket, "bucket", "bench", "bucket")
	flag.Int64Var(&s.part, "part", 10, "part size in MiB")
	flag.IntVar(&s.workers, "c", 10, "parts or files at once")
	flag.Parse()
	s.part <<= 20
	s.access, s.secret = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if err := run(context.Background(), s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// run does what the words say: LIBRARY up FILE | down KEY FILE | updir DIR | downdir DIR | list | del | copy BUCKET | checksum KEY.
func run(ctx context.Context, s settings, words []string) error {
	words = append(words, "", "", "", "")
	l, err := open(s, words[0])
	if err != nil {
		return err
	}
	switch words[1] {
	case "up":
		return l.upload(ctx, words[2], filepath.Base(words[2]))
	case "down":
		return l.download(ctx, words[2], words[3])
	case "updir":
		return updir(ctx, l, s.workers, words[2])
	case "downdir":
		return downdir(ctx, l, s.workers, words[2])
	case "list":
		return l.list(ctx, func(string) error { return nil })
	case "del":
		return l.remove(ctx)
	case "checksum":
		if m, ok := l.(*manager); ok {
			return m.checksum(ctx, words[2])
		}
	case "copy":
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(s.workers)
		err := l.list(ctx, func(key string) error {
			g.Go(func() error { return l.copyTo(ctx, key, words[2]) })
			return ctx.Err()
		})
		return first(g.Wait(), err)
	}
	return fmt.Errorf("no operation %q", words[1])
}

func open(s settings, name string) (library, error) {
	switch name {
	case "manager":
		return &manager{sdk: newSDK(s)}, nil
	case "transfermanager":
		return newTransferManager(s), nil
	case "minio-go":
		return newMinio(s)
	}
	return nil, fmt.Errorf("no library %q", name)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// transport keeps as many connections as there are workers; more workers than that reconnect all the time.
func transport(s settings) *http.Transport {
	const enough = 128
	return &http.Transport{MaxIdleConnsPerHost: max(enough, s.workers), IdleConnTimeout: 90 * time.Second, DisableCompression: true,
		TLSClientConfig: &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(enough)}}
}

func updir(ctx context.Context, l library, workers int, dir string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		key, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		g.Go(func() error { return l.upload(ctx, path, filepath.ToSlash(key)) })
		return ctx.Err()
	})
	return first(g.Wait(), err)
}

func downdir(ctx context.Context, l library, workers int, dir string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	var made sync.Map
	err := l.list(ctx, func(key string) error {
		path := filepath.Join(dir, filepath.FromSlash(key))
		if _, there := made.LoadOrStore(filepath.Dir(path), true); !there {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
		}
		g.Go(func() error { return l.download(ctx, key, path) })
		return ctx.Err()
	})
	return first(g.Wait(), err)
}
