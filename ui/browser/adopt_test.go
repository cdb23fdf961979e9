package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

const adoptPart = 5 << 20

// theirs begins an upload of a file with the other program and sends some of its parts. A negative number sends other bytes.
func theirs(t *testing.T, c *client.Client, bucket, key string, content []byte, numbers ...int) {
	t.Helper()
	var u struct{ UploadID string }
	raw, err := c.Try("create-multipart-upload", map[string]any{"Bucket": bucket, "Key": key, "Metadata": map[string]string{"from": "elsewhere"}})
	if err == nil {
		err = json.Unmarshal(raw, &u)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		b := content[(max(n, -n)-1)*adoptPart : min(max(n, -n)*adoptPart, len(content))]
		if n < 0 {
			b = transfertest.Bytes(int64(len(b)), 99)
		}
		path := filepath.Join(t.TempDir(), "part")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		in := map[string]any{"Bucket": bucket, "Key": key, "UploadId": u.UploadID, "PartNumber": max(n, -n)}
		if _, err := c.Try("upload-part", in, "--body", path); err != nil {
			t.Fatal(err)
		}
	}
}

// plan waits for all that there is to know of an upload and a file.
func (b *bench) adoption(name, file string) (last Adopt, lines []string) {
	b.t.Helper()
	var it Item
	for _, i := range b.vm.Items(b.sel(seq(b.vm.store.Len())...)) {
		if i.Upload != "" && i.At.Name() == name {
			it = i
		}
	}
	if it.Upload == "" {
		b.t.Fatalf("no upload %q among %q; said %q", name, b.names(), b.notice)
	}
	seen := 0
	b.vm.PlanAdopt(it, file, func(a Adopt) {
		if seen++; seen == 1 && a.Err == nil && a.Compared != 0 {
			b.t.Errorf("what is stored is first told after %d parts", a.Compared)
		}
		last = a
	})
	b.until("the comparison", func() bool { return last.Err != nil || seen > 0 && last.Done() })
	for _, l := range adoptLines(last, units.Decimal) {
		lines = append(lines, l.words)
	}
	return last, lines
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// What another program began is gone on with from its file: what is stored is compared with it, and only the rest is sent.
func TestAdopt_Versitygw(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	srv := servers.SharedVersitygw(t)
	c := client.For(t, srv)
	if err := preferences.ShowHidden.Set(b.prefs, true); err != nil {
		t.Fatal(err)
	}
	bucket := c.NewBucket()
	spec := b.spec()
	spec.Endpoint, spec.Region, spec.Typed = srv.Endpoint, srv.Region, keychain.Typed{KeyID: srv.AccessKey, Secret: keychain.NewSecret(srv.SecretKey)}
	b.vm.Connect(spec, storage.Location{})
	b.until("the list of buckets", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
	s := b.vm.conn.Session
	content := transfertest.Bytes(3*adoptPart+1000, 5)
	file, short := filepath.Join(t.TempDir(), "film.bin"), filepath.Join(t.TempDir(), "short.bin")
	if err := errors.Join(os.WriteFile(file, content, 0o600), os.WriteFile(short, content[:adoptPart], 0o600)); err != nil {
		t.Fatal(err)
	}
	theirs(t, c, bucket, "film", content, 1, 3)
	theirs(t, c, bucket, "spoilt", content, 1, -2)
	begin(t, s, storage.Location{Bucket: bucket, Key: "none"})
	begin(t, s, storage.Location{Bucket: bucket, Key: "odd"}, 1)
	b.goTo(storage.Location{Bucket: bucket})

	for name, want := range map[string]transfer.AdoptReason{"film": transfer.AdoptFileShort, "none": transfer.AdoptNoParts} {
		var why *transfer.AdoptError
		if a, _ := b.adoption(name, short); !errors.As(a.Err, &why) || why.Why != want {
			t.Errorf("%s: %v", name, a.Err)
		}
	}
	var why *transfer.AdoptError
	if a, _ := b.adoption("odd", file); !errors.As(a.Err, &why) || why.Why != transfer.AdoptPartSize {
		t.Errorf("odd: %v", a.Err)
	}
	if a, _ := b.adoption("film", file+".not"); !errors.Is(a.Err, os.ErrNotExist) {
		t.Errorf("no file: %v", a.Err)
	}

	spoilt, lines := b.adoption("spoilt", file)
	if spoilt.Parts != 4 || spoilt.Stored != 2 || spoilt.Same != 1 || spoilt.Left() != 2*adoptPart+1000 || !strings.Contains(lines[1], "1 of them is not as in film.bin") {
		t.Errorf("spoilt: %+v, %q", spoilt, lines)
	}
	film, lines := b.adoption("film", file)
	if film.Stored != 2 || film.Same != 2 || film.Left() != adoptPart+1000 ||
		lines[0] != "Already stored: 2 of 4 parts (10.5 MB)." || lines[1] != "They are the same as in film.bin. 5.2 MB will be sent." {
		t.Errorf("film: %+v, %q", film, lines)
	}
	b.vm.Adopt(film)
	b.vm.Adopt(spoilt)
	b.transfersEnd(2)
	for _, key := range []string{"film", "spoilt"} {
		if got := c.Get(bucket, key); string(got) != string(content) {
			t.Errorf("%s has %d bytes, or others", key, len(got))
		}
		info, err := s.Stat(t.Context(), storage.Location{Bucket: bucket, Key: key})
		if err != nil || info.Metadata["from"] != "elsewhere" || !strings.HasSuffix(strings.Trim(info.ETag, `"`), "-4") {
			t.Errorf("%s is %+v, %v", key, info, err)
		}
	}
	if left := c.Uploads(bucket); len(left) != 2 {
		t.Errorf("unfinished: %+v", left)
	}
	if got := fmt.Sprint(b.oldRows()); got != "[object film upload none upload odd object spoilt]" {
		t.Errorf("rows %s", got)
	}
	features.Proved(t, "window.adopt", string(srv.Name), srv.Version)
}
