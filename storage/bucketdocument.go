package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"pintail/storage/policy"
)

// Document is one setting of a bucket as a whole, with everything that is in it, for those who read and write JSON. The zero value is
// a setting that was never made.
type Document struct {
	feature string
	root    *node
	policy  string
}

// BucketFeatures are the names of the settings that documents exist of.
func BucketFeatures() []string {
	var names []string
	for _, st := range settings() {
		names = append(names, st.feature)
	}
	slices.Sort(names)
	return names
}

// HasIDs tells whether a bucket has several settings of a feature, each with an id.
func HasIDs(feature string) bool {
	st := settingOf(feature)
	return st != nil && st.list != ""
}

// IsZero tells whether the setting was never made.
func (d Document) IsZero() bool { return d.root == nil && d.policy == "" }

// ID is the id of a setting that has one.
func (d Document) ID() string {
	if d.root == nil {
		return ""
	}
	return d.root.value("Id")
}

// JSON is the document in the shape that `aws s3api get-bucket-…` prints.
func (d Document) JSON() ([]byte, error) {
	v := map[string]any{}
	switch {
	case d.feature == "policy":
		if d.policy != "" {
			v["Policy"] = d.policy
		}
	case d.root == nil:
	case d.feature == "location":
		v["LocationConstraint"] = nil
		if text := d.root.value("LocationConstraint") + strings.TrimSpace(d.root.text); text != "" {
			v["LocationConstraint"] = text
		}
	default:
		v = d.value()
		if w := shapes()[d.feature].wrap; w != "" {
			v = map[string]any{w: v}
		}
		if d.root.minSize != "" {
			v["TransitionDefaultMinimumObjectSize"] = d.root.minSize
		}
	}
	return marshalJSON(v)
}

func (d Document) value() map[string]any { return shapes()[d.feature].object(d.root) }

func marshalJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// DocumentsJSON is a list of settings with ids in the shape that `aws s3api list-bucket-…-configurations` prints.
func DocumentsJSON(feature string, list []Document) ([]byte, error) {
	v := make([]map[string]any, 0, len(list))
	for _, d := range list {
		v = append(v, d.value())
	}
	return marshalJSON(map[string]any{shapes()[feature].wrap + "List": v})
}

// ParseDocument reads JSON in the shape that `aws s3api put-bucket-…` takes, or that its get prints, and checks what can be checked
// without asking: a [*SyntaxError] names the line.
func ParseDocument(feature string, b []byte) (Document, error) {
	st := settingOf(feature)
	if st == nil || st.put == "" {
		return Document{}, fmt.Errorf("%w: %s cannot be set", errShape, feature)
	}
	v, err := decodeJSON(b)
	if err != nil {
		return Document{}, err
	}
	if feature == "policy" {
		return policyDocument(b, v)
	}
	sh := shapes()[feature]
	if in, ok := v[sh.wrap].(map[string]any); ok && sh.wrap != "" && len(v) == 1 {
		v = in
	}
	d := Document{feature: feature, root: &node{name: st.root}}
	if feature == "lifecycle" {
		d.root.minSize, _ = v["TransitionDefaultMinimumObjectSize"].(string)
		delete(v, "TransitionDefaultMinimumObjectSize")
	}
	if err := sh.fill(d.root, v); err != nil {
		return Document{}, err
	}
	return d, st.check(d.root)
}

func policyDocument(b []byte, v map[string]any) (Document, error) {
	text := string(b)
	if in, ok := v["Policy"].(string); ok && len(v) == 1 {
		text = in
		if _, err := decodeJSON([]byte(in)); err != nil {
			return Document{}, err
		}
	}
	if !isPolicy([]byte(text)) {
		return Document{}, fmt.Errorf("%w: a policy has a Statement", errShape)
	}
	if n := policy.Size([]byte(text)); n > policy.MaxBytes {
		return Document{}, fmt.Errorf("%w: a policy has at most 20 KiB; this one has %d bytes", errShape, n)
	}
	return Document{feature: "policy", policy: text}, nil
}

// Policy is the text of a policy.
func (d Document) Policy() string { return d.policy }

func (s *Session) settingFor(feature string, loc Location, id string) (*setting, error) {
	st := settingOf(feature)
	switch {
	case st == nil:
		return nil, invalid("Bucket settings", loc, "NoSuchFeature", "%s is no setting of a bucket", feature)
	case st.list != "" && id == "":
		return nil, invalid(st.get, loc, "NoID", "%s is named by an id", feature)
	}
	return st, nil
}

// BucketDocument reads a setting; id names one of those that a bucket has several of.
func (s *Session) BucketDocument(ctx context.Context, loc Location, feature, id string) (Document, error) {
	st, err := s.settingFor(feature, loc, id)
	if err != nil {
		return Document{}, err
	}
	if feature == "policy" {
		text, err := s.BucketPolicy(ctx, loc)
		return Document{feature: feature, policy: text}, err
	}
	e, err := s.readSetting(ctx, st, loc, id)
	return Document{feature: feature, root: e}, err
}

// SetBucketDocument writes a setting and proves that the server has it; an id is taken from the document. mfa is as for SetVersioning.
func (s *Session) SetBucketDocument(ctx context.Context, loc Location, d Document, mfa string) error {
	if d.feature == "policy" {
		return s.SetBucketPolicy(ctx, loc, d.policy)
	}
	st, err := s.settingFor(d.feature, loc, d.ID())
	if err != nil {
		return err
	}
	if d.root == nil || st.put == "" {
		return invalid("Bucket settings", loc, "NoDocument", "there is nothing to set")
	}
	if d.feature == "ownership" || d.feature == "object-lock" {
		defer s.forgetKeeps(loc.Bucket)
	}
	return s.writeSetting(ctx, st, loc, d.root.clone(), settingRequest{id: optional(d.ID()), mfa: optional(mfa)})
}

// DeleteBucketDocument takes a setting away, or switches it off where S3 knows no other way.
func (s *Session) DeleteBucketDocument(ctx context.Context, loc Location, feature, id string) error {
	st, err := s.settingFor(feature, loc, id)
	if err != nil {
		return err
	}
	if feature == "ownership" || feature == "object-lock" {
		defer s.forgetKeeps(loc.Bucket)
	}
	return s.deleteSetting(ctx, st, loc, settingRequest{id: optional(id)})
}

// BucketDocuments lists the settings of a feature that have ids.
func (s *Session) BucketDocuments(ctx context.Context, loc Location, feature string) ([]Document, error) {
	st, list := settingOf(feature), listings()[feature]
	if st == nil || list == nil {
		return nil, invalid("Bucket settings", loc, "NoSuchFeature", "%s is no list of settings", feature)
	}
	if err := checkBucket(list.get, loc); err != nil {
		return nil, err
	}
	var all []Document
	token := ""
	for {
		_, rec, err := do(ctx, s, list.get, loc, func(ctx context.Context, c *s3.Client, _ *call) (struct{}, error) {
			return struct{}{}, list.fetch(ctx, c, settingRequest{bucket: &loc.Bucket, token: optional(token)})
		})
		if err != nil {
			return nil, notOffered(rec, err)
		}
		page, err := parseDocument(rec.document)
		if err != nil {
			return nil, &Error{Op: list.get, Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "NotS3", Message: err.Error(), Err: err}
		}
		for _, k := range page.kids {
			if k.name == st.root {
				all = append(all, Document{feature: feature, root: k})
			}
		}
		next := page.value("NextContinuationToken")
		if !strings.EqualFold(page.value("IsTruncated"), "true") || next == "" || next == token {
			return all, nil
		}
		token = next
	}
}
