package storage

import "math/bits"

// The checksum of a whole object can be had from those of its parts without reading a byte: a CRC is linear, so appending
// n bytes to a message multiplies its remainder by x^(8n) modulo the polynomial, and remainders add up by xor.
// This file does the multiplication for the reflected CRCs that S3 knows.

// crcKind is a reflected CRC with all bits set at the start and inverted at the end.
type crcKind struct {
	poly  uint64 // reflected: the coefficient of x^0 is the highest bit
	width int
}

var (
	crc32IEEE  = crcKind{0xedb88320, 32}
	crc32C     = crcKind{0x82f63b78, 32}
	crc64NVMEk = crcKind{0x9a6c9329ac4bc9b5, 64}
)

// times is a·b modulo the polynomial.
func (k crcKind) times(a, b uint64) uint64 {
	var sum uint64
	top := uint64(1) << (k.width - 1) // x^0
	for m := top; m != 0; m >>= 1 {
		if a&m != 0 {
			sum ^= b
		}
		// b·x: in the reflected order a shift to the right
		if b&1 != 0 {
			b = b>>1 ^ k.poly
		} else {
			b >>= 1
		}
	}
	return sum
}

// shift is x^(8·n) modulo the polynomial.
func (k crcKind) shift(n int64) uint64 {
	result := uint64(1) << (k.width - 1)      // 1
	square := uint64(1) << (k.width - 1) >> 8 // x^8
	for u := uint64(n); u != 0; u >>= 1 {
		if u&1 != 0 {
			result = k.times(result, square)
		}
		if bits.Len64(u) > 1 {
			square = k.times(square, square)
		}
	}
	return result
}

// combine is the CRC of two pieces of data put together: a is the first's, b the second's, whose length is bytes.
func (k crcKind) combine(a, b uint64, bytes int64) uint64 {
	return k.times(a, k.shift(bytes)) ^ b
}
