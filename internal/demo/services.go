package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// Services of Amazon beside S3, as far as they concern buckets: CloudFront, KMS, the access points of S3 Control, and the one
// question of STS whose the credentials are. Which one a request is for is told by what its signature was made for.

const (
	serviceS3      = "s3"
	serviceControl = "s3-control" // signed as s3
	serviceCDN     = "cloudfront"
	serviceKMS     = "kms"
	serviceSTS     = "sts"

	// accountID is the number of the one account.
	accountID = "123456789012"

	controlPath   = "/v20180820/"
	accountHeader = "X-Amz-Account-Id"
)

// services is what these keep.
type services struct {
	mu            sync.Mutex // guards all
	distributions []*distribution
	controls      []*originControl
	keys          []*kmsKey
	points        []*accessPoint
}

// serviceOf is the service that a request is for.
func serviceOf(r *http.Request, path string) string {
	g, err := parseAuthorization(r.Header.Get("Authorization"))
	switch {
	case err != nil:
		return serviceS3
	case g.service == serviceS3 && strings.HasPrefix(path, controlPath) && r.Header.Get(accountHeader) != "":
		return serviceControl
	case g.service == serviceCDN, g.service == serviceKMS, g.service == serviceSTS:
		return g.service
	}
	return serviceS3
}

// serviceOperation names the operation of a service beside S3; path is decoded.
func serviceOperation(service string, r *http.Request, path string) string {
	switch service {
	case serviceCDN:
		return cdnOperation(r.Method, path)
	case serviceKMS:
		op, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
		if ok && r.Method == http.MethodPost {
			return op
		}
	case serviceSTS:
		return "GetCallerIdentity" // what else is asked is known from the body
	case serviceControl:
		return pointOperation(r.Method, path)
	}
	return ""
}

func serviceHandlers() map[string]map[string]handler {
	return map[string]map[string]handler{
		serviceCDN: {"ListDistributions": (*call).listDistributions, "CreateDistribution": (*call).createDistribution, "GetDistribution": (*call).getDistribution,
			"UpdateDistribution": (*call).updateDistribution, "CreateInvalidation": (*call).createInvalidation, "GetInvalidation": (*call).getInvalidation,
			"ListInvalidations": (*call).listInvalidations, "CreateOriginAccessControl": (*call).createOriginControl,
			"ListOriginAccessControls": (*call).listOriginControls},
		serviceKMS: {"CreateKey": (*call).createKey, "CreateAlias": (*call).createAlias, "ListKeys": (*call).listKeys, "ListAliases": (*call).listAliases,
			"DescribeKey": (*call).describeKey},
		serviceSTS: {"GetCallerIdentity": (*call).callerIdentity},
		serviceControl: {"ListAccessPoints": (*call).listAccessPoints, "CreateAccessPoint": (*call).createAccessPoint, "GetAccessPoint": (*call).getAccessPoint,
			"DeleteAccessPoint": (*call).deleteAccessPoint},
	}
}

// runService answers a request to a service beside S3. Nobody is let in without a signature.
func (c *call) runService() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	h := c.s.services[c.service][c.op]
	if h == nil {
		return fail("NotImplemented", "")
	}
	return h(c)
}

// signedFor is the service that the signature has to name.
func (c *call) signedFor() string {
	if c.service == serviceControl {
		return serviceS3
	}
	return c.service
}

// hashBody reads the body and is its hash: the signatures of these services cover it without a header that says so.
func (c *call) hashBody() (string, error) {
	data, err := io.ReadAll(io.LimitReader(c.r.Body, maxXMLBody+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxXMLBody {
		return "", fail("MaxMessageLengthExceeded", "")
	}
	c.r.Body = io.NopCloser(bytes.NewReader(data))
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// writeServiceError answers in the form of the service.
func (c *call) writeServiceError(e *s3Error, status int) {
	drain(c.r.Body)
	if c.service == serviceKMS {
		c.writeJSON(status, map[string]string{"__type": e.code, "message": e.msg})
		return
	}
	x := newXML("ErrorResponse", map[string]string{serviceCDN: cdnNamespace, serviceSTS: stsNamespace}[c.service])
	x.start("Error")
	x.text("Type", "Sender")
	x.text("Code", e.code)
	x.text("Message", e.msg)
	x.end()
	x.text("RequestId", c.requestID)
	c.writeXML(status, x)
}

func (c *call) writeJSON(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("an answer that is no JSON: %v", err)) // of our own types alone
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/x-amz-json-1.1")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

func (c *call) callerIdentity() error {
	data, err := io.ReadAll(c.body)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(data))
	if err != nil || form.Get("Action") != "GetCallerIdentity" {
		return fail("InvalidAction", "Could not find operation "+form.Get("Action"))
	}
	x := newXML("GetCallerIdentityResponse", stsNamespace)
	x.start("GetCallerIdentityResult")
	x.text("Arn", "arn:aws:iam::"+accountID+":user/demo")
	x.text("UserId", c.s.opt.AccessKey)
	x.text("Account", accountID)
	x.end()
	x.start("ResponseMetadata")
	x.text("RequestId", c.requestID)
	c.writeXML(http.StatusOK, x)
	return nil
}
