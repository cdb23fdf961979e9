package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"pintail/storage/policy"
)

// isPolicy tells whether an answer is a policy: a JSON object with statements.
func isPolicy(b []byte) bool {
	var p map[string]json.RawMessage
	return json.Unmarshal(b, &p) == nil && p["Statement"] != nil
}

// BucketPolicy is the policy of a bucket as it was written; "" if there is none.
func (s *Session) BucketPolicy(ctx context.Context, loc Location) (string, error) {
	raw, _, err := s.readRaw(ctx, settingOf("policy"), loc, settingRequest{})
	return string(raw), err
}

// SetBucketPolicy replaces the policy of a bucket and proves that the server has it. Text that is no JSON object with statements, or is
// longer than [policy.MaxBytes], is refused without asking. One that is longer with its white space is sent without: some servers count it.
func (s *Session) SetBucketPolicy(ctx context.Context, loc Location, text string) error {
	st := settingOf("policy")
	if err := checkBucket(st.put, loc); err != nil {
		return err
	}
	if !isPolicy([]byte(text)) {
		return invalid(st.put, loc, "MalformedPolicy", "a policy is a JSON object with a Statement")
	}
	if n := policy.Size([]byte(text)); n > policy.MaxBytes {
		return invalid(st.put, loc, "PolicyTooLong", "a policy has at most 20 KiB; this one has %d bytes", n)
	}
	if len(text) > policy.MaxBytes {
		text = string(policy.Compact([]byte(text)))
	}
	r := settingRequest{bucket: &loc.Bucket, text: text, opts: []func(*s3.Options){withContentMD5}}
	_, rec, err := do(ctx, s, st.put, loc, func(ctx context.Context, c *s3.Client, _ *call) (struct{}, error) {
		return struct{}{}, st.send(ctx, c, r)
	})
	if err != nil {
		return s.refused(ctx, st, loc, r, rec, err)
	}
	return s.readBack(ctx, st, loc, r, func(ctx context.Context) (string, error) {
		got, err := s.BucketPolicy(ctx, loc)
		if err != nil || samePolicy(text, got) {
			return "", err
		}
		return "policy", nil
	})
}

// DeleteBucketPolicy takes the policy of a bucket away.
func (s *Session) DeleteBucketPolicy(ctx context.Context, loc Location) error {
	return s.deleteSetting(ctx, settingOf("policy"), loc, settingRequest{})
}

// samePolicy compares what two policies say. The server may write a list of one as its element, and order a list of names anew.
func samePolicy(a, b string) bool {
	va, erra := policyValue(a)
	vb, errb := policyValue(b)
	return erra == nil && errb == nil && reflect.DeepEqual(va, vb)
}

func policyValue(text string) (any, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return plainValue(v), nil
}

// plainValue writes each list of one as its element, and lists of texts as sets.
func plainValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plainValue(e)
		}
	case []any:
		if len(v) == 1 {
			return plainValue(v[0])
		}
		set := map[string]bool{}
		for i, e := range v {
			if text, ok := e.(string); ok {
				set[text] = true
			}
			v[i] = plainValue(e)
		}
		if len(set) == len(v) && len(v) > 0 {
			return set
		}
	}
	return v
}

// PolicyIsPublic tells whether the server thinks that a bucket's policy lets everybody in. Without a policy it is not.
func (s *Session) PolicyIsPublic(ctx context.Context, loc Location) (bool, error) {
	var v struct {
		IsPublic string
	}
	_, err := s.readTyped(ctx, policyStatus(), loc, "", &v)
	return v.IsPublic == "true" || v.IsPublic == "TRUE", err
}

func policyStatus() *setting {
	return &setting{feature: "policy-status", absent: []string{"NoSuchBucketPolicy"}, get: "GetBucketPolicyStatus",
		fetch: operation((*s3.Client).GetBucketPolicyStatus, func(r settingRequest) *s3.GetBucketPolicyStatusInput {
			return &s3.GetBucketPolicyStatusInput{Bucket: r.bucket}
		})}
}
