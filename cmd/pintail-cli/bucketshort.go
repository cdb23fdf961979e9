package main

import (
	"context"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// defaultLogPrefix begins the names of access logs where none is given.
const defaultLogPrefix = "logs/"

// bucketChange changes one setting and leaves alone what it was not asked about.
type bucketChange = func(context.Context, *storage.Session, storage.Location) error

// shortForm makes of a value what is done.
func (o *bucketOptions) shortForm(a *app) error {
	forms := map[string]func(a *app) (bucketChange, error){
		"versioning": o.shortVersioning, "accelerate": o.onOff((*storage.Session).SetAcceleration), "requester-pays": o.onOff((*storage.Session).SetRequesterPays),
		"logging": o.shortLogging, "website": o.shortWebsite, "encryption": o.shortEncryption, "public-access": o.shortPublicAccess, "ownership": o.shortOwnership,
	}
	form := forms[o.Feature]
	if form == nil {
		return usagef("%s is set by a document: -f FILE", o.Feature)
	}
	if o.Feature != "website" && (o.Index != "" || o.Error != "") || o.Feature != "versioning" && (o.MFADelete != "" || o.MFA != "") {
		return usagef("--index and --error are for website, --mfa and --mfa-delete for versioning")
	}
	var err error
	o.change, err = form(a)
	return err
}

// onOff is the form of switches.
func (o *bucketOptions) onOff(set func(*storage.Session, context.Context, storage.Location, bool) error) func(*app) (bucketChange, error) {
	return func(*app) (bucketChange, error) {
		if o.Value != "on" && o.Value != "off" {
			return nil, usagef("%s is on or off, not %q", o.Feature, o.Value)
		}
		return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
			return set(s, ctx, loc, o.Value == "on")
		}, nil
	}
}

func (o *bucketOptions) shortVersioning(a *app) (bucketChange, error) {
	words := map[string]string{"on": "Enabled", "off": "Suspended"}
	status, ok := words[o.Value]
	if !ok {
		return nil, usagef("versioning is on or off, not %q", o.Value)
	}
	mfa := map[string]string{"on": "Enabled", "off": "Disabled", "": ""}
	delete, ok := mfa[o.MFADelete]
	if !ok || delete != "" && o.MFA == "" {
		return nil, usagef("--mfa-delete is on or off, and needs --mfa \"SERIAL CODE\"")
	}
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		if o.Value == "off" {
			a.note(text.T("bucket.suspended"))
		}
		return s.SetVersioning(ctx, loc, storage.Versioning{Status: status, MFADelete: delete}, o.MFA)
	}, nil
}

func (o *bucketOptions) shortLogging(a *app) (bucketChange, error) {
	if o.Value == "off" {
		return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
			return s.SetLogging(ctx, loc, storage.Logging{})
		}, nil
	}
	bucket, prefix, given := strings.Cut(strings.TrimPrefix(o.Value, scheme), "/")
	if err := storage.CheckBucketName(bucket); err != nil {
		return nil, usagef("%v", err)
	}
	if !given {
		prefix = defaultLogPrefix
	}
	if bucket == o.Address.Bucket {
		a.note(text.T("bucket.logsitself", bucket))
	}
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		l, err := s.Logging(ctx, loc)
		if err != nil {
			return err
		}
		l.Bucket, l.Prefix = bucket, prefix
		return s.SetLogging(ctx, loc, l)
	}, nil
}

func (o *bucketOptions) shortWebsite(*app) (bucketChange, error) {
	switch {
	case o.Value == "off" && o.Index+o.Error == "":
		return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
			return s.DeleteWebsite(ctx, loc)
		}, nil
	case o.Value != "":
		return nil, usagef("website is off, or has --index NAME and perhaps --error KEY")
	case strings.Contains(o.Index, "/"):
		return nil, usagef("--index is a name in each folder and has no /")
	}
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		w, err := s.Website(ctx, loc)
		if err != nil {
			return err
		}
		w.Redirect = nil // which leaves no room for pages
		if w.Routing != nil && len(w.Routing.Rules) == 0 {
			w.Routing = nil
		}
		if o.Index != "" {
			if w.Index == nil {
				w.Index = &storage.WebsiteIndex{}
			}
			w.Index.Suffix = o.Index
		}
		if o.Error != "" {
			if w.Error == nil {
				w.Error = &storage.WebsiteError{}
			}
			w.Error.Key = o.Error
		}
		return s.SetWebsite(ctx, loc, w)
	}, nil
}

func (o *bucketOptions) shortEncryption(*app) (bucketChange, error) {
	sse, err := parseSSE(o.Value)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		return s.SetBucketEncryption(ctx, loc, sse)
	}, nil
}

func (o *bucketOptions) shortPublicAccess(*app) (bucketChange, error) {
	if o.Value != "block" && o.Value != "allow" {
		return nil, usagef("public-access is block or allow, not %q", o.Value)
	}
	on := o.Value == "block"
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		b, err := s.PublicAccessBlock(ctx, loc)
		if err != nil {
			return err
		}
		b.BlockPublicAcls, b.IgnorePublicAcls, b.BlockPublicPolicy, b.RestrictPublicBuckets = on, on, on, on
		return s.SetPublicAccessBlock(ctx, loc, b)
	}, nil
}

func (o *bucketOptions) shortOwnership(*app) (bucketChange, error) {
	words := map[string]string{"enforced": storage.OwnerEnforced, "preferred": storage.OwnerPreferred, "writer": storage.OwnerWriter}
	ownership, ok := words[o.Value]
	if !ok {
		return nil, usagef("ownership is enforced, preferred or writer, not %q", o.Value)
	}
	return func(ctx context.Context, s *storage.Session, loc storage.Location) error {
		return s.SetOwnership(ctx, loc, ownership)
	}, nil
}
