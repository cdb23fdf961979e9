package demo

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	maxBuckets       = 10000
	displayName      = "pintail-demo"
	bucketListMax    = 10000
	regionlessRegion = "us-east-1" // its LocationConstraint is empty
)

// ownerID is the canonical id of the one account.
func (s *Server) ownerID() string { return hexSHA256("owner of " + s.opt.AccessKey) }

func (c *call) writeOwner(x *xmlWriter, name string) {
	x.start(name)
	x.text("ID", c.s.ownerID())
	x.text("DisplayName", displayName)
	x.end()
}

// checkRegion answers a signature for another region than the bucket's as S3 does, so that a client can learn the right one.
func (c *call) checkRegion() error {
	if c.anonymous || c.op == "CreateBucket" || c.op == "GetBucketLocation" {
		return nil
	}
	home := c.s.opt.Region
	if b := c.lookBucket(); b != nil {
		home = b.region
	}
	switch c.signedRegion {
	case home:
		return nil
	case c.s.opt.Region:
		return fail("PermanentRedirect", "", field{"Bucket", c.bucket}, field{"Endpoint", c.r.Host}).with("X-Amz-Bucket-Region", home)
	}
	return fail("AuthorizationHeaderMalformed", "The authorization header is malformed; the region '"+c.signedRegion+"' is wrong; expecting '"+home+"'",
		field{"Region", home}).with("X-Amz-Bucket-Region", home)
}

func (c *call) lookBucket() *bucket {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	return c.s.store.buckets[c.bucket]
}

// openBucket finds the bucket and checks an anonymous caller's permission on it. The store must be locked.
func (c *call) openBucket(permission string) (*bucket, error) {
	b := c.s.store.buckets[c.bucket]
	if b == nil {
		return nil, fail("NoSuchBucket", "", field{"BucketName", c.bucket})
	}
	if c.anonymous && (permission == "" || !b.lets(b.acl, permission)) {
		return nil, fail("AccessDenied", "")
	}
	return b, nil
}

func (c *call) listBuckets() error {
	if c.anonymous {
		return fail("AccessDenied", "")
	}
	limit, err := c.intParam("max-buckets", bucketListMax, bucketListMax)
	if err != nil {
		return err
	}
	after, err := base64.RawURLEncoding.DecodeString(c.query.Get("continuation-token"))
	if err != nil || (c.query.Has("max-buckets") && limit == 0) {
		return fail("InvalidArgument", "")
	}
	prefix, region := c.query.Get("prefix"), c.query.Get("bucket-region")
	x := newXML("ListAllMyBucketsResult", s3Namespace)
	c.writeOwner(x, "Owner")
	x.start("Buckets")
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	n, token := 0, ""
	for _, name := range slices.Sorted(maps.Keys(c.s.store.buckets)) {
		b := c.s.store.buckets[name]
		if name <= string(after) || !strings.HasPrefix(name, prefix) || (region != "" && region != b.region) {
			continue
		}
		if n == limit {
			token = base64.RawURLEncoding.EncodeToString([]byte(after))
			break
		}
		x.start("Bucket")
		x.text("Name", name)
		x.time("CreationDate", b.created)
		x.text("BucketRegion", b.region)
		x.end()
		n, after = n+1, []byte(name)
	}
	x.end()
	x.optional("ContinuationToken", token)
	x.optional("Prefix", prefix)
	c.writeXML(http.StatusOK, x)
	return nil
}

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionPattern = regexp.MustCompile(`^(EU|[a-z]{2}(-[a-z]+){1,3}-[0-9])$`)
)

// validBucketName follows "General purpose bucket naming rules".
func validBucketName(name string) bool {
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil {
		return false
	}
	for _, p := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	for _, p := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, p) {
			return false
		}
	}
	return true
}

func (c *call) createBucket() error {
	if c.anonymous {
		return fail("AccessDenied", "")
	}
	region, err := c.locationConstraint()
	if err != nil {
		return err
	}
	if !validBucketName(c.bucket) {
		return fail("InvalidBucketName", "", field{"BucketName", c.bucket})
	}
	acl, err := c.requestedACL(true)
	if err != nil {
		return err
	}
	ownership := c.r.Header.Get("X-Amz-Object-Ownership")
	switch ownership {
	case "", "ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced":
	default:
		return fail("InvalidArgument", "", field{"ArgumentName", "x-amz-object-ownership"}, field{"ArgumentValue", ownership})
	}
	locked, err := c.wantsLock()
	if err != nil {
		return err
	}
	st := c.s.store
	created := c.s.now()
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.buckets[c.bucket] != nil {
		return fail("BucketAlreadyOwnedByYou", "", field{"BucketName", c.bucket})
	}
	if len(st.buckets) >= maxBuckets {
		return fail("TooManyBuckets", "")
	}
	st.buckets[c.bucket] = &bucket{name: c.bucket, region: region, created: created, acl: acl, uploads: map[string]*upload{}}
	if ownership != "" {
		st.buckets[c.bucket].settings = map[string]string{"ownershipControls": "<Rule><ObjectOwnership>" + ownership + "</ObjectOwnership></Rule>"}
		st.buckets[c.bucket].follow("ownershipControls")
	}
	if locked {
		st.buckets[c.bucket].enableLock()
	}
	c.w.Header().Set("Location", "/"+c.bucket)
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// locationConstraint reads the optional document of CreateBucket. The signature may be for our region or for the new bucket's.
func (c *call) locationConstraint() (string, error) {
	data, err := io.ReadAll(io.LimitReader(c.body, maxXMLBody))
	if err != nil {
		return "", err
	}
	if err := c.checkSmallBody(data); err != nil {
		return "", err
	}
	region := c.s.opt.Region
	if len(data) > 0 {
		var doc struct {
			XMLName            xml.Name
			LocationConstraint string
		}
		if err := parseXML(data, "CreateBucketConfiguration", &doc); err != nil {
			return "", err
		}
		if doc.LocationConstraint != "" {
			region = doc.LocationConstraint
			if region != c.s.opt.Region && (!regionPattern.MatchString(region) || region == regionlessRegion) {
				return "", fail("InvalidLocationConstraint", "", field{"LocationConstraint", region})
			}
		}
	}
	if region == "EU" {
		region = "eu-west-1"
	}
	if c.signedRegion != region && c.signedRegion != c.s.opt.Region {
		return "", fail("AuthorizationHeaderMalformed", "", field{"Region", c.s.opt.Region})
	}
	return region, nil
}

func (c *call) headBucket() error {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("READ")
	if err != nil {
		return err
	}
	c.w.Header().Set("X-Amz-Bucket-Region", b.region)
	c.w.Header().Set("X-Amz-Access-Point-Alias", "false")
	c.w.WriteHeader(http.StatusOK)
	return nil
}

func (c *call) getBucketLocation() error {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	x := newXML("LocationConstraint", s3Namespace)
	if b.region != regionlessRegion {
		escapeXML(&x.b, b.region)
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) deleteBucket() error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if len(b.entries) > 0 {
		return fail("BucketNotEmpty", "", field{"BucketName", b.name})
	}
	for _, u := range b.uploads {
		_ = u.release() // a file that cannot be removed goes with the folder
	}
	delete(c.s.store.buckets, b.name)
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *call) getVersioning() error {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	x := newXML("VersioningConfiguration", s3Namespace)
	x.optional("Status", b.versioning)
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) putVersioning() error {
	var doc struct {
		Status    string
		MfaDelete string
	}
	if err := c.readXML("VersioningConfiguration", &doc); err != nil {
		return err
	}
	if doc.MfaDelete != "" && doc.MfaDelete != "Disabled" {
		return fail("NotImplemented", "", field{"AdditionalMessage", "MfaDelete"})
	}
	if doc.Status != "Enabled" && doc.Status != "Suspended" {
		return fail("MalformedXML", "")
	}
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	if b.lockOn && doc.Status != "Enabled" {
		return fail("InvalidBucketState", "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
	}
	b.versioning = doc.Status
	c.w.WriteHeader(http.StatusOK)
	return nil
}
