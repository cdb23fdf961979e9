package demo

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// v2Resources are the parameters that a signature of version 2 covers.
const v2Resources = " accelerate acl analytics cors delete encryption inventory legal-hold lifecycle location logging metrics notification object-lock" +
	" partNumber policy policyStatus publicAccessBlock replication requestPayment response-cache-control response-content-disposition" +
	" response-content-encoding response-content-language response-content-type response-expires restore retention tagging torrent" +
	" uploadId uploads versionId versioning versions website "

// usesV2 tells whether the request is signed with version 2, in the header or in the query.
func (c *call) usesV2() bool {
	return strings.HasPrefix(c.r.Header.Get("Authorization"), "AWS ") || c.query.Has("AWSAccessKeyId")
}

// authenticateV2 checks a signature of version 2. The payload is not covered by it.
func (c *call) authenticateV2() error {
	h := c.r.Header
	key, signature, _ := strings.Cut(strings.TrimPrefix(h.Get("Authorization"), "AWS "), ":")
	date := h.Get("Date")
	if h.Get("X-Amz-Date") != "" {
		date = ""
	}
	if c.query.Has("AWSAccessKeyId") {
		if h.Get("Authorization") != "" {
			return fail("InvalidArgument", "Only one auth mechanism allowed")
		}
		key, signature, date = c.query.Get("AWSAccessKeyId"), c.query.Get("Signature"), c.query.Get("Expires")
	}
	if err := c.checkTimeV2(); err != nil {
		return err
	}
	if key != c.s.opt.AccessKey {
		return fail("InvalidAccessKeyId", "", field{"AWSAccessKeyId", key})
	}
	if h.Get("X-Amz-Security-Token") != "" || c.query.Has("x-amz-security-token") {
		return fail("InvalidToken", "")
	}
	if strings.HasPrefix(h.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return fail("InvalidRequest", "Chunks cannot be signed with this version.")
	}
	text := c.stringToSignV2(date)
	m := hmac.New(sha1.New, []byte(c.s.opt.SecretKey))
	m.Write([]byte(text))
	if subtle.ConstantTimeCompare([]byte(base64.StdEncoding.EncodeToString(m.Sum(nil))), []byte(signature)) != 1 {
		return fail("SignatureDoesNotMatch", "", field{"AWSAccessKeyId", key}, field{"StringToSign", text}, field{"SignatureProvided", signature})
	}
	c.signedRegion = c.s.opt.Region // there is none in it
	return c.preparePayload(nil, nil)
}

func (c *call) checkTimeV2() error {
	now := c.s.opt.Now()
	if c.query.Has("AWSAccessKeyId") {
		end, err := strconv.ParseInt(c.query.Get("Expires"), 10, 64)
		if err != nil {
			return fail("AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
		}
		if now.Unix() > end {
			return fail("AccessDenied", "Request has expired", field{"Expires", isoTime(time.Unix(end, 0))}, field{"ServerTime", isoTime(now)})
		}
		return nil
	}
	date := c.r.Header.Get("X-Amz-Date")
	if date == "" {
		date = c.r.Header.Get("Date")
	}
	at, err := http.ParseTime(date)
	if err != nil {
		return fail("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
	}
	if d := now.Sub(at); d > maxSkew || d < -maxSkew {
		return fail("RequestTimeTooSkewed", "", field{"RequestTime", date}, field{"ServerTime", isoTime(now)})
	}
	return nil
}

func (c *call) stringToSignV2(date string) string {
	h := c.r.Header
	lines := []string{c.r.Method, h.Get("Content-Md5"), h.Get("Content-Type"), date}
	amz := map[string]string{}
	for name := range h {
		if low := strings.ToLower(name); strings.HasPrefix(low, "x-amz-") {
			amz[low] = low + ":" + strings.Join(h[name], ",")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(amz)) {
		lines = append(lines, amz[name])
	}
	host, _, _ := strings.Cut(c.r.Host, ":")
	resource := c.signed().uri
	if bucket, ok := strings.CutSuffix(host, virtualSuffix); ok {
		resource = "/" + bucket + resource
	}
	var covered []string
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if !strings.Contains(v2Resources, " "+name+" ") {
			continue
		}
		if v := c.query.Get(name); v != "" {
			name += "=" + v
		}
		covered = append(covered, name)
	}
	if len(covered) > 0 {
		resource += "?" + strings.Join(covered, "&")
	}
	return strings.Join(append(lines, resource), "\n")
}
