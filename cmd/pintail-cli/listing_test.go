package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
)

// lines is a listing as both programs tell it: key, size and ETag of each object.
func lines(t *testing.T, answer []byte) []string {
	t.Helper()
	var page struct {
		Contents []client.Listed
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range page.Contents {
		out = append(out, fmt.Sprintf("%s %d %s", o.Key, o.Size, strings.Trim(o.ETag, `"`)))
	}
	slices.Sort(out)
	return out
}

// TestListing_SameHoweverOneConnects: by bookmark, by a connection profile's file, by a profile of the AWS files, by the environment
// and without a key the listing is the one that the independent client has with the same account, and the same without one.
func TestListing_SameHoweverOneConnects(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	srv := servers.SharedRGW(t)
	features.Proved(t, "connect.same", string(srv.Name), srv.Version)
	independent := client.For(t, srv)
	bucket := independent.NewBucket()
	for i, key := range []string{"a.txt", "dir/b c+d.txt", "dir/ü/日本", "z%20~", "dir//double"} {
		independent.Put(bucket, key, []byte(strings.Repeat("x", i*100)))
	}
	if _, err := independent.Try("put-bucket-acl", map[string]any{"Bucket": bucket, "ACL": "public-read"}); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := file("aws-config", fmt.Sprintf("[profile work]\nregion = %s\nendpoint_url = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n", srv.Region, srv.Endpoint, srv.AccessKey, srv.SecretKey))
	profile := file("server.cyberduckprofile", `<?xml version="1.0"?><plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>listing-test</string>
<key>Description</key><string>Server</string><key>Scheme</key><string>http</string><key>Hostname Configurable</key><true/></dict></plist>`)
	keys := map[string]string{"AWS_ACCESS_KEY_ID": srv.AccessKey, "AWS_SECRET_ACCESS_KEY": srv.SecretKey}
	call := func(vars map[string]string, stdin string, args ...string) (string, int) {
		sys, out, errOut := testSystem(t)
		sys.Dirs, sys.Stdin = testDirs(home), strings.NewReader(stdin)
		sys.Getenv = func(name string) string {
			if name == "AWS_EC2_METADATA_DISABLED" {
				return "true"
			}
			return vars[name]
		}
		status := run(t.Context(), sys, args)
		if status != 0 {
			t.Errorf("%q: status %d: %s", args, status, errOut)
		}
		return out.String(), status
	}
	call(nil, "", "bookmark", "add", "here", "--endpoint-url", srv.Endpoint, "--username", srv.AccessKey, "--region", srv.Region)
	signed, err := independent.Try("list-objects-v2", map[string]any{"Bucket": bucket})
	if err != nil {
		t.Fatal(err)
	}
	open, err := independent.Try("list-objects-v2", map[string]any{"Bucket": bucket}, "--no-sign-request")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		want  []byte
		vars  map[string]string
		stdin string
		args  []string
	}{
		"bookmark":    {want: signed, vars: keys, args: []string{"--bookmark", "here"}},
		"profile":     {want: signed, stdin: srv.SecretKey + "\n", args: []string{"--profile", profile, "--endpoint-url", srv.Endpoint, "--username", srv.AccessKey, "--password-stdin"}},
		"aws profile": {want: signed, vars: map[string]string{"AWS_CONFIG_FILE": config}, args: []string{"--aws-profile", "work"}},
		"environment": {want: signed, vars: map[string]string{"AWS_ENDPOINT_URL_S3": srv.Endpoint, "AWS_REGION": srv.Region, "AWS_ACCESS_KEY_ID": srv.AccessKey, "AWS_SECRET_ACCESS_KEY": srv.SecretKey}},
		"anonymous":   {want: open, vars: keys, args: []string{"--anonymous", "--endpoint-url", srv.Endpoint}},
	} {
		text, status := call(c.vars, c.stdin, append(c.args, "ls", "-r", "--json", "s3://"+bucket)...)
		if status != 0 {
			continue
		}
		var got []string
		for line := range strings.Lines(text) {
			var e struct {
				Type, Key, ETag string
				Size            int64
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %q: %v", name, line, err)
			}
			if e.Type == "object" {
				got = append(got, fmt.Sprintf("%s %d %s", e.Key, e.Size, e.ETag))
			}
		}
		slices.Sort(got)
		if want := lines(t, c.want); !slices.Equal(got, want) || len(got) != 5 {
			t.Errorf("%s:\n%q\n%q", name, got, want)
		}
	}
}
