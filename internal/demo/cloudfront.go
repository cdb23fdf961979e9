package demo

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Distributions of CloudFront, after its API reference. Their documents are checked and kept as they came; nothing is served.

const (
	cdnPath      = "/2020-05-31/"
	cdnNamespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"

	// By the movable clock: how long a change takes to be everywhere, and how long it takes until paths are forgotten.
	deployTime     = 3 * time.Minute
	invalidateTime = 20 * time.Second
)

type distribution struct {
	id, etag      string
	config        distributionConfig
	modified      time.Time
	invalidations []*invalidation // the newest first
}

// distributionConfig is what is looked at of a configuration; inner is all of it.
type distributionConfig struct {
	Inner           string `xml:",innerxml"`
	CallerReference string
	Comment         *string
	Enabled         string
	Aliases         struct {
		Quantity int
		Items    []string `xml:"Items>CNAME"`
	}
	Origins struct {
		Quantity int
		Items    []struct {
			ID         string `xml:"Id"`
			DomainName string
			Control    string `xml:"OriginAccessControlId"`
		} `xml:"Items>Origin"`
	}
	Behavior struct{ TargetOriginId, ViewerProtocolPolicy string } `xml:"DefaultCacheBehavior"` //nolint:revive // as CloudFront writes it
	Viewer   struct{ ACMCertificateArn, IAMCertificateId string }  `xml:"ViewerCertificate"`    //nolint:revive // as CloudFront writes it
	members  []member
}

// member is one element of a configuration, as it came.
type member struct {
	XMLName xml.Name
	Inner   string `xml:",innerxml"`
}

type invalidation struct {
	id, reference string
	paths         []string
	created       time.Time
}

// AddDistribution makes one that serves a bucket as the site that it is, and was changed at a time.
func (s *Server) AddDistribution(bucket string, changed time.Time) {
	inner := fmt.Sprintf(`<CallerReference>%[1]s</CallerReference><DefaultRootObject>index.html</DefaultRootObject><Origins><Quantity>1</Quantity><Items><Origin><Id>s3-%[1]s</Id>`+
		`<DomainName>%[1]s.s3.%[2]s.amazonaws.com</DomainName><S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>`+
		`<DefaultCacheBehavior><TargetOriginId>s3-%[1]s</TargetOriginId><ViewerProtocolPolicy>redirect-to-https</ViewerProtocolPolicy></DefaultCacheBehavior>`+
		`<Comment>Example site</Comment><Enabled>true</Enabled>`, bucket, s.opt.Region)
	config, err := parseConfig([]byte("<DistributionConfig>" + inner + "</DistributionConfig>"))
	if err != nil {
		panic(err) // of our own text
	}
	s.beside.mu.Lock()
	defer s.beside.mu.Unlock()
	s.beside.distributions = append(s.beside.distributions, &distribution{id: newCDNID(), etag: newCDNID(), config: config, modified: changed.UTC()})
}

// cdnOperation names an operation by method and path.
func cdnOperation(method, path string) string {
	rest, ok := strings.CutPrefix(path, cdnPath)
	if !ok {
		return ""
	}
	parts := strings.Split(rest, "/")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "*"
	}
	return map[string]string{
		"GET distribution": "ListDistributions", "POST distribution": "CreateDistribution", "GET distribution/*": "GetDistribution",
		"PUT distribution/*/config": "UpdateDistribution", "POST distribution/*/invalidation": "CreateInvalidation",
		"GET distribution/*/invalidation": "ListInvalidations", "GET distribution/*/invalidation/*": "GetInvalidation",
		"POST origin-access-control": "CreateOriginAccessControl", "GET origin-access-control": "ListOriginAccessControls",
	}[method+" "+strings.Join(parts, "/")]
}

// ids are the names in the path: of a distribution, then of an invalidation.
func (c *call) ids() (first, second string) {
	path, _ := url.PathUnescape(c.rawPath)
	parts := strings.Split(strings.TrimPrefix(path, cdnPath), "/")
	parts = append(parts, "", "", "", "")
	return parts[1], parts[3]
}

func newCDNID() string { return "E" + randomBase32(13) }

// check refuses what a configuration cannot be.
func (d *distributionConfig) check(controls []*originControl) error {
	switch {
	case d.CallerReference == "" || d.Comment == nil || d.Enabled != "true" && d.Enabled != "false":
		return fail("MalformedXML", "")
	case len(d.Origins.Items) == 0 || d.Origins.Quantity != len(d.Origins.Items) || d.Aliases.Quantity != len(d.Aliases.Items):
		return fail("InconsistentQuantities", "The value of Quantity and the size of Items do not match.")
	case !slices.Contains([]string{"allow-all", "https-only", "redirect-to-https"}, d.Behavior.ViewerProtocolPolicy):
		return fail("InvalidViewerProtocolPolicy", "")
	case len(d.Aliases.Items) > 0 && d.Viewer.ACMCertificateArn == "" && d.Viewer.IAMCertificateId == "":
		return fail("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.")
	}
	found := false
	for _, o := range d.Origins.Items {
		if o.ID == "" || o.DomainName == "" {
			return fail("InvalidOrigin", "")
		}
		known := func(oac *originControl) bool { return oac.id == o.Control }
		if o.Control != "" && !slices.ContainsFunc(controls, known) {
			return fail("InvalidOriginAccessControl", "The specified origin access control does not exist.")
		}
		found = found || o.ID == d.Behavior.TargetOriginId
	}
	if !found {
		return fail("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
	}
	return nil
}

func (d *distribution) status(now time.Time) string {
	if now.Before(d.modified.Add(deployTime)) {
		return "InProgress"
	}
	return "Deployed"
}

// facts are what both a list and an answer on one distribution begin with.
func (d *distribution) facts(x *xmlWriter, now time.Time) {
	x.text("Id", d.id)
	x.text("ARN", "arn:aws:cloudfront::"+accountID+":distribution/"+d.id)
	x.text("Status", d.status(now))
	x.time("LastModifiedTime", d.modified)
	if pending := len(slices.DeleteFunc(slices.Clone(d.invalidations), func(i *invalidation) bool { return i.done(now) })); pending > 0 {
		x.number("InProgressInvalidationBatches", int64(pending))
	}
	x.text("DomainName", d.domain())
}

func (d *distribution) domain() string { return strings.ToLower(d.id) + ".cloudfront.net" }

func (c *call) answerDistribution(status int, d *distribution) {
	x := newXML("Distribution", cdnNamespace)
	d.facts(x, c.s.now())
	x.start("DistributionConfig")
	x.b.WriteString(d.config.Inner)
	c.w.Header().Set("Etag", d.etag)
	c.writeXML(status, x)
}

// inList are the members of a configuration that a list tells, too.
const inList = " Aliases Origins DefaultCacheBehavior CacheBehaviors CustomErrorResponses Comment PriceClass Enabled ViewerCertificate Restrictions WebACLId HttpVersion IsIPV6Enabled Staging "

func (c *call) listDistributions() error {
	most, err := c.intParam("MaxItems", 100, 100)
	if err != nil {
		return err
	}
	now := c.s.now()
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	page, next := pageOf(c.s.beside.distributions, c.query.Get("Marker"), most, most, func(d *distribution) string { return d.id })
	x := newXML("DistributionList", cdnNamespace)
	cdnList(x, c.query.Get("Marker"), next, most, len(page), func() {
		for _, d := range page {
			x.start("DistributionSummary")
			d.facts(x, now)
			for _, m := range d.config.members {
				if strings.Contains(inList, " "+m.XMLName.Local+" ") {
					x.start(m.XMLName.Local)
					x.b.WriteString(m.Inner)
					x.end()
				}
			}
			x.end()
		}
	})
	c.writeXML(http.StatusOK, x)
	return nil
}

// cdnList writes what all lists have.
func cdnList(x *xmlWriter, marker, next string, most, count int, items func()) {
	x.text("Marker", marker)
	x.optional("NextMarker", next)
	x.number("MaxItems", int64(most))
	x.flag("IsTruncated", next != "")
	x.number("Quantity", int64(count))
	if count > 0 {
		x.start("Items")
		items()
		x.end()
	}
}

// readConfig reads a configuration with its members.
func (c *call) readConfig() (distributionConfig, error) {
	var whole struct {
		Inner string `xml:",innerxml"`
	}
	if err := c.readXML("DistributionConfig", &whole); err != nil {
		return distributionConfig{}, err
	}
	return parseConfig([]byte("<DistributionConfig>" + whole.Inner + "</DistributionConfig>"))
}

func parseConfig(data []byte) (distributionConfig, error) {
	var d distributionConfig
	var all struct {
		Members []member `xml:",any"`
	}
	if err := errors.Join(xml.Unmarshal(data, &d), xml.Unmarshal(data, &all)); err != nil {
		return d, fail("MalformedXML", "")
	}
	d.members = all.Members
	return d, nil
}

func (c *call) createDistribution() error {
	config, err := c.readConfig()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	if err := config.check(c.s.beside.controls); err != nil {
		return err
	}
	for _, d := range c.s.beside.distributions {
		if d.config.CallerReference == config.CallerReference {
			return fail("DistributionAlreadyExists", "The caller reference that you are using to create a distribution is associated with another distribution.")
		}
	}
	d := &distribution{id: newCDNID(), etag: newCDNID(), config: config, modified: c.s.now()}
	c.s.beside.distributions = append(c.s.beside.distributions, d)
	c.w.Header().Set("Location", fmt.Sprintf("https://cloudfront.amazonaws.com%sdistribution/%s", cdnPath, d.id))
	c.answerDistribution(http.StatusCreated, d)
	return nil
}

// distribution finds the one of the path. The services must be locked.
func (c *call) distribution() (*distribution, error) {
	id, _ := c.ids()
	for _, d := range c.s.beside.distributions {
		if d.id == id {
			return d, nil
		}
	}
	return nil, fail("NoSuchDistribution", "The specified distribution does not exist.")
}

func (c *call) getDistribution() error {
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	d, err := c.distribution()
	if err != nil {
		return err
	}
	c.answerDistribution(http.StatusOK, d)
	return nil
}

func (c *call) updateDistribution() error {
	config, err := c.readConfig()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	d, err := c.distribution()
	if err != nil {
		return err
	}
	switch {
	case c.r.Header.Get("If-Match") == "":
		return fail("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
	case c.r.Header.Get("If-Match") != d.etag:
		return fail("PreconditionFailed", "")
	case config.CallerReference != d.config.CallerReference:
		return fail("IllegalUpdate", "The update contains modifications that are not allowed.")
	}
	if err := config.check(c.s.beside.controls); err != nil {
		return err
	}
	d.config, d.etag, d.modified = config, newCDNID(), c.s.now()
	c.answerDistribution(http.StatusOK, d)
	return nil
}

func (i *invalidation) done(now time.Time) bool { return !now.Before(i.created.Add(invalidateTime)) }

func (i *invalidation) write(x *xmlWriter, now time.Time) {
	state := "InProgress"
	if i.done(now) {
		state = "Completed"
	}
	x.text("Id", i.id)
	x.text("Status", state)
	x.time("CreateTime", i.created)
}

func (i *invalidation) answer(c *call, status int) {
	x := newXML("Invalidation", cdnNamespace)
	i.write(x, c.s.now())
	x.start("InvalidationBatch")
	x.start("Paths")
	x.number("Quantity", int64(len(i.paths)))
	x.start("Items")
	for _, p := range i.paths {
		x.text("Path", p)
	}
	x.end()
	x.end()
	x.text("CallerReference", i.reference)
	c.writeXML(status, x)
}

func (c *call) createInvalidation() error {
	var in struct {
		CallerReference string
		Quantity        string   `xml:"Paths>Quantity"`
		Paths           []string `xml:"Paths>Items>Path"`
	}
	if err := c.readXML("InvalidationBatch", &in); err != nil {
		return err
	}
	n, err := strconv.Atoi(in.Quantity)
	switch {
	case in.CallerReference == "":
		return fail("MalformedXML", "")
	case err != nil || n != len(in.Paths) || n == 0:
		return fail("InconsistentQuantities", "The value of Quantity and the size of Items do not match.")
	}
	for _, p := range in.Paths {
		if !strings.HasPrefix(p, "/") || strings.Contains(strings.TrimSuffix(p, "*"), "*") {
			return fail("InvalidArgument", "Your request contains one or more invalid invalidation paths.")
		}
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	d, err := c.distribution()
	if err != nil {
		return err
	}
	i := &invalidation{id: "I" + randomBase32(25), reference: in.CallerReference, paths: in.Paths, created: c.s.now()}
	d.invalidations = slices.Insert(d.invalidations, 0, i)
	i.answer(c, http.StatusCreated)
	return nil
}

func (c *call) getInvalidation() error {
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	d, err := c.distribution()
	if err != nil {
		return err
	}
	_, id := c.ids()
	for _, i := range d.invalidations {
		if i.id == id {
			i.answer(c, http.StatusOK)
			return nil
		}
	}
	return fail("NoSuchInvalidation", "The specified invalidation does not exist.")
}

func (c *call) listInvalidations() error {
	most, err := c.intParam("MaxItems", 100, 100)
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	d, err := c.distribution()
	if err != nil {
		return err
	}
	now := c.s.now()
	page, next := pageOf(d.invalidations, c.query.Get("Marker"), most, most, func(i *invalidation) string { return i.id })
	x := newXML("InvalidationList", cdnNamespace)
	cdnList(x, c.query.Get("Marker"), next, most, len(page), func() {
		for _, i := range page {
			x.start("InvalidationSummary")
			i.write(x, now)
			x.end()
		}
	})
	c.writeXML(http.StatusOK, x)
	return nil
}
