package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// bed is what the jobs work on.
type bed struct {
	dir       string // data, scratch and the clients' homes
	ours      string // pintail-cli
	fileBytes int64
	files     int
	keys      int
	sum       []byte // of the large file
}

// endpoint is a server that jobs run against.
type endpoint struct {
	title, url, access, secret string
	real                       bool // answers entity tags that s3cmd compares, and stores what it is given
}

// prepare makes the large file and the tree of small ones.
func (b *bed) prepare() error {
	for _, d := range []string{"tree", "down"} {
		if err := os.MkdirAll(filepath.Join(b.dir, d), 0o755); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	f, err := os.Create(filepath.Join(b.dir, "big"))
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer f.Close()
	random, err := os.Open("/dev/urandom")
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer random.Close()
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(f, h), random, b.fileBytes); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	b.sum = h.Sum(nil)
	for i := range b.files {
		name := filepath.Join(b.dir, "tree", fmt.Sprintf("d%02d", i%20), fmt.Sprintf("file-%05d", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		if err := os.WriteFile(name, bytes.Repeat([]byte{byte(i)}, 4096), 0o644); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	return nil
}

// env is the environment of every client: keys, and a home that nobody else uses.
func (b *bed) env(e endpoint) []string {
	home := filepath.Join(b.dir, "home")
	return []string{"AWS_ACCESS_KEY_ID=" + e.access, "AWS_SECRET_ACCESS_KEY=" + e.secret, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "HOME=" + home, "PINTAIL_HOME=" + home, "LC_ALL=C.UTF-8"}
}

// clients is one command line for each client that is present. Empty arguments mean that it sits a job out.
func (b *bed) clients(e endpoint, ours, aws, s3cmd []string) []tool {
	list := []tool{{"pintail-cli", append([]string{b.ours, "--endpoint-url", e.url, "--quiet", "--existing", "overwrite"}, ours...), b.env(e)}}
	if bin, err := exec.LookPath("/usr/bin/aws"); err == nil && aws != nil {
		list = append(list, tool{"aws", append([]string{bin, "--endpoint-url", e.url, "s3"}, aws...), b.env(e)})
	}
	if bin, err := exec.LookPath("s3cmd"); err == nil && s3cmd != nil && e.real {
		host := e.url[len("http://"):]
		list = append(list, tool{"s3cmd", append([]string{bin, "--no-ssl", "--host=" + host, "--host-bucket=" + host, "--quiet"}, s3cmd...), b.env(e)})
	}
	return list
}

// jobs is the comparison on one endpoint. The bucket exists.
func (b *bed) jobs(e endpoint, bucket string) []job {
	big, tree, down := filepath.Join(b.dir, "big"), filepath.Join(b.dir, "tree"), filepath.Join(b.dir, "down")
	s3 := "s3://" + bucket + "/"
	got, gotTree := filepath.Join(down, "big"), filepath.Join(down, "tree")
	clear := func() error {
		if err := os.RemoveAll(down); err != nil {
			return err
		}
		return os.MkdirAll(gotTree, 0o755)
	}
	list := []job{{
		title: fmt.Sprintf("Upload one file of %d MiB to %s", b.fileBytes>>20, e.title),
		tools: b.clients(e, words("cp", big, s3+"big"), words("cp", "--only-show-errors", big, s3+"big"), words("put", big, s3+"big")),
	}, {
		title:  fmt.Sprintf("Download one file of %d MiB from %s", b.fileBytes>>20, e.title),
		tools:  b.clients(e, words("cp", s3+"big", got), words("cp", "--only-show-errors", s3+"big", got), words("get", s3+"big", got)),
		before: clear, check: func() error { return b.checkFile(got, e.real) },
	}}
	if !e.real {
		return append(list, job{
			title: fmt.Sprintf("List %d keys on %s", b.keys, e.title),
			tools: b.clients(e, words("ls", "-r", fmt.Sprintf("s3://syn-%d", b.keys)), words("ls", "--recursive", fmt.Sprintf("s3://syn-%d", b.keys)), nil),
		})
	}
	// Ours puts a folder into the target, the others put its contents there: all end as tree/….
	return append(list, job{
		title: fmt.Sprintf("Upload %d files of 4 KiB to %s", b.files, e.title),
		tools: b.clients(e, words("cp", "-r", tree, s3), words("cp", "--recursive", "--only-show-errors", tree, s3+"tree/"), words("put", "--recursive", tree+"/", s3+"tree/")),
	}, job{
		title:  fmt.Sprintf("Download %d files of 4 KiB from %s", b.files, e.title),
		tools:  b.clients(e, words("cp", "-r", s3+"tree/", gotTree+"/"), words("cp", "--recursive", "--only-show-errors", s3+"tree/", gotTree), words("get", "--recursive", s3+"tree/", gotTree+"/")),
		before: clear, check: func() error { return b.checkTree(down) },
	})
}

func words(w ...string) []string { return w }

// checkFile compares a downloaded file with what was uploaded; the sink serves zeros, so only the size counts there.
func (b *bed) checkFile(path string, content bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return err
	}
	if n != b.fileBytes || content && !bytes.Equal(h.Sum(nil), b.sum) {
		return fmt.Errorf("%s: %d bytes, not what was uploaded", path, n)
	}
	return nil
}

// checkTree counts the downloaded files and their bytes.
func (b *bed) checkTree(dir string) error {
	files, bytes := 0, int64(0)
	err := filepath.Walk(dir, func(_ string, fi os.FileInfo, err error) error {
		if err == nil && fi.Mode().IsRegular() {
			files++
			bytes += fi.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	if files != b.files || bytes != int64(b.files)*4096 {
		return fmt.Errorf("%s: %d files with %d bytes, want %d", dir, files, bytes, b.files)
	}
	return nil
}
