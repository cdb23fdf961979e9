package transfer

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"pintail/storage"
)

// ContentCheck compares the bytes of an object, as they stream by in order from the first one on, with what the server says of
// it: for readers that keep nothing, such as a pipe. It takes the strongest means that the object has, as downloads do.
type ContentCheck struct {
	info  storage.Info
	size  int64
	level storage.Proof
	sums  []*contentSum
}

// contentSum is one way the value can have come about. Of a checksum of parts there are several, one for each usual size.
type contentSum struct {
	want  string
	show  func([]byte) string
	inner hash.Hash
	outer hash.Hash // nil = a checksum of the whole
	part  int64     // size of the parts
	have  int64     // bytes in inner
}

// CheckContent begins a check of the object that info describes.
func CheckContent(info storage.Info) *ContentCheck {
	c := &ContentCheck{info: info, level: storage.ProofSize}
	if info.Checksums.FullObject {
		for _, a := range fullOrder {
			if want := info.Checksums.Values[a]; want != "" && !strings.Contains(want, "-") {
				c.level = storage.ProofFull
				c.sums = []*contentSum{{want: want, show: base64.StdEncoding.EncodeToString, inner: newHash(a)}}
				return c
			}
		}
	} else {
		for _, a := range compositeOrder {
			if value, n := splitParts(info.Checksums.Values[a]); n > 0 {
				c.level = storage.ProofParts
				c.parts(a, value, n, base64.StdEncoding.EncodeToString)
				return c
			}
		}
	}
	c.etag()
	return c
}

func (c *ContentCheck) parts(a storage.ChecksumAlgorithm, want string, n int64, show func([]byte) string) {
	for _, part := range guessParts(c.info.Size, n) {
		c.sums = append(c.sums, &contentSum{want: want, show: show, inner: newHash(a), outer: newHash(a), part: part})
	}
}

// opaqueETag tells whether an object's ETag comes of its encrypted bytes.
func opaqueETag(i storage.Info) bool {
	return strings.HasPrefix(i.Encryption.Type, "aws:kms") || i.Encryption.Type == storage.EncryptionCustomer
}

// etag takes an ETag that is an MD5, or made of MD5s.
func (c *ContentCheck) etag() {
	if opaqueETag(c.info) {
		return
	}
	want, n := splitParts(strings.ToLower(c.info.ETag))
	switch {
	case n > 0:
		c.level = storage.ProofMD5
		c.parts(storage.ChecksumMD5, want, n, hex.EncodeToString)
	case len(want) == 32 && strings.Trim(want, "0123456789abcdef") == "":
		c.level = storage.ProofMD5
		c.sums = []*contentSum{{want: want, show: hex.EncodeToString, inner: newHash(storage.ChecksumMD5)}}
	}
}

// Write takes the next bytes. It never fails.
func (c *ContentCheck) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	for _, s := range c.sums {
		s.write(p)
	}
	return len(p), nil
}

func (s *contentSum) write(p []byte) {
	for s.outer != nil && s.have+int64(len(p)) > s.part { // the byte behind a full part begins the next
		n := s.part - s.have
		s.inner.Write(p[:n])
		s.outer.Write(s.inner.Sum(nil))
		s.inner.Reset()
		s.have, p = 0, p[n:]
	}
	s.inner.Write(p)
	s.have += int64(len(p))
}

func (s *contentSum) fits() (got string, ok bool) {
	sum := s.inner.Sum(nil)
	if s.outer != nil {
		s.outer.Write(sum)
		sum = s.outer.Sum(nil)
	}
	got = s.show(sum)
	return got, got == s.want
}

// Proof ends the check after the last byte. Bytes that are not the object's are a *storage.Error of KindChecksum, too few or too
// many of KindTruncated. A checksum of parts whose size cannot be guessed proves the size alone and refutes nothing.
func (c *ContentCheck) Proof() (storage.Proof, error) {
	if c.size != c.info.Size {
		return storage.ProofNone, c.wrong(storage.KindTruncated, "%d bytes came of %d", c.size, c.info.Size)
	}
	for _, s := range c.sums {
		got, ok := s.fits()
		if ok {
			return c.level, nil
		}
		if s.outer == nil {
			return storage.ProofNone, c.wrong(storage.KindChecksum, "the checksum of what came is %s, the server has %s", got, s.want)
		}
	}
	return storage.ProofSize, nil
}

func (c *ContentCheck) wrong(kind storage.Kind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &storage.Error{Op: "GetObject", Location: c.info.Location, Kind: kind, Message: err.Error(), Err: err}
}
