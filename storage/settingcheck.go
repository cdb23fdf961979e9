package storage

import (
	"fmt"
	"slices"
)

// check refuses what S3 would refuse in any case.
func (st *setting) check(e *node) error {
	switch st.feature {
	case "lifecycle":
		return checkAs(e, func(l *Lifecycle) error {
			if len(l.Rules) == 0 {
				return fmt.Errorf("%w: there are no rules", errShape)
			}
			return l.Check()
		})
	case "cors":
		return checkAs(e, func(c *CORS) error { return c.Check() })
	case "website":
		return checkAs(e, func(w *Website) error { return w.Check() })
	case "versioning":
		return oneOf(e, "Status", "Enabled", "Suspended")
	case "accelerate":
		return oneOf(e, "Status", "Enabled", "Suspended")
	case "requester-pays":
		return oneOf(e, "Payer", "Requester", "BucketOwner")
	case "ownership":
		rule := e.child("Rule")
		if rule == nil {
			return fmt.Errorf("%w: there is no rule", errShape)
		}
		return oneOf(rule, "ObjectOwnership", OwnerEnforced, OwnerPreferred, OwnerWriter)
	case "public-access":
		for _, name := range []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"} {
			if e.child(name) != nil {
				return nil
			}
		}
		return fmt.Errorf("%w: none of the four switches is in it", errShape)
	}
	return st.checkMore(e)
}

func (st *setting) checkMore(e *node) error {
	switch st.feature {
	case "encryption":
		for _, k := range e.kids {
			if d := k.child("ApplyServerSideEncryptionByDefault"); d != nil && d.value("SSEAlgorithm") == "" {
				return fmt.Errorf("%w: there is no SSEAlgorithm", errShape)
			}
		}
		return needs(e, "Rule")
	case "logging":
		if l := e.child("LoggingEnabled"); l != nil {
			return needs(l, "TargetBucket")
		}
	case "replication":
		if e.child("Role") == nil { // MinIO's is empty
			return fmt.Errorf("%w: there is no Role", errShape)
		}
		return checkAs(e, func(r *Replication) error { return r.Check() })
	case "notification":
		return checkAs(e, func(n *Notifications) error { return n.Check() })
	case "tags":
		return checkAs(e, checkBucketTags)
	case "inventory", "analytics", "metrics", "intelligent-tiering":
		return needs(e, "Id")
	}
	return nil
}

// checkAs reads e as a type and checks that.
func checkAs[T any](e *node, check func(*T) error) error {
	v := new(T)
	if err := e.fill(v); err != nil {
		return fmt.Errorf("%w: %w", errShape, err)
	}
	return check(v)
}

func oneOf(e *node, name string, values ...string) error {
	if v := e.value(name); !slices.Contains(values, v) {
		return fmt.Errorf("%w: %s is one of %v, not %q", errShape, name, values, v)
	}
	return nil
}

func needs(e *node, name string) error {
	if k := e.child(name); k == nil || k.empty() {
		return fmt.Errorf("%w: there is no %s", errShape, name)
	}
	return nil
}

// MaxBucketTags is how many tags a bucket can have.
const MaxBucketTags = 50

func checkBucketTags(t *bucketTagging) error {
	if len(t.Tags) > MaxBucketTags {
		return fmt.Errorf("a bucket has at most %d tags, not %d", MaxBucketTags, len(t.Tags))
	}
	seen := map[string]bool{}
	for _, tag := range t.Tags {
		switch {
		case tag.Key == "" || len([]rune(tag.Key)) > 128 || len([]rune(tag.Value)) > 256:
			return fmt.Errorf("a tag's name has 1 to 128 characters, its value at most 256")
		case seen[tag.Key]:
			return fmt.Errorf("the tag %q is there twice", tag.Key)
		}
		seen[tag.Key] = true
	}
	return nil
}

// Check tells what S3 would refuse.
func (n Notifications) Check() error {
	for _, list := range [][]Notification{n.Topics, n.Queues, n.Functions} {
		for _, c := range list {
			if c.Topic+c.Queue+c.Function == "" {
				return fmt.Errorf("a receiver has no ARN")
			}
			if len(c.Events) == 0 {
				return fmt.Errorf("%s%s%s is told of no event", c.Topic, c.Queue, c.Function)
			}
		}
	}
	return nil
}

// Check tells what S3 would refuse.
func (r Replication) Check() error {
	if len(r.Rules) == 0 || len(r.Rules) > 1000 {
		return fmt.Errorf("there must be 1 to 1,000 rules, not %d", len(r.Rules))
	}
	for i, rule := range r.Rules {
		switch {
		case rule.Status != "Enabled" && rule.Status != "Disabled":
			return fmt.Errorf("rule %d: the status is Enabled or Disabled, not %q", i+1, rule.Status)
		case rule.Destination.Bucket == "":
			return fmt.Errorf("rule %d: the destination has no bucket", i+1)
		case rule.Prefix != nil && rule.Filter != nil:
			return fmt.Errorf("rule %d: there cannot be both a prefix and a filter", i+1)
		}
	}
	return nil
}
