package demo

import (
	"errors"
	"io"
	"net/http"
)

// s3Error is an error as S3 answers it.
type s3Error struct {
	code   string
	msg    string
	extra  []field           // more elements of the XML document
	header map[string]string // more headers of the answer
}

// field is an XML element with text only.
type field struct{ name, value string }

func (e *s3Error) Error() string { return e.code + ": " + e.msg }

// fail makes an error of a code in [errorStatus]; msg "" takes the code's usual message.
func fail(code, msg string, extra ...field) *s3Error {
	if msg == "" {
		msg = errorStatus[code].msg
	}
	return &s3Error{code: code, msg: msg, extra: extra}
}

func (e *s3Error) with(header, value string) *s3Error {
	if e.header == nil {
		e.header = map[string]string{}
	}
	e.header[header] = value
	return e
}

type errorInfo struct {
	status int
	msg    string
}

// errorStatus is every code this server answers, after the S3 API reference, "Error responses".
var errorStatus = map[string]errorInfo{
	"AccessControlListNotSupported":                  {400, "The bucket does not allow ACLs"},
	"AccessDenied":                                   {403, "Access Denied"},
	"AuthorizationHeaderMalformed":                   {400, "The authorization header is malformed."},
	"AuthorizationQueryParametersError":              {400, "The query parameters of the signature are wrong."},
	"BadRequest":                                     {400, "Bad Request"},
	"BadDigest":                                      {400, "The Content-MD5 or checksum value that you specified did not match what the server received."},
	"BucketAlreadyExists":                            {409, "The requested bucket name is not available."},
	"BucketAlreadyOwnedByYou":                        {409, "Your previous request to create the named bucket succeeded and you already own it."},
	"BucketNotEmpty":                                 {409, "The bucket you tried to delete is not empty."},
	"EntityTooLarge":                                 {400, "Your proposed upload exceeds the maximum allowed size."},
	"EntityTooSmall":                                 {400, "Your proposed upload is smaller than the minimum allowed size."},
	"IncompleteBody":                                 {400, "The request body terminated unexpectedly."},
	"InternalError":                                  {500, "We encountered an internal error. Please try again."},
	"InvalidAccessKeyId":                             {403, "The access key id you provided does not exist in our records."},
	"InvalidArgument":                                {400, "Invalid Argument"},
	"InvalidBucketState":                             {409, "The request is not valid for the current state of the bucket."},
	"InvalidBucketName":                              {400, "The specified bucket is not valid."},
	"InvalidChunkSizeError":                          {403, "Only the last chunk may be smaller than 8192 bytes."},
	"InvalidDigest":                                  {400, "The Content-MD5 you specified was invalid."},
	"InvalidLocationConstraint":                      {400, "The specified location constraint is not valid."},
	"InvalidObjectState":                             {403, "The operation is not valid for the object's storage class"},
	"InvalidPart":                                    {400, "One or more of the specified parts could not be found. The part may not have been uploaded, or its entity tag may not match."},
	"InvalidPartOrder":                               {400, "The list of parts was not in ascending order."},
	"InvalidPartNumber":                              {416, "The requested partnumber is not satisfiable"},
	"InvalidRange":                                   {416, "The requested range is not satisfiable"},
	"InvalidRequest":                                 {400, "Invalid Request"},
	"InvalidStorageClass":                            {400, "The storage class you specified is not valid"},
	"InvalidTag":                                     {400, "The tag you provided is not valid."},
	"InvalidToken":                                   {400, "The provided token is malformed or otherwise not valid."},
	"InvalidURI":                                     {400, "Couldn't parse the specified URI."},
	"KeyTooLongError":                                {400, "Your key is too long"},
	"MalformedACLError":                              {400, "The XML you provided was not well-formed or did not validate against our published schema"},
	"MalformedTrailerError":                          {400, "The request contained trailing data that was not well-formed or did not conform to our published schema."},
	"MalformedXML":                                   {400, "The XML you provided was not well-formed or did not validate against our published schema"},
	"MaxMessageLengthExceeded":                       {400, "Your request was too big."},
	"MetadataTooLarge":                               {400, "Your metadata headers exceed the maximum allowed metadata size."},
	"MethodNotAllowed":                               {405, "The specified method is not allowed against this resource."},
	"MissingContentLength":                           {411, "You must provide the Content-Length HTTP header."},
	"MissingSecurityHeader":                          {400, "Your request was missing a required header."},
	"NoSuchBucket":                                   {404, "The specified bucket does not exist"},
	"NoSuchKey":                                      {404, "The specified key does not exist."},
	"NoSuchTagSet":                                   {404, "There is no tag set associated with the bucket."},
	"NoSuchObjectLockConfiguration":                  {404, "The specified object does not have a ObjectLock configuration"},
	"ObjectLockConfigurationNotFoundError":           {404, "Object Lock configuration does not exist for this bucket"},
	"NoSuchUpload":                                   {404, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."},
	"NoSuchVersion":                                  {404, "The specified version does not exist."},
	"NotImplemented":                                 {501, "A header or query you provided implies functionality that is not implemented."},
	"NotModified":                                    {304, ""},
	"PermanentRedirect":                              {301, "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."},
	"PreconditionFailed":                             {412, "At least one of the pre-conditions you specified did not hold"},
	"RequestTimeTooSkewed":                           {403, "The difference between the request time and the current time is too large."},
	"RestoreAlreadyInProgress":                       {409, "Object restore is already in progress"},
	"SignatureDoesNotMatch":                          {403, "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
	"TooManyBuckets":                                 {400, "You have attempted to create more buckets than allowed."},
	"InvalidBucketAclWithObjectOwnership":            {400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
	"InvalidTargetBucketForLogging":                  {400, "The target bucket for logging does not exist, is not owned by you, or is in another region"},
	"MalformedPolicy":                                {400, "Policies must be valid JSON and the first byte must be '{'"},
	"NoSuchBucketPolicy":                             {404, "The bucket policy does not exist"},
	"NoSuchCORSConfiguration":                        {404, "The CORS configuration does not exist"},
	"NoSuchConfiguration":                            {404, "The specified configuration does not exist."},
	"NoSuchLifecycleConfiguration":                   {404, "The lifecycle configuration does not exist"},
	"NoSuchPublicAccessBlockConfiguration":           {404, "The public access block configuration was not found"},
	"NoSuchWebsiteConfiguration":                     {404, "The specified bucket does not have a website configuration"},
	"OwnershipControlsNotFoundError":                 {404, "The bucket ownership controls were not found"},
	"ReplicationConfigurationNotFoundError":          {404, "The replication configuration was not found"},
	"ServerSideEncryptionConfigurationNotFoundError": {404, "The server side encryption configuration was not found"},
	// Of the services beside S3.
	"AccessPointAlreadyOwnedByYou":     {409, "Your previous request to create the named access point succeeded and you already own it."},
	"AlreadyExistsException":           {400, ""},
	"DistributionAlreadyExists":        {409, ""},
	"IllegalUpdate":                    {400, ""},
	"InconsistentQuantities":           {400, ""},
	"InvalidAction":                    {400, ""},
	"InvalidAliasNameException":        {400, "Alias must start with the prefix \"alias/\", and not with \"alias/aws/\""},
	"InvalidIfMatchVersion":            {400, ""},
	"InvalidOrigin":                    {400, "The Amazon S3 origin server specified does not refer to a valid Amazon S3 bucket."},
	"InvalidOriginAccessControl":       {400, ""},
	"InvalidViewerCertificate":         {400, ""},
	"InvalidViewerProtocolPolicy":      {400, "The viewer protocol policy is not valid."},
	"NoSuchAccessPoint":                {404, "The specified accesspoint does not exist"},
	"NoSuchDistribution":               {404, ""},
	"NoSuchInvalidation":               {404, ""},
	"NoSuchOrigin":                     {404, ""},
	"NotFoundException":                {400, ""},
	"OriginAccessControlAlreadyExists": {409, ""},
	"SerializationException":           {400, "The request cannot be read."},
	"XAmzContentSHA256Mismatch":        {400, "The provided 'x-amz-content-sha256' header does not match what was computed."},
}

// asS3Error gives any error the shape that can be answered.
func asS3Error(err error) *s3Error {
	if e, ok := errors.AsType[*s3Error](err); ok {
		return e
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fail("IncompleteBody", "")
	}
	return fail("InternalError", "")
}

// writeError answers with the error document; HEAD and 304 answers carry no body.
func (c *call) writeError(err error) {
	e := asS3Error(err)
	h := c.w.Header()
	for k, v := range e.header {
		h.Set(k, v)
	}
	status := errorStatus[e.code].status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	for _, name := range []string{"Content-Length", "Content-Range", "Accept-Ranges", "Content-Encoding"} {
		h.Del(name)
	}
	if status == http.StatusNotModified || c.r.Method == http.MethodHead {
		h.Del("Content-Type")
		c.w.WriteHeader(status)
		return
	}
	if c.service != serviceS3 {
		c.writeServiceError(e, status)
		return
	}
	drain(c.r.Body)
	x := newXML("Error", "")
	x.text("Code", e.code)
	x.text("Message", e.msg)
	for _, f := range e.extra {
		x.text(f.name, f.value)
	}
	x.text("Resource", c.rawPath)
	x.text("RequestId", c.requestID)
	x.text("HostId", c.s.hostID)
	c.writeXML(status, x)
}

// drainLimit is how much of a refused body is read, so that the sender gets to see the answer and not a reset.
const drainLimit = 16 << 20

func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, drainLimit)
}
