package demo

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Object is something to put into a server without a request, with a date of its own.
type Object struct {
	Bucket, Key string
	Body        []byte
	Modified    time.Time // zero is now
	ContentType string    // "" is binary/octet-stream
	Class       string    // "" is STANDARD
	Encryption  string    // AES256, or ""
	Meta, Tags  map[string]string
	Public      bool // canned list public-read
	Marker      bool // a delete marker instead; the bucket must be versioned
}

// AddBucket makes a bucket in the server's region. Versioned switches versioning on.
func (s *Server) AddBucket(name string, created time.Time, versioned bool) error {
	if !validBucketName(name) {
		return fmt.Errorf("add bucket %q: %w", name, fail("InvalidBucketName", ""))
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.buckets[name] != nil {
		return fmt.Errorf("add bucket %q: %w", name, fail("BucketAlreadyOwnedByYou", ""))
	}
	b := &bucket{name: name, region: s.opt.Region, created: created.UTC(), acl: []grant{s.ownerGrant()}, uploads: map[string]*upload{}}
	if versioned {
		b.versioning = "Enabled"
	}
	s.store.buckets[name] = b
	return nil
}

// Add puts objects, in order, by the rules of their buckets' versioning. A million empty objects with ascending keys,
// in calls of a few thousand, take a few seconds and some 200 MiB.
func (s *Server) Add(objects ...Object) error {
	empty := map[emptyKind]*version{}
	for _, o := range objects {
		if err := s.add(o, empty); err != nil {
			return fmt.Errorf("add %q to %s: %w", o.Key, o.Bucket, err)
		}
	}
	return nil
}

// emptyKind tells empty objects apart that differ in nothing but key and date, and so can share all else.
type emptyKind struct {
	class, contentType string
	public             bool
}

func (s *Server) add(o Object, empty map[emptyKind]*version) error {
	if o.Key == "" || len(o.Key) > maxKeyBytes {
		return fail("KeyTooLongError", "")
	}
	if o.Modified.IsZero() {
		o.Modified = s.now()
	}
	v := &version{marker: o.Marker}
	kind := emptyKind{o.Class, o.ContentType, o.Public}
	plain := !o.Marker && len(o.Body)+len(o.Meta)+len(o.Tags) == 0
	if known := empty[kind]; plain && known != nil {
		*v = *known
	} else if !o.Marker {
		in, err := s.store.receive(bytes.NewReader(o.Body), maxPutBytes, crc64NVME)
		if err != nil {
			return err
		}
		v.etag, v.size, v.body, v.attributes = in.etag(), in.size(), in.content, s.seedAttributes(o)
		v.sum = checksum{crc64NVME, encode64(in.sums[crc64NVME]), fullObject}
		if plain {
			v.body = nil
			shared := *v
			empty[kind] = &shared
		}
	}
	v.modified = o.Modified.UTC().Truncate(time.Millisecond)
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	b := s.store.buckets[o.Bucket]
	if b == nil {
		_ = v.body.release() // a file that cannot be removed goes with the folder
		return fail("NoSuchBucket", "")
	}
	b.put(o.Key, v)
	return nil
}

func (s *Server) seedAttributes(o Object) *attributes {
	a := &attributes{class: o.Class, encryption: encryption{sse: o.Encryption}, headers: map[string]string{"Content-Type": o.ContentType}, meta: map[string]string{}, acl: []grant{s.ownerGrant()}}
	if a.class == "" {
		a.class = "STANDARD"
	}
	if o.ContentType == "" {
		a.headers["Content-Type"] = "binary/octet-stream"
	}
	for k, v := range o.Meta {
		a.meta[strings.ToLower(k)] = v
	}
	for _, k := range slices.Sorted(maps.Keys(o.Tags)) {
		a.tags = append(a.tags, field{k, o.Tags[k]})
	}
	if o.Public {
		a.acl = append(a.acl, canned["public-read"]...)
	}
	return a
}
