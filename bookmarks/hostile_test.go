package bookmarks_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/bookmarks"
)

// hostilePieces are what a hostile bookmark is put together from, between a beginning and an end that may be missing.
var hostilePieces = []string{
	"<key>Protocol</key><string>s3</string>", "<key>Protocol</key><string>file</string>", "<key>Protocol</key><dict/>", "<key>Nickname</key><string>\u202egnp.exe</string>",
	"<key>Nickname</key><string>../../etc/passwd</string>", "<key>Nickname</key><string>a&#0;b</string>", "<key>UUID</key><string>../x</string>",
	"<key>UUID</key><string>same</string>", "<key>Port</key><string>99999999999999999999</string>", "<key>Port</key><integer>-1</integer>",
	"<key>Hostname</key><string>user:secret@host</string>", "<key>Hostname</key><string>s3.\u0430mazonaws.com</string>", "<key>Pintail Endpoint</key><string>https://a:b@c/?x</string>",
	"<key>Pintail Endpoint</key><string>javascript:alert(1)</string>", "<key>Path</key><string>/../../..</string>", "<key>Labels</key><array><dict/><string/></array>",
	"<key>Custom</key><dict><key>secret_access_key</key><string>x</string></dict>", "<key>Custom</key><string>x</string>", "<key>Access Timestamp</key><string>-9e99</string>",
	"<key>Pintail Order</key><string>9223372036854775808</string>", "<key>Download Folder</key><string>\x00</string>", "<key/>", "<key>x</key>", "<string>x</string>",
	"<array>" + strings.Repeat("<array>", 40), strings.Repeat("<dict><key>a</key>", 40), "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>&c;", "<!--", "]]>", "\xff\xfe",
	"<key>Nickname</key><string>" + strings.Repeat("n", 100_000) + "</string>", "<date>never</date>", "<data>%%%</data>", "<true/>", "</dict>", "<key>Pintail Read Only</key><true/>",
}

func hostileBookmark(r *rand.Rand) []byte {
	var b bytes.Buffer
	if r.IntN(8) > 0 {
		b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\"><dict>")
		if r.IntN(2) > 0 {
			b.WriteString(hostilePieces[0])
		}
	}
	for range r.IntN(12) {
		b.WriteString(hostilePieces[r.IntN(len(hostilePieces))])
	}
	if r.IntN(8) > 0 {
		b.WriteString("</dict></plist>")
	}
	if r.IntN(4) == 0 && b.Len() > 0 {
		b.Truncate(r.IntN(b.Len()))
	}
	return b.Bytes()
}

// TestHostileBookmarks_HarmNothing puts 100 into the folder: the good one beside them is there and can be changed, none of theirs is
// changed by that, and what is taken of them is valid.
func TestHostileBookmarks_HarmNothing(t *testing.T) {
	t.Parallel()
	dir, was := t.TempDir(), map[string][]byte{}
	for seed := range uint64(100) {
		name := filepath.Join(dir, fmt.Sprintf("%d.duck", seed))
		was[name] = hostileBookmark(rand.New(rand.NewPCG(seed, 7)))
		write(t, name, string(was[name]))
	}
	write(t, filepath.Join(dir, "good.duck"), duck("<key>Nickname</key><string>good</string>"))
	s := open(t, dir, bookmarks.Options{NoWatch: true})
	taken := 0
	for _, b := range s.List() {
		if err := b.Validate(); err != nil {
			t.Errorf("%q: %v", b.Nickname, err)
		}
		taken++
	}
	if taken+len(s.Problems()) < len(was) {
		t.Errorf("%d taken, %d problems", taken, len(s.Problems()))
	}
	good, err := s.Find("good")
	if err != nil {
		t.Fatal(err)
	}
	good.Comment = "changed"
	if err := s.Update(good); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(bookmarks.Bookmark{Protocol: "s3", Nickname: "another"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range was {
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	t.Logf("%d of %d are taken", taken-1, len(was))
}
