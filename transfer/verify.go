package transfer

import (
	"context"
	"crypto/md5"  // what S3 compares by
	"crypto/sha1" // one of the checksums of S3
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/crc64nvme"

	"pintail/storage"
)

// errMismatch says that bytes are not those of the object.
var errMismatch = errors.New("the content differs from what the server has")

// fullOrder is the order in which checksums of whole objects are taken: the one that costs least first.
var fullOrder = []storage.ChecksumAlgorithm{
	storage.ChecksumCRC64NVME, storage.ChecksumCRC32C, storage.ChecksumCRC32, storage.ChecksumSHA256, storage.ChecksumSHA1,
}

// compositeOrder is the order for checksums of checksums.
var compositeOrder = []storage.ChecksumAlgorithm{
	storage.ChecksumSHA256, storage.ChecksumSHA1, storage.ChecksumCRC64NVME, storage.ChecksumCRC32C, storage.ChecksumCRC32,
}

func newHash(a storage.ChecksumAlgorithm) hash.Hash {
	switch a {
	case storage.ChecksumCRC64NVME:
		return crc64nvme.New()
	case storage.ChecksumCRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case storage.ChecksumCRC32:
		return crc32.NewIEEE()
	case storage.ChecksumSHA256:
		return sha256.New()
	case storage.ChecksumSHA1:
		return sha1.New()
	}
	return md5.New()
}

// prove compares content with what the server says of the object, by the strongest means it offers: a checksum of the whole, a
// checksum of parts, an ETag that is an MD5 or made of the parts' MD5s, else the size. crc is the content's CRC64NVME if it
// is known; then nothing needs to be read for it. cut tells how the object is cut; nil asks nobody. What differs is [errMismatch].
func prove(ctx context.Context, info storage.Info, content io.ReaderAt, size int64, crc *uint64, cut cut) (storage.Proof, error) {
	if info.Size != size {
		return storage.ProofNone, fmt.Errorf("%w: %d bytes, the server has %d", errMismatch, size, info.Size)
	}
	p := prover{ctx: ctx, content: content, size: size, cut: cut}
	if info.Checksums.FullObject {
		for _, a := range fullOrder {
			want := info.Checksums.Values[a]
			if want == "" || strings.Contains(want, "-") {
				continue
			}
			got, err := p.full(a, crc)
			switch {
			case err != nil:
				return storage.ProofNone, err
			case got != want:
				return storage.ProofNone, fmt.Errorf("%w: its %s is %s, the server has %s", errMismatch, a, got, want)
			}
			return storage.ProofFull, nil
		}
	}
	if proof, err := p.composite(info); proof != storage.ProofNone || err != nil {
		return proof, err
	}
	return p.etag(info)
}

// cut asks how an object is cut into its n parts. Nil sizes without an error: the server does not tell.
type cut func(ctx context.Context, n int64) ([]int64, error)

// cutOf asks the server of the transfer's source.
func (r *run) cutOf(it *liveItem, info storage.Info) cut {
	return func(ctx context.Context, n int64) (sizes []int64, err error) {
		err = r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
			sizes, err = s.PartSizes(ctx, info.Location, info.ETag, info.Size, n)
			return err
		}})
		return sizes, err
	}
}

// prover reads content as often as its checks need, and no more.
type prover struct {
	ctx     context.Context
	content io.ReaderAt
	size    int64
	cut     cut
	sizes   []int64 // of the parts, once the server has told
}

func (p *prover) full(a storage.ChecksumAlgorithm, crc *uint64) (string, error) {
	if a == storage.ChecksumCRC64NVME && crc != nil {
		return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, *crc)), nil
	}
	sum, err := p.hash(newHash(a), 0, p.size)
	return base64.StdEncoding.EncodeToString(sum), err
}

// hash reads a span of the content.
func (p *prover) hash(h hash.Hash, offset, length int64) ([]byte, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	if _, err := io.CopyBuffer(h, &contextReader{p.ctx, io.NewSectionReader(p.content, offset, length)}, *buf); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return h.Sum(nil), nil
}

// contextReader ends with its context. It hides other methods of the reader so that the buffer is used.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(b)
}

// composite checks a checksum of the parts' checksums, "value-N". A server that tells how the object is cut proves or refutes
// the content; else the usual sizes are tried, and when none fits nothing is proved and nothing refuted.
func (p *prover) composite(info storage.Info) (storage.Proof, error) {
	if info.Checksums.FullObject {
		return storage.ProofNone, nil
	}
	for _, a := range compositeOrder {
		value, n := splitParts(info.Checksums.Values[a])
		if n == 0 {
			continue
		}
		fits, told, err := p.fits(a, n, func(sum []byte) bool { return base64.StdEncoding.EncodeToString(sum) == value })
		switch {
		case err != nil:
			return storage.ProofNone, err
		case fits:
			return storage.ProofParts, nil
		case told:
			return storage.ProofNone, fmt.Errorf("%w: the %s of its %d parts is not %s", errMismatch, a, n, value)
		}
	}
	return storage.ProofNone, nil
}

// fits tells whether the hash of the n parts' hashes is the one wanted; told, that the server has said how they are cut.
func (p *prover) fits(a storage.ChecksumAlgorithm, n int64, wanted func(sum []byte) bool) (fits, told bool, err error) {
	if p.sizes == nil && p.cut != nil && n > 1 {
		if p.sizes, err = p.cut(p.ctx, n); err != nil {
			return false, false, err
		}
	}
	if int64(len(p.sizes)) == n {
		sum, err := p.ofParts(a, slices.Values(p.sizes))
		return err == nil && wanted(sum), true, err
	}
	for _, partSize := range guessParts(p.size, n) {
		sum, err := p.ofParts(a, equalParts(p.size, partSize))
		if err != nil || wanted(sum) {
			return err == nil, false, err
		}
	}
	return false, false, nil
}

// ofParts is the hash of the hashes of parts of these sizes.
func (p *prover) ofParts(a storage.ChecksumAlgorithm, sizes iter.Seq[int64]) ([]byte, error) {
	outer := newHash(a)
	var offset int64
	for size := range sizes {
		sum, err := p.hash(newHash(a), offset, size)
		if err != nil {
			return nil, err
		}
		outer.Write(sum)
		offset += size
	}
	return outer.Sum(nil), nil
}

// equalParts are the sizes of size bytes in parts of partSize; the last has the rest.
func equalParts(size, partSize int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for offset := int64(0); offset < size || offset == 0; offset += partSize {
			if !yield(min(partSize, size-offset)) {
				return
			}
		}
	}
}

// etag checks an ETag that is an MD5. Those of objects encrypted with a key of their own are not.
func (p *prover) etag(info storage.Info) (storage.Proof, error) {
	if opaqueETag(info) {
		return storage.ProofSize, nil
	}
	value, n := splitParts(info.ETag)
	if n > 0 { // one that does not fit says nothing: servers are free in how they make it
		fits, _, err := p.fits(storage.ChecksumMD5, n, func(sum []byte) bool { return strings.EqualFold(hex.EncodeToString(sum), value) })
		switch {
		case err != nil:
			return storage.ProofNone, err
		case fits:
			return storage.ProofMD5, nil
		}
		return storage.ProofSize, nil
	}
	want, err := hex.DecodeString(info.ETag)
	if err != nil || len(want) != md5.Size {
		return storage.ProofSize, nil // an ETag of another kind
	}
	got, err := p.hash(newHash(storage.ChecksumMD5), 0, p.size)
	switch {
	case err != nil:
		return storage.ProofNone, err
	case string(got) != string(want):
		return storage.ProofNone, fmt.Errorf("%w: its MD5 is %x, the server has %x", errMismatch, got, want)
	}
	return storage.ProofMD5, nil
}

// splitParts splits "value-N".
func splitParts(s string) (value string, n int64) {
	value, count, ok := strings.Cut(s, "-")
	if !ok {
		return s, 0
	}
	n, err := strconv.ParseInt(count, 10, 32)
	if err != nil || n < 1 || n > maxParts {
		return s, 0
	}
	return value, n
}

// maxGuesses bounds how often a file is read to find the size of its parts.
const maxGuesses = 4

// guessParts are the part sizes that make n parts of size bytes, as programs choose them: ours first, then the common ones.
func guessParts(size, n int64) []int64 {
	var out []int64
	try := func(p int64) {
		if p <= 0 || (size+p-1)/p != n || len(out) == maxGuesses {
			return
		}
		for _, o := range out {
			if o == p {
				return
			}
		}
		out = append(out, p)
	}
	if n == 1 {
		return []int64{max(size, 1)}
	}
	try(partSizeFor(size, 0, 0))
	for _, m := range []int64{8, 5, 15, 16, 10, 64, 20, 25, 32, 50, 100, 128, 256, 512} {
		try(m * mib)
	}
	for p := int64(5) << 20; p < size; p *= 2 { // those that double until it fits
		try(p)
	}
	for p := int64(8) << 20; p < size; p *= 2 {
		try(p)
	}
	try(((size+n-1)/n + mib - 1) / mib * mib) // grown by whole MiB
	return out
}
