package transfer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

const mib = 1 << 20

func embedded(t testing.TB) transfertest.Server { return transfertest.Demo(t, nil) }
func versitygw(t testing.TB) transfertest.Server {
	return transfertest.Real(servers.SharedVersitygw(t))
}
func rgw(t testing.TB) transfertest.Server { return transfertest.Real(servers.SharedRGW(t)) }

// everywhere runs a test on each server. The short run is the race detector's: it looks at our own code, and other servers only add time.
func everywhere(t *testing.T, do func(*testing.T, *transfertest.Bench)) {
	t.Helper()
	for _, s := range []struct {
		name string
		make func(testing.TB) transfertest.Server
	}{{"embedded", embedded}, {"versitygw", versitygw}, {"rgw", rgw}} {
		if testing.Short() && s.name != "embedded" {
			continue
		}
		t.Run(s.name, func(t *testing.T) { do(t, transfertest.New(t, s.make)) })
	}
}

func (p proof) on(b *transfertest.Bench) {
	for _, id := range p {
		features.Proved(b.TB, id, b.Server.Name, b.Server.Version)
	}
}

type proof []string

func parts5(r transfer.Request) transfer.Request {
	r.Options.PartSize, r.Options.Threshold = 5*mib, 5*mib
	return r
}

func TestQueue_FilesGoThereAndBack(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"upload.single", "upload.multipart", "download.file", "download.verify"}.on(b)
		q := b.Queue()
		for i, n := range []int64{0, 1, 4096, 5 * mib, 5*mib + 1, 10*mib - 1, 10 * mib, 23*mib + 7} {
			name := fmt.Sprintf("f%d", n)
			path := b.File(name, n, uint64(i))
			b.MustDone(q, parts5(b.Upload(path, "dir/"+name)), 1)
			s := b.MustDone(q, parts5(b.Download("dir/"+name, name)), 1)
			if s.Bytes != n {
				t.Errorf("%d bytes reported for %d", s.Bytes, n)
			}
		}
		b.MustDone(q, parts5(b.Download("dir/", "all")), 8)
	})
}

func TestQueue_TreeGoesThereAndBack(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"upload.tree", "download.tree"}.on(b)
		const files = 2000
		for i := range files {
			b.File(fmt.Sprintf("tree/d%02d/e%d/file-%04d.txt", i%40, i%3, i), int64(i%977), uint64(i))
		}
		if err := os.MkdirAll(filepath.Join(b.Src, "tree/empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		q := b.Queue()
		up := b.MustDone(q, b.Upload(filepath.Join(b.Src, "tree"), "t/"), files+1)
		down := b.MustDone(q, b.Download("t/", "back"), files+1)
		t.Logf("%s: up %.2f s, down %.2f s", b.Server.Name, up.Seconds, down.Seconds)
		if fi, err := os.Stat(filepath.Join(b.Root, "back/empty")); err != nil || !fi.IsDir() {
			t.Errorf("the empty folder did not come back: %v", err)
		}
	})
}

// awkward are keys that break clients; all of them must come back on servers that keep them.
var awkward = []string{
	"a//b", "/a", "a/../b", "./x", "plus+plus", "per%20cent", "emoji 😀", "new\nline", "trailing ", "dot.", "quo\"te", "col:on", "back\\slash",
	"CON", "nul.txt", "é-nfc", "e\u0301-nfd", "UPPER", "upper", "tab\there", "<lt>", "a|b", "star*", "q?", "‛3A", "Ünï", strings.Repeat("k", 900) + "/" + strings.Repeat("l", 100),
	"x//", "~tilde", "'single'", "&amp;", "#hash", "semi;colon", "both", "both/below",
}

func TestQueue_AwkwardKeysComeBack(t *testing.T) {
	for name, s := range map[string]func(testing.TB) transfertest.Server{"embedded": embedded, "rgw": rgw} {
		t.Run(name, func(t *testing.T) {
			b := transfertest.New(t, s)
			proof{"list.awkward"}.on(b)
			for i, k := range awkward {
				if strings.HasSuffix(k, "/") {
					continue
				}
				b.Object("in/"+k, int64(100+i), uint64(i))
			}
			q := b.Queue()
			files := int64(len(awkward) - 1)
			b.MustDone(q, b.Download("in/", "tree"), files)
			up := b.Upload(filepath.Join(b.Root, "tree"), "out/")
			b.MustDone(q, up, files)
			in, out := map[string]bool{}, map[string]bool{}
			for prefix, into := range map[string]map[string]bool{"in/": in, "out/": out} {
				for pg, err := range b.Session.List(b.Context(), b.Bucket, prefix, storage.ListOptions{}) {
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range pg.Entries {
						into[strings.TrimPrefix(e.Key, prefix)] = true
					}
				}
			}
			for k := range in {
				if !out[k] {
					t.Errorf("%q did not come back", k)
				}
			}
			if len(in) != len(out) {
				t.Errorf("%d keys went, %d came back", len(in), len(out))
			}
		})
	}
}
