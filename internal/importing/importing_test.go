package importing_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/importing"
	"pintail/keychain"
)

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func store(t *testing.T) *bookmarks.Store {
	t.Helper()
	s, err := bookmarks.Open(t.TempDir(), bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const rclone = "[box]\ntype = s3\nendpoint = https://box.example.com\naccess_key_id = K\nsecret_access_key = s3cr3t\n"

func TestAll_TakesEachOnceAndGoesOnAfterWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conf := write(t, filepath.Join(dir, "rclone.conf"), rclone)
	odd := write(t, filepath.Join(dir, "odd.txt"), "hello")
	elsewhere := write(t, filepath.Join(dir, "aws"), "[default]\naws_access_key_id = K\n")
	folder := filepath.Join(dir, "duck")
	write(t, filepath.Join(folder, "a.duck"), "<plist><dict><key>Protocol</key><string>s3</string><key>Nickname</key><string>duck</string></dict></plist>")
	write(t, filepath.Join(folder, ".hidden.duck"), "x")
	s := store(t)
	var kept []string
	env := importing.Env{Bookmarks: s, Remember: func(_ context.Context, id string, secret keychain.Secret) (keychain.StoreKind, error) {
		b, err := s.Get(id)
		if err != nil || secret.Reveal() != "s3cr3t" {
			t.Errorf("%v, secret of %d bytes", err, len(secret.Reveal()))
		}
		kept = append(kept, b.Nickname)
		return keychain.SystemStore, nil
	}}
	lines := importing.All(t.Context(), env, []string{odd, filepath.Join(dir, "gone"), conf, elsewhere, folder, t.TempDir(), conf})
	var got []importing.State
	for _, l := range lines {
		got = append(got, l.State)
	}
	want := []importing.State{importing.Unread, importing.Unread, importing.Added, importing.Unread, importing.Added, importing.Unread, importing.There}
	if !slices.Equal(got, want) || len(s.List()) != 2 || !slices.Equal(kept, []string{"box"}) {
		t.Fatalf("%v, %d bookmarks, secrets of %q", lines, len(s.List()), kept)
	}
	if !errors.Is(lines[0].Err, bookmarks.ErrFormat) || !errors.Is(lines[3].Err, importing.ErrAWSElsewhere) || !errors.Is(lines[5].Err, importing.ErrEmpty) {
		t.Errorf("%v", lines)
	}
}

func TestFile_SaysWhereTheSecretIsOrWhyNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind keychain.StoreKind
		err  error
		want importing.Secret
		why  string
	}{
		{keychain.SystemStore, nil, importing.SecretKept, ""},
		{keychain.FileStore, nil, importing.SecretInFile, ""},
		{"", keychain.ErrUnavailable, importing.SecretLost, "there is no keychain"},
		{"", &keychain.FileError{Path: "/s", Err: keychain.ErrFileLocked}, importing.SecretLost, "the encrypted file was not opened"},
		{"", &keychain.FileError{Path: "/s", Err: keychain.ErrWrongPassphrase}, importing.SecretLost, "the encrypted file was not opened"},
		{"", &keychain.FileError{Path: "/s", Err: keychain.ErrFileBroken}, importing.SecretLost, "/s: the encrypted file of secrets is damaged"},
	} {
		env := importing.Env{Bookmarks: store(t), Remember: func(context.Context, string, keychain.Secret) (keychain.StoreKind, error) { return c.kind, c.err }}
		lines, err := importing.File(t.Context(), env, write(t, filepath.Join(t.TempDir(), "rclone.conf"), rclone))
		if err != nil || len(lines) != 1 || lines[0].State != importing.Added || lines[0].Secret != c.want {
			t.Fatalf("%v %v", lines, err)
		}
		if c.err != nil && importing.WhyLost(lines[0].Lost) != c.why {
			t.Errorf("%v: %q", c.err, importing.WhyLost(lines[0].Lost))
		}
	}
}

func TestFile_LeavesOutTheWayToTheServer(t *testing.T) {
	t.Parallel()
	s := store(t)
	file := write(t, filepath.Join(t.TempDir(), "a.duck"), string(bookmarks.Bookmark{Protocol: "s3", Nickname: "foreign", Proxy: "http://evil.example:1", ProxyBypass: "*",
		CABundle: "/tmp/ca", ClientCert: "/tmp/c", ClientKey: "/tmp/k", Buckets: []string{"b"}}.Export()))
	lines, err := importing.File(t.Context(), importing.Env{Bookmarks: s}, file)
	if err != nil || len(lines) != 1 || lines[0].State != importing.Added || lines[0].Why == "" {
		t.Fatalf("%v %v", lines, err)
	}
	if b := s.List()[0]; b.Proxy != "" || b.ProxyBypass != "" || b.CABundle != "" || b.ClientCert != "" || b.ClientKey != "" || len(b.Buckets) != 1 {
		t.Errorf("%+v", b)
	}
}

func TestFind_NamesWhatIsThere(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	files := keychain.AWSFilesFrom(func(string) string { return "" }, home)
	none := func(string) string { return "" }
	if got := importing.Find(files, none, home); len(got) != 0 {
		t.Errorf("in an empty home: %v", got)
	}
	write(t, files.Credentials, "")
	write(t, filepath.Join(home, ".s3cfg"), "")
	write(t, filepath.Join(home, ".config", "rclone", "rclone.conf"), "")
	write(t, filepath.Join(home, ".mc", "config.json"), "")
	write(t, filepath.Join(home, ".duck", "bookmarks", "x.duck"), "")
	write(t, filepath.Join(home, "AppData", "Roaming", "WinSCP.ini"), "")
	write(t, filepath.Join(home, "AppData", "Local", "CloudBerry S3 Explorer for Amazon S3", "settings.list"), "")
	transmit := filepath.Join(home, "Library", "Application Support", "Transmit", "Metadata")
	write(t, filepath.Join(transmit, "a.favoriteMetadata"), "")
	var got []bookmarks.Format
	for _, k := range importing.Find(files, none, home) {
		got = append(got, k.Format)
	}
	want := []bookmarks.Format{bookmarks.AWSFormat, bookmarks.S3cmdFormat, bookmarks.RcloneFormat, bookmarks.MCFormat, bookmarks.WinSCPFormat,
		bookmarks.CloudBerryFormat, bookmarks.TransmitFormat, bookmarks.DuckFormat}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if list, err := importing.Files(transmit); err != nil || len(list) != 1 {
		t.Errorf("a folder of favorites: %v, %v", list, err)
	}
}

func TestExport_NeverReplacesAFile(t *testing.T) {
	t.Parallel()
	s, dir := store(t), t.TempDir()
	if _, err := s.Add(bookmarks.Bookmark{Protocol: "s3", Nickname: "one"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Pintail bookmarks.plist", "Pintail bookmarks 2.plist"} {
		path, err := importing.Export(s, dir)
		raw, _ := os.ReadFile(path)
		if err != nil || filepath.Base(path) != want || !strings.Contains(string(raw), "one") {
			t.Fatalf("%s: %v", path, err)
		}
	}
}
