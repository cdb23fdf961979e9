package storage_test

import (
	"bytes"
	"context"
	"testing"

	"pintail/storage"
)

// A listed part is known again by its checksum or by its MD5, and by nothing less.
func TestSamePart_IsProvedByChecksumOrMD5(t *testing.T) {
	const md5, crc = "5d41402abc4b2a76b9719d911017c592", "M3eFcAZSQlc=" // of "hello"
	for _, c := range []struct {
		name   string
		u      storage.Upload
		listed storage.Part
		body   string
		want   bool
	}{
		{"MD5", storage.Upload{}, storage.Part{Number: 1, Size: 5, ETag: md5}, "hello", true},
		{"other bytes", storage.Upload{}, storage.Part{Number: 1, Size: 5, ETag: md5}, "hallo", false},
		{"no MD5", storage.Upload{}, storage.Part{Number: 1, Size: 5, ETag: "x"}, "hello", false},
		{"checksum", storage.Upload{Algorithm: storage.ChecksumCRC64NVME}, storage.Part{Number: 1, Size: 5, ETag: "x", Checksum: crc}, "hello", true},
		{"other checksum", storage.Upload{Algorithm: storage.ChecksumCRC64NVME}, storage.Part{Number: 1, Size: 5, ETag: md5, Checksum: crc}, "hallo", false},
		{"checksum not listed", storage.Upload{Algorithm: storage.ChecksumCRC64NVME}, storage.Part{Number: 1, Size: 5, ETag: md5}, "hello", true},
		{"nothing listed", storage.Upload{Algorithm: storage.ChecksumCRC64NVME}, storage.Part{Number: 1, Size: 5, ETag: "x"}, "hello", false},
		{"another size", storage.Upload{}, storage.Part{Number: 1, Size: 6, ETag: md5}, "hello", false},
		{"shorter than it was", storage.Upload{}, storage.Part{Number: 1, Size: 6, ETag: md5}, "hello", false},
	} {
		size := int64(len(c.body))
		if c.name == "shorter than it was" {
			size++
		}
		p, same := storage.SamePart(context.Background(), c.u, c.listed, storage.Body{R: bytes.NewReader([]byte(c.body)), Size: size})
		if same != c.want {
			t.Errorf("%s: %v", c.name, same)
		}
		if same && (p.ETag != c.listed.ETag || p.Number != 1 || p.Size != 5 || c.u.Algorithm != "" && p.Checksum != crc) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}
