package storage

import "fmt"

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
