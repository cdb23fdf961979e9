package storage

import (
	"context"
	"slices"
	"time"
)

// Tag is a name and a value.
type Tag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

// Lifecycle is the rules that move and delete the objects of a bucket by their age.
type Lifecycle struct {
	Rules   []LifecycleRule `xml:"Rule"`
	Foreign []Foreign       `xml:",any"`
	// MinimumSize says which small objects are not moved: "all_storage_classes_128K", "varies_by_storage_class" or, where the server
	// does not say, "".
	MinimumSize string `xml:"-"`
}

// LifecycleRule is one rule, as S3 has it. Which objects it is for is read and set best by Scope and SetScope. Numbers are days after
// the object was made (for older versions: after they were replaced); zero is not set.
type LifecycleRule struct {
	ID                    string                 `xml:"ID,omitempty"`
	Status                string                 `xml:"Status"` // Enabled or Disabled
	Prefix                *string                `xml:"Prefix"` // the old form of Filter
	Filter                *LifecycleFilter       `xml:"Filter"`
	Transitions           []LifecycleTransition  `xml:"Transition"`
	Expiration            *LifecycleExpiration   `xml:"Expiration"`
	NoncurrentTransitions []NoncurrentTransition `xml:"NoncurrentVersionTransition"`
	NoncurrentExpiration  *NoncurrentExpiration  `xml:"NoncurrentVersionExpiration"`
	AbortUploads          *AbortUploads          `xml:"AbortIncompleteMultipartUpload"`
	Foreign               []Foreign              `xml:",any"`
}

// LifecycleFilter has one condition, or several in And.
type LifecycleFilter struct {
	Prefix  *string       `xml:"Prefix"`
	Tags    []Tag         `xml:"Tag"`                   // one; some servers write several here
	Greater *int64        `xml:"ObjectSizeGreaterThan"` // bytes
	Less    *int64        `xml:"ObjectSizeLessThan"`    // bytes
	And     *LifecycleAnd `xml:"And"`
	Foreign []Foreign     `xml:",any"`
}

// LifecycleAnd is conditions that must all hold.
type LifecycleAnd struct {
	Prefix  *string   `xml:"Prefix"`
	Tags    []Tag     `xml:"Tag"`
	Greater *int64    `xml:"ObjectSizeGreaterThan"`
	Less    *int64    `xml:"ObjectSizeLessThan"`
	Foreign []Foreign `xml:",any"`
}

// LifecycleTransition moves to a storage class after Days, or on Date.
type LifecycleTransition struct {
	Days    *int      `xml:"Days"`
	Date    string    `xml:"Date,omitempty"` // midnight UTC, RFC 3339
	Class   string    `xml:"StorageClass"`
	Foreign []Foreign `xml:",any"`
}

// LifecycleExpiration deletes after Days or on Date, or takes away delete markers that hide nothing any more.
type LifecycleExpiration struct {
	Days           int       `xml:"Days,omitempty"`
	Date           string    `xml:"Date,omitempty"`
	ExpiredMarkers bool      `xml:"ExpiredObjectDeleteMarker,omitempty"`
	Foreign        []Foreign `xml:",any"`
}

// NoncurrentTransition moves older versions, but for the newest Keep of them.
type NoncurrentTransition struct {
	Days    *int      `xml:"NoncurrentDays"`
	Keep    int       `xml:"NewerNoncurrentVersions,omitempty"`
	Class   string    `xml:"StorageClass"`
	Foreign []Foreign `xml:",any"`
}

// NoncurrentExpiration deletes older versions for good, but for the newest Keep of them.
type NoncurrentExpiration struct {
	Days    int       `xml:"NoncurrentDays,omitempty"`
	Keep    int       `xml:"NewerNoncurrentVersions,omitempty"`
	Foreign []Foreign `xml:",any"`
}

// AbortUploads ends uploads that were not finished.
type AbortUploads struct {
	Days    int       `xml:"DaysAfterInitiation"`
	Foreign []Foreign `xml:",any"`
}

// LifecycleScope is which objects a rule is for. The zero value is all of them.
type LifecycleScope struct {
	Prefix  string
	Tags    []Tag
	Greater int64 // bytes; 0 = not set
	Less    int64 // bytes; 0 = not set
}

// Scope is which objects the rule is for, whichever form it is written in.
func (r LifecycleRule) Scope() LifecycleScope {
	var c LifecycleScope
	c.Prefix = deref(r.Prefix)
	f := r.Filter
	if f == nil {
		return c
	}
	if f.Prefix != nil {
		c.Prefix = *f.Prefix
	}
	c.Tags = append(c.Tags, f.Tags...)
	greater, less := f.Greater, f.Less
	if a := f.And; a != nil {
		if a.Prefix != nil {
			c.Prefix = *a.Prefix
		}
		c.Tags = append(c.Tags, a.Tags...)
		if a.Greater != nil {
			greater = a.Greater
		}
		if a.Less != nil {
			less = a.Less
		}
	}
	if greater != nil {
		c.Greater = *greater
	}
	if less != nil {
		c.Less = *less
	}
	return c
}

// SetScope says which objects the rule is for. A rule that has this scope already keeps its form; conditions of a filter that this
// package has no name for stay.
func (r *LifecycleRule) SetScope(c LifecycleScope) {
	old := r.Scope()
	if old.Prefix == c.Prefix && old.Greater == c.Greater && old.Less == c.Less && slices.Equal(old.Tags, c.Tags) && (r.Filter != nil || r.Prefix != nil) {
		return
	}
	f := &LifecycleFilter{}
	var inAnd []Foreign
	if r.Filter != nil {
		f.Foreign = r.Filter.Foreign
		if r.Filter.And != nil {
			inAnd = r.Filter.And.Foreign
		}
	}
	r.Filter, r.Prefix = f, nil
	size := func(n int64) *int64 {
		if n == 0 {
			return nil
		}
		return &n
	}
	conditions := len(c.Tags)
	for _, set := range []bool{c.Prefix != "", c.Greater != 0, c.Less != 0} {
		if set {
			conditions++
		}
	}
	switch {
	case conditions > 1 || len(inAnd) > 0:
		f.And = &LifecycleAnd{Prefix: optional(c.Prefix), Tags: c.Tags, Greater: size(c.Greater), Less: size(c.Less), Foreign: inAnd}
	case len(c.Tags) == 1:
		f.Tags = c.Tags
	case c.Greater != 0 || c.Less != 0:
		f.Greater, f.Less = size(c.Greater), size(c.Less)
	default:
		f.Prefix = &c.Prefix
	}
}

// Lifecycle reads the rules of a bucket.
func (s *Session) Lifecycle(ctx context.Context, loc Location) (Lifecycle, error) {
	var l Lifecycle
	e, err := s.readSetting(ctx, settingOf("lifecycle"), loc, "")
	if err != nil || e == nil {
		return l, err
	}
	l.MinimumSize = e.minSize
	return l, s.fill("lifecycle", loc, e, &l)
}

// SetLifecycle replaces the rules of a bucket, after Check. Without rules they are taken away.
func (s *Session) SetLifecycle(ctx context.Context, loc Location, l Lifecycle) error {
	if len(l.Rules) == 0 {
		return s.DeleteLifecycle(ctx, loc)
	}
	return s.writeTyped(ctx, settingOf("lifecycle"), loc, l, settingRequest{minSize: l.MinimumSize})
}

// DeleteLifecycle takes all rules away.
func (s *Session) DeleteLifecycle(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("lifecycle"), loc, settingRequest{})
}

// midnight tells whether a rule's date is one that S3 takes.
func midnight(date string) bool {
	t, ok := documentTime(date)
	return ok && t.Equal(t.Truncate(24*time.Hour))
}
