package transfer

import (
	"context"
	"maps"

	"pintail/internal/text"
	"pintail/storage"
)

// foundCopied looks whether a copy whose answer was lost has been made: what is at the target must have the source's content, and
// all that its head tells must be as it was to be. What a head does not tell, or what was to differ from the source, is
// written again: that gives the same object.
func (r *run) foundCopied(ctx context.Context, s *storage.Session, it *liveItem, o storage.CopyOptions, w *storage.Written) (bool, error) {
	if o.Replace != nil || o.ACL != "" {
		return false, nil
	}
	from, err := s.Stat(ctx, it.from())
	if err != nil || from.ETag != it.etag && it.etag != "" {
		return false, unlessHidden(err)
	}
	to, err := s.Stat(ctx, it.to())
	if err != nil {
		return false, unlessHidden(err)
	}
	same, err := sameContent(ctx, side{info: from, size: from.Size}, to)
	if err != nil || !same || !sameHead(from, to, o) {
		return false, err
	}
	it.stage = stageNone
	it.addNote(text.T("transfer.found_done"))
	*w = storage.Written{Version: to.Location.Version, ETag: to.ETag, Size: to.Size, Checksums: to.Checksums, Proof: storage.ProofMD5, RequestID: to.RequestID}
	return true, nil
}

// unlessHidden is an error of a look after which it makes no sense to go on. That nothing is there, or that it may not be looked
// at, is none.
func unlessHidden(err error) error {
	switch storage.KindOf(err) {
	case storage.KindNotFound, storage.KindPermission:
		return nil
	}
	return err
}

// sameHead tells whether a copy has the source's headers and metadata and is kept as it was to be.
func sameHead(from, to storage.Info, o storage.CopyOptions) bool {
	return from.Headers == to.Headers && maps.Equal(from.Metadata, to.Metadata) && from.TagCount == to.TagCount &&
		className(to.Class) == className(o.Class) && (o.Encryption.Type == "" || o.Encryption == to.Encryption)
}
