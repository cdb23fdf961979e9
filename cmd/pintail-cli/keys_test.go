package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/contract"
	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// TestAwkwardKeys_OnRGW and its sister carry each awkward key up by name, down as a folder and up again as a folder.
func TestAwkwardKeys_OnRGW(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	s := servers.SharedRGW(t)
	features.Proved(t, "list.awkward", string(s.Name), s.Version)
	awkwardRoundTrip(t, client.Account{Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey})
}

func TestAwkwardKeys_Embedded(t *testing.T) {
	s, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	features.Proved(t, "list.awkward", features.Embedded, "")
	awkwardRoundTrip(t, client.Account{Endpoint: s.URL(), Region: s.Region(), AccessKey: s.AccessKey(), SecretKey: s.SecretKey()})
}

// awkwardRoundTrip lists with the independent client, which also tells the MD5 that the server made of each object.
func awkwardRoundTrip(t *testing.T, acc client.Account) {
	t.Helper()
	independent := client.New(t, acc)
	first, second := independent.NewBucket(), independent.NewBucket()
	cli := runner(t, acc)
	keys := contract.AwkwardKeys()
	want := map[string]string{}
	for name, key := range keys {
		if strings.HasSuffix(key, "/") { // a folder's marker: what has content and ends in a slash is no file
			independent.Put(first, key, nil)
			want[key] = ""
			continue
		}
		want[key] = "body of " + name
		cli(want[key], "cp", "-", "s3://"+first+"/"+key)
	}
	all := slices.Sorted(maps.Keys(want))
	var got []string
	for _, o := range independent.Listed(first, "") {
		got = append(got, o.Key)
		if sum := md5.Sum([]byte(want[o.Key])); o.ETag != hex.EncodeToString(sum[:]) {
			t.Errorf("%q: the server has other bytes: %s", o.Key, o.ETag)
		}
	}
	if slices.Sort(got); !slices.Equal(got, all) {
		t.Fatalf("the independent client lists\n%q\nwant\n%q", got, all)
	}
	dir := t.TempDir()
	for i, key := range all {
		if strings.HasSuffix(key, "/") {
			continue
		}
		if got := cli("", "cat", "--raw", "s3://"+first+"/"+key); got != want[key] {
			t.Errorf("%q: cat gives %q", key, got)
		}
		file := filepath.Join(dir, "single", string(rune('a'+i%26))+string(rune('a'+i/26)))
		cli("", "cp", "--raw", "s3://"+first+"/"+key, file)
		if got, err := os.ReadFile(file); err != nil || string(got) != want[key] {
			t.Errorf("%q: %q, %v", key, got, err)
		}
	}
	tree := filepath.Join(dir, "tree")
	cli("", "cp", "-r", "s3://"+first+"/", tree+"/")
	cli("", "cp", "-r", "--ignore=", tree+"/", "s3://"+second+"/")
	if got := slices.Sorted(slices.Values(independent.List(second, ""))); !slices.Equal(got, withoutMarkers(all)) {
		t.Errorf("after the round trip:\n%q\nwant\n%q", got, withoutMarkers(all))
	}
	cli("", "rm", "-r", "--yes", "s3://"+first+"/")
	if left := independent.List(first, ""); len(left) > 0 {
		t.Errorf("not deleted: %q", left)
	}
	cli("", "rb", "s3://"+first)
	cli("", "rb", "--force", "--yes", "s3://"+second)
}

// withoutMarkers leaves out markers of folders that hold something: a folder on a disk needs none.
func withoutMarkers(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
		return strings.HasSuffix(k, "/") && slices.ContainsFunc(keys, func(other string) bool { return other != k && strings.HasPrefix(other, k) })
	})
}

// runner calls the program in this process and returns what it printed; anything but status 0 ends the test. It works in clean-ups.
// more is of its environment, "NAME=VALUE".
func runner(t *testing.T, acc client.Account, more ...string) func(stdin string, args ...string) string {
	t.Helper()
	home := t.TempDir()
	env := map[string]string{
		"AWS_ENDPOINT_URL_S3": acc.Endpoint, "AWS_ENDPOINT_URL_CLOUDFRONT": acc.Endpoint, "AWS_ENDPOINT_URL_KMS": acc.Endpoint,
		"AWS_ENDPOINT_URL_S3_CONTROL": acc.Endpoint, "AWS_ENDPOINT_URL_STS": acc.Endpoint,
		"AWS_ACCESS_KEY_ID": acc.AccessKey, "AWS_SECRET_ACCESS_KEY": acc.SecretKey, "AWS_REGION": acc.Region,
	}
	for _, v := range more {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return func(stdin string, args ...string) string {
		t.Helper()
		sys, out, errOut := testSystem(t)
		sys.Dirs = testDirs(home)
		sys.Getenv = func(name string) string { return env[name] }
		sys.Stdin = bytes.NewReader([]byte(stdin))
		if status := run(context.WithoutCancel(t.Context()), sys, args); status != 0 {
			t.Fatalf("%q: status %d: %s", args, status, errOut)
		}
		return out.String()
	}
}
