package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// MaxBytes is how long a bucket's policy may be, as [Size] counts. S3's documentation says 20 KB and not of what; S3 brings a policy into
// a form of its own first, so that its white space does not count.
const MaxBytes = 20 << 10

// Size is the bytes of a policy that count: white space between its parts does not.
func Size(doc []byte) int { return len(Compact(doc)) }

// Problem is what is wrong at a place of a document. Lines and columns count from 1, columns in characters.
type Problem struct {
	Line, Column int
	Text         string // a clause without a full stop
	Warning      bool   // a server may take it all the same
}

// Error makes a problem an error: "line 3, column 5: …".
func (p Problem) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Text)
}

// Policy is a document that was understood.
type Policy struct {
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one rule. Of each pair with Not one is empty.
type Statement struct {
	Line                      int // where it begins
	Sid                       string
	Allow                     bool // else it denies
	Principals, NotPrincipals []Principal
	Actions, NotActions       []string
	Resources, NotResources   []string
	Conditions                []Condition
}

// Principal is who a statement is about. Kind is AWS, Service, Federated or CanonicalUser; everybody is AWS "*".
type Principal struct{ Kind, ID string }

// Condition is one test: all of a statement's must hold for it to count.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Everybody tells whether a principal stands for everybody, with or without credentials.
func (p Principal) Everybody() bool { return p.Kind == "AWS" && p.ID == "*" }

// Parse reads a document. Only errors of [Check] make it fail, not warnings; the error is the first [Problem].
func Parse(doc []byte) (Policy, error) {
	root, problems := check(doc, "")
	for _, p := range problems {
		if !p.Warning {
			return Policy{}, p
		}
	}
	return build(doc, root), nil
}

// Check holds a document against the grammar of bucket policies and returns what is wrong, in the order of the document.
// With a bucket it also checks that the policy speaks of that one alone. No problem means that S3 should take it.
func Check(doc []byte, bucket string) []Problem {
	_, problems := check(doc, bucket)
	return problems
}

// Fatal is the first problem that is no warning, nil if there is none.
func Fatal(problems []Problem) error {
	for _, p := range problems {
		if !p.Warning {
			return p
		}
	}
	return nil
}

func check(doc []byte, bucket string) (*node, []Problem) {
	root, err := parseJSON(doc)
	var broken *problemAt
	if errors.As(err, &broken) {
		return nil, []Problem{place(doc, broken.at, broken.text, false)}
	}
	c := &checker{doc: doc, bucket: bucket}
	c.document(root)
	if n := Size(doc); n > MaxBytes {
		c.add(len(doc), "a policy has %d bytes at most, and this one has %d", MaxBytes, n)
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return root, c.problems
}

// place turns a byte offset into line and column.
func place(doc []byte, at int, text string, warning bool) Problem {
	at = min(at, len(doc))
	before := doc[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return Problem{Line: bytes.Count(before, []byte("\n")) + 1, Column: len([]rune(string(before[start:]))) + 1, Text: text, Warning: warning}
}

// Compact is doc without white space between its parts; a document that is no JSON stays as it is.
func Compact(doc []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, doc) != nil {
		return doc
	}
	return b.Bytes()
}

// Indent is doc with two blanks a level, as people read it; a document that is no JSON stays as it is.
func Indent(doc []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, doc, "", "  ") != nil {
		return doc
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}

// build makes the policy of a document without errors.
func build(doc []byte, root *node) Policy {
	p := Policy{Version: "2008-10-17"} // what S3 assumes
	if v := root.get("Version"); v != nil {
		p.Version = v.str()
	}
	if id := root.get("Id"); id != nil {
		p.ID = id.str()
	}
	for _, n := range root.get("Statement").list() {
		s := Statement{Line: place(doc, n.at, "", false).Line, Allow: n.get("Effect").str() == "Allow"}
		if sid := n.get("Sid"); sid != nil {
			s.Sid = sid.str()
		}
		s.Principals, s.NotPrincipals = principals(n.get("Principal")), principals(n.get("NotPrincipal"))
		s.Actions, s.NotActions = strs(n.get("Action")), strs(n.get("NotAction"))
		s.Resources, s.NotResources = strs(n.get("Resource")), strs(n.get("NotResource"))
		if c := n.get("Condition"); c != nil {
			for _, op := range c.members {
				for _, key := range op.node.members {
					s.Conditions = append(s.Conditions, Condition{Operator: op.name, Key: key.name, Values: strs(key.node)})
				}
			}
		}
		p.Statements = append(p.Statements, s)
	}
	return p
}

func principals(n *node) []Principal {
	if n == nil {
		return nil
	}
	if n.isString() {
		return []Principal{{"AWS", n.str()}}
	}
	var list []Principal
	for _, m := range n.members {
		for _, id := range strs(m.node) {
			list = append(list, Principal{m.name, id})
		}
	}
	return list
}

// strs are the values of a string, a number, a boolean, or an array of them.
func strs(n *node) []string {
	if n == nil {
		return nil
	}
	var list []string
	for _, v := range n.list() {
		list = append(list, fmt.Sprint(v.value))
	}
	return list
}
