package demo

import (
	"fmt"
	"io"
	"maps"
)

// Contents are the current objects of a bucket in the order of their keys, read from the store itself and not through S3: what
// a test compares with. Delete markers are left out.
func (s *Server) Contents(bucket string) ([]Object, error) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	b := s.store.buckets[bucket]
	if b == nil {
		return nil, fmt.Errorf("contents of %s: %w", bucket, fail("NoSuchBucket", ""))
	}
	var all []Object
	for _, e := range b.entries {
		v := e.versions[0]
		if v.marker {
			continue
		}
		o := Object{Bucket: bucket, Key: e.key, Modified: v.modified, ContentType: v.headers["Content-Type"], Class: v.class, Encryption: v.sse, Meta: maps.Clone(v.meta)}
		for _, t := range v.tags {
			if o.Tags == nil {
				o.Tags = map[string]string{}
			}
			o.Tags[t.name] = t.value
		}
		var err error
		if o.Body, err = io.ReadAll(v.body.reader(span{0, v.body.size()})); err != nil {
			return nil, fmt.Errorf("contents of %s: %w", bucket, err)
		}
		all = append(all, o)
	}
	return all, nil
}
