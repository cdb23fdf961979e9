package storage

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// ProbeState is what a probe found.
type ProbeState string

// The states. Failed: the answer says nothing about permissions.
const (
	ProbeAllowed     ProbeState = "allowed"
	ProbeDenied      ProbeState = "denied"
	ProbeUnsupported ProbeState = "unsupported"
	ProbeSkipped     ProbeState = "not probed" // to find out would change something, or there is nothing to try it on
	ProbeFailed      ProbeState = "failed"
)

// Probe is one operation at a place and whether the credentials may do it.
type Probe struct {
	Op         string
	Permission string // the IAM action that it needs; of a denied one the action that is missing
	State      ProbeState
	Err        error // of what is denied, unsupported or failed
}

// Probe tries the operations that only look, at all buckets, a bucket, or an object (for a folder or a bucket: on example, an object
// in it, "" for none), and names the others without trying them. It changes nothing; of an object it reads one byte at most. The
// answers come as each is known, in a fixed order.
func (s *Session) Probe(ctx context.Context, loc Location, example string, each func(Probe)) error {
	tried := map[string]bool{}
	locks := false
	if loc.Bucket != "" {
		k, err := s.Keeps(ctx, loc.Bucket)
		locks = err == nil && k.Lock // else the question has no good answer
	}
	for _, p := range s.probes(loc, example, locks) {
		tried[p.op] = true
		err := p.try(ctx)
		if KindOf(err) == KindCancelled {
			return err
		}
		each(judgeProbe(p.op, loc, err))
	}
	for _, op := range slices.Sorted(maps.Keys(permissions)) {
		if !tried[op] && concerns(op, loc) {
			each(Probe{Op: op, Permission: missingPermission(op, loc, ""), State: ProbeSkipped})
		}
	}
	return nil
}

// ProbeExample is the key of an object at loc to try things on: one in a bucket or a folder, "" if there is none or none is seen. A
// bucket that is not there is an error.
func (s *Session) ProbeExample(ctx context.Context, loc Location) (string, error) {
	if loc.Bucket == "" || loc.Key != "" && !loc.IsFolder() {
		return "", nil
	}
	for page, err := range s.List(ctx, loc.Bucket, loc.Key, ListOptions{PageSize: 1}) {
		if k := KindOf(err); k == KindNotFound || k == KindCancelled {
			return "", err
		}
		if err == nil && len(page.Entries) > 0 {
			return page.Entries[0].Key, nil
		}
		break
	}
	return "", nil
}

func judgeProbe(op string, loc Location, err error) Probe {
	p := Probe{Op: op, Permission: missingPermission(op, loc, ""), State: ProbeFailed, Err: err}
	switch KindOf(err) {
	case KindPermission:
		p.State = ProbeDenied
		if e, ok := err.(*Error); ok && e.Permission != "" {
			p.Permission = e.Permission
		}
	case KindUnsupported:
		p.State = ProbeUnsupported
	case KindNotFound, KindArchived, KindPrecondition: // what is not there may be asked for
		p.State, p.Err = ProbeAllowed, nil
		if e, ok := err.(*Error); ok && e.Code == "NoSuchBucket" {
			p.State, p.Err = ProbeFailed, err
		}
	}
	if err == nil {
		p.State = ProbeAllowed
	}
	return p
}

// concerns tells whether an operation can be done at loc at all.
func concerns(op string, loc Location) bool {
	switch {
	case op == "ListObjects", op == "HeadObject" && loc.Key == "":
		return false
	case op == "ListBuckets", op == "GetCallerIdentity", op == "CreateBucket":
		return loc.IsRoot()
	}
	return !loc.IsRoot() && (loc.Key == "" || !strings.Contains(op, "Bucket") && !strings.Contains(op, "PublicAccess") && !strings.Contains(op, "LockConfiguration"))
}

type probe struct {
	op  string
	try func(context.Context) error
}

// probes are the operations that can be tried without harm.
func (s *Session) probes(loc Location, example string, locks bool) []probe {
	if loc.IsRoot() {
		return []probe{
			{"ListBuckets", func(ctx context.Context) error { return firstPage(s.Buckets(ctx)) }},
			{"GetCallerIdentity", func(ctx context.Context) error { _, err := s.Identity(ctx); return err }},
		}
	}
	prefix := ""
	if loc.IsFolder() {
		prefix = loc.Key
	}
	one := ListOptions{PageSize: 1, Delimiter: "/"}
	list := []probe{
		{"ListObjectsV2", func(ctx context.Context) error { return firstPage(s.List(ctx, loc.Bucket, prefix, one)) }},
		{"ListObjectVersions", func(ctx context.Context) error { return firstPage(s.ListVersions(ctx, loc.Bucket, prefix, one)) }},
		{"ListMultipartUploads", func(ctx context.Context) error { return firstPage(s.ListUploads(ctx, loc.Bucket, prefix, one)) }},
	}
	if loc.Key == "" {
		list = append(list, s.bucketProbes(loc)...)
	}
	if loc.Key == "" || loc.IsFolder() {
		loc.Key = example
	}
	if loc.Key != "" {
		list = append(list, s.objectProbes(loc)...)
		if locks {
			list = append(list, s.lockProbes(loc)...)
		}
	}
	return list
}

func (s *Session) bucketProbes(bucket Location) []probe {
	list := []probe{{"GetBucketAcl", func(ctx context.Context) error { _, err := s.ACL(ctx, bucket); return err }}}
	for _, st := range append(settings(), policyStatus()) {
		list = append(list, probe{st.get, func(ctx context.Context) error {
			var id *string
			if st.list != "" {
				id = optional("pintail")
			}
			_, _, err := s.readRaw(ctx, st, bucket, settingRequest{id: id})
			return err
		}})
	}
	return list
}

func (s *Session) objectProbes(loc Location) []probe {
	return []probe{
		{"HeadObject", func(ctx context.Context) error { _, err := s.Stat(ctx, loc); return err }},
		{"GetObject", func(ctx context.Context) error {
			r, err := s.Read(ctx, loc, ReadOptions{Length: 1})
			if err == nil {
				err = r.Close()
			}
			if e, ok := err.(*Error); ok && e.Code == "InvalidRange" { // the object is empty
				return nil
			}
			return err
		}},
		{"GetObjectTagging", func(ctx context.Context) error { _, err := s.Tags(ctx, loc); return err }},
		{"GetObjectAcl", func(ctx context.Context) error { _, err := s.ACL(ctx, loc); return err }},
	}
}

func (s *Session) lockProbes(loc Location) []probe {
	return []probe{
		{"GetObjectRetention", func(ctx context.Context) error { _, err := s.getRetention(ctx, loc); return err }},
		{"GetObjectLegalHold", func(ctx context.Context) error { _, err := s.getHold(ctx, loc); return err }},
	}
}

// firstPage asks for the first page of a listing.
func firstPage[T any](pages func(func(T, error) bool)) error {
	for _, err := range pages {
		return err
	}
	return nil
}
