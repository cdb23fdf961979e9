package demo

import (
	"net/http"
	"slices"
)

// originControl is how CloudFront signs what it asks of a private bucket.
type originControl struct{ id, name, description, signing, behavior, origin string }

func (o *originControl) write(x *xmlWriter) {
	x.text("Name", o.name)
	x.text("Description", o.description)
	x.text("SigningProtocol", o.signing)
	x.text("SigningBehavior", o.behavior)
	x.text("OriginAccessControlOriginType", o.origin)
}

func (c *call) createOriginControl() error {
	var in struct {
		Name, Description, SigningProtocol, SigningBehavior string
		Origin                                              string `xml:"OriginAccessControlOriginType"`
	}
	if err := c.readXML("OriginAccessControlConfig", &in); err != nil {
		return err
	}
	if in.Name == "" || len(in.Name) > 64 || in.SigningProtocol != "sigv4" || !slices.Contains([]string{"never", "always", "no-override"}, in.SigningBehavior) ||
		!slices.Contains([]string{"s3", "mediastore", "mediapackagev2", "lambda"}, in.Origin) {
		return fail("InvalidArgument", "")
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	if slices.ContainsFunc(c.s.beside.controls, func(o *originControl) bool { return o.name == in.Name }) {
		return fail("OriginAccessControlAlreadyExists", "An origin access control with the same parameters already exists")
	}
	o := &originControl{newCDNID(), in.Name, in.Description, in.SigningProtocol, in.SigningBehavior, in.Origin}
	c.s.beside.controls = append(c.s.beside.controls, o)
	x := newXML("OriginAccessControl", cdnNamespace)
	x.text("Id", o.id)
	x.start("OriginAccessControlConfig")
	o.write(x)
	c.w.Header().Set("Etag", newCDNID())
	c.writeXML(http.StatusCreated, x)
	return nil
}

func (c *call) listOriginControls() error {
	most, err := c.intParam("MaxItems", 100, 100)
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	page, next := pageOf(c.s.beside.controls, c.query.Get("Marker"), most, most, func(o *originControl) string { return o.id })
	x := newXML("OriginAccessControlList", cdnNamespace)
	cdnList(x, c.query.Get("Marker"), next, most, len(page), func() {
		for _, o := range page {
			x.start("OriginAccessControlSummary")
			x.text("Id", o.id)
			o.write(x)
			x.end()
		}
	})
	c.writeXML(http.StatusOK, x)
	return nil
}
