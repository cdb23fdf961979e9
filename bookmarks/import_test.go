package bookmarks_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/plist"
)

// importCanary stands in every file of testdata/import where a secret is.
const importCanary = "s3cr3t#with;all=kinds%of\\signs"

func importFile(t *testing.T, name string) ([]bookmarks.Found, []bookmarks.Skipped, bookmarks.Format) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "import", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found, skipped, format, err := bookmarks.Read(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return found, skipped, format
}

// lineOf is what a connection comes to, in one line.
func lineOf(f bookmarks.Found) string {
	b := f.Bookmark
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%t|%s|%s|%t", b.Nickname, b.EndpointURL, b.Username, b.Region, b.Path, b.Addressing, b.AWSProfile, b.Anonymous,
		b.Custom["s3.signature.version"], b.Folder, !f.Secret.Empty())
}

func TestRead_WhatOtherProgramsKeep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		format  bookmarks.Format
		want    []string
		skipped int
	}{
		"s3cmd.s3cfg":        {bookmarks.S3cmdFormat, []string{"s3cmd|http://storage.example.com:7480|AKIAS3CMD|eu-west-1||path||false|AWS2||true"}, 0},
		"s3cmd-amazon.s3cfg": {bookmarks.S3cmdFormat, []string{"s3cmd||AKIAS3CMD|||||false|||true"}, 0},
		"rclone.conf": {bookmarks.RcloneFormat, []string{
			"amazon||AKIARCLONE|eu-central-1|||" + "|false|||true",
			"minio box|https://minio.example.com:9000|AKIAMINIO|||path||false|AWS2||true",
			"by environment||||||work|false|||false",
			"public|https://public.example.com|||||" + "|true|||false",
			"temporary||ASIATEMP|||||false|||false",
		}, 2},
		"mc.json": {bookmarks.MCFormat, []string{
			"box|https://minio.example.com:9000|AKIAMC|||path||false|||true",
			"old|http://old.example.com|AKIAOLD|||virtual||false|AWS2||true",
		}, 3},
		"winscp.ini": {bookmarks.WinSCPFormat, []string{
			"Straße 1|https://s3.example.com:8443|AKIAWIN|eu-west-3|bucket/folder|path||false||Work/Sites|false",
			"Amazon|||us-east-2|||default|false|||false",
			"plain|http://plain.example.com|AKIAPLAIN|||||false|||false",
		}, 1},
		"settings.list": {bookmarks.CloudBerryFormat, []string{ // no secret: the file does not say whether it is encrypted
			"Photos & films||AKIACLOUDBERRY|||||false|||false",
			"Dunkel|https://dcs.dunkel.de|dunkelkey|||||false|||false",
		}, 1},
		"transmit.favoriteMetadata":        {bookmarks.TransmitFormat, []string{"Box|https://box.example.com:9000|AKIATRANSMIT||bucket/folder|||false|||false"}, 0},
		"transmit-amazon.favoriteMetadata": {bookmarks.TransmitFormat, []string{"Amazon||AKIATRANSMIT|||||false|||false"}, 0},
	} {
		found, skipped, format := importFile(t, name)
		if format != c.format || len(found) != len(c.want) || len(skipped) != c.skipped {
			t.Errorf("%s: %s, %d found, skipped %v", name, format, len(found), skipped)
			continue
		}
		for i, f := range found {
			if got := lineOf(f); got != c.want[i] {
				t.Errorf("%s:\n  %s\n  %s", name, got, c.want[i])
			}
			if !f.Secret.Empty() && f.Secret.Reveal() != importCanary {
				t.Errorf("%s: %s: the secret is not what the file has", name, f.Bookmark.Nickname)
			}
			if strings.Contains(string(f.Bookmark.Marshal()), "s3cr3t") || strings.Contains(fmt.Sprintf("%+v %v", f, skipped), "s3cr3t") {
				t.Errorf("%s: %s: the secret shows", name, f.Bookmark.Nickname)
			}
		}
	}
}

func TestRead_RefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"": bookmarks.ErrFormat, "hello": bookmarks.ErrFormat, "[a]\nb=c": bookmarks.ErrFormat, "{}": bookmarks.ErrFormat,
		`{"aliases":"s3cr3t"`: bookmarks.ErrFormat,
		"# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\ns3cr3t":              bookmarks.ErrEncrypted,
		"RCLONE_ENCRYPT_V0:\ns3cr3t":                                                       bookmarks.ErrEncrypted,
		"[a]\n" + strings.Repeat("a=s3cr3t\n", 30_000):                                     bookmarks.ErrTooLarge,
		strings.Repeat("x", 2<<20):                                                         bookmarks.ErrTooLarge,
		`<a><Settings xsi:type="S3Settings"><Name>s3cr3t</Name>`:                           bookmarks.ErrFormat,
		`<a><Settings xsi:type="S3Settings"></a></Settings>`:                               bookmarks.ErrFormat,
		`<a><Settings xsi:type="S3Settings"/>` + strings.Repeat("<b>", 100):                bookmarks.ErrTooLarge,
		`<a>` + strings.Repeat(`<Settings x:type="S"/>`, 2100) + `</a>`:                    bookmarks.ErrTooLarge,
		`<plist><dict><key>$archiver</key><string>NSKeyedArchiver</string></dict></plist>`: bookmarks.ErrArchive,
		"bplist00s3cr3t":                       plist.ErrBinary,
		strings.Repeat("[r]\ntype=s3\n", 2500): bookmarks.ErrTooLarge,
	} {
		_, _, _, err := bookmarks.Read(strings.NewReader(text))
		if !errors.Is(err, want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%.30q: %v, want %v", text, err, want)
		}
	}
	if _, _, format, err := bookmarks.Read(strings.NewReader("[default]\naws_access_key_id = A\naws_secret_access_key = s3cr3t\n")); format != bookmarks.AWSFormat || err != nil {
		t.Errorf("AWS: %q %v", format, err)
	}
}

func TestRead_LeavesOutWhatIsNotValid(t *testing.T) {
	t.Parallel()
	found, skipped, _, err := bookmarks.Read(strings.NewReader("[good]\ntype=s3\nendpoint=https://s3.example.com\n" +
		"[in the address]\ntype=s3\nendpoint=https://key:s3cr3t@s3.example.com\n[no address]\ntype=s3\nendpoint=ftp://x\n[\x1b[31mred\u202e]\ntype=s3\n"))
	if err != nil || len(found) != 2 || len(skipped) != 2 || strings.Contains(fmt.Sprint(skipped), "s3cr3t") {
		t.Fatalf("%v %v %v", found, skipped, err)
	}
	if name := found[1].Bookmark.Nickname; strings.ContainsAny(name, "\x1b\u202e") {
		t.Errorf("name %q", name)
	}
}

func TestExportAll_ComesBackWithoutSecretsAndPlaces(t *testing.T) {
	t.Parallel()
	var all []bookmarks.Bookmark
	for i := range 600 {
		all = append(all, bookmarks.Bookmark{Protocol: "s3", Nickname: fmt.Sprintf("number %d", i), EndpointURL: "https://s3.example.com", Username: "AKIA", Labels: []string{"a", "b"},
			Order: int64(i + 1), ReadOnly: i%2 == 0, Custom: map[string]string{"x": "y", "my_secret": "s3cr3t"}})
	}
	data := bookmarks.ExportAll(all)
	if strings.Contains(string(data), "s3cr3t") || strings.Contains(string(data), "Order") {
		t.Fatal("more than belongs there is exported")
	}
	found, skipped, format, err := bookmarks.Read(strings.NewReader(string(data)))
	if err != nil || format != bookmarks.BundleFormat || len(found) != len(all) || len(skipped) != 0 {
		t.Fatalf("%d found, %v, %s, %v", len(found), skipped, format, err)
	}
	for i, f := range found {
		if b := f.Bookmark; b.Nickname != all[i].Nickname || b.ReadOnly != all[i].ReadOnly || b.Custom["x"] != "y" || len(b.Labels) != 2 {
			t.Fatalf("%+v", b)
		}
	}
}

// FuzzRead: whatever the file, what comes out can be stored and holds no secret of it.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/import/*")
	if err != nil || len(files) < 5 {
		f.Fatalf("%v %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range []string{"[Sessions\\%]\nFSProtocol=7\nHostName=%zz", "{\"hosts\":{\"\":{\"accessKey\":\"a\",\"url\":\"http://[::1\"}}}", "[\n[]\ntype=s3",
		"<plist><dict><key>Pintail Bookmarks</key><array><string/><dict><key>Protocol</key><string>s3</string></dict></array></dict></plist>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, _, _, err := bookmarks.Read(strings.NewReader(string(data)))
		if err != nil && len(found) > 0 {
			t.Fatal("both")
		}
		for _, one := range found {
			if err := one.Bookmark.Validate(); err != nil {
				t.Fatal(err)
			}
			text := string(one.Bookmark.Export())
			if s := one.Secret.Reveal(); len(s) > 12 && !strings.Contains(one.Bookmark.Username+one.Bookmark.EndpointURL+one.Bookmark.Nickname+one.Bookmark.AWSProfile, s) && strings.Contains(text, ">"+s+"<") {
				t.Fatalf("the secret is in the bookmark")
			}
			if back, _, err := bookmarks.Parse(strings.NewReader(text)); err != nil || back.EndpointURL != one.Bookmark.EndpointURL {
				t.Fatalf("%v: %s", err, text)
			}
		}
	})
}
