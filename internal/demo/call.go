package demo

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// call is one request on its way through the server.
type call struct {
	s         *Server
	service   string // of Amazon that it is for
	w         http.ResponseWriter
	r         *http.Request
	op        string
	bucket    string
	key       string
	rawPath   string
	query     url.Values
	requestID string
	anonymous bool
	// signedRegion is the region the signature is for, "" when anonymous.
	signedRegion string
	body         io.Reader // the decoded body: chunk framing removed, its hashes checked at the end
	payload      *payload  // what is known of the body beforehand, and its trailer afterwards
}

type handler func(*call) error

// handlers is the table of all operations.
func handlers() map[string]handler {
	return addSettings(map[string]handler{
		"ListBuckets": (*call).listBuckets, "CreateBucket": (*call).createBucket, "HeadBucket": (*call).headBucket,
		"DeleteBucket": (*call).deleteBucket, "GetBucketLocation": (*call).getBucketLocation,
		"GetBucketVersioning": (*call).getVersioning, "PutBucketVersioning": (*call).putVersioning,
		"ListObjects": (*call).listV1, "ListObjectsV2": (*call).listV2, "ListObjectVersions": (*call).listVersions,
		"ListMultipartUploads": (*call).listUploads, "GetBucketAcl": (*call).getACL, "PutBucketAcl": (*call).putACL,
		"GetBucketTagging": (*call).getTagging, "PutBucketTagging": (*call).putTagging, "DeleteBucketTagging": (*call).deleteTagging,
		"DeleteObjects": (*call).deleteObjects, "GetObject": (*call).getObject, "HeadObject": (*call).getObject,
		"PutObject": (*call).putObject, "CopyObject": (*call).copyObject, "DeleteObject": (*call).deleteObject,
		"GetObjectAcl": (*call).getACL, "PutObjectAcl": (*call).putACL, "GetObjectTagging": (*call).getTagging,
		"PutObjectTagging": (*call).putTagging, "DeleteObjectTagging": (*call).deleteTagging,
		"GetObjectAttributes": (*call).getAttributes, "RestoreObject": (*call).restoreObject,
		"CreateMultipartUpload": (*call).createUpload, "UploadPart": (*call).uploadPart, "UploadPartCopy": (*call).uploadPartCopy,
		"GetObjectLegalHold": (*call).getHold, "PutObjectLegalHold": (*call).putHold,
		"GetObjectRetention": (*call).getRetention, "PutObjectRetention": (*call).putRetention,
		"CompleteMultipartUpload": (*call).completeUpload, "AbortMultipartUpload": (*call).abortUpload, "ListParts": (*call).listParts,
	})
}

const maxKeyBytes = 1024

func (s *Server) serveS3(w http.ResponseWriter, r *http.Request) {
	t := ParseTarget(r)
	path, _ := rawTarget(r)
	c := &call{
		s: s, service: t.service, w: w, r: r, op: t.Op, bucket: s.behind(t.Bucket), key: t.Key, rawPath: path, query: t.Query,
		requestID: strings.ToUpper(randomID(8)),
	}
	if r.ContentLength == 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		// net/http leaves this out for an empty body, and botocore (aws 2.9) then mixes up its next answer on the connection
		w.WriteHeader(http.StatusContinue)
	}
	h := w.Header()
	h.Set("Server", "PintailDemo")
	h.Set("Date", s.opt.Now().UTC().Format(http.TimeFormat))
	h.Set("X-Amz-Request-Id", c.requestID)
	h.Set("X-Amz-Id-2", s.hostID)
	if err := c.run(t.bad); err != nil {
		c.writeError(err)
	}
}

func (c *call) run(bad bool) error {
	if bad || !utf8.ValidString(c.key) {
		return fail("InvalidURI", "")
	}
	if c.service != serviceS3 {
		return c.runService()
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	if len(c.key) > maxKeyBytes {
		return fail("KeyTooLongError", "", field{"Size", strconv.Itoa(len(c.key))}, field{"MaxSizeAllowed", strconv.Itoa(maxKeyBytes)})
	}
	h := c.s.handlers[c.op]
	if h == nil {
		return c.noOperation()
	}
	for name := range c.r.Header {
		if unsupportedHeader(name) && !c.takesEncryption(name) && !c.takesLock(name) {
			return fail("NotImplemented", "", field{"Header", name})
		}
	}
	if err := c.checkRegion(); err != nil {
		return err
	}
	return h(c)
}

// noOperation tells a wrong method from a feature that is not there.
func (c *call) noOperation() error {
	if subresource(c.query) == "" && !c.query.Has("list-type") {
		return fail("MethodNotAllowed", "", field{"Method", c.r.Method})
	}
	return fail("NotImplemented", "")
}

// unsupportedHeader names headers whose silent loss would be a lie, wherever they mean nothing here: encryption, locks, website redirects.
func unsupportedHeader(name string) bool {
	name = strings.ToLower(name)
	for _, p := range []string{"x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption", "x-amz-object-lock-",
		"x-amz-bucket-object-lock-", "x-amz-website-redirect-location", "x-amz-write-offset-bytes"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func (c *call) writeXML(status int, x *xmlWriter) {
	body := x.finish()
	h := c.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

// checkSmallBody verifies Content-MD5 and a checksum header of a request document.
func (c *call) checkSmallBody(data []byte) error {
	if want := c.r.Header.Get("Content-Md5"); want != "" {
		raw, err := base64.StdEncoding.DecodeString(want)
		if err != nil || len(raw) != md5.Size {
			return fail("InvalidDigest", "")
		}
		if sum := md5.Sum(data); !bytes.Equal(sum[:], raw) {
			return fail("BadDigest", "")
		}
	}
	if c.op == "CompleteMultipartUpload" {
		return nil // its checksum headers speak of the object, not of the document
	}
	want, err := c.payload.wantedChecksum(c.r.Header)
	if err != nil || want.algo == nil {
		return err
	}
	hash := want.algo.new()
	hash.Write(data)
	return want.verify(hash.Sum(nil), c.payload)
}

// intParam reads a number from the query; absent is def, and a value above limit is cut to it.
func (c *call) intParam(name string, def, limit int) (int, error) {
	v := c.query.Get(name)
	if v == "" {
		return def, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0, fail("InvalidArgument", "Provided "+name+" not an integer or within integer range",
			field{"ArgumentName", name}, field{"ArgumentValue", v})
	}
	return min(n, limit), nil
}
