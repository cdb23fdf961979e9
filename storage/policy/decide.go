package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// Request is what a policy is asked about.
type Request struct {
	// Account and ARN are who asks: the account's number and the user's or role's ARN. Both empty: somebody without credentials.
	Account, ARN string
	Action       string // for example "s3:GetObject"
	Resource     string // bucket, or bucket/key
	// Context are the values of condition keys that are known, by lower-case key. A test of any other key may hold or not.
	Context map[string][]string
}

// Effect is what a policy says to a request.
type Effect int

// The effects. Nothing means that another source of rights decides.
const (
	Nothing    Effect = iota
	Allowed           // by a statement
	MaybeAllow        // by a statement whose conditions may hold
	Denied            // by a statement, whatever allows it
	MaybeDeny         // allowed, and denied by a statement whose conditions may hold
)

// Decision is an effect with the statement that decided.
type Decision struct {
	Effect    Effect
	Statement *Statement // nil for Nothing
	Perhaps   *Statement // a statement that denies it if its conditions hold, whatever else allows it; nil if there is none
}

// Decide judges one request.
func (p Policy) Decide(r Request) Decision {
	var allow, maybeAllow, maybeDeny *Statement
	for i := range p.Statements {
		s := &p.Statements[i]
		switch m := s.matches(r, p.Version == "2012-10-17"); {
		case m == yes && !s.Allow:
			return Decision{Denied, s, nil}
		case m == maybe && !s.Allow:
			maybeDeny = first(maybeDeny, s)
		case m == yes:
			allow = first(allow, s)
		case m == maybe:
			maybeAllow = first(maybeAllow, s)
		}
	}
	switch {
	case allow == nil && maybeAllow == nil:
		return Decision{Nothing, nil, maybeDeny}
	case maybeDeny != nil:
		return Decision{MaybeDeny, maybeDeny, maybeDeny}
	case allow != nil:
		return Decision{Allowed, allow, nil}
	}
	return Decision{MaybeAllow, maybeAllow, nil}
}

func first(a, b *Statement) *Statement {
	if a != nil {
		return a
	}
	return b
}

// answer is no, maybe or yes; the least of several holds where all must hold.
type answer int

const (
	no answer = iota
	maybe
	yes
)

func of(b bool) answer {
	if b {
		return yes
	}
	return no
}

func (s *Statement) matches(r Request, variables bool) answer {
	who := of(slices.ContainsFunc(s.Principals, r.is))
	if len(s.NotPrincipals) > 0 {
		who = of(!slices.ContainsFunc(s.NotPrincipals, r.is))
	}
	action := of(slices.ContainsFunc(s.Actions, func(a string) bool { return actionMatches(a, r.Action) }))
	if len(s.NotActions) > 0 {
		action = of(!slices.ContainsFunc(s.NotActions, func(a string) bool { return actionMatches(a, r.Action) }))
	}
	what := no
	for _, res := range s.Resources {
		what = max(what, resourceMatches(res, r.Resource, variables))
	}
	if len(s.NotResources) > 0 {
		what = yes
		for _, res := range s.NotResources {
			what = min(what, yes-resourceMatches(res, r.Resource, variables))
		}
	}
	all := min(who, action, what)
	for _, c := range s.Conditions {
		all = min(all, c.holds(r.Context))
	}
	return all
}

// is tells whether the request comes from p.
func (r Request) is(p Principal) bool {
	if p.Everybody() {
		return true
	}
	if r.Account == "" && r.ARN == "" || p.Kind != "AWS" {
		return false
	}
	return p.ID == r.ARN || p.ID == r.Account || strings.HasPrefix(p.ID, "arn:") && strings.HasSuffix(p.ID, ":iam::"+r.Account+":root")
}

// resourceMatches compares an ARN's path; what a variable stands for is not known.
func resourceMatches(arn, resource string, variables bool) answer {
	_, path, _ := splitARN(arn)
	if !variables || !strings.Contains(path, "${") {
		return of(wild(path, resource))
	}
	var loose strings.Builder
	for rest := path; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		loose.WriteString(before)
		if !found {
			break
		}
		loose.WriteByte('*')
		_, rest, _ = strings.Cut(after, "}")
	}
	if wild(loose.String(), resource) {
		return maybe
	}
	return no
}

// holds tells whether a condition holds in a context. What it does not understand may hold.
func (c Condition) holds(context map[string][]string) answer {
	have, known := context[strings.ToLower(c.Key)]
	if !known || strings.HasPrefix(c.Operator, "For") {
		return maybe
	}
	if c.Operator == "Null" {
		return of(slices.Contains(c.Values, boolText(len(have) == 0)))
	}
	if len(have) == 0 {
		// a key that is not there fails a test, but for those with IfExists or Not
		return of(strings.HasSuffix(c.Operator, "IfExists") || strings.Contains(c.Operator, "Not"))
	}
	test, negated := tests(bare(c.Operator))
	if test == nil {
		return maybe
	}
	some := slices.ContainsFunc(c.Values, func(v string) bool { return test(v, have[0]) })
	return of(some != negated)
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// tests is how an operator compares a value of the policy with one of the request, and whether it is the opposite.
func tests(op string) (test func(want, have string) bool, negated bool) {
	equal := func(want, have string) bool { return want == have }
	switch op {
	case "StringEquals", "ArnEquals":
		return equal, false
	case "StringNotEquals", "ArnNotEquals":
		return equal, true
	case "StringEqualsIgnoreCase", "Bool":
		return strings.EqualFold, false
	case "StringNotEqualsIgnoreCase":
		return strings.EqualFold, true
	case "StringLike", "ArnLike":
		return wild, false
	case "StringNotLike", "ArnNotLike":
		return wild, true
	case "IpAddress":
		return inNetwork, false
	case "NotIpAddress":
		return inNetwork, true
	}
	return nil, false
}

func inNetwork(network, address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if p, err := netip.ParsePrefix(network); err == nil {
		return p.Contains(a)
	}
	b, err := netip.ParseAddr(network)
	return err == nil && a == b
}
