package keychain

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// errNotHere means that a source has nothing for the request and the next one may be asked.
var errNotHere = errors.New("nothing here")

func (req *Request) ask(ctx context.Context, src Source) (Resolved, error) {
	switch src {
	case SourceTyped:
		return req.static(src, req.Typed)
	case SourceKeychain:
		return req.fromStore(ctx)
	case SourceEnvironment:
		res, err := req.fromEnvironment()
		if errors.Is(err, errNotHere) {
			return req.fromWebIdentity(ctx)
		}
		return res, err
	case SourceAWSProfile:
		return req.fromAWSProfile(ctx)
	case SourceOpenID:
		return req.fromOpenID(ctx)
	case SourceContainer:
		return req.fromContainer(ctx)
	case SourceInstance:
		return req.fromInstance(ctx)
	case SourceAnonymous:
		return Resolved{Anonymous: true, Source: SourceAnonymous}, nil
	}
	return Resolved{}, errNotHere
}

// static wraps a key pair.
func (req *Request) static(src Source, t Typed) (Resolved, error) {
	if t.KeyID == "" || t.Secret.Empty() {
		return Resolved{}, errNotHere
	}
	p := credentials.NewStaticCredentialsProvider(t.KeyID, t.Secret.Reveal(), t.Token.Reveal())
	return Resolved{Provider: req.bind(p, t.KeyID), Source: src, KeyID: t.KeyID}, nil
}

func (req *Request) bind(p aws.CredentialsProvider, keyID string) *Bound {
	it := req.Item
	it.KeyID = keyID
	return NewBound(p, it)
}

func (req *Request) fromStore(ctx context.Context) (Resolved, error) {
	if req.Store == nil || req.Item.KeyID == "" {
		return Resolved{}, errNotHere
	}
	s, err := req.Store.Get(ctx, req.Item)
	if errors.Is(err, ErrNotFound) {
		return Resolved{}, errNotHere
	}
	if err != nil {
		return Resolved{}, err
	}
	res, err := req.static(SourceKeychain, Typed{KeyID: req.Item.KeyID, Secret: s, Token: req.Typed.Token})
	res.Store = req.Store.Kind()
	return res, err
}

func (req *Request) fromEnvironment() (Resolved, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := req.Getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	// The second names are the older ones that the SDK reads too.
	return req.static(SourceEnvironment, Typed{
		KeyID:  first("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"),
		Secret: NewSecret(first("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")),
		Token:  NewSecret(req.Getenv("AWS_SESSION_TOKEN")),
	})
}
