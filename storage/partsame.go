package storage

import (
	"bytes"
	"context"
)

// SamePart reads b and tells whether a part that [Session.Parts] lists of u holds its bytes. The proof is the checksum of the
// upload, or an ETag that is the MD5 of the bytes; p is then the part as if it had just been sent. It is false where the
// server says neither, and where b cannot be read.
func SamePart(ctx context.Context, u Upload, listed Part, b Body) (p Part, same bool) {
	plan := digestPlan{algorithm: u.Algorithm, md5: u.Algorithm == "" || listed.Checksum == ""}
	if listed.Size != b.Size || plan.md5 && etagMD5(listed.ETag) == nil {
		return Part{}, false
	}
	buf, free := bodyBuffer(b.Size)
	defer free()
	d, err := digestBody(ctx, b, plan, buf)
	if err != nil {
		return Part{}, false
	}
	if plan.md5 {
		same = bytes.Equal(etagMD5(listed.ETag), d.md5)
	} else {
		same = listed.Checksum == d.value
	}
	return Part{Number: listed.Number, Size: b.Size, ETag: listed.ETag, MD5: d.md5, Checksum: d.value}, same
}
