package transfer

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/minio/crc64nvme"
	"pgregory.net/rapid"

	"pintail/internal/localfs"
	"pintail/internal/testkit"
	"pintail/storage"
)

func TestCombine_IsTheChecksumOfTheWhole(t *testing.T) {
	rnd := testkit.Rand(t)
	data := make([]byte, 100_000)
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	f32 := newField(polyCRC32, 1<<31)
	f32c := newField(polyCRC32C, 1<<31)
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	for range 200 {
		n, m := rnd.IntN(len(data)), 0
		if n > 0 {
			m = rnd.IntN(n)
		}
		a, b := data[:m], data[m:n]
		if got, want := combineCRC64(crc64nvme.Checksum(a), crc64nvme.Checksum(b), int64(len(b))), crc64nvme.Checksum(data[:n]); got != want {
			t.Fatalf("CRC64NVME of %d+%d bytes: %x, want %x", m, n-m, got, want)
		}
		got := f32.combine(uint64(crc32.ChecksumIEEE(a)), uint64(crc32.ChecksumIEEE(b)), int64(len(b)))
		if want := uint64(crc32.ChecksumIEEE(data[:n])); got != want {
			t.Fatalf("CRC32: %x, want %x", got, want)
		}
		got = f32c.combine(uint64(crc32.Checksum(a, castagnoli)), uint64(crc32.Checksum(b, castagnoli)), int64(len(b)))
		if want := uint64(crc32.Checksum(data[:n], castagnoli)); got != want {
			t.Fatalf("CRC32C: %x, want %x", got, want)
		}
	}
}

func TestPartSize_CoversEverySize(t *testing.T) {
	for _, c := range []struct{ size, part, count int64 }{
		{1, 10 << 20, 1}, {10 << 20, 10 << 20, 1}, {10<<20 + 1, 10 << 20, 2}, {104857600000, 10 << 20, 10000}, {104857600001, 11 << 20, 9091},
		{1 << 40, 105 << 20, 9987}, {5 << 40, 525 << 20, 9987}, {10000 * (5 << 30), 5 << 30, 10000},
	} {
		p := partSizeFor(c.size, 0, 0)
		if n := int64(partCount(c.size, p)); p != c.part || n != c.count {
			t.Errorf("%d bytes: %d parts of %d, want %d of %d", c.size, n, p, c.count, c.part)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 10000*(5<<30)).Draw(t, "size")
		wish := rapid.Int64Range(minPartSize, 100<<20).Draw(t, "wish")
		most := rapid.SampledFrom([]int32{0, 1000, 10000}).Draw(t, "most")
		p := partSizeFor(size, wish, most)
		n := partCount(size, p)
		if p < wish || n < 1 || n > maxParts || most == 1000 && n > 1000 || p > wish && p%mib != 0 {
			t.Fatalf("%d parts of %d", n, p)
		}
		off, length := span(n, p, size)
		if off+length != size || length < 1 || length > p {
			t.Fatalf("the last of %d parts of %d is %d+%d of %d", n, p, off, length, size)
		}
	})
}

func TestGuessParts_FindsHowOthersCut(t *testing.T) {
	for _, c := range []struct{ size, part int64 }{
		{100 << 20, 8 << 20}, {100 << 20, 5 << 20}, {300<<20 + 5, 10 << 20}, {1 << 40, 105 << 20}, {70 << 20, 64 << 20}, {6 << 20, 5 << 20},
	} {
		n := int64(partCount(c.size, c.part))
		if g := guessParts(c.size, n); !slices.Contains(g, c.part) {
			t.Errorf("%d bytes in %d parts of %d: guessed %v", c.size, n, c.part, g)
		}
	}
}

func TestProve_Levels(t *testing.T) {
	body := bytes.Repeat([]byte("pintail "), 2<<20)
	size := int64(len(body))
	full := func(a storage.ChecksumAlgorithm) storage.Checksums {
		p := prover{ctx: t.Context(), content: bytes.NewReader(body), size: size}
		v, err := p.full(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		return storage.Checksums{Values: map[storage.ChecksumAlgorithm]string{a: v}, FullObject: true}
	}
	for name, c := range map[string]struct {
		info storage.Info
		want storage.Proof
		bad  bool
	}{
		"crc64":        {info: storage.Info{Checksums: full(storage.ChecksumCRC64NVME)}, want: storage.ProofFull},
		"sha256":       {info: storage.Info{Checksums: full(storage.ChecksumSHA256)}, want: storage.ProofFull},
		"wrong":        {info: storage.Info{Checksums: storage.Checksums{Values: map[storage.ChecksumAlgorithm]string{storage.ChecksumCRC32C: "AAAAAA=="}, FullObject: true}}, bad: true},
		"opaque etag":  {info: storage.Info{ETag: "abc"}, want: storage.ProofSize},
		"kms":          {info: storage.Info{ETag: "d41d8cd98f00b204e9800998ecf8427e", Encryption: storage.Encryption{Type: "aws:kms"}}, want: storage.ProofSize},
		"wrong md5":    {info: storage.Info{ETag: "d41d8cd98f00b204e9800998ecf8427e"}, bad: true},
		"unknown part": {info: storage.Info{ETag: "d41d8cd98f00b204e9800998ecf8427e-3"}, want: storage.ProofSize},
	} {
		c.info.Size = size
		got, err := prove(t.Context(), c.info, bytes.NewReader(body), size, nil, nil)
		if got != c.want || c.bad != errors.Is(err, errMismatch) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if _, err := prove(t.Context(), storage.Info{Size: size - 1}, bytes.NewReader(body), size, nil, nil); !errors.Is(err, errMismatch) {
		t.Errorf("a wrong size: %v", err)
	}
}

func TestTime_ComesBack(t *testing.T) {
	for _, tm := range []time.Time{time.Unix(1_700_000_000, 123_456_789), time.Unix(0, 0), time.Unix(5, 100)} {
		if got := parseTime(formatTime(tm)); !got.Equal(tm) {
			t.Errorf("%v comes back as %v", tm, got)
		}
	}
	for _, s := range []string{"", "x", "1e400", "99999999999999999999", "1.x"} {
		if got := parseTime(s); !got.IsZero() {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestRecord_ErrorsKeepTheirMeaning(t *testing.T) {
	se := &storage.Error{Op: "PutObject", Location: storage.Location{Bucket: "b", Key: "k\xff"}, Code: "AccessDenied", Kind: storage.KindPermission, Permission: "s3:PutObject", HTTPStatus: 403}
	err := decodeError(encodeError(errors.Join(ErrGaveUp, se)))
	var back *storage.Error
	if !errors.Is(err, ErrGaveUp) || !errors.As(err, &back) || back.Permission != "s3:PutObject" || back.Location.Key != "k\xff" || back.Kind != storage.KindPermission {
		t.Errorf("%v, %+v", err, back)
	}
	if !errors.Is(decodeError(encodeError(localfs.ErrNoSpace)), localfs.ErrNoSpace) {
		t.Error("a full disk is no longer one")
	}
}

func TestRecord_RequestsComeBack(t *testing.T) {
	r := Request{
		Kind: Download, Connection: "c", Sources: []Source{{Remote: storage.Location{Bucket: "b", Key: "a//\xff\x00/", Version: ""}}},
		Target: Target{Local: "/tmp/\xfe", Exact: true}, Options: Options{Existing: "skip", Ignore: []string{"*~"}},
	}
	b, err := encodeRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeRequest(b)
	if err != nil || back.Sources[0] != r.Sources[0] || back.Target != r.Target || back.Options.Existing != "skip" {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestRequest_RefusesWhatCannotBe(t *testing.T) {
	l := func(key string) storage.Location { return storage.Location{Bucket: "b", Key: key} }
	for name, r := range map[string]Request{
		"kind":          {Kind: "x", Sources: []Source{{Local: "/a"}}},
		"no source":     {Kind: Upload, Target: Target{Remote: l("")}},
		"wrong side":    {Kind: Upload, Sources: []Source{{Remote: l("a")}}, Target: Target{Remote: l("")}},
		"no target":     {Kind: Upload, Sources: []Source{{Local: "/a"}}},
		"into itself":   {Kind: Copy, Sources: []Source{{Remote: l("a/")}}, Target: Target{Remote: l("a/b/")}},
		"on itself":     {Kind: Move, Sources: []Source{{Remote: l("d/a")}}, Target: Target{Remote: l("d/")}},
		"same folder":   {Kind: Move, Sources: []Source{{Remote: l("a/")}}, Target: Target{Remote: l("a/"), Exact: true}},
		"two exact":     {Kind: Upload, Sources: []Source{{Local: "/a"}, {Local: "/b"}}, Target: Target{Remote: l("x"), Exact: true}},
		"small parts":   {Kind: Upload, Sources: []Source{{Local: "/a"}}, Target: Target{Remote: l("")}, Options: Options{PartSize: 1}},
		"bad glob":      {Kind: Upload, Sources: []Source{{Local: "/a"}}, Target: Target{Remote: l("")}, Options: Options{Ignore: []string{"["}}},
		"bucket name":   {Kind: Upload, Sources: []Source{{Local: "/a"}}, Target: Target{Remote: storage.Location{Bucket: "a/b"}}},
		"zero byte":     {Kind: Download, Sources: []Source{{Remote: l("a")}}, Target: Target{Local: "/a\x00b"}},
		"folder at ver": {Kind: Download, Sources: []Source{{Remote: storage.Location{Bucket: "b", Key: "a/", Version: "1"}}}, Target: Target{Local: "/a"}},
	} {
		if err := r.validate(); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]Request{
		"sibling": {Kind: Copy, Sources: []Source{{Remote: l("a/")}}, Target: Target{Remote: l("ab/")}},
		"rename":  {Kind: Move, Sources: []Source{{Remote: l("a/")}}, Target: Target{Remote: l("c/"), Exact: true}},
		"version": {Kind: Copy, Sources: []Source{{Remote: storage.Location{Bucket: "b", Key: "a", Version: "1"}}}, Target: Target{Remote: l("a"), Exact: true}},
	} {
		if err := r.validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeRequest(f *testing.F) {
	good, _ := encodeRequest(Request{Kind: Delete, Sources: []Source{{Remote: storage.Location{Bucket: "b"}}}})
	f.Add(good)
	f.Add([]byte(`{"Kind":"upload","Sources":[{"Local":"AA=="}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRequest(b)
		if err != nil {
			return
		}
		again, err := encodeRequest(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeRequest(again)
		if err != nil || !slices.Equal(back.Sources, r.Sources) || back.Target != r.Target {
			t.Fatalf("%+v comes back as %+v, %v", r, back, err)
		}
		r.names()
		r.ends()
	})
}

func FuzzDecodeError(f *testing.F) {
	f.Add(encodeError(errors.Join(ErrStopped, &storage.Error{Op: "x"})))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := decodeError(b); err != nil {
			_ = err.Error()
			_ = encodeError(err)
		}
	})
}

// offline is a queue that never speaks to anybody.
func offline(t testing.TB) *Queue {
	t.Helper()
	q, err := Open(t.Context(), Config{Journal: filepath.Join(t.TempDir(), "j.db"), Connect: func(context.Context, string) (*storage.Session, error) {
		return nil, io.EOF
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return q
}

// planned makes a transfer of n planned items that does not run.
func planned(t testing.TB, q *Queue, n int) ID {
	t.Helper()
	rec, err := encodeRequest(Request{Kind: Download, Sources: []Source{{Remote: storage.Location{Bucket: "b"}}}, Target: Target{Local: "/x"}})
	if err != nil {
		t.Fatal(err)
	}
	var id ID
	err = q.j.write(t.Context(), false, func(x *tx) error {
		if err := x.row("INSERT INTO transfers (kind, state, request, added, planned, files, revision) VALUES ('download', 'stopped', ?, 1, 1, ?, 0) RETURNING id", []any{rec, n}, &id); err != nil {
			return err
		}
		for i := range n {
			if err := x.addItem(id, itemRow{seq: int64(i + 1), source: "b/k", target: "k", size: 1}); err != nil {
				return err
			}
		}
		return x.bump(id)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSnapshot_CostsTheSameForAnyNumberOfItems(t *testing.T) {
	allocs := func(n int) float64 {
		q := offline(t)
		planned(t, q, n)
		return testing.AllocsPerRun(100, func() {
			if _, ts, _ := q.Snapshot(0); len(ts) != 1 || ts[0].Files != int64(n) {
				t.Fatalf("%+v", ts)
			}
		})
	}
	n := 100_000
	if testing.Short() {
		n = 1_000
	}
	few, many := allocs(100), allocs(n)
	t.Logf("%v and %v allocations", few, many)
	if many != few {
		t.Errorf("a snapshot of 100 items makes %v allocations, of %d %v", few, n, many)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	q := offline(b)
	planned(b, q, 100_000)
	for b.Loop() {
		q.Snapshot(0)
	}
}

func BenchmarkItems(b *testing.B) {
	q := offline(b)
	id := planned(b, q, 100_000)
	for b.Loop() {
		if _, err := q.Items(b.Context(), id, 90_000, 50); err != nil {
			b.Fatal(err)
		}
	}
}

func TestJournal_RefusesNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j, err := openJournal(t.Context(), path, new(sync.Mutex))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.write(t.Context(), true, func(x *tx) error { _, err := x.exec("PRAGMA user_version = 99"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openJournal(t.Context(), path, new(sync.Mutex)); !errors.Is(err, ErrJournalNewer) {
		t.Errorf("%v", err)
	}
}

func TestJournal_OneBadChangeDoesNotSpoilItsNeighbours(t *testing.T) {
	j, err := openJournal(t.Context(), filepath.Join(t.TempDir(), "j.db"), new(sync.Mutex))
	if err != nil {
		t.Fatal(err)
	}
	errBad := errors.New("bad")
	results := make(chan error, 50)
	for i := range 50 {
		go func() {
			results <- j.write(t.Context(), i%7 == 0, func(x *tx) error {
				if i == 25 {
					return errBad
				}
				_, err := x.exec("INSERT INTO names VALUES (1, ?)", []byte{byte(i)})
				return err
			})
		}()
	}
	bad := 0
	for range 50 {
		if err := <-results; errors.Is(err, errBad) {
			bad++
		} else if err != nil {
			t.Error(err)
		}
	}
	var n int
	if err := j.r.QueryRowContext(t.Context(), "SELECT count(*) FROM names").Scan(&n); err != nil || n != 49 || bad != 1 {
		t.Errorf("%d rows, %d refused, %v", n, bad, err)
	}
	if err := j.close(); err != nil {
		t.Error(err)
	}
}

func TestOwner_ThisProcessLives(t *testing.T) {
	if ownerGone(newOwner("x")) {
		t.Error("this process is said to be gone")
	}
	if !ownerGone("") || !ownerGone("nonsense") {
		t.Error("nobody is said to live")
	}
}
