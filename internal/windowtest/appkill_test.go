package windowtest_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/servers"
	"pintail/internal/testkit/window"
)

// A large and a many-file transfer are under way when the server goes away; then the program is killed too. The program comes
// back before the server does. Everything ends, and the window says the truth at each step.
func TestVersitygw_ServerGoneThenProgramKilled(t *testing.T) {
	srv := servers.Versitygw(t)
	aws := client.For(t, srv)
	bucket := aws.NewBucket()
	aws.Put(bucket, "inbox/readme.txt", []byte("readme"))
	local := t.TempDir()
	const files = 300
	for i := range files {
		name := filepath.Join(local, "many", fmt.Sprint(i%7), fmt.Sprintf("file-%03d.bin", i))
		writeFile(t, name, strings.Repeat(fmt.Sprintln("line of", i), 20_000))
	}
	writeRandom(t, filepath.Join(local, "film.bin"), 110<<20)

	a := window.Open(t, window.Options{Width: 1600, Height: 1000})
	connect(a, accountOf(t, srv.Endpoint, srv.AccessKey, srv.SecretKey))
	openFolder(a, bucket, "inbox")
	a.Row("outline", "readme.txt")
	a.Press("toolbar.transfers")
	pick(a, "transfers.bandwidth", "Uploads", "5.0 MB/s")
	pick(a, "transfers.connections", "3 connections") // so that parts end one after the other
	a.Place(a.Find("Transfers"), window.Point{X: 560, Y: 420})
	at := a.PointOfRow("outline", "readme.txt")
	a.DropFiles(at, nil, filepath.Join(local, "many"))
	a.DropFiles(at, nil, filepath.Join(local, "film.bin"))
	a.Until("the middle of both", func() bool { return percent(a, "film.bin") >= 35 && percent(a, "many") >= 5 })
	a.Picture("running")
	if err := srv.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"film.bin", "many"} {
		if row := rowWith(a, "transfers.list", name+" |", "Waiting for the network"); strings.Contains(row, "(100 %)") {
			t.Fatalf("the server died too late: %q", row)
		}
	}
	rowWith(a, "transfers.list", "Waiting for the network", "next try at")
	a.Picture("server-gone")

	a.Restart()
	a.Part("login.secret") // of the window that comes back
	a.Picture("program-back")
	signIn(a, srv.SecretKey)
	a.WaitText("sheet", "2 transfers")
	a.Picture("asks-to-go-on")
	a.Keys("Return")
	a.Part("transfers.list")
	for _, name := range []string{"film.bin", "many"} {
		rowWith(a, "transfers.list", name+" |", "Waiting for the network")
	}
	a.Picture("still-gone")
	pick(a, "transfers.bandwidth", "Uploads", "Unlimited")
	pick(a, "transfers.connections", "Automatic")

	if err := srv.Restart(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"film.bin", "many"} {
		a.Until(name+" done", func() bool {
			return slices.ContainsFunc(a.Names("transfers.list"), func(s string) bool { return containsAll(s, name+" |", "Done") })
		})
	}
	a.Picture("done")
	back := filepath.Join(t.TempDir(), "by-aws")
	aws.GetTree(bucket, "inbox/", back)
	writeFile(t, filepath.Join(local, "readme.txt"), "readme")
	if err := sameTree(local, back); err != nil {
		t.Errorf("what aws downloads: %v", err)
	}
	if left := aws.Uploads(bucket); len(left) > 0 {
		t.Errorf("unfinished uploads are left: %v", left)
	}
}

// percent is how far the window says that a transfer is.
func percent(a *window.App, name string) int {
	for _, row := range a.Names("transfers.list") {
		if m := percents.FindStringSubmatch(row); m != nil && containsAll(row, name+" |") {
			n, _ := strconv.Atoi(m[1]) // digits
			return n
		}
	}
	return 0
}

var percents = regexp.MustCompile(`\((\d+) %\)`)

// signIn gives the secret that died with the program: the display has no keychain that would keep it.
func signIn(a *window.App, secret string) {
	a.Press("login.secret")
	a.Type(secret)
	a.Enabled("dialog.ok")
	a.Keys("Return")
	a.WaitGone("login.secret")
}
