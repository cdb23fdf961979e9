package storage

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go"
)

// verdict is what an error code or a status means.
type verdict struct {
	kind    Kind
	retry   bool
	unknown bool // the request may have taken effect all the same
}

// codes says what S3's error codes mean. One that is not here is judged by its status.
var codes = map[string]verdict{
	"InvalidAccessKeyId":                 {kind: KindAuth},
	"SignatureDoesNotMatch":              {kind: KindAuth},
	"InvalidClientTokenId":               {kind: KindAuth},
	"InvalidSecurity":                    {kind: KindAuth},
	"MissingSecurityHeader":              {kind: KindAuth},
	"MissingAuthenticationToken":         {kind: KindAuth},
	"NotSignedUp":                        {kind: KindAuth},
	"AuthorizationHeaderMalformed":       {kind: KindAuth},
	"InvalidToken":                       {kind: KindAuth},
	"UnrecognizedClientException":        {kind: KindAuth},
	"ExpiredToken":                       {kind: KindExpired},
	"ExpiredTokenException":              {kind: KindExpired},
	"TokenRefreshRequired":               {kind: KindExpired},
	"RequestExpired":                     {kind: KindExpired},
	"AccessDenied":                       {kind: KindPermission},
	"AccessDeniedException":              {kind: KindPermission},
	"AllAccessDisabled":                  {kind: KindPermission},
	"AccountProblem":                     {kind: KindPermission},
	"UnauthorizedAccess":                 {kind: KindPermission},
	"MFARequired":                        {kind: KindNeedsMFA},
	"NoSuchKey":                          {kind: KindNotFound},
	"NoSuchBucket":                       {kind: KindNotFound},
	"NoSuchVersion":                      {kind: KindNotFound},
	"NoSuchUpload":                       {kind: KindNotFound},
	"NotFound":                           {kind: KindNotFound},
	"BucketAlreadyExists":                {kind: KindConflict},
	"BucketAlreadyOwnedByYou":            {kind: KindConflict},
	"BucketNotEmpty":                     {kind: KindConflict},
	"InvalidBucketState":                 {kind: KindConflict},
	"OperationAborted":                   {kind: KindConflict, retry: true},
	"ConditionalRequestConflict":         {kind: KindConflict, retry: true},
	"ObjectParentIsFile":                 {kind: KindConflict},
	"ObjectLocked":                       {kind: KindPermission},
	"PreconditionFailed":                 {kind: KindPrecondition},
	"NotModified":                        {kind: KindPrecondition},
	"InvalidObjectState":                 {kind: KindArchived},
	"RestoreAlreadyInProgress":           {kind: KindConflict},
	"NotImplemented":                     {kind: KindUnsupported},
	"MethodNotAllowed":                   {kind: KindUnsupported},
	"AccessControlListNotSupported":      {kind: KindUnsupported},
	"UnsupportedOperation":               {kind: KindUnsupported},
	"InvalidBucketName":                  {kind: KindInvalid},
	"InvalidLocationConstraint":          {kind: KindInvalid},
	"IllegalLocationConstraintException": {kind: KindInvalid},
	"InvalidRange":                       {kind: KindInvalid},
	"InvalidPart":                        {kind: KindInvalid},
	"InvalidPartOrder":                   {kind: KindInvalid},
	"InvalidStorageClass":                {kind: KindInvalid},
	"InvalidTag":                         {kind: KindInvalid},
	"EntityTooLarge":                     {kind: KindInvalid},
	"EntityTooSmall":                     {kind: KindInvalid},
	"KeyTooLongError":                    {kind: KindInvalid},
	"MetadataTooLarge":                   {kind: KindInvalid},
	"TooManyBuckets":                     {kind: KindQuota},
	"QuotaExceeded":                      {kind: KindQuota},
	"InsufficientStorage":                {kind: KindQuota},
	"XMinioStorageFull":                  {kind: KindQuota},
	"SlowDown":                           {kind: KindThrottled, retry: true},
	"SlowDownRead":                       {kind: KindThrottled, retry: true},
	"SlowDownWrite":                      {kind: KindThrottled, retry: true},
	"TooManyRequests":                    {kind: KindThrottled, retry: true},
	"Throttling":                         {kind: KindThrottled, retry: true},
	"ThrottlingException":                {kind: KindThrottled, retry: true},
	"RequestLimitExceeded":               {kind: KindThrottled, retry: true},
	"BandwidthLimitExceeded":             {kind: KindThrottled, retry: true},
	"ReducePriority":                     {kind: KindThrottled, retry: true},
	"ServiceUnavailable":                 {kind: KindServer, retry: true},
	"InternalError":                      {kind: KindServer, retry: true, unknown: true},
	"InternalServerError":                {kind: KindServer, retry: true, unknown: true},
	"RequestTimeout":                     {kind: KindNetwork, retry: true},
	"RequestTimeoutException":            {kind: KindNetwork, retry: true},
	"IncompleteBody":                     {kind: KindNetwork, retry: true},
	"RequestTimeTooSkewed":               {kind: KindClock},
	"BadDigest":                          {kind: KindChecksum, retry: true},
	"InvalidDigest":                      {kind: KindChecksum},
	"XAmzContentSHA256Mismatch":          {kind: KindChecksum, retry: true},
	"XAmzContentChecksumMismatch":        {kind: KindChecksum, retry: true},
	"InvalidChecksum":                    {kind: KindChecksum},
	"PermanentRedirect":                  {kind: KindRedirect},
	"TemporaryRedirect":                  {kind: KindRedirect},
	"Redirect":                           {kind: KindRedirect},
	"KMS.DisabledException":              {kind: KindPermission},
	"KMS.InvalidStateException":          {kind: KindPermission},
	"KMS.NotFoundException":              {kind: KindPermission},
	"InvalidEncryptionAlgorithmError":    {kind: KindUnsupported},
	"ServerSideEncryptionConfigurationNotFoundError": {kind: KindNotFound},
}

// byStatus judges an answer without a known code.
func byStatus(status int) verdict {
	switch status {
	case http.StatusUnauthorized:
		return verdict{kind: KindAuth}
	case http.StatusForbidden:
		return verdict{kind: KindPermission}
	case http.StatusNotFound, http.StatusGone:
		return verdict{kind: KindNotFound}
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return verdict{kind: KindUnsupported}
	case http.StatusProxyAuthRequired:
		return verdict{kind: KindNetwork}
	case http.StatusRequestTimeout:
		return verdict{kind: KindNetwork, retry: true}
	case http.StatusConflict:
		return verdict{kind: KindConflict}
	case http.StatusPreconditionFailed, http.StatusNotModified:
		return verdict{kind: KindPrecondition}
	case http.StatusTooManyRequests:
		return verdict{kind: KindThrottled, retry: true}
	case http.StatusPaymentRequired, http.StatusInsufficientStorage:
		return verdict{kind: KindQuota}
	case http.StatusServiceUnavailable:
		return verdict{kind: KindServer, retry: true}
	}
	switch {
	case status >= 500:
		return verdict{kind: KindServer, retry: true, unknown: true}
	case status >= 400:
		return verdict{kind: KindInvalid}
	case status >= 300:
		return verdict{kind: KindRedirect}
	}
	return verdict{kind: KindNotS3, unknown: true}
}

// changes are the operations whose effect can be seen: their failure may hide a success. A part or an unfinished upload
// is not seen, and sending it again replaces it.
var changes = map[string]bool{"CreateBucket": true, "DeleteBucket": true, "PutObject": true, "CompleteMultipartUpload": true,
	"AbortMultipartUpload": true, "CopyObject": true, "DeleteObject": true, "DeleteObjects": true, "UpdateObjectEncryption": true}

// classify turns the failure of one request into an [*Error].
func (s *Session) classify(ctx context.Context, rec *call, err error) *Error {
	e := &Error{Op: rec.op, Location: rec.loc, HTTPStatus: rec.status, RequestID: rec.requestID(), Host: rec.host, Err: cause(err)}
	if e.Host == "" {
		e.Host = s.Host()
	}
	var v verdict
	var foreign *notS3Error
	var large *tooLargeError
	var already *Error
	switch {
	case errors.As(err, &already):
		return already
	case ctx.Err() != nil && (rec.status == 0 || rec.status < 300):
		v = verdict{kind: KindCancelled, unknown: rec.wrote.Load()}
		e.Err = ctx.Err()
	case errors.Is(err, errCutOff):
		v = verdict{kind: KindTruncated, retry: true, unknown: true}
		e.Code = "Truncated"
	case errors.Is(err, errGhost):
		v = verdict{kind: KindNotFound}
		e.Code, e.HTTPStatus = "NoSuchKey", http.StatusNotFound
	case errors.As(err, &foreign):
		v = verdict{kind: KindNotS3, unknown: true}
		e.Code, e.Message = "NotS3", foreign.What
	case errors.As(err, &large):
		v = verdict{kind: KindNotS3, unknown: true}
		e.Code, e.Message = "AnswerTooLarge", large.Error()
	case rec.status >= 300 || rec.in200:
		v = judgeAnswer(rec, e)
		e.Err = answerText(e)
	case rec.status == 0:
		v = judgeTransport(rec, e, err)
	default:
		v = judgeBroken(e, err)
	}
	e.Kind, e.Retryable = v.kind, v.retry
	e.Unknown = v.unknown && changes[rec.op]
	if e.Kind == KindExpired && s.creds != nil {
		s.creds.Invalidate() // the next request asks the source again
	}
	if e.Kind == KindPermission {
		e.Permission = missingPermission(rec.op, rec.loc, e.Message)
	}
	if rec.header != nil && e.Retryable {
		e.RetryAfter = retryAfter(rec.header.Get("Retry-After"), s.cfg.Now())
	}
	e.Message = redact(e.Message)
	return e
}

// judgeAnswer judges an error that the server sent.
func judgeAnswer(rec *call, e *Error) verdict {
	f := rec.failure
	e.Code, e.Message = f.Code, f.Message
	if e.Code == "" && rec.method == http.MethodHead && rec.status == http.StatusNotFound {
		e.Code = "NotFound"
	}
	if rec.header.Get("X-Amz-Delete-Marker") == "true" && (rec.status == http.StatusNotFound || rec.status == http.StatusMethodNotAllowed) {
		e.Code = "DeleteMarker"
		return verdict{kind: KindNotFound}
	}
	// A page in place of an error document did not come from S3. What a proxy says of a failing server is still worth another try.
	if (f.page || rec.method == http.MethodHead && isPage(rec.header)) && !hasMark(rec.header) && rec.status >= 400 && rec.status < 500 && rec.status != http.StatusTooManyRequests &&
		rec.status != http.StatusProxyAuthRequired && rec.status != http.StatusRequestTimeout {
		e.Code, e.Message = "NotS3", "the error is not one of S3"+pageHint(rec.header)
		return verdict{kind: KindNotS3}
	}
	if rec.status == http.StatusProxyAuthRequired {
		e.Code, e.Message = "ProxyAuthenticationRequired", "a proxy asks for a name and a password"
	}
	v, ok := codes[e.Code]
	if !ok {
		status := rec.status
		if rec.in200 {
			status = http.StatusInternalServerError
		}
		v = byStatus(status)
		if strings.HasSuffix(e.Code, "NotImplemented") || strings.HasSuffix(e.Code, "NotSupported") {
			v = verdict{kind: KindUnsupported}
		}
	}
	if e.Code == "AccessDenied" {
		switch said := strings.ToLower(e.Message); {
		case strings.Contains(said, "request has expired"):
			v = verdict{kind: KindExpired}
		case strings.Contains(said, "mfa authentication must be used"), strings.Contains(said, "multifactorauthentication"):
			v = verdict{kind: KindNeedsMFA}
		}
	}
	if rec.in200 && v.kind == KindServer {
		v.unknown = true
	}
	return v
}

// answerText is what stands for the SDK's error, whose text repeats the fields.
func answerText(e *Error) error {
	if e.Message != "" {
		return errors.New(redact(e.Message))
	}
	return errors.New(strings.ToLower(http.StatusText(e.HTTPStatus)))
}

// judgeTransport judges a request that got no answer at all.
func judgeTransport(rec *call, e *Error, err error) verdict {
	sent := rec.wrote.Load()
	lost := verdict{kind: KindNetwork, retry: true, unknown: sent}
	var dns *net.DNSError
	var px *proxyError
	var cred *credentialsError
	switch {
	case errors.As(err, &cred):
		e.Code, e.Message = "NoCredentials", cred.Error()
		if over := (interface{ Ended() bool })(nil); errors.As(cred.err, &over) && over.Ended() { // a person has to sign in again
			return verdict{kind: KindExpired}
		}
		return verdict{kind: KindAuth}
	case errors.Is(err, errReadOnly):
		e.Code, e.Err = "ReadOnly", errReadOnly
		return verdict{kind: KindReadOnly}
	case errors.Is(err, errStalled):
		e.Code = "Stalled"
		return lost
	case errors.As(err, &px):
		e.Code = "ProxyRefused"
		if px.Status == http.StatusProxyAuthRequired {
			e.Code = "ProxyAuthenticationRequired"
		}
		return verdict{kind: KindNetwork, retry: px.Status >= 500}
	case isTLS(err):
		e.Code = "TLS"
		return verdict{kind: KindTLS}
	case errors.As(err, &dns):
		e.Code = "DNS"
		if dns.IsNotFound {
			e.Code = "NoSuchHost"
		}
		return verdict{kind: KindNetwork, retry: true}
	case isErrno(err, refusedErrnos):
		e.Code = "ConnectionRefused"
		return verdict{kind: KindNetwork, retry: true}
	case isErrno(err, unreachableErrnos):
		e.Code = "Unreachable"
		return verdict{kind: KindNetwork, retry: true}
	case isErrno(err, resetErrnos):
		e.Code = "ConnectionReset"
		return lost
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed idle connection"):
		e.Code = "ConnectionClosed"
		return lost
	case isTimeout(err):
		e.Code = "Timeout"
		return lost
	case strings.Contains(err.Error(), "malformed HTTP"), strings.Contains(err.Error(), "server response headers exceeded"),
		strings.Contains(err.Error(), "readLoopPeekFailLocked"): // it spoke before it was asked, as servers of mail and files do
		e.Code = "NotS3"
		return verdict{kind: KindNotS3, unknown: sent}
	}
	return judgeLocal(e, err, sent)
}

// judgeLocal judges what failed before anything was sent: our own arguments, the file that is read.
func judgeLocal(e *Error, err error, sent bool) verdict {
	var body *bodyError
	if errors.As(err, &body) {
		e.Code, e.Err = "LocalFile", body.Err
		return verdict{kind: KindOther}
	}
	if sent {
		return verdict{kind: KindNetwork, retry: true, unknown: true}
	}
	var opErr *net.OpError
	if errors.As(err, &opErr) {
		return verdict{kind: KindNetwork, retry: true}
	}
	var v2 *v2Error
	if errors.As(err, &v2) {
		e.Code, e.Message = CodeSignatureV2, v2.Error()
		return verdict{kind: KindUnsupported}
	}
	var p *smithy.InvalidParamsError
	var ser *smithy.SerializationError
	if errors.As(err, &p) || errors.As(err, &ser) {
		return verdict{kind: KindInvalid}
	}
	return verdict{kind: KindOther}
}

// judgeBroken judges an answer that began as a success and ended badly.
func judgeBroken(e *Error, err error) verdict {
	var broken *net.OpError
	switch {
	case errors.Is(err, errStalled):
		e.Code = "Stalled"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Code = "ConnectionClosed"
	case isErrno(err, resetErrnos):
		e.Code = "ConnectionReset"
	case isTimeout(err):
		e.Code = "Timeout"
	case errors.Is(err, net.ErrClosed), errors.As(err, &broken): // our end was closed, or something else of the network's
		e.Code = "ConnectionClosed"
	default:
		e.Code = "NotS3"
		return verdict{kind: KindNotS3, unknown: true}
	}
	return verdict{kind: KindNetwork, retry: true, unknown: true}
}

func isTLS(err error) bool {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		auth   x509.UnknownAuthorityError
		host   x509.HostnameError
		cert   x509.CertificateInvalidError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &auth) || errors.As(err, &host) ||
		errors.As(err, &cert) || strings.Contains(err.Error(), "remote error: tls:") || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// cause is the innermost error that says more than the SDK's wrapping. Its text is free of the addresses' secrets.
func cause(err error) error {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		err = op.Err
	}
	if safe := safeText(err); safe != err.Error() {
		return errors.New(safe)
	}
	return err
}

// retryAfter reads the header's two forms: seconds, or a date. At most a day.
func retryAfter(v string, now time.Time) int {
	const day = 24 * 60 * 60
	v = strings.TrimSpace(v)
	if v == "" {
		return 0
	}
	if n, err := strconv.Atoi(v); err == nil {
		return max(0, min(n, day))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	d := at.Sub(now)
	if d <= 0 {
		return 0
	}
	return int(min(d, day*time.Second) / time.Second)
}
