package demo

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/minio/crc64nvme"
)

// checksumAlgo is one of S3's additional checksums.
type checksumAlgo struct {
	name  string // "CRC32C"
	lower string
	size  int
	new   func() hash.Hash
	poly  uint64 // reflected polynomial of a CRC, 0 for a hash
}

var checksumAlgos = []*checksumAlgo{
	{"CRC32", "crc32", 4, func() hash.Hash { return crc32.NewIEEE() }, crc32.IEEE},
	{"CRC32C", "crc32c", 4, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, crc32.Castagnoli},
	{"CRC64NVME", "crc64nvme", 8, func() hash.Hash { return crc64nvme.New() }, crc64nvme.NVME},
	{"SHA1", "sha1", sha1.Size, sha1.New, 0},
	{"SHA256", "sha256", sha256.Size, sha256.New, 0},
}

// crc64NVME is what S3 adds by itself to an object sent without a checksum.
var crc64NVME = checksumAlgos[2]

// algorithm finds an algorithm by its name in any case; nil is unknown.
func algorithm(name string) *checksumAlgo {
	for _, a := range checksumAlgos {
		if a.lower == strings.ToLower(name) {
			return a
		}
	}
	return nil
}

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// valid says whether v is the base64 of a value of the right length.
func (a *checksumAlgo) valid(v string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(v)
	return err == nil && len(raw) == a.size
}

const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// checksum is a stored checksum; the zero value is none.
type checksum struct {
	algo  *checksumAlgo
	value string // base64, with -N when composite
	kind  string // FULL_OBJECT or COMPOSITE
}

// compositeSum is the checksum of the parts' checksums.
func compositeSum(a *checksumAlgo, sums [][]byte) checksum {
	h := a.new()
	for _, s := range sums {
		h.Write(s)
	}
	return checksum{a, encode64(h.Sum(nil)) + "-" + strconv.Itoa(len(sums)), composite}
}

// combine gives the CRC of the whole from the CRCs and lengths of its pieces.
func combine(a *checksumAlgo, sums [][]byte, sizes []int64) checksum {
	width := a.size * 8
	var crc uint64
	for i, s := range sums {
		crc = shiftZeros(crc, sizes[i], width, a.poly) ^ bigEndian(s)
	}
	out := make([]byte, a.size)
	for i := range out {
		out[i] = byte(crc >> (8 * (a.size - 1 - i)))
	}
	return checksum{a, encode64(out), fullObject}
}

func bigEndian(b []byte) uint64 {
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

// shiftZeros multiplies a reflected CRC by x^(8·n): what n zero bytes behind it would do, without the initial and final
// inversion, which cancel out when two CRCs are combined. Each round squares the operator matrix over GF(2).
func shiftZeros(crc uint64, n int64, width int, poly uint64) uint64 {
	if n == 0 || crc == 0 {
		return crc
	}
	op := make([]uint64, width) // one zero bit
	op[0] = poly
	for i := 1; i < width; i++ {
		op[i] = 1 << (i - 1)
	}
	for range 3 {
		op = square(op) // after three squarings: one zero byte
	}
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			crc = apply(op, crc)
		}
		op = square(op)
	}
	return crc
}

func apply(op []uint64, v uint64) uint64 {
	var sum uint64
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= op[i]
		}
	}
	return sum
}

func square(op []uint64) []uint64 {
	out := make([]uint64, len(op))
	for i, v := range op {
		out[i] = apply(op, v)
	}
	return out
}
