package transfer

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"testing"

	"pintail/storage"
)

// TestContentCheck_AgreesWithTheProofOfFiles runs the check of streams and the check of files over the same objects.
func TestContentCheck_AgreesWithTheProofOfFiles(t *testing.T) {
	body := make([]byte, 21<<20)
	if _, err := rand.Read(body); err != nil {
		t.Fatal(err)
	}
	hash := func(a storage.ChecksumAlgorithm, b []byte) []byte {
		h := newHash(a)
		h.Write(b)
		return h.Sum(nil)
	}
	parts := func(a storage.ChecksumAlgorithm, size int) ([]byte, string) {
		outer, n := newHash(a), 0
		for at := 0; at < len(body); at += size {
			outer.Write(hash(a, body[at:min(len(body), at+size)]))
			n++
		}
		return outer.Sum(nil), "-" + strconv.Itoa(n)
	}
	var infos []storage.Info
	for _, a := range fullOrder {
		sum := base64.StdEncoding.EncodeToString(hash(a, body))
		infos = append(infos, storage.Info{Checksums: storage.Checksums{FullObject: true, Values: map[storage.ChecksumAlgorithm]string{a: sum}}})
	}
	for _, size := range []int{5 << 20, 8 << 20, 10 << 20, 7<<20 + 5} {
		sum, n := parts(storage.ChecksumSHA256, size)
		infos = append(infos, storage.Info{Checksums: storage.Checksums{Values: map[storage.ChecksumAlgorithm]string{storage.ChecksumSHA256: base64.StdEncoding.EncodeToString(sum) + n}}})
		sum, n = parts(storage.ChecksumMD5, size)
		infos = append(infos, storage.Info{ETag: hex.EncodeToString(sum) + n})
	}
	infos = append(infos, storage.Info{ETag: hex.EncodeToString(hash(storage.ChecksumMD5, body))}, storage.Info{ETag: "opaque"},
		storage.Info{ETag: hex.EncodeToString(hash(storage.ChecksumMD5, nil)), Encryption: storage.Encryption{Type: "aws:kms"}})
	wrong := bytes.Clone(body)
	wrong[len(wrong)/2] ^= 1
	for i, info := range infos {
		info.Size = int64(len(body))
		for name, content := range map[string][]byte{"right": body, "wrong": wrong} {
			want, wantErr := prove(t.Context(), info, bytes.NewReader(content), info.Size, nil, nil)
			c := CheckContent(info)
			for at, step := 0, 1; at < len(content); at, step = at+step, step*3+7 { // pieces of all sizes
				step = min(step, len(content)-at)
				_, _ = c.Write(content[at : at+step])
			}
			got, err := c.Proof()
			if got != want || (err == nil) != (wantErr == nil) {
				t.Errorf("object %d, %s bytes: %v, %v; the proof of a file says %v, %v", i, name, got, err, want, wantErr)
			}
			if err != nil && storage.KindOf(err) != storage.KindChecksum {
				t.Errorf("object %d: %v is no wrong checksum", i, err)
			}
		}
	}
	short := CheckContent(storage.Info{Size: 3})
	_, _ = fmt.Fprint(short, "ab")
	if _, err := short.Proof(); storage.KindOf(err) != storage.KindTruncated {
		t.Errorf("too few bytes: %v", err)
	}
}
