package keychain

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// expiryWindow is how long before their end credentials are renewed; short-lived ones in the last quarter of their life.
const expiryWindow = 5 * time.Minute

// renewAgain is when the source is asked again after it failed while the old credentials are still good.
const renewAgain = time.Minute

// Bound is an [aws.CredentialsProvider] that knows which server its credentials are for. It keeps them and renews them before
// they end. Safe for concurrent use: one caller asks the source, with its own context, and the others wait for that.
type Bound struct {
	inner aws.CredentialsProvider
	item  Item
	turn  chan struct{} // full while somebody asks the source

	mu    sync.Mutex // guards below
	last  aws.Credentials
	renew time.Time // when to ask the source again; not set for credentials that do not end
}

// NewBound binds p to the server of it.
func NewBound(p aws.CredentialsProvider, it Item) *Bound {
	return &Bound{inner: p, item: it, turn: make(chan struct{}, 1)}
}

// Item is what the credentials are bound to.
func (b *Bound) Item() Item { return b.item }

// Retrieve implements [aws.CredentialsProvider]. Expires of the result is when to ask again, which is before the real end. It may
// ask a person for a code.
func (b *Bound) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if c, ok := b.fresh(time.Now()); ok {
		return c, nil
	}
	select {
	case <-ctx.Done():
		return aws.Credentials{}, ctx.Err()
	case b.turn <- struct{}{}:
	}
	defer func() { <-b.turn }()
	if c, ok := b.fresh(time.Now()); ok {
		return c, nil
	}
	c, err := b.inner.Retrieve(ctx)
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if !b.last.HasKeys() || !now.Before(b.last.Expires) {
			return aws.Credentials{}, err
		}
		b.renew = earlier(now.Add(renewAgain), b.last.Expires) // the old ones still serve
		return b.outLocked(), nil
	}
	b.last, b.renew = c, time.Time{}
	if c.CanExpire {
		b.renew = c.Expires.Add(-min(expiryWindow, c.Expires.Sub(now)/4))
	}
	return b.outLocked(), nil
}

func (b *Bound) fresh(now time.Time) (aws.Credentials, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.last.HasKeys() || b.last.CanExpire && !now.Before(b.renew) {
		return aws.Credentials{}, false
	}
	return b.outLocked(), true
}

func (b *Bound) outLocked() aws.Credentials {
	c := b.last
	if c.CanExpire {
		c.Expires = b.renew
	}
	return c
}

// Expires is the end of the credentials that were given last, zero when they do not end.
func (b *Bound) Expires() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.last.CanExpire {
		return time.Time{}
	}
	return b.last.Expires
}

// Invalidate forgets what the source gave, after a server refused it: the next Retrieve asks anew.
func (b *Bound) Invalidate() {
	b.mu.Lock()
	b.last, b.renew = aws.Credentials{}, time.Time{}
	b.mu.Unlock()
	if i, ok := b.inner.(interface{ Invalidate() }); ok {
		i.Invalidate()
	}
}

// RetrieveFor returns the credentials when the endpoint URL is the server they are bound to, else ErrOtherHost.
func (b *Bound) RetrieveFor(ctx context.Context, endpoint string) (aws.Credentials, error) {
	it, err := NewItem(endpoint, b.item.Vendor, "any")
	if err != nil {
		return aws.Credentials{}, err
	}
	if it.Endpoint() != b.item.Endpoint() {
		return aws.Credentials{}, fmt.Errorf("%w: they are for %s, not %s", ErrOtherHost, b.item.Endpoint(), it.Endpoint())
	}
	return b.Retrieve(ctx)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
