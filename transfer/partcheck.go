package transfer

import (
	"context"
	"errors"
	"fmt"

	"pintail/internal/text"
	"pintail/storage"
)

// A part's answer names the part by an ETag. Where the upload's checksum proves the bytes no MD5 is computed to hold the ETag
// against, so that a wrong one shows only when the parts are put together. Then the server is asked what it has.

// partsRefused tells whether the server did not put the parts together because it has others, and surely did not.
func partsRefused(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && !e.Unknown && e.HTTPStatus >= 400 && (e.Code == "InvalidPart" || e.Kind == storage.KindChecksum)
}

// theirs asks what the server has of each part.
func (m *multipartJob) theirs(ctx context.Context, u uploadRow) (map[int32]storage.Part, error) {
	parts := map[int32]storage.Part{}
	err := m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		clear(parts)
		for ps, err := range s.Parts(ctx, u.loc, u.upload.ID) {
			if err != nil {
				return err
			}
			for _, p := range ps {
				parts[p.Number] = p
			}
		}
		return nil
	}))
	return parts, err
}

// dropOthers asks what the server has of each part, and forgets those that it has otherwise or not at all: they are to be sent
// again. It tells whether there were some. Where it may not be asked there are none.
func (m *multipartJob) dropOthers(ctx context.Context, u uploadRow) (bool, error) {
	theirs, err := m.theirs(ctx, u)
	switch {
	case uploadGone(err):
		return false, fmt.Errorf("%w: %w", errUploadGone, err)
	case err != nil && ctx.Err() == nil:
		return false, nil // it may not be asked for: Complete tells, or has told
	case err != nil:
		return false, err
	}
	other := false
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, p := range m.parts {
		if !samePart(p.Part, theirs[n]) {
			delete(m.parts, n)
			m.r.moveBytes(m.it, -p.Size)
			other = true
		}
	}
	return other, nil
}

// dropUnsent forgets the parts that this run has not sent: the server refuses what it says itself of its parts, so that only its
// answers to parts count. It tells whether there were some.
func (m *multipartJob) dropUnsent() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	some := false
	for n, p := range m.parts {
		if !m.sent[n] {
			delete(m.parts, n)
			m.r.moveBytes(m.it, -p.Size)
			some = true
		}
	}
	clear(m.listed)
	return some
}

// samePart tells whether a part is on both sides what it was when it was sent.
func samePart(mine, theirs storage.Part) bool {
	return mine.ETag == theirs.ETag && mine.Size == theirs.Size && (mine.Checksum == "" || theirs.Checksum == "" || mine.Checksum == theirs.Checksum)
}

// accept counts the parts that both sides have in the same state.
func (m *multipartJob) accept(u uploadRow, mine []partRow, theirs map[int32]storage.Part) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts, m.listed, m.sent = map[int32]partRow{}, theirs, map[int32]bool{}
	var bytes int64
	for _, p := range mine {
		_, length := span(p.Number, u.partSize, u.size)
		if p.Number < 1 || p.Number > partCount(u.size, u.partSize) || p.Size != length || !samePart(p.Part, theirs[p.Number]) {
			delete(theirs, p.Number) // the two contradict each other: it is sent again
			continue
		}
		m.parts[p.Number] = p
		bytes += p.Size
	}
	m.it.done.Add(bytes)
	m.r.count(bytes)
	if len(m.parts) > 0 {
		m.it.addNote(text.T("transfer.resumed"))
	}
}

// found takes a part that the server has and the journal does not, as when a kill came between its answer and its record. It is
// read here and held against what the server says of it, which costs less than sending it again.
func (m *multipartJob) found(ctx context.Context, u uploadRow, number int32) (storage.Part, bool) {
	m.mu.Lock()
	listed, there := m.listed[number]
	delete(m.listed, number)
	m.mu.Unlock()
	if !there || m.source == nil || m.check() != nil {
		return storage.Part{}, false
	}
	offset, length := span(number, u.partSize, u.size)
	p, same := storage.SamePart(ctx, u.upload, listed, storage.Body{R: m.source(offset, length), Size: length})
	if same {
		m.r.q.log.Debug("a part of before the end is there", "transfer", int64(m.r.id), "item", m.it.seq, "part", number)
	}
	return p, same
}

func plain(rows []partRow) []storage.Part {
	ps := make([]storage.Part, len(rows))
	for i, r := range rows {
		ps[i] = r.Part
	}
	return ps
}
