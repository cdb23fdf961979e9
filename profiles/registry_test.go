package profiles_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/profiles"
)

func open(t *testing.T, dir string) *profiles.Registry {
	t.Helper()
	r, err := profiles.OpenRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func install(t *testing.T, r *profiles.Registry, name, body string) profiles.Profile {
	t.Helper()
	p, err := r.Install(strings.NewReader(doc(body)), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRegistry_InstallsFindsAndRemoves(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "profiles")
	r := open(t, dir)
	p := install(t, r, "/some where/Fornex (c1.de) .cyberduckprofile", "<key>Description</key><string>Fornex</string><key>Bundled</key><true/>")
	if p.Bundled || filepath.Base(p.File) != "Fornex (c1.de).cyberduckprofile" {
		t.Errorf("%v %q", p.Bundled, p.File)
	}
	for _, name := range []string{"Fornex (c1.de)", "fornex", "v", p.File, "Fornex (c1.de).cyberduckprofile"} {
		if found, err := r.Find(name); err != nil || found.File != p.File {
			t.Errorf("%q: %q %v", name, found.File, err)
		}
	}
	if again := open(t, dir); len(again.All()) != bundled(t)+1 || len(again.Problems()) != 0 {
		t.Errorf("%d %v", len(again.All()), again.Problems())
	}
	if err := r.Remove("Fornex"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Find("Fornex"); !errors.Is(err, profiles.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := r.Remove("Amazon S3"); !errors.Is(err, profiles.ErrBundled) {
		t.Errorf("%v", err)
	}
}

func TestRegistry_KeepsNamesInsideItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := open(t, filepath.Join(dir, "p"))
	for _, name := range []string{"../../evil.cyberduckprofile", `..\..\evil2`, "a\x00b\nc", strings.Repeat("é", 300), ""} {
		p := install(t, r, name, "<key>Description</key><string>"+strings.Repeat("x", len(name)+1)+"</string>")
		if filepath.Dir(p.File) != filepath.Join(dir, "p") {
			t.Errorf("%q went to %q", name, p.File)
		}
	}
	if outside, _ := filepath.Glob(filepath.Join(dir, "*")); len(outside) != 1 {
		t.Errorf("%v", outside)
	}
}

func TestRegistry_InstallRefuses(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir())
	install(t, r, "a", "<key>Region</key><string>one</string>")
	install(t, r, "a", "<key>Region</key><string>one</string>")
	if _, err := r.Install(strings.NewReader(doc("<key>Region</key><string>two</string>")), "a"); !errors.Is(err, profiles.ErrExists) {
		t.Errorf("other content: %v", err)
	}
	var pe *profiles.ParseError
	if _, err := r.Install(strings.NewReader("bplist00"), "b"); !errors.As(err, &pe) {
		t.Errorf("broken: %v", err)
	}
	if len(r.All()) != bundled(t)+1 {
		t.Errorf("%d profiles", len(r.All()))
	}
}

func TestRegistry_ReportsBadFilesAndKeepsThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad"+profiles.Ext)
	if err := os.WriteFile(bad, []byte("<plist><dict>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"+profiles.Ext), 0o700); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	install(t, r, "good", "")
	if len(r.All()) != bundled(t)+1 || len(r.Problems()) != 2 || r.Problems()[0].File != bad {
		t.Errorf("%d %v", len(r.All()), r.Problems())
	}
	if _, err := os.Stat(bad); err != nil {
		t.Error(err)
	}
}

func TestRegistry_FindSaysWhenANameIsNotUnique(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir())
	install(t, r, "one", "<key>Default Hostname</key><string>one.example</string>")
	install(t, r, "two", "<key>Default Hostname</key><string>two.example</string>")
	if _, err := r.Find("v"); !errors.Is(err, profiles.ErrAmbiguous) {
		t.Errorf("%v", err)
	}
	for host, want := range map[string]string{"two.example": "two.example", "other": "one.example"} {
		if p, err := r.ForBookmark("s3", "v", host); err != nil || p.DefaultHostname != want {
			t.Errorf("%s: %q %v", host, p.DefaultHostname, err)
		}
	}
}

func TestRegistry_ForBookmarkWithoutProvider(t *testing.T) {
	t.Parallel()
	r := open(t, "")
	for host, want := range map[string]string{"": profiles.VendorAmazon, "s3.eu-west-1.amazonaws.com": profiles.VendorAmazon,
		"minio.example": profiles.VendorHTTPS, "notamazonaws.com": profiles.VendorHTTPS} {
		if p, err := r.ForBookmark("s3", "", host); err != nil || p.Vendor != want {
			t.Errorf("%q: %s %v", host, p.Vendor, err)
		}
	}
	for vendor, want := range map[string]string{"s3-http": profiles.VendorHTTP, "s3-path-style": profiles.VendorPathStyle, "s3-https": profiles.VendorHTTPS} {
		if p, err := r.ForBookmark("s3", vendor, "minio.example"); err != nil || p.Vendor != want {
			t.Errorf("%q: %s %v", vendor, p.Vendor, err)
		}
	}
	for vendor, want := range map[string]string{"wasabisys-eu-central-2": "pintail-wasabi", "ovh-us-east-va": "pintail-ovhcloud-us", "ovh-gra": "pintail-ovhcloud",
		"Exoscale (AT-VIE-1)": "pintail-exoscale", "backblaze-s3": "pintail-backblaze"} {
		if p, err := r.ForBookmark("s3", vendor, "h.example"); err != nil || p.Vendor != want {
			t.Errorf("%q: %s %v", vendor, p.Vendor, err)
		}
	}
	for _, q := range [][2]string{{"swift", ""}, {"s3", "nobody"}} {
		if _, err := r.ForBookmark(q[0], q[1], ""); !errors.Is(err, profiles.ErrNotFound) {
			t.Errorf("%v: %v", q, err)
		}
	}
}

func TestProfile_IconIsReadWhenAskedFor(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir())
	p := install(t, r, "icon", "<key>Disk</key><string>\n QUJD \n</string><key>Own Key</key><integer>7</integer>")
	if b, err := p.Icon(); err != nil || string(b) != "ABC" {
		t.Errorf("%q %v", b, err)
	}
	out, err := p.Encode()
	if err != nil || !strings.Contains(string(out), "QUJD") || !strings.Contains(string(out), "Own Key") {
		t.Errorf("%s %v", out, err)
	}
	if _, err := install(t, r, "none", "").Icon(); !errors.Is(err, profiles.ErrNoIcon) {
		t.Errorf("%v", err)
	}
}

// TestRegistry_AliasesLeadToBundledProfiles: each alias is answered, so none is misspelt.
func TestRegistry_AliasesLeadToBundledProfiles(t *testing.T) {
	t.Parallel()
	r := open(t, "")
	for _, vendor := range profiles.Aliases() {
		if _, err := r.ForBookmark("s3", vendor, ""); err != nil {
			t.Errorf("%q: %v", vendor, err)
		}
	}
}

// TestRegistry_InstalledDoesNotReplaceAGeneralOne: a file that calls itself as one of ours gets none of its connections.
func TestRegistry_InstalledDoesNotReplaceAGeneralOne(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir())
	install(t, r, "evil", "<key>Vendor</key><string>pintail-s3-https</string><key>Default Hostname</key><string>minio.example</string>")
	if p, err := r.ForBookmark("s3", profiles.VendorHTTPS, "minio.example"); err != nil || !p.Bundled {
		t.Errorf("%s %v", p.File, err)
	}
}
