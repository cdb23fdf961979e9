package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

// itemKind is what one item is.
type itemKind int

const (
	itemFile   itemKind = iota // bytes from source to target
	itemFolder                 // an empty folder
	itemDelete                 // the removal of source
	itemReport                 // nothing to do: planned with its result
)

// Stages of an item that moves.
const (
	stageNone   = 0
	stageUnsure = 1 // the last request may have taken effect: look before doing it again
	stageCopied = 2 // the copy is proved, the source may go
	stageBare   = 3 // the object is written and proved, and lacks what belongs to it
)

// itemRow is an item as the journal has it. Remote ends are "bucket/key"; a local source is a path, a local target a
// path below the destination.
type itemRow struct {
	seq            int64
	kind           itemKind
	source, target string
	version        string // of the source
	size           int64  // -1 = not known
	modified       time.Time
	etag, class    string
	result         Result
	stage          int
	proof          storage.Proof
	wrote          string // the version that was written
	err            error
	note           string
	seconds        float64
	guard          string // of a sync: see syncGuard
}

func remoteEnd(l storage.Location) string { return l.Bucket + "/" + l.Key }

func location(end, version string) storage.Location {
	bucket, key, _ := strings.Cut(end, "/")
	return storage.Location{Bucket: bucket, Key: key, Version: version}
}

const itemColumns = "seq, kind, source, version, target, size, modified, etag, class, result, stage, proof, wrote, error, note, seconds, guard"

func scanItem(scan func(...any) error) (itemRow, error) {
	var r itemRow
	var source, target, errText []byte
	var modified int64
	err := scan(&r.seq, &r.kind, &source, &r.version, &target, &r.size, &modified, &r.etag, &r.class, &r.result, &r.stage, &r.proof, &r.wrote,
		&errText, &r.note, &r.seconds, &r.guard)
	if err != nil {
		return r, fmt.Errorf("read item: %w", err)
	}
	r.source, r.target, r.modified, r.err = string(source), string(target), fromNano(modified), decodeError(errText)
	if r.proof < storage.ProofNone || r.proof > storage.ProofFull {
		r.proof = storage.ProofNone
	}
	return r, nil
}

func (t *tx) addItem(id ID, r itemRow) error {
	_, err := t.exec(`INSERT INTO items (transfer, seq, kind, source, version, target, size, modified, etag, class, result, stage, error, note, guard)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, r.seq, r.kind, []byte(r.source), r.version, []byte(r.target), r.size, unixNano(r.modified), r.etag, r.class, r.result,
		r.stage, encodeError(r.err), r.note, r.guard)
	return err
}

// rows reads items of a transfer by a condition.
func (j *journal) rows(ctx context.Context, where string, args ...any) ([]itemRow, error) {
	rs, err := j.r.QueryContext(ctx, "SELECT "+itemColumns+" FROM items WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []itemRow
	for rs.Next() {
		r, err := scanItem(rs.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if err := rs.Err(); err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	return out, nil
}

func (j *journal) pending(ctx context.Context, id ID, after int64, n int) ([]itemRow, error) {
	return j.rows(ctx, "transfer = ? AND seq > ? AND result = '' AND stage <> 2 ORDER BY seq LIMIT ?", id, after, n)
}

func (j *journal) staged(ctx context.Context, id ID, after int64, n int) ([]itemRow, error) {
	return j.rows(ctx, "transfer = ? AND seq > ? AND stage = 2 ORDER BY seq LIMIT ?", id, after, n)
}

// uploadRow is an unfinished multipart upload of ours. Without an id it says that one was about to be made.
type uploadRow struct {
	seq        int64
	loc        storage.Location
	upload     storage.Upload
	partSize   int64
	size       int64
	sourceETag string // of a copy
	file       localfs.Identity
	completing bool      // Complete was or may have been sent
	created    time.Time // just before it was made
}

// partRow is a part that the server has, or a range that is on our disk. crc is the CRC64NVME of its bytes.
type partRow struct {
	storage.Part
	crc uint64
}

func (t *tx) putUpload(id ID, u uploadRow) error {
	_, err := t.exec(`INSERT OR REPLACE INTO uploads (transfer, `+uploadColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, u.seq, u.loc.Bucket, []byte(u.loc.Key), u.upload.ID, u.partSize, u.size, string(u.upload.Algorithm), u.upload.FullObject,
		u.sourceETag, u.file.File, u.file.Size, unixNano(u.file.Modified), u.completing, unixNano(u.created))
	return err
}

func (t *tx) putPart(id ID, seq int64, p partRow) error {
	_, err := t.exec(`INSERT OR REPLACE INTO parts (transfer, seq, number, size, etag, checksum, md5, crc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, seq, p.Number, p.Size, p.ETag, p.Checksum, p.MD5, int64(p.crc)) // the bits are kept
	return err
}

// forgetItem drops what was recorded of an item's unfinished upload or download.
func (t *tx) forgetItem(id ID, seq int64) error {
	for _, q := range []string{
		"DELETE FROM uploads WHERE transfer = ? AND seq = ?", "DELETE FROM downloads WHERE transfer = ? AND seq = ?",
		"DELETE FROM parts WHERE transfer = ? AND seq = ?",
	} {
		if _, err := t.exec(q, id, seq); err != nil {
			return err
		}
	}
	return nil
}

const uploadColumns = "seq, bucket, key, upload, part_size, size, algorithm, full, source_etag, file, file_size, file_modified, completing, created"

// uploads reads the unfinished uploads of a transfer, or of one item if seq > 0.
func (j *journal) uploads(ctx context.Context, id ID, seq int64) ([]uploadRow, error) {
	rs, err := j.r.QueryContext(ctx, "SELECT "+uploadColumns+" FROM uploads WHERE transfer = ?1 AND (?2 = 0 OR seq = ?2)", id, seq)
	if err != nil {
		return nil, fmt.Errorf("read uploads: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []uploadRow
	for rs.Next() {
		var u uploadRow
		var key []byte
		var modified, created int64
		err := rs.Scan(&u.seq, &u.loc.Bucket, &key, &u.upload.ID, &u.partSize, &u.size, &u.upload.Algorithm, &u.upload.FullObject, &u.sourceETag,
			&u.file.File, &u.file.Size, &modified, &u.completing, &created)
		if err != nil {
			return nil, fmt.Errorf("read uploads: %w", err)
		}
		u.loc.Key, u.upload.Key, u.file.Modified, u.created = string(key), string(key), fromNano(modified), fromNano(created)
		out = append(out, u)
	}
	return out, rs.Err()
}

// parts reads the finished parts or ranges of an item, by number.
func (j *journal) parts(ctx context.Context, id ID, seq int64) ([]partRow, error) {
	rs, err := j.r.QueryContext(ctx,
		"SELECT number, size, etag, checksum, md5, crc FROM parts WHERE transfer = ? AND seq = ? ORDER BY number", id, seq)
	if err != nil {
		return nil, fmt.Errorf("read parts: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []partRow
	for rs.Next() {
		var p partRow
		var crc int64
		if err := rs.Scan(&p.Number, &p.Size, &p.ETag, &p.Checksum, &p.MD5, &crc); err != nil {
			return nil, fmt.Errorf("read parts: %w", err)
		}
		p.crc = uint64(crc) // the bits are kept
		out = append(out, p)
	}
	return out, rs.Err()
}

// downloadRow is an unfinished download in parts.
type downloadRow struct {
	seq           int64
	target, temp  string // below the destination
	file          string // the temporary file's number
	size          int64
	rangeSize     int64
	etag, version string
	modified      time.Time
}

func (t *tx) putDownload(id ID, d downloadRow) error {
	_, err := t.exec(`INSERT OR REPLACE INTO downloads (transfer, seq, target, temp, file, size, range_size, etag, version, modified)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, d.seq, []byte(d.target), []byte(d.temp), d.file, d.size, d.rangeSize, d.etag, d.version, unixNano(d.modified))
	return err
}

// downloads reads the unfinished downloads of a transfer, or of one item if seq > 0.
func (j *journal) downloads(ctx context.Context, id ID, seq int64) ([]downloadRow, error) {
	rs, err := j.r.QueryContext(ctx, `SELECT seq, target, temp, file, size, range_size, etag, version, modified
		FROM downloads WHERE transfer = ?1 AND (?2 = 0 OR seq = ?2)`, id, seq)
	if err != nil {
		return nil, fmt.Errorf("read downloads: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []downloadRow
	for rs.Next() {
		var d downloadRow
		var target, temp []byte
		var modified int64
		if err := rs.Scan(&d.seq, &target, &temp, &d.file, &d.size, &d.rangeSize, &d.etag, &d.version, &modified); err != nil {
			return nil, fmt.Errorf("read downloads: %w", err)
		}
		d.target, d.temp, d.modified = string(target), string(temp), fromNano(modified)
		out = append(out, d)
	}
	return out, rs.Err()
}

// transferRow is a transfer as the journal has it.
type transferRow struct {
	id                             ID
	state                          State
	request                        []byte
	owner                          string
	lease                          time.Time
	interrupted, planned           bool
	cursor                         []byte
	files, bytes                   int64
	done, skipped, failed, unknown int64
	bytesDone, live                int64
	message                        string
	err                            error
	seconds                        float64
	added, started, ended          time.Time
	revision                       int64
	priority                       int
}

const transferColumns = `id, state, request, owner, lease, interrupted, planned, cursor, files, bytes, done, skipped, failed, unknown,
	bytes_done, live, message, error, seconds, added, started, ended, revision, priority`

func scanTransfer(scan func(...any) error) (transferRow, error) {
	var r transferRow
	var lease, added, started, ended int64
	var errText []byte
	err := scan(&r.id, &r.state, &r.request, &r.owner, &lease, &r.interrupted, &r.planned, &r.cursor, &r.files, &r.bytes, &r.done, &r.skipped,
		&r.failed, &r.unknown, &r.bytesDone, &r.live, &r.message, &errText, &r.seconds, &added, &started, &ended, &r.revision, &r.priority)
	if err != nil {
		return r, fmt.Errorf("read transfer: %w", err)
	}
	r.lease, r.added, r.started, r.ended, r.err = fromNano(lease), fromNano(added), fromNano(started), fromNano(ended), decodeError(errText)
	return r, nil
}

// transfers reads the transfers that changed after a revision.
func (j *journal) transfers(ctx context.Context, since int64) ([]transferRow, error) {
	rs, err := j.r.QueryContext(ctx, "SELECT "+transferColumns+" FROM transfers WHERE revision > ? ORDER BY id", since)
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []transferRow
	for rs.Next() {
		r, err := scanTransfer(rs.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rs.Err()
}

func (j *journal) transfer(ctx context.Context, id ID) (transferRow, error) {
	r, err := scanTransfer(j.r.QueryRowContext(ctx, "SELECT "+transferColumns+" FROM transfers WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	return r, err
}

// ids are all transfers of the journal.
func (j *journal) ids(ctx context.Context) (map[ID]bool, error) {
	rs, err := j.r.QueryContext(ctx, "SELECT id FROM transfers")
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	out := map[ID]bool{}
	for rs.Next() {
		var id ID
		if err := rs.Scan(&id); err != nil {
			return nil, fmt.Errorf("read transfers: %w", err)
		}
		out[id] = true
	}
	return out, rs.Err()
}

// removeTransfer forgets a transfer and all that belongs to it.
func (t *tx) removeTransfer(id ID) error {
	for _, q := range []string{
		"DELETE FROM items WHERE transfer = ?", "DELETE FROM names WHERE transfer = ?", "DELETE FROM uploads WHERE transfer = ?",
		"DELETE FROM downloads WHERE transfer = ?", "DELETE FROM parts WHERE transfer = ?", "DELETE FROM temps WHERE transfer = ?", "DELETE FROM transfers WHERE id = ?",
		"UPDATE counter SET value = value + 1 WHERE name = 'revision'",
	} {
		args := []any{id}
		if strings.HasPrefix(q, "UPDATE counter") {
			args = nil
		}
		if _, err := t.exec(q, args...); err != nil {
			return err
		}
	}
	return nil
}
