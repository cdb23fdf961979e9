package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	signAlgorithm    = "AWS4-HMAC-SHA256"
	amzTime          = "20060102T150405Z"
	maxSkew          = 15 * time.Minute
	maxPresignExpiry = 7 * 24 * 3600
	unsignedPayload  = "UNSIGNED-PAYLOAD"
	emptySHA256      = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// signature is a parsed AWS signature V4, from the header or from the query.
type signature struct {
	accessKey string
	date      string // yyyymmdd of the scope
	region    string
	service   string
	headers   []string // signed headers, lower case, sorted
	value     string   // 64 hex digits
	time      string   // x-amz-date
	query     bool
	expires   int // seconds, query only
}

func (g *signature) scope() string {
	return g.date + "/" + g.region + "/" + g.service + "/aws4_request"
}

// authenticate checks the signature and prepares the body. A request with no signature at all is anonymous.
func (c *call) authenticate() error {
	h := c.r.Header
	auth := h.Get("Authorization")
	inQuery := c.query.Has("X-Amz-Algorithm") || c.query.Has("X-Amz-Signature")
	if c.usesV2() {
		return c.authenticateV2()
	}
	switch {
	case auth != "" && inQuery:
		return fail("InvalidArgument", "Only one auth mechanism allowed")
	case auth == "" && !inQuery:
		c.anonymous = true
		return c.preparePayload(nil, nil)
	}
	g, err := c.parseSignature(auth)
	if err != nil {
		return err
	}
	if err := c.checkTime(g); err != nil {
		return err
	}
	if g.accessKey != c.s.opt.AccessKey {
		return fail("InvalidAccessKeyId", "", field{"AWSAccessKeyId", g.accessKey})
	}
	if h.Get("X-Amz-Security-Token") != "" || c.query.Has("X-Amz-Security-Token") {
		return fail("InvalidToken", "")
	}
	if err := c.checkSignedHeaders(g); err != nil {
		return err
	}
	payloadHash, err := c.payloadHash(g)
	if err != nil {
		return err
	}
	canonical := c.canonicalRequest(g, payloadHash)
	key := signingKey(c.s.opt.SecretKey, g)
	toSign := strings.Join([]string{signAlgorithm, g.time, g.scope(), hexSHA256(canonical)}, "\n")
	if want := hex.EncodeToString(mac(key, toSign)); subtle.ConstantTimeCompare([]byte(want), []byte(g.value)) != 1 {
		return fail("SignatureDoesNotMatch", "", field{"AWSAccessKeyId", g.accessKey}, field{"StringToSign", toSign},
			field{"SignatureProvided", g.value}, field{"CanonicalRequest", canonical})
	}
	c.signedRegion = g.region
	return c.preparePayload(g, key)
}

func (c *call) parseSignature(auth string) (*signature, error) {
	if auth == "" {
		return parseQuerySignature(c.query)
	}
	g, err := parseAuthorization(auth)
	if err != nil {
		return nil, err
	}
	if g.time = c.r.Header.Get("X-Amz-Date"); g.time == "" {
		if t, err := http.ParseTime(c.r.Header.Get("Date")); err == nil {
			g.time = t.UTC().Format(amzTime)
		}
	}
	return g, nil
}

// parseAuthorization reads an Authorization header of signature V4.
func parseAuthorization(auth string) (*signature, error) {
	malformed := func(why string) (*signature, error) {
		return nil, fail("AuthorizationHeaderMalformed", "The authorization header is malformed; "+why)
	}
	rest, ok := strings.CutPrefix(auth, signAlgorithm)
	if !ok || rest == "" || (rest[0] != ' ' && rest[0] != '\t') {
		return nil, fail("InvalidArgument", "Unsupported Authorization Type", field{"ArgumentName", "Authorization"})
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := fields[name]; !ok || twice {
			return malformed("each of Credential, SignedHeaders and Signature must be there once.")
		}
		fields[name] = value
	}
	g := &signature{value: fields["Signature"]}
	if len(fields) != 3 || !g.setCredential(fields["Credential"]) {
		return malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	}
	if !g.setHeaders(fields["SignedHeaders"]) {
		return malformed("SignedHeaders must be lower case, sorted and hold host.")
	}
	if len(g.value) != 64 {
		return malformed("the Signature must be 64 hexadecimal digits.")
	}
	return g, nil
}

func parseQuerySignature(q url.Values) (*signature, error) {
	malformed := func(why string) (*signature, error) { return nil, fail("AuthorizationQueryParametersError", why) }
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"} {
		if len(q[name]) != 1 {
			return malformed("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
	}
	if q.Get("X-Amz-Algorithm") != signAlgorithm {
		return malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
	}
	g := &signature{query: true, value: q.Get("X-Amz-Signature"), time: q.Get("X-Amz-Date")}
	if !g.setCredential(q.Get("X-Amz-Credential")) {
		return malformed("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed.")
	}
	if !g.setHeaders(q.Get("X-Amz-SignedHeaders")) {
		return malformed("X-Amz-SignedHeaders must be lower case, sorted and hold host.")
	}
	n, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	switch {
	case err != nil:
		return malformed("X-Amz-Expires should be a number")
	case n < 0:
		return malformed("X-Amz-Expires must be non-negative")
	case n > maxPresignExpiry:
		return malformed("X-Amz-Expires must be less than a week (in seconds) that is 604800")
	}
	g.expires = n
	return g, nil
}

// setCredential takes the scope from the right, since an access key may hold a slash.
func (g *signature) setCredential(v string) bool {
	p := strings.Split(v, "/")
	n := len(p)
	if n < 5 || p[n-1] != "aws4_request" || len(p[n-4]) != 8 {
		return false
	}
	g.accessKey, g.date, g.region, g.service = strings.Join(p[:n-4], "/"), p[n-4], p[n-3], p[n-2]
	return g.accessKey != "" && g.region != ""
}

func (g *signature) setHeaders(v string) bool {
	g.headers = strings.Split(v, ";")
	return v == strings.ToLower(v) && slices.IsSorted(g.headers) && slices.Contains(g.headers, "host")
}

// checkTime checks scope and skew of a header signature, or life of a pre-signed one.
func (c *call) checkTime(g *signature) error {
	signed, err := time.Parse(amzTime, g.time)
	if err != nil {
		if g.query {
			return fail("AuthorizationQueryParametersError", "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
		}
		return fail("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
	}
	code := "AuthorizationHeaderMalformed"
	if g.query {
		code = "AuthorizationQueryParametersError"
	}
	if want := c.signedFor(); g.service != want {
		return fail(code, "The authorization header is malformed; incorrect service \""+g.service+"\". This endpoint belongs to \""+want+"\".")
	}
	if g.date != g.time[:8] {
		return fail(code, "Invalid credential date \""+g.date+"\". This date is not the same as X-Amz-Date: \""+g.time+"\".")
	}
	now := c.s.opt.Now()
	if g.query {
		end := signed.Add(time.Duration(g.expires) * time.Second)
		switch {
		case now.After(end):
			return fail("AccessDenied", "Request has expired", field{"X-Amz-Expires", strconv.Itoa(g.expires)},
				field{"Expires", isoTime(end)}, field{"ServerTime", isoTime(now)})
		case signed.After(now.Add(maxSkew)):
			return fail("AccessDenied", "Request is not yet valid", field{"ServerTime", isoTime(now)})
		}
		return nil
	}
	if d := now.Sub(signed); d > maxSkew || d < -maxSkew {
		return fail("RequestTimeTooSkewed", "", field{"RequestTime", g.time}, field{"ServerTime", isoTime(now)},
			field{"MaxAllowedSkewMilliseconds", strconv.FormatInt(maxSkew.Milliseconds(), 10)})
	}
	return nil
}

// checkSignedHeaders refuses x-amz headers that the signature does not cover.
func (c *call) checkSignedHeaders(g *signature) error {
	for name := range c.r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(g.headers, name) {
			return fail("AccessDenied", "There were headers present in the request which were not signed", field{"HeadersNotSigned", name})
		}
	}
	return nil
}

func (c *call) payloadHash(g *signature) (string, error) {
	v := c.r.Header.Get("X-Amz-Content-Sha256")
	if g.query {
		if v == "" {
			v = c.query.Get("X-Amz-Content-Sha256")
		}
		if v == "" {
			v = unsignedPayload
		}
	}
	if v == "" && c.signedFor() != serviceS3 {
		return c.hashBody()
	}
	if v == "" {
		return "", fail("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	}
	return v, nil
}

func (c *call) canonicalRequest(g *signature, payloadHash string) string {
	var b strings.Builder
	path, _ := url.PathUnescape(c.signed().uri)
	b.WriteString(c.r.Method + "\n" + awsEscape(path, true) + "\n")
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if g.query && name == "X-Amz-Signature" {
			continue
		}
		for _, v := range slices.Sorted(slices.Values(c.query[name])) {
			pairs = append(pairs, awsEscape(name, false)+"="+awsEscape(v, false))
		}
	}
	b.WriteString(strings.Join(pairs, "&") + "\n")
	for _, name := range g.headers {
		b.WriteString(name + ":" + c.signedHeader(name) + "\n")
	}
	b.WriteString("\n" + strings.Join(g.headers, ";") + "\n" + payloadHash)
	return b.String()
}

// signedHeader is the canonical value; net/http keeps a few headers elsewhere than in the map.
func (c *call) signedHeader(name string) string {
	switch name {
	case "host":
		return c.signed().host
	case "content-length":
		return strconv.FormatInt(c.r.ContentLength, 10)
	case "transfer-encoding":
		return strings.Join(c.r.TransferEncoding, ",")
	}
	values := c.r.Header.Values(name)
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Join(strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == '\t' }), " ")
	}
	return strings.Join(out, ",")
}

func signingKey(secret string, g *signature) []byte {
	k := mac([]byte("AWS4"+secret), g.date)
	k = mac(k, g.region)
	k = mac(k, g.service)
	return mac(k, "aws4_request")
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// awsEscape percent-encodes all but the unreserved characters of RFC 3986, and keeps slashes of a path.
func awsEscape(s string, keepSlash bool) string {
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		if isUnreserved(ch) || (keepSlash && ch == '/') {
			b.WriteByte(ch)
		} else {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{ch})))
		}
	}
	return b.String()
}

func isUnreserved(ch byte) bool {
	return 'a' <= ch && ch <= 'z' || 'A' <= ch && ch <= 'Z' || '0' <= ch && ch <= '9' || ch == '-' || ch == '_' || ch == '.' || ch == '~'
}
