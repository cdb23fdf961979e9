package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// CORSRule lets pages of other sites use a bucket from the browser.
type CORSRule struct {
	ID             string    `xml:"ID,omitempty"`
	AllowedOrigins []string  `xml:"AllowedOrigin"`
	AllowedMethods []string  `xml:"AllowedMethod"` // GET, PUT, POST, DELETE, HEAD
	AllowedHeaders []string  `xml:"AllowedHeader"`
	ExposeHeaders  []string  `xml:"ExposeHeader"`
	MaxAgeSeconds  *int      `xml:"MaxAgeSeconds"`
	Foreign        []Foreign `xml:",any"`
}

// CORS is the rules of a bucket, in order: the first that fits holds.
type CORS struct {
	Rules   []CORSRule `xml:"CORSRule"`
	Foreign []Foreign  `xml:",any"`
}

// CORS reads the rules of a bucket.
func (s *Session) CORS(ctx context.Context, loc Location) (CORS, error) {
	var c CORS
	_, err := s.readTyped(ctx, settingOf("cors"), loc, "", &c)
	return c, err
}

// SetCORS replaces the rules of a bucket. Without rules they are taken away.
func (s *Session) SetCORS(ctx context.Context, loc Location, c CORS) error {
	if len(c.Rules) == 0 {
		return s.DeleteCORS(ctx, loc)
	}
	return s.writeTyped(ctx, settingOf("cors"), loc, c, settingRequest{})
}

// DeleteCORS takes all rules away.
func (s *Session) DeleteCORS(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("cors"), loc, settingRequest{})
}

var corsMethods = []string{"GET", "PUT", "POST", "DELETE", "HEAD"}

// Check tells what S3 would refuse.
func (c CORS) Check() error {
	if len(c.Rules) == 0 || len(c.Rules) > 100 {
		return fmt.Errorf("there must be 1 to 100 rules, not %d", len(c.Rules))
	}
	for i, r := range c.Rules {
		switch {
		case len(r.AllowedOrigins) == 0 || len(r.AllowedMethods) == 0:
			return fmt.Errorf("rule %d: an origin and a method are needed", i+1)
		case r.MaxAgeSeconds != nil && *r.MaxAgeSeconds < 0:
			return fmt.Errorf("rule %d: MaxAgeSeconds is negative", i+1)
		case len(r.ID) > 255:
			return fmt.Errorf("rule %d: an ID has at most 255 characters", i+1)
		}
		for _, m := range r.AllowedMethods {
			if !slices.Contains(corsMethods, m) {
				return fmt.Errorf("rule %d: %q is none of %s", i+1, m, strings.Join(corsMethods, ", "))
			}
		}
		for _, v := range slices.Concat(r.AllowedOrigins, r.AllowedHeaders) {
			if strings.Count(v, "*") > 1 {
				return fmt.Errorf("rule %d: %q has more than one *", i+1, v)
			}
		}
	}
	return nil
}
