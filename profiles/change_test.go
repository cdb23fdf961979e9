package profiles_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/profiles"
)

const labFile = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Protocol</key><string>s3</string><key>Vendor</key><string>lab</string><key>Description</key><string>Lab</string>
<key>Default Hostname</key><string>lab.example.com</string><key>Default Port</key><string>9000</string>
<key>Of Somebody Else</key><string>stays</string>
<key>Disk</key><string>iVBORw0KGgo=</string>
<key>Properties</key><array><string>s3.bucket.virtualhost.disable=true</string></array>
</dict></plist>`

func opened(t *testing.T) (*profiles.Registry, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profiles")
	r, err := profiles.OpenRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

func TestChange_KeepsWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	r, dir := opened(t)
	p, err := r.Install(strings.NewReader(labFile), "lab"+profiles.Ext)
	if err != nil {
		t.Fatal(err)
	}
	c := p.Changes()
	c.Description, c.Hostname, c.Port, c.Regions, c.AnyHostname = "Lab 2", "two.example.com", 0, []string{"r1", "r2"}, true
	got, err := r.Change(p.File, c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title() != "Lab 2" || got.DefaultHostname != "two.example.com" || got.DefaultPort != 443 || !slices.Equal(got.Regions, c.Regions) || !got.Fields.Hostname ||
		got.Vendor != "lab" || got.Quirks.PathStyle == nil || !*got.Quirks.PathStyle {
		t.Errorf("%+v", got)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "lab"+profiles.Ext))
	if err != nil || !bytes.Contains(raw, []byte("Of Somebody Else")) || !bytes.Contains(raw, []byte("iVBORw0KGgo=")) {
		t.Errorf("%v, the file is %s", err, raw)
	}
	before := string(raw)
	c = got.Changes()
	c.Scheme = "gopher"
	c.Hostname = "not a host"
	_, err = r.Change(p.File, c)
	if after, readErr := os.ReadFile(p.File); !errors.Is(err, profiles.ErrValue) || readErr != nil || string(after) != before {
		t.Errorf("an impossible change: %v", err)
	}
	if _, err := r.Change("bundled/Amazon S3"+profiles.Ext, c); !errors.Is(err, profiles.ErrBundled) {
		t.Errorf("a bundled one: %v", err)
	}
}

func TestDuplicate_IsAnotherProfileAndCanBeChangedExportedAndRemoved(t *testing.T) {
	t.Parallel()
	r, dir := opened(t)
	amazon, err := r.Find("Amazon S3")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"pintail-amazon-s3-2", "pintail-amazon-s3-3"} {
		c := amazon.Changes()
		c.Description, c.Hostname, c.AnyHostname = "Our store: main", "", true
		p, err := r.Duplicate(amazon.File, c)
		if err != nil {
			t.Fatal(err)
		}
		if p.Vendor != want || p.Bundled || p.Title() != c.Description || p.DefaultHostname != "" || !p.Fields.Hostname || !slices.Equal(p.Regions, amazon.Regions) ||
			filepath.Dir(p.File) != dir {
			t.Errorf("copy %d: %+v", n, p)
		}
	}
	all := r.All()
	own := all[len(all)-1]
	out := t.TempDir()
	for range 2 {
		if _, err := r.Export(own.File, out); err != nil {
			t.Fatal(err)
		}
	}
	list, err := filepath.Glob(filepath.Join(out, "*"+profiles.Ext))
	if err != nil || len(list) != 2 {
		t.Fatalf("exported %v, %v", list, err)
	}
	if back, err := profiles.ReadFile(list[0]); err != nil || back.Vendor != own.Vendor || back.Title() != own.Title() {
		t.Errorf("read back: %+v, %v", back, err)
	}
	if err := r.RemoveFile(own.File); err != nil {
		t.Fatal(err)
	}
	if _, err := r.InstallFile(list[1]); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveFile(amazon.File); !errors.Is(err, profiles.ErrBundled) {
		t.Errorf("a bundled one: %v", err)
	}
	if len(r.All()) != len(all) {
		t.Errorf("%d profiles, there were %d", len(r.All()), len(all))
	}
}
