package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Settings of buckets. Each is a document that one operation reads and another writes. The SDK signs and sends; the documents are ours,
// so that what its types have no field for survives. A setting that was never made is an empty value and no error.

// setting is one kind of a bucket's settings.
type setting struct {
	feature string   // its name in the command line
	root    string   // of the document that is sent; "" for a text (the policy)
	absent  []string // codes that say that there is none
	list    string   // of settings with ids: the element of the listing that holds one
	get     string   // operations; "" where there is none
	put     string
	del     string
	fetch   func(ctx context.Context, c *s3.Client, r settingRequest) error
	send    func(ctx context.Context, c *s3.Client, r settingRequest) error
	remove  func(ctx context.Context, c *s3.Client, r settingRequest) error
	off     *node // what is written to take it away where no operation does
}

// settingRequest is what the functions of a setting put into their request.
type settingRequest struct {
	bucket  *string
	id      *string // of settings with ids
	mfa     *string
	token   *string // of a listing
	text    string  // the policy
	minSize string  // of lifecycle rules, see minSizeHeader
	opts    []func(*s3.Options)
}

// ErrNotReadBack is the cause of an error that says that a setting was taken with success and could not be looked at afterwards.
var ErrNotReadBack = errors.New("the setting was taken and could not be read again")

// minSizeHeader goes beside lifecycle rules: which small objects they leave alone. Left out, a bucket gets the default back.
const minSizeHeader = "X-Amz-Transition-Default-Minimum-Object-Size"

// withDocument sends body in place of what the SDK wrote.
func withDocument(body []byte) func(*s3.Options) {
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("PintailDocument",
				func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
					r, ok := in.Request.(*smithyhttp.Request)
					if !ok {
						return middleware.SerializeOutput{}, middleware.Metadata{}, fmt.Errorf("a request of type %T", in.Request)
					}
					r, err := r.SetStream(bytes.NewReader(body))
					if err != nil {
						return middleware.SerializeOutput{}, middleware.Metadata{}, err
					}
					r.Header.Set("Content-Type", "application/xml")
					in.Request = r
					return next.HandleSerialize(ctx, in)
				}), middleware.After)
		})
	}
}

// checkBucket refuses what is no bucket.
func checkBucket(op string, loc Location) error {
	if !loc.IsBucket() {
		return invalid(op, loc, "NoBucket", "a setting belongs to a bucket")
	}
	return nil
}

// readRaw asks for the setting and gives the document as it came; nil if there is none.
func (s *Session) readRaw(ctx context.Context, st *setting, loc Location, r settingRequest) (doc []byte, minSize string, err error) {
	if err := checkBucket(st.get, loc); err != nil {
		return nil, "", err
	}
	r.bucket = &loc.Bucket
	_, rec, err := do(ctx, s, st.get, loc, func(ctx context.Context, c *s3.Client, _ *call) (struct{}, error) {
		return struct{}{}, st.fetch(ctx, c, r)
	})
	if err == nil {
		return rec.document, rec.header.Get(minSizeHeader), nil
	}
	var e *Error
	if errors.As(err, &e) && slices.Contains(st.absent, e.Code) && rec.failure.Code != "" {
		return nil, "", nil
	}
	return nil, "", notOffered(rec, err)
}

// notOffered tells a server that does not have a setting from one that refuses: a question without a document cannot be malformed or
// have a wrong argument, and an answer with another document of S3 is to another question.
func notOffered(rec *call, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	said := rec.failure.Code != ""
	switch {
	case said && rec.method == http.MethodGet && (e.Code == "MalformedXML" || e.Code == "InvalidArgument" || e.Code == "InvalidRequest"):
	case e.Kind == KindNotS3 && rec.status == http.StatusOK && otherQuestion[rootOf(rec.document)]:
		e.Code, e.Message, e.Err = "NotImplemented", "the server took the question for another one", nil
	default:
		return err
	}
	e.Kind, e.Retryable, e.Unknown = KindUnsupported, false, false
	return e
}

// otherQuestion are the answers of servers that leave out the part of the address that they do not know.
var otherQuestion = map[string]bool{"ListBucketResult": true, "ListAllMyBucketsResult": true, "ListVersionsResult": true}

func rootOf(doc []byte) string {
	root, err := rootElement(doc)
	if err != nil {
		return ""
	}
	return root
}

// readSetting reads a setting as a tree; nil if there is none.
func (s *Session) readSetting(ctx context.Context, st *setting, loc Location, id string) (*node, error) {
	raw, minSize, err := s.readRaw(ctx, st, loc, settingRequest{id: optional(id)})
	if err != nil || raw == nil {
		return nil, err
	}
	e, err := parseDocument(raw)
	if err != nil {
		return nil, &Error{Op: st.get, Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "NotS3", Message: err.Error(), Err: err}
	}
	e.minSize = minSize
	return e, nil
}

// readTyped reads a setting into a type with xml tags. It tells whether there is one.
func (s *Session) readTyped(ctx context.Context, st *setting, loc Location, id string, v any) (bool, error) {
	e, err := s.readSetting(ctx, st, loc, id)
	if err != nil || e == nil {
		return false, err
	}
	return true, s.fill(st.feature, loc, e, v)
}

// fill puts a document that was read into a type with xml tags.
func (s *Session) fill(feature string, loc Location, e *node, v any) error {
	if err := e.fill(v); err != nil {
		return &Error{Op: "Get " + feature, Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "NotS3", Message: err.Error(), Err: err}
	}
	return nil
}

// writeTyped writes a type with xml tags and proves that it is there.
func (s *Session) writeTyped(ctx context.Context, st *setting, loc Location, v any, r settingRequest) error {
	e, err := elementOf(v)
	if err != nil {
		return invalid(st.put, loc, "InvalidSetting", "%w", err)
	}
	return s.writeSetting(ctx, st, loc, e, r)
}

// writeSetting writes a setting and proves that it is there.
func (s *Session) writeSetting(ctx context.Context, st *setting, loc Location, e *node, r settingRequest) error {
	if err := checkBucket(st.put, loc); err != nil {
		return err
	}
	e.name = st.root
	if st.feature == "lifecycle" || st.feature == "replication" {
		e.conditionsInAnd()
	}
	if err := st.check(e); err != nil {
		return invalid(st.put, loc, "InvalidSetting", "%w", err)
	}
	body, err := e.document()
	if err != nil {
		return invalid(st.put, loc, "InvalidSetting", "%w", err)
	}
	if r.minSize == "" {
		r.minSize = e.minSize
	}
	r.bucket, r.opts = &loc.Bucket, []func(*s3.Options){withDocument(body), withContentMD5}
	_, rec, err := do(ctx, s, st.put, loc, func(ctx context.Context, c *s3.Client, _ *call) (struct{}, error) {
		return struct{}{}, st.send(ctx, c, r)
	})
	if err != nil {
		return s.refused(ctx, st, loc, r, rec, err)
	}
	return s.readBack(ctx, st, loc, r, func(ctx context.Context) (string, error) {
		got, err := s.readSetting(ctx, st, loc, deref(r.id))
		if err != nil {
			return "", err
		}
		if got != nil && (st.feature == "lifecycle" || st.feature == "replication") {
			return e.scopeInRule().lacks(got.scopeInRule()), nil
		}
		return e.lacks(got), nil
	})
}

// refused tells a server that does not have a setting from one that does not take this document: only the second can be asked for it.
func (s *Session) refused(ctx context.Context, st *setting, loc Location, r settingRequest, rec *call, err error) error {
	if st.feature == "versioning" {
		err = s.refusedVersioning(ctx, loc, deref(r.mfa), err)
	}
	var e *Error
	if !errors.As(err, &e) || rec.failure.Code == "" || (e.Code != "MalformedXML" && e.Code != "InvalidArgument" && e.Code != "InvalidRequest") {
		return err
	}
	if _, _, look := s.readRaw(ctx, st, loc, settingRequest{id: r.id}); KindOf(look) == KindUnsupported {
		e.Kind, e.Retryable = KindUnsupported, false
	}
	return e
}

// backAfter is how long a setting may take to be seen, in steps: S3 spreads settings of buckets in its own time.
var backAfter = []time.Duration{0, 200 * time.Millisecond, time.Second}

// readBack looks whether a setting is there. lacks names what is not.
func (s *Session) readBack(ctx context.Context, st *setting, loc Location, _ settingRequest, lacks func(context.Context) (string, error)) error {
	where := ""
	for _, wait := range backAfter {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return &Error{Op: st.put, Location: loc, Host: s.Host(), Kind: KindCancelled, Unknown: true, Err: ctx.Err()}
		}
		var err error
		if where, err = lacks(ctx); err != nil {
			return notReadBack(err)
		}
		if where == "" {
			return nil
		}
	}
	return ignored(st.put, loc, where)
}

// deleteSetting takes a setting away and proves that it is gone. One that was not there is no error.
func (s *Session) deleteSetting(ctx context.Context, st *setting, loc Location, r settingRequest) error {
	if st.del == "" {
		if st.off == nil {
			return invalid(st.put, loc, "NoDelete", "this setting can be changed, not taken away")
		}
		return s.writeSetting(ctx, st, loc, st.off.clone(), r)
	}
	if err := checkBucket(st.del, loc); err != nil {
		return err
	}
	r.bucket = &loc.Bucket
	_, rec, err := do(ctx, s, st.del, loc, func(ctx context.Context, c *s3.Client, _ *call) (struct{}, error) {
		return struct{}{}, st.remove(ctx, c, r)
	})
	var e *Error
	if errors.As(err, &e) && slices.Contains(st.absent, e.Code) && rec.failure.Code != "" {
		return nil
	}
	if err != nil {
		return notOffered(rec, err)
	}
	return s.readBack(ctx, st, loc, r, func(ctx context.Context) (string, error) {
		raw, _, err := s.readRaw(ctx, st, loc, settingRequest{id: r.id})
		if err != nil || raw == nil {
			return "", err
		}
		if left, err := parseDocument(raw); err == nil && (left.empty() || st.isDefault(left)) {
			return "", nil
		}
		return st.feature, nil
	})
}

// isDefault tells whether e is what a bucket has that nobody set: Amazon encrypts everything, and blocks public access by itself.
func (st *setting) isDefault(e *node) bool {
	return st.feature == "encryption" || st.root != "" && e.missing() == ""
}

func (e *node) clone() *node {
	c := *e
	c.attrs = slices.Clone(e.attrs)
	c.kids = nil
	for _, k := range e.kids {
		c.kids = append(c.kids, k.clone())
	}
	return &c
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
