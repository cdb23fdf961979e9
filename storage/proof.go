package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// What makes an answer a success of S3. A status of 200 is not enough: captive portals, proxies and web servers give it
// too, and the SDK takes a page of theirs for an empty listing, a stored object or the object itself. So each operation
// has a row here with what its answer must show; what the bytes must be is checked where they are known (put.go for
// uploads, complete.go for multipart uploads, read.go for downloads, copy.go for copies).

// bodyKind says what an answer's body is.
type bodyKind int

const (
	bodyNone   bodyKind = iota // nothing; anything there is not from S3
	bodyXML                    // a document with the row's root element
	bodyObject                 // the object
	bodyPolicy                 // a bucket policy, which is JSON
)

// answer is a row: what a successful answer must be.
type answer struct {
	status  []int    // the only ones
	body    bodyKind //
	root    string   // of the document; several are separated by "|"
	mark    bool     // must have a header that only S3 sends (x-amz-…)
	etag    bool     // must have an ETag header
	listing bool     // read by xmlscan.go
}

// answers is the table. Rows with mark lean on it because the answer has nothing else; a document leans on its root
// element, an object on its ETag (and read.go on its length and range). A 204 needs the mark, too: proxies and portals answer
// requests that they swallow with it, and S3, versitygw, Ceph, MinIO, moto and Google all send one of the headers with it.
var answers = map[string]answer{
	"ListBuckets":       {status: []int{200}, body: bodyXML, root: "ListAllMyBucketsResult"},
	"CreateBucket":      {status: []int{200, 201}, mark: true},
	"DeleteBucket":      {status: []int{204, 200}, mark: true},
	"HeadBucket":        {status: []int{200}, mark: true},
	"GetBucketLocation": {status: []int{200}, body: bodyXML, root: "LocationConstraint"},

	// Settings of buckets.
	"PutBucketVersioning":                         {status: []int{200, 204}, mark: true},
	"GetBucketAccelerateConfiguration":            {status: []int{200}, body: bodyXML, root: "AccelerateConfiguration"},
	"PutBucketAccelerateConfiguration":            {status: []int{200, 204}, mark: true},
	"GetBucketRequestPayment":                     {status: []int{200}, body: bodyXML, root: "RequestPaymentConfiguration"},
	"PutBucketRequestPayment":                     {status: []int{200, 204}, mark: true},
	"GetPublicAccessBlock":                        {status: []int{200}, body: bodyXML, root: "PublicAccessBlockConfiguration|BlockPublicAccessBlockConfiguration"},
	"PutPublicAccessBlock":                        {status: []int{200, 204}, mark: true},
	"DeletePublicAccessBlock":                     {status: []int{200, 204}, mark: true},
	"PutBucketOwnershipControls":                  {status: []int{200, 204}, mark: true},
	"DeleteBucketOwnershipControls":               {status: []int{200, 204}, mark: true},
	"PutObjectLockConfiguration":                  {status: []int{200, 204}, mark: true},
	"GetBucketPolicy":                             {status: []int{200}, body: bodyPolicy},
	"PutBucketPolicy":                             {status: []int{200, 204}, mark: true},
	"DeleteBucketPolicy":                          {status: []int{200, 204}, mark: true},
	"GetBucketPolicyStatus":                       {status: []int{200}, body: bodyXML, root: "PolicyStatus"},
	"GetBucketEncryption":                         {status: []int{200}, body: bodyXML, root: "ServerSideEncryptionConfiguration"},
	"PutBucketEncryption":                         {status: []int{200, 204}, mark: true},
	"DeleteBucketEncryption":                      {status: []int{200, 204}, mark: true},
	"GetBucketCors":                               {status: []int{200}, body: bodyXML, root: "CORSConfiguration"},
	"PutBucketCors":                               {status: []int{200, 204}, mark: true},
	"DeleteBucketCors":                            {status: []int{200, 204}, mark: true},
	"GetBucketLifecycleConfiguration":             {status: []int{200}, body: bodyXML, root: "LifecycleConfiguration"},
	"PutBucketLifecycleConfiguration":             {status: []int{200, 204}, mark: true},
	"DeleteBucketLifecycle":                       {status: []int{200, 204}, mark: true},
	"GetBucketWebsite":                            {status: []int{200}, body: bodyXML, root: "WebsiteConfiguration"},
	"PutBucketWebsite":                            {status: []int{200, 204}, mark: true},
	"DeleteBucketWebsite":                         {status: []int{200, 204}, mark: true},
	"GetBucketLogging":                            {status: []int{200}, body: bodyXML, root: "BucketLoggingStatus"},
	"PutBucketLogging":                            {status: []int{200, 204}, mark: true},
	"GetBucketNotificationConfiguration":          {status: []int{200}, body: bodyXML, root: "NotificationConfiguration|GetBucketNotificationResponse"},
	"PutBucketNotificationConfiguration":          {status: []int{200, 204}, mark: true},
	"GetBucketReplication":                        {status: []int{200}, body: bodyXML, root: "ReplicationConfiguration"},
	"PutBucketReplication":                        {status: []int{200, 204}, mark: true},
	"DeleteBucketReplication":                     {status: []int{200, 204}, mark: true},
	"GetBucketTagging":                            {status: []int{200}, body: bodyXML, root: "Tagging"},
	"PutBucketTagging":                            {status: []int{200, 204}, mark: true},
	"DeleteBucketTagging":                         {status: []int{200, 204}, mark: true},
	"GetBucketInventoryConfiguration":             {status: []int{200}, body: bodyXML, root: "InventoryConfiguration"},
	"PutBucketInventoryConfiguration":             {status: []int{200, 204}, mark: true},
	"DeleteBucketInventoryConfiguration":          {status: []int{200, 204}, mark: true},
	"ListBucketInventoryConfigurations":           {status: []int{200}, body: bodyXML, root: "ListInventoryConfigurationsResult|ListBucketInventoryConfigurationsResult"},
	"GetBucketAnalyticsConfiguration":             {status: []int{200}, body: bodyXML, root: "AnalyticsConfiguration"},
	"PutBucketAnalyticsConfiguration":             {status: []int{200, 204}, mark: true},
	"DeleteBucketAnalyticsConfiguration":          {status: []int{200, 204}, mark: true},
	"ListBucketAnalyticsConfigurations":           {status: []int{200}, body: bodyXML, root: "ListBucketAnalyticsConfigurationResult|ListBucketAnalyticsConfigurationsResult"},
	"GetBucketMetricsConfiguration":               {status: []int{200}, body: bodyXML, root: "MetricsConfiguration"},
	"PutBucketMetricsConfiguration":               {status: []int{200, 204}, mark: true},
	"DeleteBucketMetricsConfiguration":            {status: []int{200, 204}, mark: true},
	"ListBucketMetricsConfigurations":             {status: []int{200}, body: bodyXML, root: "ListMetricsConfigurationsResult|ListBucketMetricsConfigurationsResult"},
	"GetBucketIntelligentTieringConfiguration":    {status: []int{200}, body: bodyXML, root: "IntelligentTieringConfiguration"},
	"PutBucketIntelligentTieringConfiguration":    {status: []int{200, 204}, mark: true},
	"DeleteBucketIntelligentTieringConfiguration": {status: []int{200, 204}, mark: true},
	"ListBucketIntelligentTieringConfigurations":  {status: []int{200}, body: bodyXML, root: "ListBucketIntelligentTieringConfigurationsOutput|ListBucketIntelligentTieringConfigurationsResult"},
	"ListAccessPoints":                            {status: []int{200}, body: bodyXML, root: "ListAccessPointsResult|ListAccessPointsResponse"},

	"ListObjectsV2":           {status: []int{200}, body: bodyXML, root: "ListBucketResult", listing: true},
	"ListObjects":             {status: []int{200}, body: bodyXML, root: "ListBucketResult", listing: true},
	"ListObjectVersions":      {status: []int{200}, body: bodyXML, root: "ListVersionsResult", listing: true},
	"ListMultipartUploads":    {status: []int{200}, body: bodyXML, root: "ListMultipartUploadsResult", listing: true},
	"ListParts":               {status: []int{200}, body: bodyXML, root: "ListPartsResult"},
	"HeadObject":              {status: []int{200, 206}, etag: true},
	"GetObjectTagging":        {status: []int{200}, body: bodyXML, root: "Tagging"},
	"GetObject":               {status: []int{200, 206}, body: bodyObject, etag: true},
	"PutObject":               {status: []int{200, 201, 204}, etag: true},
	"CreateMultipartUpload":   {status: []int{200}, body: bodyXML, root: "InitiateMultipartUploadResult"},
	"UploadPart":              {status: []int{200, 201, 204}, etag: true},
	"UploadPartCopy":          {status: []int{200}, body: bodyXML, root: "CopyPartResult"},
	"CompleteMultipartUpload": {status: []int{200}, body: bodyXML, root: "CompleteMultipartUploadResult"},
	"AbortMultipartUpload":    {status: []int{204, 200}, mark: true},
	"CopyObject":              {status: []int{200}, body: bodyXML, root: "CopyObjectResult"},
	"DeleteObject":            {status: []int{204, 200}, mark: true},
	"DeleteObjects":           {status: []int{200}, body: bodyXML, root: "DeleteResult"},
	"GetCallerIdentity":       {status: []int{200}, body: bodyXML, root: "GetCallerIdentityResponse"},

	// What a copy carries along.
	"PutObjectTagging":           {status: []int{200, 204}, mark: true},
	"GetObjectAcl":               {status: []int{200}, body: bodyXML, root: "AccessControlPolicy"},
	"PutObjectAcl":               {status: []int{200, 204}, mark: true},
	"PutObjectRetention":         {status: []int{200, 204}, mark: true},
	"PutObjectLegalHold":         {status: []int{200, 204}, mark: true},
	"GetObjectAttributes":        {status: []int{200}, body: bodyXML, root: "GetObjectAttributesResponse"},
	"GetBucketOwnershipControls": {status: []int{200}, body: bodyXML, root: "OwnershipControls"},
	"GetObjectRetention":         {status: []int{200}, body: bodyXML, root: "Retention"},
	"GetObjectLegalHold":         {status: []int{200}, body: bodyXML, root: "LegalHold"},
	"GetObjectLockConfiguration": {status: []int{200}, body: bodyXML, root: "ObjectLockConfiguration"},

	// Editing objects.
	"UpdateObjectEncryption": {status: []int{200, 204}, mark: true},

	// Versions, restoring and locks of objects.
	"GetBucketVersioning": {status: []int{200}, body: bodyXML, root: "VersioningConfiguration"},
	"RestoreObject":       {status: []int{200, 202}, mark: true},

	// Who may do what.
	"GetBucketAcl": {status: []int{200}, body: bodyXML, root: "AccessControlPolicy"},
	"PutBucketAcl": {status: []int{200, 204}, mark: true},
}

// notS3Error says what came instead of an answer of S3.
type notS3Error struct{ What string }

func (e *notS3Error) Error() string { return e.What }

func notS3(format string, args ...any) error { return &notS3Error{fmt.Sprintf(format, args...)} }

// check holds an answer with a status below 300 against its row. It reads documents and puts them back for the SDK.
func (a answer) check(rec *call, resp *http.Response) error {
	if isCompressed(resp.Header, a.body) {
		return notS3("the answer is compressed (%s), which was not asked for", clip(resp.Header.Get("Content-Encoding")))
	}
	ok := false
	for _, s := range a.status {
		ok = ok || s == resp.StatusCode
	}
	if !ok {
		return notS3("the status %d is no answer to %s", resp.StatusCode, rec.op)
	}
	if a.etag && cleanETag(resp.Header.Get("ETag")) == "" {
		if isGhost(resp.Header) {
			return errGhost
		}
		return notS3("the answer has no ETag%s", pageHint(resp.Header))
	}
	if isHTML(resp.Header) && !hasMark(resp.Header) {
		return notS3("a web page came instead of an answer of S3")
	}
	if a.body == bodyObject {
		return nil
	}
	if rec.method == http.MethodHead {
		if a.mark && !hasMark(resp.Header) {
			return notS3("the answer has none of the headers of S3")
		}
		return nil
	}
	if resp.Body == http.NoBody {
		return a.checkBody(rec, resp, nil)
	}
	if !a.listing {
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return err
		}
		return a.checkBody(rec, resp, body)
	}
	// A listing is read into memory that the next one uses again: what is kept of it is copied.
	buf := documents.Get().(*[]byte)
	defer documents.Put(buf)
	var err error
	*buf, err = readInto((*buf)[:0], resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return err
	}
	if err = a.checkBody(rec, resp, *buf); !rec.in200 {
		resp.Body = io.NopCloser(strings.NewReader("<Listing/>")) // for the SDK
	} else {
		resp.Body = io.NopCloser(bytes.NewReader(bytes.Clone(*buf)))
	}
	return err
}

// documents are buffers for listings.
var documents = sync.Pool{New: func() any { b := make([]byte, 0, 320<<10); return &b }}

// readInto appends all of r to b, in pieces as large as the connection gives.
func readInto(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b)+512)
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

func (a answer) checkBody(rec *call, resp *http.Response, body []byte) error {
	if !a.listing {
		rec.document = body
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	if a.body == bodyPolicy && isPolicy(body) {
		return nil
	}
	if len(body) == 0 && a.body == bodyNone && (!a.mark || hasMark(resp.Header)) {
		return nil
	}
	root, err := rootElement(body)
	if err == nil && root == "Error" {
		// S3 sends its head before a long operation ends, so that an error can come with status 200.
		rec.in200 = true
		rec.failure = parseFailure(body)
		resp.StatusCode = http.StatusInternalServerError
		return nil
	}
	if a.body == bodyXML {
		if errors.Is(err, errXMLEnd) && hasMark(resp.Header) {
			return errCutOff
		}
		if err != nil {
			return notS3("the answer is not a document of S3: %v", err)
		}
		// A document may be named for its operation: what was asked is answered. moto does so.
		if root != a.root && root != rec.op+"Response" && !slices.Contains(strings.Split(a.root, "|"), root) {
			return notS3("the answer is a document <%s>, not <%s>", clip(root), a.root)
		}
		if a.listing {
			return rec.takeListing(body)
		}
		return nil
	}
	if a.body == bodyPolicy {
		return notS3("the answer is no policy%s", pageHint(resp.Header))
	}
	if a.mark && !hasMark(resp.Header) {
		return notS3("the answer has none of the headers of S3%s", pageHint(resp.Header))
	}
	if len(bytes.TrimSpace(body)) > 0 && (err != nil || strings.EqualFold(root, "html")) {
		return notS3("the answer has a body that S3 does not send%s", pageHint(resp.Header))
	}
	return nil
}

// errCutOff is a document of S3's that ends early.
var errCutOff = errors.New("the answer ends early")

// errGhost stands for an object that is not there although the server says 200.
var errGhost = errors.New("no object, only an unfinished upload")

// isGhost recognises what Ceph's gateway (16.2) says of a key that has an unfinished upload and no object: 200, nothing of
// an object's but an empty body.
func isGhost(h http.Header) bool {
	return h.Get("X-Rgw-Object-Type") != "" && h.Get("Content-Length") == "0" && hasMark(h)
}

// isCompressed tells whether something on the way compressed a document. An object may have a Content-Encoding of its own.
func isCompressed(h http.Header, b bodyKind) bool {
	e := strings.ToLower(h.Get("Content-Encoding"))
	return b == bodyXML && e != "" && e != "identity" && e != "aws-chunked"
}

// hasMark tells whether h has a header that S3's servers send and others do not.
func hasMark(h http.Header) bool {
	for name := range h {
		for _, p := range markPrefixes {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
	}
	return false
}

// markPrefixes begin the names of such headers: S3's own, and those of services that speak S3 with headers of theirs.
var markPrefixes = []string{"X-Amz-", "X-Amzn-", "X-Goog-", "X-Guploader-", "X-Rgw-", "X-Minio-"}

func isHTML(h http.Header) bool {
	t := h.Get("Content-Type")
	if !strings.Contains(strings.ToLower(t), "html") {
		return false
	}
	t, _, _ = mime.ParseMediaType(t)
	return t == "text/html" || t == "application/xhtml+xml"
}

// isPage tells whether an answer without a body comes from something that speaks to people, not to programs.
func isPage(h http.Header) bool {
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return isHTML(h) || t == "text/plain" || t == "application/json"
}

func pageHint(h http.Header) string {
	if isHTML(h) {
		return ": it is a web page"
	}
	return ""
}

// clip shortens foreign text for a message.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// middleware puts our steps into the SDK's stack: headers of ours before signing, the check of the answer right at the wire.
func (s *Session) middleware(stack *middleware.Stack) error {
	err := stack.Build.Add(middleware.BuildMiddlewareFunc("PintailHeaders",
		func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
			if r, ok := in.Request.(*smithyhttp.Request); ok {
				r.Header.Set("User-Agent", s.cfg.UserAgent)
				s.payFor(callFrom(ctx), r.Request)
			}
			return next.HandleBuild(ctx, in)
		}), middleware.After)
	if err != nil {
		return err
	}
	if err = dropCounters(stack); err != nil {
		return err
	}
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("PintailAnswer", checkAnswer), middleware.After)
}

// dropCounters leaves out the SDK's numbers of a request and of its tries: they mean nothing to S3, each call is one try,
// and without them the lean path sends the same request.
func dropCounters(stack *middleware.Stack) error {
	if _, signs := stack.Finalize.Get("Signing"); !signs {
		return nil // presigning has neither
	}
	_, _ = stack.Build.Remove((&awsmiddleware.ClientRequestID{}).ID()) // not every service's client has it
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("PintailNoCounters",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if r, ok := in.Request.(*smithyhttp.Request); ok {
				r.Header.Del("Amz-Sdk-Request")
			}
			return next.HandleFinalize(ctx, in)
		}), "Signing", middleware.Before)
}

// checkAnswer judges what came in answer to a request of the SDK's.
func checkAnswer(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error) {
	out, md, err := next.HandleDeserialize(ctx, in)
	rec := callFrom(ctx)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || rec == nil {
		return out, md, err
	}
	return out, md, rec.judge(resp.Response)
}

// judge notes what an error says and holds a success against the table. A success with an error's document gets the
// status 500.
func (c *call) judge(resp *http.Response) error {
	if resp.StatusCode >= 300 || resp.StatusCode < 200 {
		c.readFailure(resp)
		return nil
	}
	row, ok := answers[c.op]
	if !ok {
		return fmt.Errorf("no row for %s in the table of answers", c.op)
	}
	err := row.check(c, resp)
	if err != nil {
		_ = resp.Body.Close()
	}
	return err
}

// readFailure reads the body of an error and puts it back for the SDK.
func (c *call) readFailure(resp *http.Response) {
	body, _ := io.ReadAll(resp.Body) // the status alone is an answer, so that a body cut short is no failure of its own
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	c.failure = parseFailure(body)
}

// parseFailure reads an error document; of anything else it only says that it is none.
func parseFailure(body []byte) failure {
	var f failure
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return f
	}
	err := walkXML(body, func(path []string, raw []byte, end bool) error {
		if !end || len(path) < 2 {
			return nil
		}
		text := string(raw)
		// <Error><Code>, or STS's <ErrorResponse><Error><Code>
		if path[0] != "Error" && path[0] != "ErrorResponse" {
			return fmt.Errorf("not an error document")
		}
		f.isXML = true
		switch path[len(path)-1] {
		case "Code":
			f.Code = clipTo(text, 128)
		case "Message":
			f.Message = clipTo(text, 1024)
		case "Region":
			f.Region = clipTo(text, 64)
		case "Endpoint":
			f.Endpoint = clipTo(text, 256)
		case "RequestId", "RequestID":
			f.RequestID = clipTo(text, 128)
		case "BucketName", "Bucket":
			f.BucketName = clipTo(text, 256)
		}
		return nil
	})
	f.page = err != nil || !f.isXML
	return f
}

func clipTo(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
