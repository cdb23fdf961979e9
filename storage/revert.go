package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"pintail/internal/backoff"
)

// Reverted is what [Session.Revert] did.
type Reverted struct {
	Written
	Current bool // the version was the current one already: nothing was written
}

// RevertOptions says what a revert may do without.
type RevertOptions struct {
	// Plain leaves the access list of the old version behind; it need not be readable then.
	Plain bool
}

// Revert makes an old version of an object, which loc names, the current one: a copy on the server with its bytes, headers,
// metadata, tags, class, encryption and access list. The versions in between stay. A retention or a legal hold is not copied:
// it guards the version that it was given to. What may not be read is an error of KindPermission before anything is written. An
// error with code "NotCarried" says that the object is written and proved, but that its access list could not be set.
func (s *Session) Revert(ctx context.Context, loc Location, o RevertOptions) (Reverted, error) {
	if err := s.writable("CopyObject", loc); err != nil {
		return Reverted{}, err
	}
	if loc.Key == "" || loc.Version == "" {
		return Reverted{}, invalid("CopyObject", loc, "NoVersion", "a version has a key and a version id")
	}
	to := Location{Bucket: loc.Bucket, Key: loc.Key}
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return Reverted{}, err
	}
	if now, err := s.latest(ctx, to); err == nil && now.Version == loc.Version {
		return Reverted{Current: true, Written: Written{Version: loc.Version, ETag: info.ETag, Size: info.Size, Checksums: info.Checksums}}, nil
	}
	info.Location = loc
	acl, err := s.listToKeep(ctx, loc, o.Plain)
	if err != nil {
		return Reverted{}, err
	}
	var w Written
	if info.Size > maxSinglePut {
		w, err = s.copyInParts(ctx, info, to, copyPartSize(info.Size))
	} else {
		w, err = s.Copy(ctx, loc, to, sameAgain(info))
	}
	if err != nil {
		return Reverted{Written: w}, err
	}
	if w.Version == "" { // Ceph's gateway (16.2) does not tell it
		if now, err := s.latest(ctx, to); err == nil && now.ETag == w.ETag {
			w.Version = now.Version
		}
	}
	if w.Size < 0 {
		w.Size = info.Size
	}
	if acl == nil {
		return Reverted{Written: w}, nil
	}
	to.Version = w.Version
	return Reverted{Written: w}, s.setKept(ctx, to, *acl)
}

// sameAgain is a copy that changes nothing.
func sameAgain(info Info) CopyOptions {
	o := CopyOptions{SourceIfMatch: info.ETag, Class: orStandard(info.Class)}
	if t := info.Encryption.Type; t == "AES256" || strings.HasPrefix(t, "aws:kms") {
		o.Encryption = info.Encryption
	}
	if info.Headers.WebsiteRedirect != "" { // S3 leaves this one behind
		o.Replace = &WriteOptions{Headers: info.Headers, Metadata: info.Metadata}
	}
	return o
}

func orStandard(class string) string {
	if class == "" {
		return "STANDARD"
	}
	return class
}

// listToKeep is the access list that a copy has to be given, nil for none.
func (s *Session) listToKeep(ctx context.Context, loc Location, plain bool) (*ACL, error) {
	if plain {
		return nil, nil
	}
	keeps, err := s.Keeps(ctx, loc.Bucket)
	if err != nil || !keeps.ACL {
		return nil, err
	}
	a, err := s.ACL(ctx, loc)
	if KindOf(err) == KindUnsupported {
		return nil, nil
	}
	if err != nil || a.Private() {
		return nil, err
	}
	return &a, nil
}

// setKept gives a copy the access list of its source. The copy may belong to somebody else.
func (s *Session) setKept(ctx context.Context, to Location, a ACL) error {
	own, err := s.ACL(ctx, to)
	if err == nil {
		a.Owner = own.Owner
		err = s.SetACL(ctx, to, a)
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	lost := *e
	lost.Code, lost.Message, lost.Err = "NotCarried", "the object is written, but its access list could not be set: "+e.Error(), err
	return &lost
}

// The parts of a copy on the server. A part costs a request, whatever its size.
const (
	copyPartLeast = 512 << 20
	copyLanes     = 8
)

func copyPartSize(size int64) int64 { return max(copyPartLeast, (size+9_999)/10_000) }

// copyInParts copies a version that is too large for one request. An upload that does not become the object is thrown away.
func (s *Session) copyInParts(ctx context.Context, src Info, to Location, partSize int64) (Written, error) {
	tags, err := s.Tags(ctx, src.Location)
	if KindOf(err) == KindUnsupported || KindOf(err) == KindTruncated && src.TagCount == 0 { // Ceph's gateway (16.2) cuts the answer when there are none
		tags, err = nil, nil
	}
	if err != nil {
		return Written{}, err
	}
	o := WriteOptions{Headers: src.Headers, Metadata: src.Metadata, Tags: tags, Class: src.Class, Encryption: sameAgain(src).Encryption}
	for a := range src.Checksums.Values {
		o.Checksum = a
	}
	return s.copyAs(ctx, src, to, o, partSize)
}

// copyAs copies a version in parts; the copy gets what o says.
func (s *Session) copyAs(ctx context.Context, src Info, to Location, o WriteOptions, partSize int64) (Written, error) {
	u, parts, err := s.uploadParts(ctx, src, to, o, partSize)
	if err == nil && falseSums(u, parts, src) {
		if err = s.AbortUpload(ctx, to, u.ID); err == nil {
			o.Checksum = ChecksumNone
			u, parts, err = s.uploadParts(ctx, src, to, o, partSize)
		}
	}
	if err != nil {
		return Written{}, err
	}
	w, err := s.CompleteUpload(ctx, to, u, parts, WriteOptions{IfMatch: o.IfMatch})
	if KindOf(err) == KindPrecondition {
		return w, errors.Join(err, s.AbortUpload(context.WithoutCancel(ctx), to, u.ID))
	}
	if err != nil {
		return w, err
	}
	if w, err = ProveCopy(src, to, w); err != nil {
		return w, err
	}
	to.Version = w.Version
	if have, err := s.Tags(ctx, to); len(o.Tags) > 0 && (err != nil || !maps.Equal(have, o.Tags)) { // Ceph's gateway forgets them
		return w, s.SetTags(ctx, to, o.Tags)
	}
	return w, nil
}

// ProveCopy compares what a copy in parts has become at to with its source, where both keep a checksum of the whole. Parts that fit together
// do not show that they are the source's. A difference is an error of KindChecksum.
func ProveCopy(src Info, to Location, w Written) (Written, error) {
	switch a, same := src.Checksums.Same(w.Checksums); {
	case same:
		w.Proof = ProofFull
	case a != "":
		return w, &Error{Op: "CompleteMultipartUpload", Location: to, Kind: KindChecksum, Code: "ChecksumMismatch",
			Message: fmt.Sprintf("the copy's %s differs from the source's", a)}
	}
	return w, nil
}

// falseSums tells whether a server (versitygw 1.8) gives the source's own checksum for that of each part: the object would be
// stored with a wrong one.
func falseSums(u Upload, parts []Part, src Info) bool {
	return len(parts) > 1 && u.Algorithm != "" && parts[0].Checksum != "" && parts[0].Checksum == src.Checksums.Values[u.Algorithm] &&
		parts[0].Checksum == parts[1].Checksum
}

func (s *Session) uploadParts(ctx context.Context, src Info, to Location, o WriteOptions, partSize int64) (Upload, []Part, error) {
	u, err := s.CreateUpload(ctx, to, o)
	if err != nil {
		return u, nil, err
	}
	parts, err := s.copyParts(ctx, src, to, u, partSize)
	if err != nil {
		return u, nil, errors.Join(err, s.AbortUpload(context.WithoutCancel(ctx), to, u.ID))
	}
	return u, parts, nil
}

func (s *Session) copyParts(ctx context.Context, src Info, to Location, u Upload, partSize int64) ([]Part, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := int((src.Size + partSize - 1) / partSize)
	parts, errs := make([]Part, n), make([]error, n)
	slots := make(chan struct{}, copyLanes)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			at := int64(i) * partSize
			errs[i] = trying(ctx, func() (err error) {
				parts[i], err = s.CopyPart(ctx, src.Location, at, min(partSize, src.Size-at), src.ETag, to, u, int32(i+1))
				return err
			})
			if errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	for _, err := range errs { // not the ones that the first failure ended
		if err != nil && KindOf(err) != KindCancelled {
			return nil, err
		}
	}
	return parts, errors.Join(errs...)
}

// partTries is how often one part of many is tried: the whole must not fail because the server is busy once.
const partTries = 5

func trying(ctx context.Context, do func() error) error {
	wait := backoff.New(200*time.Millisecond, 10*time.Second, nil)
	for try := 1; ; try++ {
		err := do()
		var e *Error
		if err == nil || try == partTries || !errors.As(err, &e) || !e.Retryable {
			return err
		}
		select {
		case <-time.After(wait.Wait(try)):
		case <-ctx.Done():
			return err
		}
	}
}
