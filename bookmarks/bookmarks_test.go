package bookmarks_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/bookmarks"
)

func duck(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>Protocol</key><string>s3</string>
` + body + "\n</dict>\n</plist>\n"
}

// foreign is a file as Cyberduck writes it, with keys that we do not use.
var foreign = duck(`<key>Nickname</key><string>Prod — EU</string>
<key>UUID</key><string>0b1f9a4e-1111-2222-3333-444455556666</string>
<key>Hostname</key><string>s3.eu-central-1.amazonaws.com</string>
<key>Port</key><string>443</string>
<key>Username</key><string>AKIAEXAMPLE</string>
<key>Provider</key><string>s3-https</string>
<key>Path</key><string>/bucket/prefix</string>
<key>Web URL</key><string>https://cdn.example.com</string>
<key>Comment</key><string>two
lines</string>
<key>Access Timestamp</key><string>1700000000000</string>
<key>Download Folder Dictionary</key><dict><key>Path</key><string>/home/u/down</string></dict>
<key>Workdir Dictionary</key><dict><key>Remote</key><string>/bucket/x</string><key>Type</key><string>[directory]</string></dict>
<key>FTP Connect Mode</key><string>unknown</string>
<key>Labels</key><array><string>work</string><string>eu</string></array>
<key>Custom</key><dict><key>s3.bucket.virtualhost.disable</key><string>true</string></dict>
<key>Future Key</key><array><integer>1</integer></array>`)

func parse(t *testing.T, s string) bookmarks.Bookmark {
	t.Helper()
	b, _, err := bookmarks.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, dir string, o bookmarks.Options) *bookmarks.Store {
	t.Helper()
	s, err := bookmarks.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func add(t *testing.T, s *bookmarks.Store, name string) bookmarks.Bookmark {
	t.Helper()
	b, err := s.Add(bookmarks.Bookmark{Protocol: "s3", Nickname: name, Hostname: "h.example"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func names(s *bookmarks.Store) string {
	var out []string
	for _, b := range s.List() {
		out = append(out, b.Title())
	}
	return strings.Join(out, " ")
}

func TestParse_ReadsCyberducksKeys(t *testing.T) {
	t.Parallel()
	b := parse(t, foreign)
	if b.Nickname != "Prod — EU" || b.Hostname != "s3.eu-central-1.amazonaws.com" || b.Port != 443 || b.Username != "AKIAEXAMPLE" ||
		b.Provider != "s3-https" || b.Path != "/bucket/prefix" || b.WebURL != "https://cdn.example.com" || b.Comment != "two\nlines" ||
		b.DownloadFolder != "/home/u/down" || !slices.Equal(b.Labels, []string{"work", "eu"}) ||
		b.Custom["s3.bucket.virtualhost.disable"] != "true" || b.LastUsed.UnixMilli() != 1700000000000 {
		t.Errorf("%+v", b)
	}
}

func TestMarshal_ChangesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	b := parse(t, foreign)
	untouched := string(b.Marshal())
	b.Nickname, b.Production, b.Colour, b.Buckets = "New", true, "red", []string{"a", "b"}
	changed := string(b.Marshal())
	for _, kept := range []string{"Future Key", "<integer>1</integer>", "FTP Connect Mode", "Workdir Dictionary", "[directory]", "Download Folder Dictionary"} {
		if !strings.Contains(changed, kept) {
			t.Errorf("%s is lost", kept)
		}
	}
	again := parse(t, changed)
	if again.Nickname != "New" || !again.Production || again.Colour != "red" || len(again.Buckets) != 2 {
		t.Errorf("%+v", again)
	}
	again.Nickname, again.Production, again.Colour, again.Buckets = "Prod — EU", false, "", nil
	if got := string(again.Marshal()); got != untouched {
		t.Errorf("not put back:\n%s\n%s", got, untouched)
	}
}

// full sets every field to something that is not its zero value.
func full() bookmarks.Bookmark {
	return bookmarks.Bookmark{ID: "id-1", Protocol: "s3", Provider: "p", Nickname: "n", Hostname: "h", Port: 9000, Username: "u", Path: "b/p",
		WebURL: "https://w.example", DownloadFolder: "/d", TransferConnection: "browser", ClientCertificate: "c", Comment: "co",
		Labels: []string{"l"}, LastUsed: time.UnixMilli(1700000000123).UTC(), Custom: map[string]string{"a.b": "c"},
		EndpointURL: "http://127.0.0.1:9000/x", Region: "eu-west-1", Addressing: bookmarks.AddressingPath, Buckets: []string{"one"},
		AWSProfile: "work", Anonymous: true, Folder: "Work/EU", Colour: "blue", Production: true, ReadOnly: true, Order: 7,
		Proxy: "socks5://proxy.example:1080", ProxyBypass: "inside.example,10.0.0.0/8", CABundle: "/a/ca.pem", ClientCert: "/a/cert.pem", ClientKey: "/a/key.pem"}
}

func TestMarshal_KeepsEveryField(t *testing.T) {
	t.Parallel()
	want := full()
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && v.Field(i).IsZero() {
			t.Errorf("the test does not set %s", f.Name)
		}
	}
	got := parse(t, string(want.Marshal()))
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && !reflect.DeepEqual(v.Field(i).Interface(), reflect.ValueOf(got).Field(i).Interface()) {
			t.Errorf("%s: %v, want %v", f.Name, reflect.ValueOf(got).Field(i), v.Field(i))
		}
	}
}

func TestValidate_RefusesSecretsAndNonsense(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI"
	tests := []struct {
		name string
		edit func(*bookmarks.Bookmark)
		want error
	}{
		{"user in endpoint", func(b *bookmarks.Bookmark) { b.EndpointURL = "https://key:" + secret + "@h.example" }, bookmarks.ErrSecret},
		{"user in web url", func(b *bookmarks.Bookmark) { b.WebURL = "https://key:" + secret + "@h.example" }, bookmarks.ErrSecret},
		{"user in host", func(b *bookmarks.Bookmark) { b.Hostname = "key:" + secret + "@h.example" }, bookmarks.ErrInvalid},
		{"secret property", func(b *bookmarks.Bookmark) { b.Custom = map[string]string{"s3.Secret.key": secret} }, bookmarks.ErrSecret},
		{"bad endpoint", func(b *bookmarks.Bookmark) { b.EndpointURL = "ftp://x:" + secret + "@y" }, bookmarks.ErrInvalid},
		{"bypass", func(b *bookmarks.Bookmark) { b.ProxyBypass = "a.example,ann:" + secret + "@b" }, bookmarks.ErrInvalid},
		{"no protocol", func(b *bookmarks.Bookmark) { b.Protocol = "" }, bookmarks.ErrInvalid},
		{"id with path", func(b *bookmarks.Bookmark) { b.ID = "../x" }, bookmarks.ErrInvalid},
		{"port", func(b *bookmarks.Bookmark) { b.Port = 65536 }, bookmarks.ErrInvalid},
		{"addressing", func(b *bookmarks.Bookmark) { b.Addressing = "both" }, bookmarks.ErrInvalid},
		{"colour", func(b *bookmarks.Bookmark) { b.Colour = "beige" }, bookmarks.ErrInvalid},
	}
	for _, tt := range tests {
		b := full()
		tt.edit(&b)
		err := b.Validate()
		if !errors.Is(err, tt.want) || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestExport_HasNoSecretsAndNothingUnknown(t *testing.T) {
	t.Parallel()
	b := parse(t, strings.Replace(foreign, "<key>Future Key</key>", "<key>Password</key><string>hunter2</string><key>Future Key</key>", 1))
	b.Custom["my.password"] = "hunter2"
	out := string(b.Export())
	for _, word := range []string{"hunter2", "Password", "Future Key", "Workdir", "Access Timestamp", "Order"} {
		if strings.Contains(out, word) {
			t.Errorf("%s is exported", word)
		}
	}
	again := parse(t, out)
	if again.Username != "AKIAEXAMPLE" || again.Path != "/bucket/prefix" || again.Custom["s3.bucket.virtualhost.disable"] != "true" {
		t.Errorf("%+v", again)
	}
}

func TestStore_AddsUpdatesRemoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	b := add(t, s, "one")
	if _, err := os.Stat(filepath.Join(dir, b.ID+".duck")); err != nil || len(b.ID) != 36 {
		t.Fatal(b.ID, err)
	}
	b.Nickname = "uno"
	if err := s.Update(b); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, dir, bookmarks.Options{NoWatch: true}).Get(b.ID); err != nil || got.Nickname != "uno" {
		t.Errorf("%+v %v", got, err)
	}
	if err := s.Remove(b.ID); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 || len(s.List()) != 0 {
		t.Errorf("%v", files)
	}
	_, err := s.Get(b.ID)
	for _, err := range []error{err, s.Update(b), s.Remove(b.ID), s.Move(b.ID, 0)} {
		if !errors.Is(err, bookmarks.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
}

func TestStore_UpdateKeepsWhatAnotherProgramChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, other := open(t, dir, bookmarks.Options{NoWatch: true}), open(t, dir, bookmarks.Options{NoWatch: true})
	b := add(t, s, "one")
	if err := other.Reload(); err != nil {
		t.Fatal(err)
	}
	theirs, err := other.Get(b.ID)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Comment = "from the other"
	b.Region = "eu-west-1"
	if err := errors.Join(other.Update(theirs), s.Update(b)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Get(b.ID); got.Comment != "from the other" || got.Region != "eu-west-1" {
		t.Errorf("%+v", got)
	}
}

func TestStore_MovesAndRemembersTheOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	ids := map[string]string{}
	for _, n := range []string{"a", "b", "c", "d"} {
		ids[n] = add(t, s, n).ID
	}
	steps := []struct {
		who  string
		to   int
		want string
	}{{"d", 0, "d a b c"}, {"d", 1, "a d b c"}, {"a", 99, "d b c a"}, {"c", -5, "c d b a"}, {"c", 0, "c d b a"}, {"b", 1, "c b d a"}}
	for _, st := range steps {
		if err := s.Move(ids[st.who], st.to); err != nil {
			t.Fatal(err)
		}
		if got := names(s); got != st.want {
			t.Fatalf("%s to %d: %q, want %q", st.who, st.to, got, st.want)
		}
	}
	for range 30 { // uses the room between neighbours up
		if err := s.Move(s.List()[3].ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	if again := names(open(t, dir, bookmarks.Options{NoWatch: true})); again != names(s) {
		t.Errorf("%q, want %q", again, names(s))
	}
}

func TestStore_OrdersImportedFilesOnTheFirstMove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"c", "a", "b"} {
		write(t, filepath.Join(dir, n+".duck"), duck("<key>Nickname</key><string>"+n+"</string>"))
	}
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	if got := names(s); got != "a b c" {
		t.Fatal(got)
	}
	if err := s.Move("c", 1); err != nil {
		t.Fatal(err)
	}
	if got := names(open(t, dir, bookmarks.Options{NoWatch: true})); got != "a c b" {
		t.Fatal(got)
	}
}

func TestStore_DuplicateStandsAfterTheOriginal(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), bookmarks.Options{NoWatch: true})
	first, _ := add(t, s, "a"), add(t, s, "b")
	c, err := s.Duplicate(first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c.ID == first.ID || names(s) != "a a b" || s.List()[1].ID != c.ID {
		t.Errorf("%q %v", names(s), c)
	}
}

func TestStore_ReportsBadFilesAndKeepsThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := map[string]string{"cut.duck": "<plist><dict>", "binary.duck": "bplist00", "no protocol.duck": "<plist><dict/></plist>",
		"secret.duck": duck("<key>Pintail Endpoint</key><string>https://a:b@c</string>"), "empty.duck": ""}
	for name, s := range bad {
		write(t, filepath.Join(dir, name), s)
	}
	write(t, filepath.Join(dir, "good one.duck"), duck("<key>Nickname</key><string>good</string>\n<key>Port</key><string>x</string>"))
	write(t, filepath.Join(dir, "ignored.txt"), "x")
	write(t, filepath.Join(dir, ".hidden.duck"), "x")
	if err := os.Mkdir(filepath.Join(dir, "folder.duck"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	if names(s) != "good" {
		t.Errorf("%q", names(s))
	}
	skipped := 0
	for _, p := range s.Problems() {
		if p.Skipped {
			skipped++
		}
	}
	if skipped != len(bad)+1 || len(s.Problems()) != skipped+1 {
		t.Errorf("%d of %d: %v", skipped, len(s.Problems()), s.Problems())
	}
	for name, want := range bad {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestStore_SameBookmarkTwiceIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.duck"), foreign)
	write(t, filepath.Join(dir, "a (conflict).duck"), foreign)
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	if len(s.List()) != 1 || len(s.Problems()) != 1 {
		t.Errorf("%d %v", len(s.List()), s.Problems())
	}
}

func TestStore_FindsByNameOrID(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), bookmarks.Options{NoWatch: true})
	one, _, _ := add(t, s, "One"), add(t, s, "two"), add(t, s, "two")
	for _, name := range []string{"one", "ONE", one.ID} {
		if b, err := s.Find(name); err != nil || b.ID != one.ID {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"two", "three", ""} {
		if _, err := s.Find(name); !errors.Is(err, bookmarks.ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestStore_ImportGivesANewIDWhenTaken(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), bookmarks.Options{NoWatch: true})
	first, _, err1 := s.Import(strings.NewReader(foreign))
	second, _, err2 := s.Import(strings.NewReader(foreign))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if first.ID != "0b1f9a4e-1111-2222-3333-444455556666" || second.ID == first.ID || len(s.List()) != 2 {
		t.Errorf("%q %q", first.ID, second.ID)
	}
	if !bytes.Contains(second.Marshal(), []byte(second.ID)) {
		t.Error("the file has the old id")
	}
	if _, _, err := s.Import(strings.NewReader("{}")); err == nil {
		t.Error("imported nonsense")
	}
}

func write(t *testing.T, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

// await takes events until the list is as wanted.
func await(t *testing.T, changes <-chan struct{}, s *bookmarks.Store, want string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for names(s) != want {
		select {
		case <-changes:
		case <-deadline:
			t.Fatalf("the list is %q, want %q", names(s), want)
		}
	}
}

func TestStore_SeesOtherProgramsChanges(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bookmarks.Options{"notices": {}, "polling": {PollOnly: true, Poll: 5 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir, o)
			changes, end := s.Changes()
			defer end()
			path := filepath.Join(dir, "x.duck")
			write(t, path, duck("<key>Nickname</key><string>new</string>"))
			await(t, changes, s, "new")
			write(t, path, duck("<key>Nickname</key><string>renamed</string>"))
			await(t, changes, s, "renamed")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			await(t, changes, s, "")
		})
	}
}

func TestStore_CloseEndsTheChannels(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), bookmarks.Options{})
	changes, end := s.Changes()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok := <-changes; ok {
		t.Error("an event after Close")
	}
	end()
}

func TestHistory_KeepsTheLatestOnceEach(t *testing.T) {
	t.Parallel()
	h, err := bookmarks.OpenHistory(t.TempDir(), 3, bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	at := time.UnixMilli(1700000000000)
	for i, host := range []string{"a", "b", "a", "c", "d", "c"} {
		b := bookmarks.Bookmark{ID: fmt.Sprintf("id%d", i), Protocol: "s3", Nickname: host, Hostname: host}
		if err := h.Touch(b, at.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, b := range h.List() {
		got = append(got, b.Nickname)
	}
	if strings.Join(got, " ") != "c d a" {
		t.Errorf("%v", got)
	}
	if err := h.SetLimit(1); err != nil || len(h.List()) != 1 {
		t.Errorf("%v %v", h.List(), err)
	}
	if err := h.Clear(); err != nil || len(h.List()) != 0 {
		t.Errorf("%v %v", h.List(), err)
	}
	if err := h.SetLimit(0); err != nil {
		t.Fatal(err)
	}
	if err := h.Touch(bookmarks.Bookmark{Protocol: "s3"}, at); err != nil || len(h.List()) != 0 {
		t.Errorf("kept with limit 0: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(foreign))
	b := full()
	f.Add(b.Marshal())
	for _, s := range []string{"", "bplist00", duck("<key>Port</key><integer>-1</integer>"), duck("<key>Access Timestamp</key><string>99999999999999999999</string>"),
		duck("<key>Custom</key><dict><key>a</key><array/></dict>"), duck("<key>Labels</key><true/>")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		b, _, err := bookmarks.Parse(bytes.NewReader(in))
		if err != nil {
			return
		}
		again, _, err := bookmarks.Parse(bytes.NewReader(b.Marshal()))
		if err == nil && (again.Hostname != b.Hostname || again.Order != b.Order || !again.LastUsed.Equal(b.LastUsed)) {
			t.Fatalf("changed by rewriting:\n%+v\n%+v", b, again)
		}
		if _, _, err := bookmarks.Parse(bytes.NewReader(b.Export())); err != nil {
			t.Fatalf("what was exported is not read: %v", err)
		}
	})
}
