package demo

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Access points, after the API reference of S3 Control: they are made, listed and removed, and their aliases stand for the bucket.

type accessPoint struct {
	name, bucket, alias, vpc string
	created                  time.Time
}

const controlNamespace = "http://awss3control.amazonaws.com/doc/2018-08-20/"

// pointName is the name in a path below "accesspoint".
func pointName(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, controlPath+"accesspoint")
	return strings.TrimPrefix(rest, "/"), ok && (rest == "" || rest[0] == '/')
}

func pointOperation(method, path string) string {
	name, ok := pointName(path)
	switch {
	case !ok || strings.Contains(name, "/"):
		return ""
	case name == "" && method == http.MethodGet:
		return "ListAccessPoints"
	case name == "":
		return ""
	}
	return map[string]string{http.MethodPut: "CreateAccessPoint", http.MethodGet: "GetAccessPoint", http.MethodDelete: "DeleteAccessPoint"}[method]
}

func (s *Server) pointARN(p *accessPoint) string {
	return "arn:aws:s3:" + s.opt.Region + ":" + accountID + ":accesspoint/" + p.name
}

// AddAccessPoint makes one that leads to a bucket, from anywhere or from one network only.
func (s *Server) AddAccessPoint(name, bucket, vpc string) {
	s.beside.mu.Lock()
	defer s.beside.mu.Unlock()
	s.newPoint(name, bucket, vpc)
}

// behind is the bucket that a name stands for: an access point's alias or its own.
func (s *Server) behind(name string) string {
	if !strings.HasSuffix(name, "-s3alias") {
		return name
	}
	s.beside.mu.Lock()
	defer s.beside.mu.Unlock()
	for _, p := range s.beside.points {
		if p.alias == name {
			return p.bucket
		}
	}
	return name
}

// newPoint makes an access point. The services must be locked.
func (s *Server) newPoint(name, bucket, vpc string) *accessPoint {
	p := &accessPoint{name: name, bucket: bucket, vpc: vpc, alias: name + "-" + strings.ToLower(randomBase32(34)) + "-s3alias", created: s.now()}
	s.beside.points = append(s.beside.points, p)
	slices.SortFunc(s.beside.points, func(a, b *accessPoint) int { return strings.Compare(a.name, b.name) })
	return p
}

func (p *accessPoint) write(x *xmlWriter) {
	x.text("Name", p.name)
	origin := "Internet"
	if p.vpc != "" {
		origin = "VPC"
	}
	x.text("NetworkOrigin", origin)
	if p.vpc != "" {
		x.start("VpcConfiguration")
		x.text("VpcId", p.vpc)
		x.end()
	}
	x.text("Bucket", p.bucket)
	x.text("Alias", p.alias)
	x.text("BucketAccountId", accountID)
}

func (c *call) checkAccount() error {
	if c.r.Header.Get(accountHeader) != accountID {
		return fail("AccessDenied", "")
	}
	return nil
}

func (c *call) listAccessPoints() error {
	most, err := c.intParam("maxResults", 1000, 1000)
	if err == nil {
		err = c.checkAccount()
	}
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(c.s.beside.points), func(p *accessPoint) bool { return c.query.Has("bucket") && p.bucket != c.query.Get("bucket") })
	page, next := pageOf(all, c.query.Get("nextToken"), most, most, func(p *accessPoint) string { return p.name })
	x := newXML("ListAccessPointsResult", controlNamespace)
	x.start("AccessPointList")
	for _, p := range page {
		x.start("AccessPoint")
		p.write(x)
		x.text("AccessPointArn", c.s.pointARN(p))
		x.end()
	}
	x.end()
	x.optional("NextToken", next)
	c.writeXML(http.StatusOK, x)
	return nil
}

// point finds the access point of the path. The services must be locked.
func (c *call) point() (*accessPoint, error) {
	if err := c.checkAccount(); err != nil {
		return nil, err
	}
	path, _ := url.PathUnescape(c.rawPath)
	name, _ := pointName(path)
	for _, p := range c.s.beside.points {
		if p.name == name {
			return p, nil
		}
	}
	return nil, fail("NoSuchAccessPoint", "")
}

func (c *call) createAccessPoint() error {
	var in struct {
		Bucket string
		VPC    string `xml:"VpcConfiguration>VpcId"`
	}
	if err := c.readXML("CreateAccessPointRequest", &in); err != nil {
		return err
	}
	c.s.store.mu.RLock()
	b := c.s.store.buckets[in.Bucket]
	c.s.store.mu.RUnlock()
	if b == nil {
		return fail("NoSuchBucket", "")
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	if _, err := c.point(); err == nil {
		return fail("AccessPointAlreadyOwnedByYou", "")
	}
	path, _ := url.PathUnescape(c.rawPath)
	name, _ := pointName(path)
	if !validBucketName(name) || strings.Contains(name, ".") || len(name) > 50 {
		return fail("InvalidRequest", "The access point name is not valid")
	}
	p := c.s.newPoint(name, in.Bucket, in.VPC)
	x := newXML("CreateAccessPointResult", controlNamespace)
	x.text("AccessPointArn", c.s.pointARN(p))
	x.text("Alias", p.alias)
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) getAccessPoint() error {
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	p, err := c.point()
	if err != nil {
		return err
	}
	x := newXML("GetAccessPointResult", controlNamespace)
	p.write(x)
	x.time("CreationDate", p.created)
	x.text("AccessPointArn", c.s.pointARN(p))
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) deleteAccessPoint() error {
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	p, err := c.point()
	if err != nil {
		return err
	}
	c.s.beside.points = slices.DeleteFunc(c.s.beside.points, func(one *accessPoint) bool { return one == p })
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
