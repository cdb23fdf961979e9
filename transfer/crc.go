package transfer

import "sync"

// Checksums of the CRC family can be combined: the value of a whole follows from those of its pieces and their lengths, so that
// ranges may be read in any order and any size and still prove the whole object. The arithmetic is that of polynomials
// modulo the checksum's own, in the reflected form that all four use.

const (
	polyCRC64NVME = 0x9a6c9329ac4bc9b5
	polyCRC32     = 0xedb88320
	polyCRC32C    = 0x82f63b78
)

// field is arithmetic modulo one polynomial. one is the polynomial 1, powers are x^(8·2^k).
type field struct {
	poly, one uint64
	powers    [64]uint64
}

func newField(poly, one uint64) *field {
	f := &field{poly: poly, one: one}
	p := one >> 8 // x^8: one byte
	for k := range f.powers {
		f.powers[k] = p
		p = f.multiply(p, p)
	}
	return f
}

func (f *field) multiply(a, b uint64) uint64 {
	var p uint64
	for bit := f.one; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			p ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ f.poly
		} else {
			b >>= 1
		}
	}
	return p
}

// combine is the checksum of two pieces, one after the other, from their checksums and the second one's length.
func (f *field) combine(first, second uint64, secondBytes int64) uint64 {
	shift := f.one
	for k := 0; secondBytes > 0; k++ {
		if secondBytes&1 != 0 {
			shift = f.multiply(shift, f.powers[k])
		}
		secondBytes >>= 1
	}
	return f.multiply(shift, first) ^ second
}

var crc64Field = sync.OnceValue(func() *field { return newField(polyCRC64NVME, 1<<63) })

// combineCRC64 combines CRC64NVME values.
func combineCRC64(first, second uint64, secondBytes int64) uint64 {
	return crc64Field().combine(first, second, secondBytes)
}
