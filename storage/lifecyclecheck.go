package storage

import (
	"fmt"
	"slices"
	"strings"
)

// What S3 refuses in rules, said before anything is sent: "Lifecycle configuration elements" and "Constraints and considerations for
// transitions" of its guide.

const (
	maxLifecycleRules = 1000
	minDaysToIA       = 30
	minTransitionSize = 128 << 10 // bytes; smaller objects are not moved to these classes unless a rule asks for them
)

// coldness orders the classes that transitions can go to; objects only get colder.
var coldness = map[string]int{"STANDARD": 0, "REDUCED_REDUNDANCY": 0, "STANDARD_IA": 1, "INTELLIGENT_TIERING": 2, "ONEZONE_IA": 3, "GLACIER_IR": 4, "GLACIER": 5, "DEEP_ARCHIVE": 6}

// LifecycleFault is what S3 would refuse in a rule, and where.
type LifecycleFault struct {
	// Field is the element of the rule: "ID", "Filter", "Transition", "Expiration", "NoncurrentVersionTransition",
	// "NoncurrentVersionExpiration" or "AbortIncompleteMultipartUpload"; "" is the rule as a whole.
	Field string
	Index int // which of several transitions, from 0
	Text  string
}

// Error is the fault in words.
func (f *LifecycleFault) Error() string { return f.Text }

func fault(field, format string, args ...any) error {
	return &LifecycleFault{Field: field, Text: fmt.Sprintf(format, args...)}
}

// Check tells what S3 would refuse. Classes that are not S3's are left to the server.
func (l Lifecycle) Check() error {
	if len(l.Rules) > maxLifecycleRules {
		return fmt.Errorf("there are %d rules; a bucket has at most %d", len(l.Rules), maxLifecycleRules)
	}
	ids := map[string]bool{}
	for i, r := range l.Rules {
		name := fmt.Sprintf("rule %d", i+1)
		if r.ID != "" {
			name = fmt.Sprintf("rule %q", r.ID)
			if ids[r.ID] {
				return fmt.Errorf("%s is there twice", name)
			}
			ids[r.ID] = true
		}
		if err := r.Check(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Check tells what S3 would refuse in the rule by itself: a [*LifecycleFault].
func (r LifecycleRule) Check() error {
	switch {
	case len([]rune(r.ID)) > 255:
		return fault("ID", "an ID has at most 255 characters")
	case r.Status != "Enabled" && r.Status != "Disabled":
		return fault("Status", "the status is Enabled or Disabled, not %q", r.Status)
	case r.Prefix != nil && r.Filter != nil:
		return fault("Filter", "there cannot be both a Prefix and a Filter")
	case !r.acts():
		return fault("", "it does nothing")
	}
	if err := r.checkScope(); err != nil {
		return err
	}
	if err := r.checkExpiration(); err != nil {
		return err
	}
	steps := make([]step, 0, len(r.Transitions))
	for i, t := range r.Transitions {
		s := step{"Transition", i, t.Days, t.Class}
		if (t.Days == nil) == (t.Date == "") {
			return s.fault("a transition has either Days or Date")
		}
		if t.Date != "" && !midnight(t.Date) {
			return s.fault("%q is no midnight UTC", t.Date)
		}
		steps = append(steps, s)
	}
	if err := checkSteps(steps); err != nil {
		return err
	}
	if e := r.Expiration; e != nil && e.Days > 0 {
		if err := after(steps, e.Days, "Expiration"); err != nil {
			return err
		}
	}
	return r.checkNoncurrent()
}

func (r LifecycleRule) acts() bool {
	return len(r.Transitions)+len(r.NoncurrentTransitions)+len(r.Foreign) > 0 || r.Expiration != nil || r.NoncurrentExpiration != nil || r.AbortUploads != nil
}

func (r LifecycleRule) checkScope() error {
	c := r.Scope()
	keys := map[string]bool{}
	for _, t := range c.Tags {
		if t.Key == "" || len([]rune(t.Key)) > 128 || len([]rune(t.Value)) > 256 {
			return fault("Filter", "a tag's name has 1 to 128 characters, its value at most 256")
		}
		if keys[t.Key] {
			return fault("Filter", "the tag %q is there twice", t.Key)
		}
		keys[t.Key] = true
	}
	switch {
	case c.Greater < 0 || c.Less < 0:
		return fault("Filter", "a size is negative")
	case c.Greater > 0 && c.Less > 0 && c.Greater >= c.Less:
		return fault("Filter", "no object is larger than %d and smaller than %d bytes", c.Greater, c.Less)
	case r.AbortUploads != nil && (len(c.Tags) > 0 || c.Greater > 0 || c.Less > 0):
		return fault("AbortIncompleteMultipartUpload", "unfinished uploads cannot be chosen by tags or size")
	case r.Expiration != nil && r.Expiration.ExpiredMarkers && len(c.Tags) > 0:
		return fault("Expiration", "delete markers have no tags to choose them by")
	case r.AbortUploads != nil && r.AbortUploads.Days < 1:
		return fault("AbortIncompleteMultipartUpload", "DaysAfterInitiation is at least 1")
	}
	return nil
}

func (r LifecycleRule) checkExpiration() error {
	e := r.Expiration
	if e == nil {
		return nil
	}
	set := 0
	for _, is := range []bool{e.Days != 0, e.Date != "", e.ExpiredMarkers} {
		if is {
			set++
		}
	}
	switch {
	case set > 1:
		return fault("Expiration", "an expiration has one of Days, Date and ExpiredObjectDeleteMarker")
	case set == 0 && len(e.Foreign) == 0:
		return fault("Expiration", "an expiration says when")
	case e.Days < 0:
		return fault("Expiration", "an expiration's Days are at least 1")
	case e.Date != "" && !midnight(e.Date):
		return fault("Expiration", "%q is no midnight UTC", e.Date)
	}
	return nil
}

func (r LifecycleRule) checkNoncurrent() error {
	steps := make([]step, 0, len(r.NoncurrentTransitions))
	for i, t := range r.NoncurrentTransitions {
		s := step{"NoncurrentVersionTransition", i, t.Days, t.Class}
		if t.Days == nil {
			return s.fault("a transition of older versions has NoncurrentDays")
		}
		if t.Keep < 0 || t.Keep > 100 {
			return s.fault("NewerNoncurrentVersions is 1 to 100")
		}
		steps = append(steps, s)
	}
	if err := checkSteps(steps); err != nil {
		return err
	}
	e := r.NoncurrentExpiration
	if e == nil {
		return nil
	}
	if e.Days < 1 || e.Keep < 0 || e.Keep > 100 {
		return fault("NoncurrentVersionExpiration", "older versions expire after 1 day or more, and at most 100 newer ones are kept")
	}
	return after(steps, e.Days, "NoncurrentVersionExpiration")
}

// step is a transition by age; days is nil for one on a date.
type step struct {
	field string
	index int
	days  *int
	class string
}

func (s step) fault(format string, args ...any) error {
	return &LifecycleFault{Field: s.field, Index: s.index, Text: fmt.Sprintf(format, args...)}
}

// checkSteps holds the transitions of a rule against each other.
func checkSteps(steps []step) error {
	seen := map[string]bool{}
	for _, s := range steps {
		cold, known := coldness[s.class]
		switch {
		case s.class == "":
			return s.fault("a transition names a StorageClass")
		case seen[s.class]:
			return s.fault("there are two transitions to %s", s.class)
		case known && cold == 0:
			return s.fault("nothing can move to %s", s.class)
		case s.days != nil && *s.days < 0:
			return s.fault("a number of days is negative")
		case s.days != nil && strings.HasSuffix(s.class, "_IA") && *s.days < minDaysToIA:
			return s.fault("to %s after %d days at the earliest, not %d", s.class, minDaysToIA, *s.days)
		}
		seen[s.class] = true
	}
	byAge := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.days == nil || coldness[s.class] == 0 })
	slices.SortStableFunc(byAge, func(a, b step) int { return *a.days - *b.days })
	for i := 1; i < len(byAge); i++ {
		from, to := byAge[i-1], byAge[i]
		if coldness[from.class] >= coldness[to.class] {
			return to.fault("nothing moves from %s to %s", from.class, to.class)
		}
		if strings.HasSuffix(from.class, "_IA") && *to.days-*from.days < minDaysToIA {
			return to.fault("between %s and %s lie at least %d days", from.class, to.class, minDaysToIA)
		}
	}
	return nil
}

// after refuses a deletion that comes before the last transition.
func after(steps []step, days int, what string) error {
	for _, s := range steps {
		if s.days != nil && *s.days >= days {
			return fault(what, "%s after %d days comes before the transition to %s after %d", what, days, s.class, *s.days)
		}
	}
	return nil
}

// Small tells whether the rule asks to move objects below 128 KiB, each of which is billed as that large.
func (r LifecycleRule) Small() bool {
	c := r.Scope()
	return len(r.Transitions)+len(r.NoncurrentTransitions) > 0 && (c.Less > 0 && c.Less <= minTransitionSize || c.Greater > 0 && c.Greater < minTransitionSize)
}
