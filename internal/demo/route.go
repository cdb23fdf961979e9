package demo

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// virtualSuffix is what follows the bucket in a virtual-host address.
const virtualSuffix = ".s3.localhost"

// Target says what a request asks for: which S3 operation on which raw bucket and key.
type Target struct {
	Op     string // name in the S3 API ("ListObjectsV2"), or "" when it is no operation of S3
	Bucket string
	Key    string // the exact bytes, percent-decoded once, never cleaned
	Query  url.Values
	bad    bool // the path or the query cannot be decoded

	service string // of Amazon that it is for
}

// ParseTarget reads the request line, Host header and x-amz-copy-source. It never touches the body.
func ParseTarget(r *http.Request) Target {
	raw, rawQuery := rawTarget(r)
	t := Target{service: serviceS3}
	var err error
	if t.Query, err = url.ParseQuery(rawQuery); err != nil {
		t.bad = true
	}
	path, err := url.PathUnescape(raw)
	if err != nil || !strings.HasPrefix(path, "/") {
		t.bad = true
		return t
	}
	if t.service = serviceOf(r, path); t.service != serviceS3 {
		t.Op = serviceOperation(t.service, r, path)
		return t
	}
	if b := virtualBucket(r.Host); b != "" {
		t.Bucket, t.Key = b, path[1:]
	} else {
		t.Bucket, t.Key, _ = strings.Cut(path[1:], "/")
	}
	t.Op = operation(r.Method, t, r.Header)
	return t
}

// rawTarget returns path and query as they were sent.
func rawTarget(r *http.Request) (path, query string) {
	path, query, _ = strings.Cut(originForm(r.RequestURI), "?")
	return path, query
}

// originForm is a request target without the start that the absolute form has ("GET http://host/path"), in which a proxy is asked.
func originForm(raw string) string {
	if strings.HasPrefix(raw, "/") {
		return raw
	}
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		i := strings.IndexAny(rest, "/?")
		if i < 0 {
			return "/"
		}
		raw = rest[i:]
		if raw[0] == '?' {
			raw = "/" + raw
		}
	}
	return raw
}

func virtualBucket(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	bucket, ok := strings.CutSuffix(host, virtualSuffix)
	if !ok {
		return ""
	}
	return bucket
}

// plainParameters are query parameters that do not choose the operation.
var plainParameters = map[string]bool{
	"x-id": true, "prefix": true, "delimiter": true, "marker": true, "max-keys": true, "list-type": true, "continuation-token": true,
	"start-after": true, "fetch-owner": true, "encoding-type": true, "key-marker": true, "version-id-marker": true,
	"upload-id-marker": true, "max-uploads": true, "max-parts": true, "part-number-marker": true, "versionId": true,
	"partNumber": true, "uploadId": true, "id": true, "max-buckets": true, "bucket-region": true,
	"response-content-type": true, "response-content-language": true, "response-expires": true, "response-cache-control": true,
	"response-content-disposition": true, "response-content-encoding": true,
}

// unsupported are sub-resources that S3 has and this server has not; any other parameter without a value counts as one too.
var unsupported = []string{
	"annotation", "metadataConfiguration", "metadataTable", "renameObject", "select", "session", "torrent",
}

// subresource returns the one sub-resource of the query, "" for none and "?" for one (or two) this server does not have.
func subresource(q url.Values) string {
	found := ""
	for name, values := range q {
		known := slices.Contains(subresources, name)
		foreign := slices.Contains(unsupported, name) || (slices.Max(values) == "" && !plainParameters[name])
		switch {
		case known && found == "":
			found = name
		case known, foreign && !known:
			return "?"
		}
	}
	return found
}

var subresources = []string{"accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold",
	"lifecycle", "location", "logging", "metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment",
	"restore", "retention", "tagging", "uploads", "versioning", "versions", "website"}

// operation names the operation; "" is none that this server has.
func operation(method string, t Target, h http.Header) string {
	sub := subresource(t.Query)
	if sub == "?" {
		return ""
	}
	switch {
	case t.Bucket == "" && sub == "" && method == http.MethodGet:
		return "ListBuckets"
	case t.Bucket == "":
		return ""
	case t.Key == "":
		return bucketOperation(method, sub, t.Query)
	}
	return objectOperation(method, sub, t.Query, h.Get("X-Amz-Copy-Source") != "")
}

var bucketOperations = map[string]string{
	"GET location": "GetBucketLocation", "GET versioning": "GetBucketVersioning", "PUT versioning": "PutBucketVersioning",
	"GET versions": "ListObjectVersions", "GET uploads": "ListMultipartUploads", "GET acl": "GetBucketAcl", "PUT acl": "PutBucketAcl",
	"GET tagging": "GetBucketTagging", "PUT tagging": "PutBucketTagging", "DELETE tagging": "DeleteBucketTagging",
	"POST delete": "DeleteObjects", "PUT ": "CreateBucket", "HEAD ": "HeadBucket", "DELETE ": "DeleteBucket", "GET ": "ListObjects",
}

func bucketOperation(method, sub string, q url.Values) string {
	op := bucketOperations[method+" "+sub]
	if op == "" {
		op = settingOperations[method+" "+sub]
	}
	if op == "ListObjects" && q.Has("list-type") {
		if q.Get("list-type") != "2" {
			return ""
		}
		return "ListObjectsV2"
	}
	return op
}

var objectOperations = map[string]string{
	"GET ": "GetObject", "HEAD ": "HeadObject", "PUT ": "PutObject", "DELETE ": "DeleteObject", "GET acl": "GetObjectAcl",
	"PUT acl": "PutObjectAcl", "GET tagging": "GetObjectTagging", "PUT tagging": "PutObjectTagging",
	"DELETE tagging": "DeleteObjectTagging", "GET attributes": "GetObjectAttributes", "POST restore": "RestoreObject",
	"POST uploads": "CreateMultipartUpload", "GET legal-hold": "GetObjectLegalHold", "PUT legal-hold": "PutObjectLegalHold",
	"GET retention": "GetObjectRetention", "PUT retention": "PutObjectRetention",
}

func objectOperation(method, sub string, q url.Values, isCopy bool) string {
	if q.Has("uploadId") && sub == "" {
		switch {
		case method == http.MethodPut && isCopy:
			return "UploadPartCopy"
		case method == http.MethodPut:
			return "UploadPart"
		case method == http.MethodPost:
			return "CompleteMultipartUpload"
		case method == http.MethodDelete:
			return "AbortMultipartUpload"
		case method == http.MethodGet:
			return "ListParts"
		}
		return ""
	}
	op := objectOperations[method+" "+sub]
	if op == "PutObject" && isCopy {
		return "CopyObject"
	}
	return op
}
