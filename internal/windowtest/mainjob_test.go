package windowtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
)

// What `make run` shows on a machine without a display: a person browses the sample data, uploads a folder, and downloads
// it again, with a real mouse and keyboard; another program confirms every step.
func TestMainJob_BrowseUploadAndDownloadAFolder(t *testing.T) {
	scratch := t.TempDir()
	info := filepath.Join(scratch, "demo.json")
	a := window.Open(t, window.Options{Args: []string{"--demo", "--demo-info", info}})
	aws := demoClient(t, info)
	step("opened the window on the embedded server with sample data")

	buckets := bucketNames(t, aws)
	for _, b := range buckets {
		a.Row("outline", b)
	}
	step("it lists %d buckets, the same that aws lists: %s", len(buckets), strings.Join(buckets, ", "))
	a.Picture("buckets")

	const bucket, folder = "studio-media", "logos"
	a.PressRow("outline", bucket, 1, 2)
	a.PressRow("outline", folder, 1, 2)
	var names []string
	for _, key := range aws.List(bucket, folder+"/") {
		names = append(names, strings.TrimPrefix(key, folder+"/"))
		a.Row("outline", names[len(names)-1])
	}
	if shown := a.Names("outline"); len(shown) != len(names) {
		t.Fatalf("the window shows %q, aws lists %q", shown, names)
	}
	step("went into %s/%s by double clicks: %d files, the same that aws lists", bucket, folder, len(names))
	a.Picture("folder")

	local := filepath.Join(scratch, "holiday")
	files := makeTree(t, local)
	a.Press("toolbar.upload")
	a.Enter("chooser.path", local)
	a.Picture("chooser")
	a.Press("chooser.ok")
	a.Row("outline", "holiday")
	prefix := folder + "/holiday/"
	a.Until("the uploaded folder", func() bool { return len(aws.List(bucket, prefix)) >= files && !a.Has("activity") })
	step("uploaded a folder of %d files by the toolbar", files)
	a.Picture("uploaded")
	byAWS := filepath.Join(scratch, "by-aws")
	aws.GetTree(bucket, prefix, byAWS)
	if err := sameTree(local, byAWS); err != nil {
		t.Fatalf("what aws downloads: %v", err)
	}
	step("aws downloads the same bytes")
	features.Proved(t, "window.browse", features.Embedded, "")
	features.Proved(t, "window.upload", features.Embedded, "")

	back := filepath.Join(scratch, "back")
	if err := os.Mkdir(back, 0o755); err != nil {
		t.Fatal(err)
	}
	a.PressRow("outline", "holiday", 1, 1)
	a.Keys("alt+shift+Down")
	a.Enter("chooser.path", back)
	a.Press("chooser.ok")
	var last error
	a.Until("the downloaded folder", func() bool {
		last = sameTree(local, filepath.Join(back, "holiday"))
		return last == nil && !a.Has("activity")
	})
	step("downloaded it to another folder: every file has the same bytes")
	features.Proved(t, "window.download", features.Embedded, "")

	a.Press("toolbar.transfers")
	a.Part("transfers.list")
	keepPicture(t, a.Picture("done"))
}

// step tells a person who watches what has just been seen to be true.
func step(format string, args ...any) { fmt.Printf("  ✓ "+format+"\n", args...) }

// demoClient is the independent client on the embedded server, whose keys are new at each start.
func demoClient(t *testing.T, path string) *client.Client {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Endpoint, Region string
		AccessKey        string `json:"access_key"`
		SecretKey        string `json:"secret_key"`
	}
	if err := json.Unmarshal(b, &info); err != nil {
		t.Fatal(err)
	}
	return client.New(t, client.Account{Endpoint: info.Endpoint, Region: info.Region, AccessKey: info.AccessKey, SecretKey: info.SecretKey})
}

func bucketNames(t *testing.T, c *client.Client) []string {
	t.Helper()
	b, err := c.Try("list-buckets", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Buckets []struct{ Name string } }
	if err := json.Unmarshal(b, &out); err != nil || len(out.Buckets) == 0 {
		t.Fatalf("buckets: %v in %q", err, b)
	}
	var names []string
	for _, bucket := range out.Buckets {
		names = append(names, bucket.Name)
	}
	return names
}

// makeTree writes a folder with what folders have: names that need care, an empty file, a larger one, folders in folders.
func makeTree(t *testing.T, dir string) (files int) {
	t.Helper()
	random := testkit.Rand(t)
	sizes := map[string]int{"empty.txt": 0, "Zürich 1+2%.txt": 100, "deep/er/notes.md": 5000, "video.bin": 12 << 20}
	for i := range 12 {
		sizes[fmt.Sprintf("photos/photo-%02d.jpg", i)] = 1000 + random.IntN(200_000)
	}
	for name, size := range sizes {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(random.Uint32())
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return len(sizes)
}

// sameTree compares names and contents of all files of two folders.
func sameTree(want, got string) error {
	a, err := tree(want)
	if err != nil {
		return err
	}
	b, err := tree(got)
	if err != nil {
		return err
	}
	for name, body := range a {
		if other, ok := b[name]; !ok || !bytes.Equal(body, other) {
			return fmt.Errorf("%s is missing or differs", name)
		}
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d files, want %d", len(b), len(a))
	}
	return nil
}

func tree(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[strings.TrimPrefix(p, dir)], err = os.ReadFile(p)
		return err
	})
	return files, err
}

// keepPicture copies the last picture to where `make run` names it.
func keepPicture(t *testing.T, path string) {
	t.Helper()
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "build", "main-job.png"), b, 0o644); err != nil {
		t.Fatal(err)
	}
}
