package windowtest_test

import (
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

// A folder with a large file is dropped on a row, the server dies on the way and comes back: the window says so, the
// transfer ends by itself, and nothing that was stored is sent again.
func TestRGW_DropFolderKillServerResume(t *testing.T) {
	rgw := servers.RGW(t)
	aws := client.For(t, rgw)
	bucket := aws.NewBucket()
	aws.Put(bucket, "inbox/photos/old.txt", []byte("old"))
	aws.Put(bucket, "inbox/readme.txt", []byte("readme"))
	local := filepath.Join(t.TempDir(), "journey")
	makeTree(t, local)
	writeRandom(t, filepath.Join(local, "film.bin"), 300<<20)

	a := window.Open(t, window.Options{Width: 1600, Height: 1000})
	fillConnection(a, plainHTTP, accountOf(t, rgw.Endpoint, rgw.AccessKey, rgw.SecretKey))
	a.Picture("connection")
	a.Keys("Return")
	a.Row("outline", bucket)
	a.Picture("buckets")
	openFolder(a, bucket, "inbox")
	a.Row("outline", "photos")
	a.Picture("folder")
	features.Proved(t, "window.connect", rgw.Name, rgw.Version)

	a.Press("toolbar.transfers")
	pick(a, "transfers.connections", "3 connections") // so that the parts come one after the other
	a.Place(a.Find("Transfers"), window.Point{X: 560, Y: 420})
	a.DropFiles(a.PointOfRow("outline", "photos"), func() { a.Picture("hover") }, local)
	rowWith(a, "transfers.list", "journey", "photos", " of ")
	a.Picture("running")

	const key = "inbox/photos/journey/film.bin"
	a.Until("three stored parts", func() bool { return len(parts(t, rgw, bucket, key, 200)) >= 3 })
	if err := rgw.Kill(); err != nil {
		t.Fatal(err)
	}
	stored := parts(t, rgw, bucket, key, 200)
	sent := len(parts(t, rgw, bucket, key, 0))
	if len(stored) >= 30 {
		t.Fatal("the file was stored before the server could be killed")
	}
	rowWith(a, "transfers.list", "journey", "Waiting for the network")
	a.Picture("waiting")
	t.Logf("killed with parts %v stored", stored)

	if err := rgw.Restart(); err != nil {
		t.Fatal(err)
	}
	a.Until("the end of the transfer", func() bool {
		return slices.ContainsFunc(a.Names("transfers.list"), func(s string) bool { return containsAll(s, "journey", "Done") })
	})
	a.Picture("done")
	t.Logf("all parts in the order of the server's log: %v", parts(t, rgw, bucket, key, 0))
	for _, n := range parts(t, rgw, bucket, key, 0)[sent:] {
		if slices.Contains(stored, n) {
			t.Errorf("part %d was stored before the server died, and was sent again", n)
		}
	}
	if n := len(parts(t, rgw, bucket, key, 200)); n > 30+3 {
		t.Errorf("%d parts were stored, want 30 and at most the 3 that were on their way", n)
	}
	back := filepath.Join(t.TempDir(), "by-aws")
	aws.GetTree(bucket, "inbox/photos/journey/", back)
	if err := sameTree(local, back); err != nil {
		t.Errorf("what aws downloads: %v", err)
	}
	if left := aws.Uploads(bucket); len(left) > 0 {
		t.Errorf("unfinished uploads are left: %v", left)
	}
	features.Proved(t, "window.drop", rgw.Name, rgw.Version)
	features.Proved(t, "upload.serverkill", rgw.Name, rgw.Version)
}

// parts is the number of each part of key that the server was sent, as it says itself; status 0 is with any answer.
func parts(t *testing.T, s *servers.Server, bucket, key string, status int) []int {
	t.Helper()
	list, err := s.Requests()
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, r := range list {
		u, err := url.ParseRequestURI(r.Target)
		if err != nil || r.Method != "PUT" || status != 0 && r.Status != status || u.Path != "/"+bucket+"/"+key {
			continue
		}
		if n, err := strconv.Atoi(u.Query().Get("partNumber")); err == nil {
			out = append(out, n)
		}
	}
	return out
}
