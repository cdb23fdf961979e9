package storage

import (
	"context"
	"fmt"
	"strings"
)

// Website is how a bucket answers as a web site. The zero value: it does not.
type Website struct {
	Index    *WebsiteIndex    `xml:"IndexDocument"`
	Error    *WebsiteError    `xml:"ErrorDocument"`
	Redirect *WebsiteRedirect `xml:"RedirectAllRequestsTo"` // instead of all else
	Routing  *WebsiteRouting  `xml:"RoutingRules"`
	Foreign  []Foreign        `xml:",any"`
}

// WebsiteIndex is the page for a folder, "index.html".
type WebsiteIndex struct {
	Suffix  string    `xml:"Suffix"`
	Foreign []Foreign `xml:",any"`
}

// WebsiteError is the key of the page for errors.
type WebsiteError struct {
	Key     string    `xml:"Key"`
	Foreign []Foreign `xml:",any"`
}

// WebsiteRedirect sends every request to another host. Protocol is "", "http" or "https".
type WebsiteRedirect struct {
	HostName string    `xml:"HostName"`
	Protocol string    `xml:"Protocol,omitempty"`
	Foreign  []Foreign `xml:",any"`
}

// WebsiteRouting is the list of rules.
type WebsiteRouting struct {
	Rules   []WebsiteRule `xml:"RoutingRule"`
	Foreign []Foreign     `xml:",any"`
}

// WebsiteRule redirects what fits Condition (nil: everything).
type WebsiteRule struct {
	Condition *WebsiteCondition `xml:"Condition"`
	Redirect  WebsiteTarget     `xml:"Redirect"`
	Foreign   []Foreign         `xml:",any"`
}

// WebsiteCondition is by the beginning of the key, by an error's status, or both.
type WebsiteCondition struct {
	Prefix  string    `xml:"KeyPrefixEquals,omitempty"`
	Status  string    `xml:"HttpErrorCodeReturnedEquals,omitempty"`
	Foreign []Foreign `xml:",any"`
}

// WebsiteTarget is where to; what is "" stays as it was asked for.
type WebsiteTarget struct {
	HostName      string    `xml:"HostName,omitempty"`
	Protocol      string    `xml:"Protocol,omitempty"`
	Status        string    `xml:"HttpRedirectCode,omitempty"`
	ReplacePrefix *string   `xml:"ReplaceKeyPrefixWith"`
	ReplaceKey    *string   `xml:"ReplaceKeyWith"`
	Foreign       []Foreign `xml:",any"`
}

// On tells whether the bucket answers as a web site.
func (w Website) On() bool { return w.Index != nil || w.Redirect != nil }

// Website reads how a bucket answers as a web site.
func (s *Session) Website(ctx context.Context, loc Location) (Website, error) {
	var w Website
	_, err := s.readTyped(ctx, settingOf("website"), loc, "", &w)
	return w, err
}

// SetWebsite makes a bucket a web site, after Check.
func (s *Session) SetWebsite(ctx context.Context, loc Location, w Website) error {
	return s.writeTyped(ctx, settingOf("website"), loc, w, settingRequest{})
}

// DeleteWebsite ends the web site.
func (s *Session) DeleteWebsite(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("website"), loc, settingRequest{})
}

// Check tells what S3 would refuse.
func (w Website) Check() error {
	if w.Redirect != nil {
		switch {
		case w.Index != nil || w.Error != nil || w.Routing != nil:
			return fmt.Errorf("redirecting everything leaves no room for pages and rules")
		case w.Redirect.HostName == "":
			return fmt.Errorf("redirecting everything needs a host")
		}
		return checkProtocol(w.Redirect.Protocol)
	}
	switch {
	case w.Index == nil || w.Index.Suffix == "":
		return fmt.Errorf("a web site needs an index document, or a host to redirect everything to")
	case strings.Contains(w.Index.Suffix, "/"):
		return fmt.Errorf("the index document is a name in each folder and has no /")
	case w.Error != nil && w.Error.Key == "":
		return fmt.Errorf("the error document has no key")
	case w.Routing == nil:
		return nil
	}
	if len(w.Routing.Rules) == 0 || len(w.Routing.Rules) > 50 {
		return fmt.Errorf("there can be 1 to 50 rules, not %d", len(w.Routing.Rules))
	}
	for i, r := range w.Routing.Rules {
		if err := r.check(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return nil
}

func (r WebsiteRule) check() error {
	t := r.Redirect
	switch {
	case t.HostName == "" && t.Protocol == "" && t.Status == "" && t.ReplacePrefix == nil && t.ReplaceKey == nil && len(t.Foreign) == 0:
		return fmt.Errorf("it redirects to nothing")
	case t.ReplacePrefix != nil && t.ReplaceKey != nil:
		return fmt.Errorf("a key is replaced whole or by its beginning, not both")
	case r.Condition != nil && r.Condition.Prefix == "" && r.Condition.Status == "" && len(r.Condition.Foreign) == 0:
		return fmt.Errorf("its condition says nothing")
	}
	return checkProtocol(t.Protocol)
}

func checkProtocol(p string) error {
	if p != "" && p != "http" && p != "https" {
		return fmt.Errorf("the protocol is http or https, not %q", p)
	}
	return nil
}
