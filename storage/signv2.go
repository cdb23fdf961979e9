package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Signature version 2 of a request: HMAC-SHA1 of method, Content-MD5, Content-Type, date, the x-amz- headers and the resource, by the
// published rules of S3's REST authentication. It covers neither the payload nor most of the query and knows no region; servers that
// have nothing else are the only reason to take it. Both ways to send (sign.go and the SDK's stack) come here, and the transport
// lets nothing else through (refuseV4).

// Signature is how requests are signed.
type Signature int

// The signatures. SignatureV2 is for servers that do not know version 4.
const (
	SignatureV4 Signature = iota
	SignatureV2
)

// SignatureV2 tells whether requests are signed with version 2.
func (s *Session) SignatureV2() bool { return s.cfg.Signature == SignatureV2 }

// signedParameters are the parameters of a query that version 2 covers: those that name a part of a resource or of a setting, and those
// that change the answer's headers. Other parameters are not covered.
var signedParameters = map[string]bool{
	"acl": true, "delete": true, "lifecycle": true, "location": true, "logging": true, "notification": true, "partNumber": true,
	"policy": true, "requestPayment": true, "torrent": true, "uploadId": true, "uploads": true, "versionId": true,
	"versioning": true, "versions": true, "website": true,
	"response-cache-control": true, "response-content-disposition": true, "response-content-encoding": true,
	"response-content-language": true, "response-content-type": true, "response-expires": true,
}

// disputedParameters are younger than the rules: some servers cover them, others do not (signv2learn.go).
var disputedParameters = map[string]bool{
	"accelerate": true, "analytics": true, "cors": true, "encryption": true, "inventory": true, "legal-hold": true, "metrics": true, "object-lock": true,
	"policyStatus": true, "publicAccessBlock": true, "replication": true, "restore": true, "retention": true, "tagging": true,
}

// CodeSignatureV2 is the code of the error for a request that version 2 cannot sign. Nothing was sent.
const CodeSignatureV2 = "SignatureVersion2"

// v2Error is something that version 2 cannot sign. Nothing is sent.
type v2Error struct{ what string }

func (e *v2Error) Error() string { return "signature version 2 cannot sign " + e.what }

// signV2 signs r: it sets Date, the session's token and Authorization, and takes off what belongs to version 4.
func (s *Session) signV2(r *http.Request, cr aws.Credentials, rec *call) error {
	for _, name := range []string{"X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "Authorization"} {
		r.Header.Del(name)
	}
	if cr.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", cr.SessionToken)
	}
	r.Header.Set("Date", s.now().UTC().Format(http.TimeFormat))
	text, err := s.stringToSignV2(r, rec, r.Header.Get("Date"))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "AWS "+cr.AccessKeyID+":"+hmacV2(cr.SecretAccessKey, text))
	return nil
}

// stringToSignV2 is the text that the signature is made of; date is the Date header's, or the second at which an address ends.
func (s *Session) stringToSignV2(r *http.Request, rec *call, date string) (string, error) {
	resource, err := s.resourceV2(r.URL, rec)
	if err != nil {
		return "", err
	}
	if r.Header.Get("X-Amz-Trailer") != "" || strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return "", &v2Error{"a body in chunks"}
	}
	var b strings.Builder
	for _, line := range []string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), date} {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	amz := map[string]string{}
	var names []string
	for name, values := range r.Header {
		if low := strings.ToLower(name); strings.HasPrefix(low, "x-amz-") {
			if strings.Contains(low, "_") && s.otherV2(rec, underscores) {
				low = strings.ReplaceAll(low, "_", "-")
			}
			names = append(names, low)
			amz[low] = joinV2(values)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(name + ":" + amz[name] + "\n")
	}
	b.WriteString(resource)
	return b.String(), nil
}

func joinV2(values []string) string {
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.TrimSpace(v)
	}
	return strings.Join(trimmed, ",")
}

// resourceV2 is the canonical resource: the bucket if the host names it, the path as it is sent, and the covered parameters. It makes
// those that have no value look the same on the wire. A request that is not for the bucket that was meant is refused.
func (s *Session) resourceV2(u *url.URL, rec *call) (string, error) {
	bucket := rec.loc.Bucket
	if strings.HasPrefix(bucket, "arn:") || strings.HasSuffix(bucket, "--x-s3") || strings.HasSuffix(bucket, "-s3alias") {
		return "", &v2Error{"requests to access points and directory buckets"}
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	inHost := s.bucketInHost(u.Host)
	switch within := s.endpoint.base.EscapedPath() + "/" + escapeKey(bucket); {
	case inHost != "" && strings.EqualFold(inHost, bucket):
		path = "/" + strings.ToLower(inHost) + path
	case inHost != "", bucket != "" && path != within && !strings.HasPrefix(path, within+"/"):
		return "", &v2Error{fmt.Sprintf("a request to %s for the bucket %q", u.Host, bucket)}
	}
	query, err := s.parametersV2(u, rec)
	if err != nil {
		return "", err
	}
	return path + query, nil
}

// bucketInHost is the bucket that a host of this endpoint names, "" for none.
func (s *Session) bucketInHost(host string) string {
	if h, ok := parseAWSHost(host); ok && !s.endpoint.custom {
		return h.bucket
	}
	low := strings.ToLower(host)
	if b, ok := strings.CutSuffix(low, "."+strings.ToLower(s.endpoint.base.Host)); ok {
		return b
	}
	return ""
}

// parametersV2 is the signed part of u's query. Values are signed as they are before they are escaped.
func (s *Session) parametersV2(u *url.URL, rec *call) (string, error) {
	if u.RawQuery == "" {
		return "", nil
	}
	pairs := strings.Split(strings.ReplaceAll(u.RawQuery, "+", "%20"), "&")
	var signed []string
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if !signedParameters[name] && (!disputedParameters[name] || s.otherV2(rec, name)) {
			continue
		}
		if value == "" {
			pairs[i] = name // some servers sign the "=", others do not
			signed = append(signed, name)
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return "", &v2Error{"the parameter " + name}
		}
		signed = append(signed, name+"="+plain)
	}
	u.RawQuery = strings.Join(pairs, "&")
	if len(signed) == 0 {
		return "", nil
	}
	slices.SortFunc(signed, func(a, b string) int {
		x, _, _ := strings.Cut(a, "=")
		y, _, _ := strings.Cut(b, "=")
		return strings.Compare(x, y)
	})
	return "?" + strings.Join(signed, "&"), nil
}

func hmacV2(secret, text string) string {
	m := hmac.New(sha1.New, []byte(secret))
	_, _ = m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// v2Signer signs the requests of the SDK's stack.
type v2Signer struct{ s *Session }

// SignHTTP signs r. hash says how the payload would be covered by version 4.
func (g *v2Signer) SignHTTP(ctx context.Context, cr aws.Credentials, r *http.Request, hash, service, _ string, _ time.Time,
	_ ...func(*v4.SignerOptions)) error {
	rec, err := recordV2(ctx, service)
	if err != nil {
		return err
	}
	if strings.HasPrefix(hash, "STREAMING-") {
		return &v2Error{"a body in chunks"}
	}
	return g.s.signV2(r, cr, rec)
}

func recordV2(ctx context.Context, service string) (*call, error) {
	rec := callFrom(ctx)
	if service != "s3" || rec == nil {
		return nil, &v2Error{"requests to the service " + service}
	}
	return rec, nil
}

// PresignHTTP signs the address of r, whose query says for how long.
func (g *v2Signer) PresignHTTP(ctx context.Context, cr aws.Credentials, r *http.Request, _, service, _ string, _ time.Time,
	_ ...func(*v4.SignerOptions)) (string, http.Header, error) {
	rec, err := recordV2(ctx, service)
	if err != nil {
		return "", nil, err
	}
	if cr.SessionToken != "" {
		return "", nil, &v2Error{"an address with temporary credentials"}
	}
	q := r.URL.Query()
	span, err := strconv.ParseInt(q.Get("X-Amz-Expires"), 10, 64)
	if err != nil {
		return "", nil, &v2Error{"an address without an end"}
	}
	q.Del("X-Amz-Expires")
	ends := strconv.FormatInt(g.s.now().Unix()+span, 10)
	q.Set("AWSAccessKeyId", cr.AccessKeyID)
	q.Set("Expires", ends)
	r.URL.RawQuery = q.Encode()
	r.Header.Del("X-Amz-Content-Sha256")
	for name := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") { // its holder would have to send the same
			return "", nil, &v2Error{"an address with the header " + name}
		}
	}
	text, err := g.s.stringToSignV2(r, rec, ends)
	if err != nil {
		return "", nil, err
	}
	r.URL.RawQuery += "&Signature=" + url.QueryEscape(hmacV2(cr.SecretAccessKey, text))
	return r.URL.String(), http.Header{}, nil
}

// refuseV4 is the last look at a request of a session of version 2: one that another version signed is not sent.
func refuseV4(r *http.Request) error {
	if a := r.Header.Get("Authorization"); a != "" && !strings.HasPrefix(a, "AWS ") || r.Header.Get("X-Amz-Content-Sha256") != "" && a != "" {
		return &v2Error{"this request"}
	}
	return nil
}
