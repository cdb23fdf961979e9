package policy

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker collects what is wrong.
type checker struct {
	doc       []byte
	bucket    string
	variables bool // policy variables are replaced: version 2012-10-17
	sids      map[string]bool
	problems  []Problem
}

func (c *checker) add(at int, format string, args ...any) {
	c.problems = append(c.problems, place(c.doc, at, fmt.Sprintf(format, args...), false))
}

func (c *checker) warn(at int, format string, args ...any) {
	c.problems = append(c.problems, place(c.doc, at, fmt.Sprintf(format, args...), true))
}

// members checks that an object has only the elements that it may have.
func (c *checker) members(n *node, what string, allowed ...string) bool {
	if n.kind != kindObject {
		c.add(n.at, "%s must be an object: { … }", what)
		return false
	}
	for _, m := range n.members {
		if slices.Contains(allowed, m.name) {
			continue
		}
		hint := ""
		for _, a := range allowed {
			if strings.EqualFold(a, m.name) {
				hint = fmt.Sprintf("; it is written %q", a)
			}
		}
		c.add(m.at, "%s has no element %q%s", what, m.name, hint)
	}
	return true
}

func (c *checker) document(root *node) {
	c.sids = map[string]bool{}
	if !c.members(root, "a policy", "Version", "Id", "Statement") {
		return
	}
	switch v := root.get("Version"); {
	case v == nil:
		c.warn(root.at, "without \"Version\": \"2012-10-17\" the old language of 2008 holds, which has no variables")
	case v.str() != "2012-10-17" && v.str() != "2008-10-17":
		c.add(v.at, "the version is \"2012-10-17\" (or the old \"2008-10-17\"); it is no date of yours")
	default:
		c.variables = v.str() == "2012-10-17"
	}
	if id := root.get("Id"); id != nil && !id.isString() {
		c.add(id.at, "Id must be a text")
	}
	st := root.get("Statement")
	if st == nil || st.kind == kindArray && len(st.items) == 0 {
		c.add(root.at, "a policy needs a Statement")
		return
	}
	for _, s := range st.list() {
		c.statement(s)
	}
}

func (c *checker) statement(n *node) {
	if !c.members(n, "a statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition") {
		return
	}
	if sid := n.get("Sid"); sid != nil {
		if !sid.isString() {
			c.add(sid.at, "Sid must be a text")
		} else if c.sids[sid.str()] && sid.str() != "" {
			c.add(sid.at, "the Sid %q is there twice", sid.str())
		}
		c.sids[sid.str()] = true
	}
	switch e := n.get("Effect"); {
	case e == nil:
		c.add(n.at, "a statement needs an Effect: \"Allow\" or \"Deny\"")
	case e.str() != "Allow" && e.str() != "Deny":
		c.add(e.at, "Effect is \"Allow\" or \"Deny\"")
	}
	if p := c.oneOf(n, "Principal", "NotPrincipal"); p != nil {
		c.principal(p)
	}
	if not := n.get("NotPrincipal"); not != nil && n.get("Effect") != nil && n.get("Effect").str() == "Allow" {
		c.warn(not.at, "NotPrincipal with Allow lets everybody else in, even without credentials")
	}
	actions := c.oneOf(n, "Action", "NotAction")
	c.texts(actions, "an action", c.action)
	resources := c.oneOf(n, "Resource", "NotResource")
	c.texts(resources, "a resource", c.resource)
	if a, r := n.get("Action"), n.get("Resource"); a != nil && r != nil {
		c.fits(a, r)
	}
	if cond := n.get("Condition"); cond != nil {
		c.conditions(cond)
	}
}

// oneOf is the element of a pair that is there; exactly one must be.
func (c *checker) oneOf(n *node, name, not string) *node {
	a, b := n.get(name), n.get(not)
	switch {
	case a == nil && b == nil:
		c.add(n.at, "a statement needs %s or %s", name, not)
	case a != nil && b != nil:
		c.add(b.at, "a statement has %s or %s, not both", name, not)
	case a == nil:
		return b
	}
	return a
}

// texts checks a text or a list of at least one.
func (c *checker) texts(n *node, what string, each func(*node)) {
	if n == nil {
		return
	}
	if n.kind == kindObject || n.kind == kindArray && len(n.items) == 0 {
		c.add(n.at, "%s is a text or a list of texts", what)
		return
	}
	for _, v := range n.list() {
		if !v.isString() || v.str() == "" {
			c.add(v.at, "%s is a text", what)
			continue
		}
		each(v)
	}
}

func (c *checker) principal(n *node) {
	if n.isString() {
		if n.str() != "*" {
			c.add(n.at, "a principal is \"*\", or an object like { \"AWS\": \"…\" }")
		}
		return
	}
	if !c.members(n, "a principal", "AWS", "Service", "Federated", "CanonicalUser") {
		return
	}
	if len(n.members) == 0 {
		c.add(n.at, "the principal is empty")
	}
	for _, m := range n.members {
		c.texts(m.node, "a principal", func(v *node) {
			if m.name == "AWS" && strings.HasPrefix(v.str(), "arn:") && strings.ContainsAny(v.str(), "*?") {
				c.add(v.at, "a principal has no wildcards, but for \"*\" alone")
			}
			if m.name == "CanonicalUser" && v.str() == "*" {
				c.add(v.at, "a canonical user is an id; everybody is { \"AWS\": \"*\" }")
			}
		})
	}
}

var actionPattern = regexp.MustCompile(`^(\*|(s3|s3express|s3-object-lambda):[A-Za-z0-9*?]+)$`)

func (c *checker) action(v *node) {
	a := v.str()
	switch {
	case !actionPattern.MatchString(a):
		c.add(v.at, "%q is no action of S3, like s3:GetObject or s3:Get*", a)
	case !known(a):
		c.warn(v.at, "no known action is called %q", a)
	}
}

// fits warns of what S3 refuses as "action does not apply to any resource": actions on objects need bucket/*, those on the
// bucket the bucket alone.
func (c *checker) fits(actions, resources *node) {
	var bucket, object bool
	for _, r := range resources.list() {
		_, path, _ := splitARN(r.str())
		object = object || strings.Contains(path, "/") || strings.HasSuffix(path, "*")
		bucket = bucket || !strings.Contains(path, "/")
	}
	for _, a := range actions.list() {
		onBucket, onObject := appliesTo(a.str())
		switch {
		case onObject && !onBucket && !object:
			c.add(a.at, "%s is about objects, and no resource here names any (BUCKET/*)", a.str())
		case onBucket && !onObject && !bucket:
			c.add(a.at, "%s is about the bucket, and no resource here is the bucket itself", a.str())
		}
	}
}

// splitARN takes arn:PARTITION:s3:::PATH apart.
func splitARN(s string) (partition, path string, ok bool) {
	f := strings.SplitN(s, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[2] != "s3" {
		return "", "", false
	}
	return f[1], f[5], f[5] != ""
}

func (c *checker) resource(v *node) {
	r := v.str()
	_, path, ok := splitARN(r)
	switch {
	case !ok:
		c.add(v.at, "%q is no resource of S3, like arn:aws:s3:::%s/*", r, orBucket(c.bucket))
	case c.bucket != "" && !ofBucket(path, c.bucket):
		c.add(v.at, "a bucket's policy is about this bucket alone: arn:aws:s3:::%s or arn:aws:s3:::%s/*", c.bucket, c.bucket)
	case !c.variables && strings.Contains(path, "${"):
		c.warn(v.at, "variables like ${aws:username} need \"Version\": \"2012-10-17\"")
	}
}

func orBucket(b string) string {
	if b == "" {
		return "BUCKET"
	}
	return b
}

// ofBucket tells whether a path is the bucket or in it.
func ofBucket(path, bucket string) bool {
	rest, ok := strings.CutPrefix(path, bucket)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '*')
}

// operators are the tests that a condition can make, with what their values must be.
var operators = map[string]func(string) bool{
	"StringEquals": anyText, "StringNotEquals": anyText, "StringEqualsIgnoreCase": anyText, "StringNotEqualsIgnoreCase": anyText,
	"StringLike": anyText, "StringNotLike": anyText, "BinaryEquals": anyText,
	"NumericEquals": isNumber, "NumericNotEquals": isNumber, "NumericLessThan": isNumber, "NumericLessThanEquals": isNumber,
	"NumericGreaterThan": isNumber, "NumericGreaterThanEquals": isNumber,
	"DateEquals": isDate, "DateNotEquals": isDate, "DateLessThan": isDate, "DateLessThanEquals": isDate, "DateGreaterThan": isDate,
	"DateGreaterThanEquals": isDate, "Bool": isBool, "Null": isBool, "IpAddress": isNetwork, "NotIpAddress": isNetwork,
	"ArnEquals": anyText, "ArnLike": anyText, "ArnNotEquals": anyText, "ArnNotLike": anyText,
}

func anyText(string) bool { return true }

func isNumber(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }

func isBool(s string) bool { return s == "true" || s == "false" }

func isDate(s string) bool {
	for _, f := range []string{time.RFC3339, "2006-01-02", "2006-01-02T15:04Z"} {
		if _, err := time.Parse(f, s); err == nil {
			return true
		}
	}
	return isNumber(s)
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// bare is an operator without its ForAnyValue: and IfExists.
func bare(op string) string {
	op = strings.TrimPrefix(strings.TrimPrefix(op, "ForAllValues:"), "ForAnyValue:")
	return strings.TrimSuffix(op, "IfExists")
}

func (c *checker) conditions(n *node) {
	if n.kind != kindObject {
		c.add(n.at, "Condition is an object of tests: { \"StringEquals\": { \"aws:…\": \"…\" } }")
		return
	}
	for _, op := range n.members {
		right, ok := operators[bare(op.name)]
		if !ok || op.name == "NullIfExists" {
			c.add(op.at, "there is no test %q", op.name)
			continue
		}
		if op.node.kind != kindObject || len(op.node.members) == 0 {
			c.add(op.node.at, "the test %s needs keys with values", op.name)
			continue
		}
		for _, key := range op.node.members {
			if !strings.Contains(key.name, ":") {
				c.add(key.at, "%q is no key of a condition, like aws:SourceIp or s3:prefix", key.name)
			}
			c.values(op.name, key, right)
		}
	}
}

func (c *checker) values(op string, key member, right func(string) bool) {
	if key.node.kind == kindObject || key.node.kind == kindArray && len(key.node.items) == 0 {
		c.add(key.node.at, "%s needs a value or a list of values", key.name)
		return
	}
	for _, v := range key.node.list() {
		if v.kind != kindScalar || v.value == nil {
			c.add(v.at, "a value is a text, a number, true or false")
			continue
		}
		if s := fmt.Sprint(v.value); !right(s) && !strings.Contains(s, "${") {
			c.add(v.at, "%q is no value for %s", s, op)
		}
	}
}
