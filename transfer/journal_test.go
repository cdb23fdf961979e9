package transfer

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pintail/storage"
)

// storedJournal makes a journal from a text of testdata, as an older version of the program left it.
func storedJournal(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func offlineConnect(context.Context, string) (*storage.Session, error) {
	return nil, errors.ErrUnsupported
}

func TestJournal_OpensVersion1(t *testing.T) {
	path := storedJournal(t, "journal-v1.sql")
	for range 2 { // brought up to date, then as it is
		checkVersion1(t, path)
	}
}

// checkVersion1 looks whether all that journal-v1.sql says is still known.
func checkVersion1(t *testing.T, path string) {
	t.Helper()
	q, err := Open(t.Context(), Config{Journal: path, Connect: offlineConnect})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	var version int
	if err := q.j.r.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version); err != nil || version != len(migrations) {
		t.Errorf("version %d, %v", version, err)
	}
	_, ts, _ := q.Snapshot(0)
	if len(ts) != 1 {
		t.Fatalf("%+v", ts)
	}
	x := ts[0]
	if x.ID != 3 || x.State != Stopped || !x.Interrupted || x.Files != 2 || x.Failed != 1 || x.Bytes != 15<<20 || x.To != "s3://b/large" ||
		x.Connection != "bookmark:one" || !errors.Is(x.Err, ErrChanged) || storage.KindOf(x.Err) != storage.Kind(1) {
		t.Errorf("%+v", x)
	}
	items, err := q.Items(t.Context(), 3, 0, 10)
	if err != nil || len(items) != 2 || items[0].Bytes != 15<<20 || items[1].Result != ResultFailed || !errors.Is(items[1].Err, ErrChanged) || items[1].Note != "a note" {
		t.Errorf("%+v, %v", items, err)
	}
	ups, err := q.j.uploads(t.Context(), 3, 1)
	if err != nil || len(ups) != 1 || ups[0].upload.ID != "upload-id" || ups[0].partSize != 5<<20 || ups[0].file.File != "12:34" || !ups[0].upload.FullObject {
		t.Errorf("%+v, %v", ups, err)
	}
	parts, err := q.j.parts(t.Context(), 3, 1)
	if err != nil || len(parts) != 2 || parts[0].ETag != "etag-1" || parts[0].crc != 1<<64-2 || parts[1].Number != 3 || string(parts[1].MD5) != "\x01\x02" {
		t.Errorf("%+v, %v", parts, err)
	}
	downs, err := q.j.downloads(t.Context(), 3, 9)
	if err != nil || len(downs) != 1 || downs[0].temp != "a/.b.tmp" || downs[0].rangeSize != 50 {
		t.Errorf("%+v, %v", downs, err)
	}
}

// owned makes a transfer the queue's own without running it.
func owned(t *testing.T, q *Queue, id ID) {
	t.Helper()
	if err := q.j.write(t.Context(), false, func(x *tx) error { return x.claim(q, id) }); err != nil {
		t.Fatal(err)
	}
}

func TestJournal_ManyOpenANewOneAtOnce(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "journal.db")
		results := make(chan error)
		for range 8 {
			go func() {
				j, err := openJournal(t.Context(), path, new(sync.Mutex))
				if err == nil {
					err = j.close()
				}
				results <- err
			}()
		}
		for range 8 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
	}
}
