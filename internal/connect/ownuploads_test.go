package connect_test

import (
	"os"
	"path/filepath"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// profileWith is the file of a profile with properties.
func profileWith(t *testing.T, host, properties string) string {
	t.Helper()
	return profileOver(t, "http", host, properties)
}

func profileOver(t *testing.T, scheme, host, properties string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own"+profiles.Ext)
	body := `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>own</string><key>Scheme</key><string>` + scheme + `</string>` +
		`<key>Default Hostname</key><string>` + host + `</string><key>Properties</key><dict>` + properties + `</dict></dict></plist>`
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func property(name, value string) string {
	return "<key>" + name + "</key><string>" + value + "</string>"
}

// TestUploads_WhoSaysHow: what was chosen for a bucket comes before the bookmark's properties, those before the profile's, and the
// preferences are last.
func TestUploads_WhoSaysHow(t *testing.T) {
	prefs, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newSetup(t).key("K", "S")
	s.Preferences = prefs
	plain := s.open(t, connect.Spec{Endpoint: "http://127.0.0.1:9"})
	if plain.PartSize(prefs) != preferences.S3PartSize.Get(prefs) || plain.Threshold(prefs) != preferences.S3MultipartThreshold.Get(prefs) || plain.KeepTime(prefs) != preferences.UploadTimestamp.Get(prefs) {
		t.Error("nothing is said, and the preferences do not hold")
	}
	file := profileWith(t, "127.0.0.1", property("s3.upload.multipart.size", "33554432")+property("s3.upload.multipart.threshold", "1")+property("s3.timestamp.enable", "true")+
		property("s3.storage.class", "STANDARD_IA")+property("s3.encryption.algorithm", "AES256")+property("s3.acl.default", "public-read"))
	c := s.open(t, connect.Spec{Profile: file})
	var w storage.WriteOptions
	c.UploadDefaults(&w, prefs, "b")
	if c.PartSize(prefs) != 32<<20 || c.Threshold(prefs) != 5<<20 || !c.KeepTime(prefs) || w.Class != "STANDARD_IA" || w.Encryption.Type != "AES256" || w.ACL != "public-read" {
		t.Errorf("profile: part %d, threshold %d, %+v", c.PartSize(prefs), c.Threshold(prefs), w)
	}
	asked := storage.WriteOptions{Class: "GLACIER", ACL: "private", Encryption: storage.Encryption{Type: "aws:kms", KeyID: "k"}}
	want := asked
	if c.UploadDefaults(&asked, prefs, "b"); asked.Class != want.Class || asked.ACL != want.ACL || asked.Encryption != want.Encryption {
		t.Errorf("asked for: %+v", asked)
	}
	p, err := profiles.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Profiles.Find(p.Vendor); err == nil {
		t.Fatal("the profile is installed")
	}
	if _, err := s.Bookmarks.Add(bookmarks.Bookmark{Protocol: "s3", Provider: profiles.VendorHTTP, Nickname: "mine", Hostname: "127.0.0.1",
		Custom: map[string]string{"s3.storage.class": "STANDARD", "s3.acl.default": "none", "s3.upload.multipart.size": "67108864", "s3.timestamp.enable": "false"}}); err != nil {
		t.Fatal(err)
	}
	if err := preferences.S3StorageClass.Set(prefs, "ONEZONE_IA"); err != nil {
		t.Fatal(err)
	}
	b := s.open(t, connect.Spec{Bookmark: "mine"})
	w = storage.WriteOptions{}
	if b.UploadDefaults(&w, prefs, "b"); w.Class != "" || w.ACL != "" || b.PartSize(prefs) != 64<<20 || b.KeepTime(prefs) {
		t.Errorf("bookmark: %+v", w)
	}
	own := preferences.BucketDefaults{Host: connect.PreferenceHost(b.Host), Bucket: "b", Class: "GLACIER_IR"}
	if err := preferences.S3Buckets.Set(prefs, []preferences.BucketDefaults{own}); err != nil {
		t.Fatal(err)
	}
	w = storage.WriteOptions{}
	if b.UploadDefaults(&w, prefs, "b"); w.Class != "GLACIER_IR" {
		t.Errorf("of the bucket: %+v", w)
	}
}

// TestOpen_DualStackOfAProfile: Amazon's hosts of both protocols are asked where the profile says so, and those of others are as they are.
func TestOpen_DualStackOfAProfile(t *testing.T) {
	s := newSetup(t).key("K", "S")
	file := profileOver(t, "https", "s3.amazonaws.com", property("s3.endpoint.dualstack.enable", "true"))
	if c := s.open(t, connect.Spec{Profile: file, Region: "eu-west-1"}); c.Session.Endpoint().Host != "s3.dualstack.eu-west-1.amazonaws.com" {
		t.Errorf("host %s", c.Session.Endpoint().Host)
	}
	srv, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	if c := s.open(t, connect.Spec{Profile: profileWith(t, "", property("s3.endpoint.dualstack.enable", "true")), Endpoint: srv.URL()}); c.Session.Endpoint().String() != srv.URL() {
		t.Errorf("host %s", c.Session.Endpoint())
	}
}
