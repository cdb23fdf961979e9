package storage

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Stat tells what HEAD tells of an object, with the checksums that the server keeps.
func (s *Session) Stat(ctx context.Context, loc Location) (Info, error) {
	if loc.Key == "" {
		return Info{}, invalid("HeadObject", loc, "NoKey", "an object has a key")
	}
	in := &s3.HeadObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), ChecksumMode: types.ChecksumModeEnabled}
	_, rec, err := do(ctx, s, "HeadObject", loc, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.head(in)
			return r.send(ctx)
		}
		return c.HeadObject(ctx, in)
	})
	if plain, again := needsNoKey(ctx, err); again {
		if info, other := s.Stat(plain, loc); other == nil {
			return info, nil
		}
	}
	if err != nil {
		return Info{}, err
	}
	info := infoFrom(rec)
	s.learnTagCount(rec.header)
	size, err := strconv.ParseInt(rec.header.Get("Content-Length"), 10, 64)
	if err != nil || size < 0 {
		return Info{}, &Error{Op: rec.op, Location: loc, HTTPStatus: rec.status, RequestID: rec.requestID(), Host: rec.host,
			Kind: KindNotS3, Code: "NotS3", Message: "the answer does not tell the object's size"}
	}
	info.Size = size
	return info, nil
}

// infoFrom reads the headers of a HEAD or a GET; the size is the caller's.
func infoFrom(rec *call) Info {
	h := head(rec.header)
	info := Info{Location: rec.loc, ETag: cleanETag(h.get("Etag")), Class: className(h.get("X-Amz-Storage-Class")), RequestID: rec.requestID()}
	if v := h.get("X-Amz-Version-Id"); v != "" {
		info.Location.Version = v
	}
	info.Modified, _ = http.ParseTime(h.get("Last-Modified"))
	info.Headers = Headers{ContentType: h.get("Content-Type"), ContentDisposition: h.get("Content-Disposition"),
		ContentEncoding: h.get("Content-Encoding"), ContentLanguage: h.get("Content-Language"), CacheControl: h.get("Cache-Control"),
		Expires: h.get("Expires"), WebsiteRedirect: h.get("X-Amz-Website-Redirect-Location")}
	info.Metadata, info.raw = metadataFrom(rec.header)
	info.Encryption = Encryption{Type: h.get("X-Amz-Server-Side-Encryption"), KeyID: h.get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
		BucketKey: h.get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled") == "true"}
	if h.get(customerPrefix+"Algorithm") != "" {
		info.Encryption = Encryption{Type: EncryptionCustomer, KeyID: h.get(customerPrefix + "Key-Md5")}
	}
	info.Checksums = checksumsFrom(rec.header)
	info.Lock, info.holdShown = lockFrom(rec.header), h.get("X-Amz-Object-Lock-Legal-Hold") != ""
	info.Restore = restoreFrom(h.get("X-Amz-Restore"))
	info.Archived = h.get("X-Amz-Archive-Status")
	info.Parts, info.TagCount = h.number("X-Amz-Mp-Parts-Count"), h.number("X-Amz-Tagging-Count")
	return info
}

// head reads the headers of an answer by names in their canonical form, which is not worked out again for each.
type head http.Header

func (h head) get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// number is 0 of a header that is missing or no number.
func (h head) number(name string) int32 {
	v := h.get(name)
	if v == "" {
		return 0
	}
	n, _ := strconv.ParseInt(v, 10, 32)
	return int32(n)
}

const metadataPrefix = "X-Amz-Meta-"

// metadataFrom reads the metadata, names in lower case. S3 encodes values that are not ASCII as mail headers are.
func metadataFrom(h http.Header) (m, raw map[string]string) {
	dec := mime.WordDecoder{}
	for name, v := range h {
		n, ok := strings.CutPrefix(name, metadataPrefix)
		if !ok || n == "" {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		val := strings.Join(v, ",")
		if d, err := dec.DecodeHeader(val); err == nil && d != val {
			if raw == nil {
				raw = map[string]string{}
			}
			raw[strings.ToLower(n)], val = val, d
		}
		m[strings.ToLower(n)] = val
	}
	return m, raw
}

// checksumsFrom reads the x-amz-checksum-… headers. Without a type it is the form of the value that tells.
func checksumsFrom(h http.Header) Checksums {
	c := Checksums{}
	composite := strings.EqualFold(h.Get("X-Amz-Checksum-Type"), "COMPOSITE")
	for name, values := range h {
		rest, ok := strings.CutPrefix(name, "X-Amz-Checksum-")
		a := checksumNamed(rest)
		if !ok || a == "" || len(values) == 0 {
			continue
		}
		v := values[0]
		if v == "" {
			continue
		}
		if c.Values == nil {
			c.Values = map[ChecksumAlgorithm]string{}
		}
		c.Values[a] = v
		composite = composite || strings.Contains(v, "-")
	}
	c.FullObject = c.Values != nil && !composite
	return c
}

// checksumNamed is the algorithm of a header's last word, "" for any other word.
func checksumNamed(word string) ChecksumAlgorithm {
	switch word {
	case "Crc64nvme":
		return ChecksumCRC64NVME
	case "Crc32":
		return ChecksumCRC32
	case "Crc32c":
		return ChecksumCRC32C
	case "Sha256":
		return ChecksumSHA256
	case "Sha1":
		return ChecksumSHA1
	}
	return ""
}

// restoreFrom reads the x-amz-restore header: ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT".
func restoreFrom(v string) RestoreState {
	var r RestoreState
	r.Ongoing = strings.Contains(v, `ongoing-request="true"`)
	if _, after, ok := strings.Cut(v, `expiry-date="`); ok {
		date, _, _ := strings.Cut(after, `"`)
		r.Until, _ = http.ParseTime(date)
	}
	return r
}
