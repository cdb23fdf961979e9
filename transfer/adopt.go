package transfer

import (
	"context"
	"fmt"

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

// CheckAdopt returns an error of [ErrAdopt] unless an unfinished upload with these parts can be one of a file of size bytes.
func CheckAdopt(parts []storage.Part, size int64) error {
	byNumber := map[int32]storage.Part{}
	for _, p := range parts {
		byNumber[p.Number] = p
	}
	_, err := evenParts(byNumber, size)
	return err
}

// evenParts finds the size of the parts that a file of size bytes was cut into: all but the last are alike.
func evenParts(parts map[int32]storage.Part, size int64) (int64, error) {
	var partSize int64
	for _, p := range parts {
		partSize = max(partSize, p.Size)
	}
	if partSize == 0 {
		return 0, fmt.Errorf("%w: it has no parts", ErrAdopt)
	}
	if size > maxParts*partSize || partSize < minPartSize && size > partSize {
		return 0, fmt.Errorf("%w: its parts have %d bytes", ErrAdopt, partSize)
	}
	n := partCount(size, partSize)
	for number, p := range parts {
		if number < 1 || number > n {
			return 0, fmt.Errorf("%w: it has a part %d, the file %d parts of %d bytes", ErrAdopt, number, n, partSize)
		}
		if _, length := span(number, partSize, size); p.Size != length {
			return 0, fmt.Errorf("%w: part %d has %d bytes, in the file %d", ErrAdopt, number, p.Size, length)
		}
	}
	return partSize, nil
}
