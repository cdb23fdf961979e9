package storage

import (
	"fmt"
	"slices"
)

// Lifecycle is a document as rules. It is meant for documents of that feature; one that was never made has no rules.
func (d Document) Lifecycle() (Lifecycle, error) {
	var l Lifecycle
	if d.feature != "lifecycle" && !d.IsZero() {
		return l, fmt.Errorf("%w: %s has no lifecycle rules", errShape, d.feature)
	}
	if d.root == nil {
		return l, nil
	}
	l.MinimumSize = d.root.minSize
	if err := d.root.fill(&l); err != nil {
		return Lifecycle{}, fmt.Errorf("%w: %w", errShape, err)
	}
	return l, nil
}

// Document is the rules as a document, unchecked. What this package has no field for is in it.
func (l Lifecycle) Document() (Document, error) {
	root, err := elementOf(l)
	if err != nil {
		return Document{}, fmt.Errorf("%w: %w", errShape, err)
	}
	root.name, root.minSize = settingOf("lifecycle").root, l.MinimumSize
	return Document{feature: "lifecycle", root: root}, nil
}

// conditionsInAnd puts the conditions of each rule's filter into its And if there are several: that is the form that S3 takes. RGW
// answers with the prefix beside the And and, asked in that form, forgets the prefix: the rule would be for all objects.
func (e *node) conditionsInAnd() {
	for _, rule := range e.kids {
		f := rule.child("Filter")
		if f == nil {
			continue
		}
		var conditions, rest []*node
		for _, k := range f.kids {
			switch k.name {
			case "Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan":
				conditions = append(conditions, k)
			default:
				rest = append(rest, k)
			}
		}
		and := f.child("And")
		switch {
		case and == nil && len(conditions) > 1:
			and = &node{name: "And"}
			rest = append(rest, and)
		case and == nil || len(conditions) == 0:
			continue
		}
		and.kids = append(slices.DeleteFunc(conditions, func(k *node) bool { return k.name == "Prefix" && and.child("Prefix") != nil }), and.kids...)
		f.kids = rest
	}
}
