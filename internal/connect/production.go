package connect

import "pintail/bookmarks"

// ProductionOf tells whether the connection of a reference is marked as production, by its bookmark as it is now or when it was opened,
// and what to call it. A reference that is none of ours is not marked.
func ProductionOf(marks *bookmarks.Store, ref string) (name string, marked bool) {
	spec, err := ParseRef(ref)
	if err != nil {
		return "", false
	}
	marked = spec.Production
	if spec.Bookmark != "" && marks != nil {
		if b, err := marks.Find(spec.Bookmark); err == nil {
			name, marked = b.Title(), marked || b.Production
		}
	}
	return firstOf(name, spec.Endpoint, "S3"), marked
}
