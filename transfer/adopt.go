package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"pintail/internal/text"
	"pintail/storage"
)

// ErrAdopt says that an unfinished upload cannot be gone on with: its parts are not those of the file. It is as it was.
var ErrAdopt = fmt.Errorf("%w: the upload cannot be continued with this file", ErrRequest)

func (r *Request) validateAdopt() error {
	u := r.Adopt
	switch {
	case u == nil:
		return nil
	case r.Kind != Upload || len(r.Sources) != 1 || !r.Target.Exact:
		return refuse("an unfinished upload is continued with one file")
	case u.ID == "" || u.Key != r.Target.Remote.Key:
		return refuse("the unfinished upload is of another key")
	}
	return nil
}

// adopt takes over an unfinished upload of somebody else's in place of beginning one. Its parts are read here and held against what
// the server says of them as they come up (see [multipartJob.found]); only those that are not the file's are sent.
func (m *multipartJob) adopt(ctx context.Context) (uploadRow, error) {
	u := uploadRow{seq: m.it.seq, loc: m.it.to(), upload: *m.r.req.Adopt, size: m.size, file: m.file, created: m.r.q.now()}
	theirs, err := m.theirs(ctx, u)
	if err != nil {
		return u, err
	}
	if u.partSize, err = evenParts(theirs, u.size); err != nil {
		return u, err
	}
	m.adopted = true
	m.mu.Lock()
	m.parts, m.sent, m.listed = map[int32]partRow{}, map[int32]bool{}, theirs
	m.mu.Unlock()
	m.it.addNote(text.T("transfer.adopted"))
	return u, m.r.write(context.WithoutCancel(ctx), true, func(t *tx) error {
		if err := t.forgetItem(m.r.id, m.it.seq); err != nil {
			return err
		}
		return t.putUpload(m.r.id, u)
	})
}

// AdoptReason is why an unfinished upload cannot be gone on with.
type AdoptReason int

// The reasons.
const (
	AdoptNoParts   AdoptReason = iota // the server holds no part of it
	AdoptPartSize                     // no file of that size can be of parts of Has bytes
	AdoptFileShort                    // the file ends before or in Part, which has Has bytes
	AdoptOtherPart                    // Part has Has bytes, and in the file it would have Want
)

// AdoptError is an [ErrAdopt] with its reason. Sizes are bytes.
type AdoptError struct {
	Why             AdoptReason
	Part            int32
	Has, Want, File int64
}

func (e *AdoptError) Error() string {
	switch e.Why {
	case AdoptNoParts:
		return ErrAdopt.Error() + ": it has no parts"
	case AdoptPartSize:
		return fmt.Sprintf("%s: its parts have %d bytes, the file %d", ErrAdopt, e.Has, e.File)
	case AdoptFileShort:
		return fmt.Sprintf("%s: it has a part %d of %d bytes, the whole file %d bytes", ErrAdopt, e.Part, e.Has, e.File)
	}
	return fmt.Sprintf("%s: part %d has %d bytes, in the file %d", ErrAdopt, e.Part, e.Has, e.Want)
}

// Unwrap is [ErrAdopt].
func (e *AdoptError) Unwrap() error { return ErrAdopt }

// Adoption is what is known of an unfinished upload and the file it is to be gone on with.
type Adoption struct {
	Parts, Stored int   // parts that the file makes, and those of them that the server holds
	Compared      int   // stored parts that were held against the file so far
	Same          int   // of these, those that are the file's: they are not sent again
	Bytes         int64 // of the file
	StoredBytes   int64
	SameBytes     int64
}

// CompareAdopt reads from a file of size bytes what the server holds of an unfinished upload already, and tells how much of it is
// the same. tell is called before the first part and after each one, on the caller's goroutine. It changes nothing; the transfer
// looks at every part again. An upload that cannot be of the file is an [AdoptError], before anything is read.
func CompareAdopt(ctx context.Context, u storage.Upload, parts []storage.Part, file io.ReaderAt, size int64, tell func(Adoption)) error {
	partSize, err := evenParts(byNumber(parts), size)
	if err != nil {
		return err
	}
	a := Adoption{Parts: int(partCount(size, partSize)), Stored: len(parts), Bytes: size}
	for _, p := range parts {
		a.StoredBytes += p.Size
	}
	tell(a)
	for _, p := range parts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		offset, length := span(p.Number, partSize, size)
		section := &watchedReader{r: io.NewSectionReader(file, offset, length)}
		_, same := storage.SamePart(ctx, u, p, storage.Body{R: section, Size: length})
		if err := section.failure(); err != nil {
			return err
		}
		a.Compared++
		if same {
			a.Same++
			a.SameBytes += p.Size
		}
		tell(a)
	}
	return nil
}

// watchedReader remembers that reading failed, which a comparison takes for a difference.
type watchedReader struct {
	r io.ReaderAt

	mu  sync.Mutex // guards err
	err error
}

// ReadAt reads and remembers.
func (w *watchedReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.mu.Lock()
		w.err = err
		w.mu.Unlock()
	}
	return n, err
}

func (w *watchedReader) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// CheckAdopt returns an [AdoptError] unless an unfinished upload with these parts can be one of a file of size bytes.
func CheckAdopt(parts []storage.Part, size int64) error {
	_, err := evenParts(byNumber(parts), size)
	return err
}

func byNumber(parts []storage.Part) map[int32]storage.Part {
	m := make(map[int32]storage.Part, len(parts))
	for _, p := range parts {
		m[p.Number] = p
	}
	return m
}

// evenParts finds the size of the parts that a file of size bytes was cut into: all but the last are alike.
func evenParts(parts map[int32]storage.Part, size int64) (int64, error) {
	var partSize int64
	for number, p := range parts {
		if number < 1 {
			return 0, &AdoptError{Why: AdoptOtherPart, Part: number, Has: p.Size, File: size}
		}
		partSize = max(partSize, p.Size)
	}
	if partSize == 0 {
		return 0, &AdoptError{Why: AdoptNoParts}
	}
	if size > maxParts*partSize || partSize < minPartSize && size > partSize {
		return 0, &AdoptError{Why: AdoptPartSize, Has: partSize, File: size}
	}
	n := partCount(size, partSize)
	for _, number := range slices.Sorted(maps.Keys(parts)) {
		why, want := AdoptFileShort, int64(0)
		if number <= n {
			_, want = span(number, partSize, size)
		}
		has := parts[number].Size
		switch {
		case number <= n && has == want:
			continue
		case number < n || number == n && has < want:
			why = AdoptOtherPart
		}
		return 0, &AdoptError{Why: why, Part: number, Has: has, Want: want, File: size}
	}
	return partSize, nil
}
