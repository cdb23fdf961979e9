package storage

import "context"

// ObjectLockDefault is what a bucket with object lock gives new objects. On says whether the bucket has object lock at all, which
// cannot be taken back; Mode is "" (no default), "GOVERNANCE" or "COMPLIANCE", for Days or for Years.
type ObjectLockDefault struct {
	On          bool
	Mode        string
	Days, Years int
}

type lockConfiguration struct {
	Enabled string    `xml:"ObjectLockEnabled,omitempty"`
	Rule    *lockRule `xml:"Rule"`
	Foreign []Foreign `xml:",any"`
}

type lockRule struct {
	Default *lockRetention `xml:"DefaultRetention"`
	Foreign []Foreign      `xml:",any"`
}

type lockRetention struct {
	Mode    string    `xml:"Mode"`
	Days    int       `xml:"Days,omitempty"`
	Years   int       `xml:"Years,omitempty"`
	Foreign []Foreign `xml:",any"`
}

// ObjectLockDefault reads a bucket's object lock.
func (s *Session) ObjectLockDefault(ctx context.Context, loc Location) (ObjectLockDefault, error) {
	var c lockConfiguration
	if _, err := s.readTyped(ctx, settingOf("object-lock"), loc, "", &c); err != nil {
		return ObjectLockDefault{}, err
	}
	l := ObjectLockDefault{On: c.Enabled == "Enabled"}
	if c.Rule != nil && c.Rule.Default != nil {
		d := c.Rule.Default
		l.Mode, l.Days, l.Years = d.Mode, d.Days, d.Years
	}
	return l, nil
}

// SetObjectLockDefault says what new objects get; with Mode "" nothing. The bucket keeps versions, and has object lock from then on.
func (s *Session) SetObjectLockDefault(ctx context.Context, loc Location, l ObjectLockDefault) error {
	c := lockConfiguration{Enabled: "Enabled"}
	if l.Mode != "" {
		if l.Mode != "GOVERNANCE" && l.Mode != "COMPLIANCE" || l.Days < 0 || l.Years < 0 || (l.Days > 0) == (l.Years > 0) {
			return invalid("PutObjectLockConfiguration", loc, "InvalidSetting", "a default is GOVERNANCE or COMPLIANCE, for a number of days or of years")
		}
		c.Rule = &lockRule{Default: &lockRetention{Mode: l.Mode, Days: l.Days, Years: l.Years}}
	}
	defer s.forgetKeeps(loc.Bucket)
	return s.writeTyped(ctx, settingOf("object-lock"), loc, c, settingRequest{})
}
