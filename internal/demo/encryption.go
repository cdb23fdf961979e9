package demo

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// Encryption is remembered and told; the bytes are kept as they are. A key of the customer's is asked for again, as S3 does.

const (
	keyIDHeader     = sseHeader + "-Aws-Kms-Key-Id"
	bucketKeyHeader = sseHeader + "-Bucket-Key-Enabled"
	customerPrefix  = sseHeader + "-Customer-"
	sourcePrefix    = "X-Amz-Copy-Source-Server-Side-Encryption-Customer-"
)

// encryption is how an object is said to be encrypted.
type encryption struct {
	sse       string // "", AES256, aws:kms or aws:kms:dsse
	keyID     string
	bucketKey bool
	customer  string // the SHA-256 of the customer's key, "" for none
	keyMD5    string // its MD5, as it goes over the wire
}

func (e *encryption) tell(h http.Header) {
	if e.customer != "" {
		h.Set(customerPrefix+"Algorithm", "AES256")
		h.Set(customerPrefix+"Key-Md5", e.keyMD5)
		return
	}
	if e.sse != "" {
		h.Set(sseHeader, e.sse)
	}
	if e.keyID != "" {
		h.Set(keyIDHeader, e.keyID)
	}
	if e.bucketKey {
		h.Set(bucketKeyHeader, "true")
	}
}

// opaque tells whether the ETag is no MD5 of the bytes.
func (e *encryption) opaque() bool { return e.customer != "" || strings.HasPrefix(e.sse, "aws:kms") }

// etagFor is the ETag of an object whose bytes have the given one.
func (e *encryption) etagFor(etag string) string {
	if e.opaque() {
		return randomID(16)
	}
	return etag
}

// requestedEncryption reads how a new object is to be encrypted.
func (c *call) requestedEncryption() (encryption, error) {
	h := c.r.Header
	e := encryption{sse: h.Get(sseHeader), keyID: h.Get(keyIDHeader), bucketKey: h.Get(bucketKeyHeader) == "true"}
	if e.sse == "" && h.Get(customerPrefix+"Algorithm") == "" {
		d := c.defaultEncryption()
		e.sse, e.keyID, e.bucketKey = d.sse, d.keyID, d.bucketKey
	}
	bad := func(name, message string) (encryption, error) {
		return e, fail("InvalidArgument", message, field{"ArgumentName", strings.ToLower(name)}, field{"ArgumentValue", h.Get(name)})
	}
	kms := strings.HasPrefix(e.sse, "aws:kms")
	switch {
	case !slices.Contains([]string{"", "AES256", "aws:kms", "aws:kms:dsse"}, e.sse):
		return bad(sseHeader, "The encryption method specified is not supported")
	case e.keyID != "" && !kms:
		return bad(keyIDHeader, "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
	case kms && e.keyID == "":
		e.keyID = "arn:aws:kms:" + c.s.Region() + ":000000000000:key/aws-s3"
	}
	e.bucketKey = e.bucketKey && e.sse == "aws:kms"
	var err error
	e.customer, e.keyMD5, err = customerKey(h, customerPrefix)
	if err == nil && e.customer != "" && e.sse != "" {
		return bad(sseHeader, "Server Side Encryption with Customer provided key is incompatible with the encryption method specified")
	}
	return e, err
}

// customerKey reads the three headers with a prefix that carry a key of the customer's; "" for none.
func customerKey(h http.Header, prefix string) (sum, keyMD5 string, err error) {
	algorithm, text, given := h.Get(prefix+"Algorithm"), h.Get(prefix+"Key"), h.Get(prefix+"Key-Md5")
	if algorithm == "" && text == "" && given == "" {
		return "", "", nil
	}
	bad := func(message string) (string, string, error) { return "", "", fail("InvalidArgument", message) }
	if algorithm != "AES256" {
		return bad("The encryption algorithm specified is not valid")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return bad("The secret key was invalid for the specified algorithm.")
	}
	m := md5.Sum(key)
	if encode64(m[:]) != given {
		return bad("The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	s := sha256.Sum256(key)
	return encode64(s[:]), given, nil
}

// mayDecrypt checks the customer's key of a request that reads v; the headers' names begin with prefix.
func (c *call) mayDecrypt(v *version, prefix string) error {
	key, _, err := customerKey(c.r.Header, prefix)
	switch {
	case err != nil:
		return err
	case v.customer == key:
		return nil
	case v.customer == "":
		return fail("InvalidRequest", "The encryption parameters are not applicable to this object.")
	case key == "":
		return fail("InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	}
	return fail("AccessDenied", "")
}

// customerOps are the operations that take a key of the customer's.
var customerOps = []string{"PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "ListParts",
	"GetObject", "HeadObject", "GetObjectAttributes"}

// takesEncryption tells whether a header about encryption means something for the operation.
func (c *call) takesEncryption(name string) bool {
	name = http.CanonicalHeaderKey(name)
	switch {
	case strings.HasPrefix(name, customerPrefix):
		return slices.Contains(customerOps, c.op)
	case strings.HasPrefix(name, sourcePrefix):
		return c.op == "CopyObject" || c.op == "UploadPartCopy"
	case name == sseHeader, name == keyIDHeader, name == bucketKeyHeader, name == "X-Amz-Website-Redirect-Location":
		return c.op == "PutObject" || c.op == "CopyObject" || c.op == "CreateMultipartUpload"
	}
	return false
}

// sameKey checks that a part comes with the key of its upload.
func (c *call) sameKey(u *upload) error {
	key, _, err := customerKey(c.r.Header, customerPrefix)
	if err == nil && key != u.attrs.customer {
		err = fail("InvalidRequest", "The multipart upload initiate requested encryption with a customer provided key. Subsequent part requests must include the same key.")
	}
	return err
}
