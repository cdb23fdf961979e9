package storage

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// bulkItem is what the answer to a bulk deletion says of one key.
type bulkItem struct {
	key, version  string
	marker        bool   // a delete marker was written or removed
	markerVersion string // its version
	failed        bool
	code, message string
}

// deleteBulk makes one request. With etags each key goes only while its ETag is the one of the same index in results.
func (s *Session) deleteBulk(ctx context.Context, bucket string, results []DeleteResult, which []int, etags []string) error {
	ids := make([]types.ObjectIdentifier, len(which))
	open := make(map[Location][]int, len(which)) // not answered yet
	for n, i := range which {
		l := results[i].Location
		ids[n] = types.ObjectIdentifier{Key: aws.String(l.Key), VersionId: optional(l.Version)}
		if etags != nil {
			ids[n].ETag = aws.String(quoteETag(etags[i]))
		}
		open[l] = append(open[l], i)
	}
	items, rec, err := do(ctx, s, "DeleteObjects", Location{Bucket: bucket}, func(ctx context.Context, c *s3.Client, rec *call) ([]bulkItem, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.bulk(ids, s.known.ok(featureChecksumHeaders, bucket))
			if _, err := r.send(ctx); err != nil {
				return nil, err
			}
			return scanBulk(rec.document)
		}
		out, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(false)}}, withContentMD5)
		return bulkItems(out), err
	})
	if err != nil {
		return err
	}
	for _, d := range items {
		for _, i := range take(open, Location{Bucket: bucket, Key: d.key, Version: d.version}) {
			if d.failed {
				results[i].Err = s.itemError(rec, results[i].Location, d.code, d.message)
				continue
			}
			results[i].Marker, results[i].MarkerVersion = d.marker && d.version == "", d.markerVersion
		}
	}
	for l, at := range open {
		for _, i := range at {
			e := s.answerError(rec, KindNotS3, "Unproved", "the server did not say what became of this key")
			e.Location = l
			results[i].Err = e
		}
	}
	return nil
}

// bulkItems is the SDK's reading of an answer.
func bulkItems(out *s3.DeleteObjectsOutput) []bulkItem {
	if out == nil {
		return nil
	}
	items := make([]bulkItem, 0, len(out.Deleted)+len(out.Errors))
	for _, d := range out.Deleted {
		items = append(items, bulkItem{key: aws.ToString(d.Key), version: aws.ToString(d.VersionId), marker: aws.ToBool(d.DeleteMarker),
			markerVersion: aws.ToString(d.DeleteMarkerVersionId)})
	}
	for _, f := range out.Errors {
		items = append(items, bulkItem{key: aws.ToString(f.Key), version: aws.ToString(f.VersionId), failed: true, code: aws.ToString(f.Code), message: aws.ToString(f.Message)})
	}
	return items
}

// scanBulk is our own reading: those that are gone, then the failures.
func scanBulk(doc []byte) ([]bulkItem, error) {
	var done, failed []bulkItem
	var at bulkItem
	err := walkXML(doc, func(path []string, text []byte, end bool) error {
		switch {
		case len(path) == 2 && !end:
			at = bulkItem{failed: path[1] == "Error"}
		case len(path) == 2 && path[1] == "Deleted":
			done = append(done, at)
		case len(path) == 2 && path[1] == "Error":
			failed = append(failed, at)
		case len(path) == 3 && end:
			at.field(path[2], string(text))
		}
		return nil
	})
	if errors.Is(err, errXMLEnd) {
		return nil, errCutOff
	}
	if err != nil {
		return nil, notS3("the answer is not a document of S3: %v", err)
	}
	return append(done, failed...), nil
}

func (b *bulkItem) field(name, text string) {
	switch name {
	case "Key":
		b.key = text
	case "VersionId":
		b.version = text
	case "DeleteMarker":
		b.marker = strings.EqualFold(strings.TrimSpace(text), "true")
	case "DeleteMarkerVersionId":
		b.markerVersion = text
	case "Code":
		b.code = text
	case "Message":
		b.message = text
	}
}

// bulk writes a DeleteObjects, with a checksum header beside Content-MD5 where the server takes one.
func (r *leanRequest) bulk(ids []types.ObjectIdentifier, sums bool) {
	doc := make([]byte, 0, 160+len(ids)*128)
	doc = append(doc, `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`...)
	for _, id := range ids {
		doc = append(doc, "<Object>"...)
		doc = appendElement(doc, "ETag", id.ETag)
		doc = appendElement(doc, "Key", id.Key)
		doc = appendElement(doc, "VersionId", id.VersionId)
		doc = append(doc, "</Object>"...)
	}
	doc = append(doc, "<Quiet>false</Quiet></Delete>"...)
	sum5, sha := md5.Sum(doc), sha256.Sum256(doc)
	r.method, r.query, r.key = http.MethodPost, "delete=", ""
	r.body, r.length, r.hash = bytes.NewReader(doc), int64(len(doc)), hex.EncodeToString(sha[:])
	r.set("Content-Type", "application/xml")
	r.set("Content-Md5", base64.StdEncoding.EncodeToString(sum5[:]))
	if sums {
		sum32 := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(doc))
		r.set("X-Amz-Checksum-Crc32", base64.StdEncoding.EncodeToString(sum32))
	}
}

// appendElement writes an element as the SDK does; nil is none.
func appendElement(doc []byte, name string, text *string) []byte {
	if text == nil {
		return doc
	}
	doc = append(append(append(doc, '<'), name...), '>')
	for _, c := range *text { // a broken byte comes as U+FFFD
		switch c {
		case '"':
			doc = append(doc, "&#34;"...)
		case '\'':
			doc = append(doc, "&#39;"...)
		case '&':
			doc = append(doc, "&amp;"...)
		case '<':
			doc = append(doc, "&lt;"...)
		case '>':
			doc = append(doc, "&gt;"...)
		case '\t', '\n', '\r', 0x85, 0x2028:
			doc = fmt.Appendf(doc, "&#x%X;", c)
		default:
			if c < 0x20 || c == 0xfffe || c == 0xffff {
				c = utf8.RuneError
			}
			doc = utf8.AppendRune(doc, c)
		}
	}
	return append(append(append(doc, "</"...), name...), '>')
}

// take gives the results that an answer is about. Some servers name a version where none was asked for.
func take(open map[Location][]int, l Location) []int {
	for _, try := range []Location{l, {Bucket: l.Bucket, Key: l.Key}} {
		if at, ok := open[try]; ok {
			delete(open, try)
			return at
		}
	}
	return nil
}

// itemError is the error of one key of a bulk deletion.
func (s *Session) itemError(rec *call, loc Location, code, message string) error {
	if code == "NoSuchKey" || code == "NoSuchVersion" {
		return nil // it is not there, which is what was wanted
	}
	one := &call{op: rec.op, loc: loc, method: http.MethodPost, host: rec.host, status: http.StatusOK, header: rec.header, in200: true,
		failure: failure{Code: code, Message: message, isXML: true}}
	return s.classify(context.Background(), one, fmt.Errorf("%s", code))
}

// withContentMD5 adds the header that older servers insist on for a bulk deletion, beside the SDK's checksum.
func withContentMD5(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error { return smithyhttp.AddContentChecksumMiddleware(stack) })
}
