package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// upload does one item of an upload.
func (r *run) upload(ctx context.Context, it *liveItem) error {
	if it.kind == itemFolder {
		return r.makeFolder(ctx, it)
	}
	f, id, err := localfs.OpenFile(it.source)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer f.Close() // opened for reading
	if err := r.sized(ctx, it, id.Size); err != nil {
		return err
	}
	goOn, ifNone, err := r.settleRemote(ctx, it, side{f: f, name: it.source, size: id.Size, modified: id.Modified})
	if err != nil || !goOn {
		return err
	}
	opts := r.writeOptions(it, f, id)
	opts.IfNoneMatch = opts.IfNoneMatch || ifNone
	src := &localSource{f: f, path: it.source, id: id}
	var w storage.Written
	if r.req.Adopt == nil && (id.Size <= r.threshold() || !r.multipart(ctx, it.to().Bucket)) {
		if err := r.dropUpload(ctx, it); err != nil {
			return err
		}
		it.single = true
		w, err = r.put(ctx, it, src, opts)
	} else {
		w, err = r.uploadInParts(ctx, it, src, opts)
	}
	if err != nil {
		return err
	}
	return r.wrote(it, w)
}

// multipart tells whether the server takes uploads in parts.
func (r *run) multipart(ctx context.Context, bucket string) bool {
	s, err := r.q.sessions.get(ctx, r.req.uploadRef())
	if err != nil {
		return true // the next request says why
	}
	m := s.Capabilities(bucket).Multipart
	return m == nil || *m
}

// wrote notes what a write has proved.
func (r *run) wrote(it *liveItem, w storage.Written) error {
	if w.Proof == storage.ProofNone {
		return &storage.Error{Op: "PutObject", Location: it.to(), Kind: storage.KindNotS3, Code: "Unproved", Message: "nothing proves that it was stored"}
	}
	it.result, it.proof, it.wrote, it.stage = ResultDone, w.Proof, w.Version, stageNone
	if w.Proof == storage.ProofStored {
		it.addNote(text.T("transfer.stored_not_read"))
	}
	return nil
}

func (it *liveItem) addNote(s string) {
	if it.note == "" {
		it.note = s
	} else if !strings.Contains(it.note, s) {
		it.note += ". " + s
	}
}

func (r *run) makeFolder(ctx context.Context, it *liveItem) error {
	err := r.try(ctx, request{class: small, ref: r.req.uploadRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		return s.MakeFolder(ctx, it.to())
	}})
	if err == nil {
		it.result, it.proof = ResultDone, storage.ProofSize
	}
	return err
}

// localSource is an open file that must stay what it was when the upload began.
type localSource struct {
	f    *os.File
	path string
	id   localfs.Identity
}

// check returns ErrChanged if the file is not what it was.
func (l *localSource) check() error {
	same, err := localfs.Same(l.f, l.path, l.id)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if !same {
		return fmt.Errorf("%s: %w", l.path, ErrChanged)
	}
	return nil
}

// section is a part of the file as a body. With its last bytes it checks the file, so that a request whose bytes come
// from a file that changed is never completed.
func (l *localSource) section(offset, length int64) io.ReaderAt {
	return &section{l: l, offset: offset, length: length}
}

type section struct {
	l              *localSource
	offset, length int64
}

// ReadAt reads within the section.
func (s *section) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.length {
		return 0, io.EOF
	}
	end := off+int64(len(p)) >= s.length
	if end {
		p = p[:s.length-off]
	}
	n, err := s.l.f.ReadAt(p, s.offset+off)
	if n < len(p) {
		if err == nil || errors.Is(err, io.EOF) {
			err = fmt.Errorf("%s is shorter than it was: %w", s.l.path, ErrChanged)
		}
		return n, err
	}
	if !end {
		return n, nil
	}
	if err := s.l.check(); err != nil {
		return 0, err
	}
	return n, nil
}

// writeOptions are those of the request with what is known of the file.
func (r *run) writeOptions(it *liveItem, f io.ReaderAt, id localfs.Identity) storage.WriteOptions {
	o := r.req.Options.Write
	if o.Headers.ContentType == "" {
		o.Headers.ContentType = contentType(it.target, f)
	}
	if r.req.Options.PreserveTime {
		o.Metadata = maps.Clone(o.Metadata)
		if o.Metadata == nil {
			o.Metadata = map[string]string{}
		}
		o.Metadata["mtime"] = formatTime(id.Modified)
	}
	return o
}

// contentType goes by the extension, else by the first bytes.
func contentType(name string, f io.ReaderAt) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		return t
	}
	var head [512]byte
	n, _ := f.ReadAt(head[:], 0) // what cannot be read fails the upload itself
	if n == 0 {
		return "application/octet-stream"
	}
	return http.DetectContentType(head[:n])
}

// formatTime is seconds with nine decimals, as rclone keeps it in the metadata "mtime".
func formatTime(t time.Time) string {
	return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond())
}

// parseTime reads what formatTime or another program wrote; zero if it is no time.
func parseTime(s string) time.Time {
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec < -62135596800 || sec > 253402300799 {
		return time.Time{}
	}
	if len(frac) > 9 {
		frac = frac[:9]
	}
	ns, err := strconv.ParseUint((frac + "000000000")[:9], 10, 32)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(sec, int64(ns))
}

// put uploads a file in one request. When an answer is lost, what is stored is looked at before anything is sent again.
func (r *run) put(ctx context.Context, it *liveItem, src *localSource, o storage.WriteOptions) (storage.Written, error) {
	var w storage.Written
	all := src.section(0, src.id.Size)
	err := r.try(ctx, request{class: classOf(src.id.Size), ref: r.req.uploadRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		if it.stage == stageUnsure {
			found, err := r.reconcile(ctx, s, it, all, src.id.Size, &w)
			if err != nil || found {
				return err
			}
		}
		if err := errors.Join(src.check(), r.mine(ctx)); err != nil {
			return err
		}
		var err error
		w, err = s.Put(ctx, it.to(), r.body(ctx, it, all, src.id.Size), o)
		it.stage = stageNone
		if isUnknown(err) {
			it.stage = stageUnsure
		}
		return err
	}})
	if err == nil {
		r.moveBytes(it, src.id.Size-it.done.Load())
	}
	return w, err
}

func isUnknown(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Unknown
}

// reconcile looks whether a write whose answer was lost has taken effect: what is stored must be the very bytes.
func (r *run) reconcile(ctx context.Context, s *storage.Session, it *liveItem, content io.ReaderAt, size int64, w *storage.Written) (bool, error) {
	info, err := s.Stat(ctx, it.to())
	switch {
	case storage.KindOf(err) == storage.KindNotFound:
		it.stage = stageNone
		return false, nil
	case storage.KindOf(err) == storage.KindPermission:
		it.stage = stageNone // it cannot be looked at, but it can be written again
		return false, nil
	case err != nil:
		return false, err
	}
	proof, err := prove(ctx, info, content, size, nil, nil)
	if err != nil || proof <= storage.ProofSize {
		if err != nil && !errors.Is(err, errMismatch) {
			return false, err
		}
		it.stage = stageNone
		return false, nil
	}
	it.addNote(text.T("transfer.found_done"))
	*w = storage.Written{Version: info.Location.Version, ETag: info.ETag, Size: info.Size, Checksums: info.Checksums, Proof: proof}
	return true, nil
}
