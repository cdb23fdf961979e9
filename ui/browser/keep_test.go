package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/storage"
)

// deaf is a keychain that takes nothing: it answers err once it is let.
type deaf struct {
	*keychain.Memory
	asked chan struct{} // closed by the first Set
	let   chan struct{}
	err   error
}

func (d *deaf) Kind() keychain.StoreKind { return keychain.SystemStore }

func (d *deaf) Set(ctx context.Context, _ keychain.Item, _ keychain.Secret) error {
	close(d.asked)
	select {
	case <-d.let:
		return d.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A keychain that does not take a typed secret, or answers late, holds nothing up: the connection goes on, one remark says what became of
// the secret, and until the program ends nobody is asked again.
func TestKeep_AKeychainThatDoesNotTakeTheSecret(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		words string
	}{
		"no answer": {fmt.Errorf("store: %w", keychain.ErrUnavailable), "until you quit: the keychain did not answer. Unlock it"},
		"too big":   {&keychain.TooBigError{Bytes: 3000, Limit: 2560, System: "store"}, "until you quit: "},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			d := &deaf{Memory: keychain.NewMemory(), asked: make(chan struct{}), let: make(chan struct{}), err: c.err}
			b.env.Keychain, b.env.Prompter = d, prompt.Nobody{}
			spec := b.spec()
			spec.Save = true
			b.vm.Connect(spec, storage.Location{})
			b.until("the list of buckets", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
			<-d.asked
			if err := b.vm.conn.Session.MakeBucket(t.Context(), "bucket", storage.MakeBucketOptions{}); err != nil {
				t.Fatal(err)
			}
			b.goTo(storage.Location{Bucket: "bucket"}) // while the keychain does not answer
			if b.notice != "" || len(b.reports) > 0 {
				t.Errorf("before its answer: %q, %+v", b.notice, b.reports)
			}
			close(d.let)
			b.until("the remark", func() bool { return b.notice != "" })
			if !strings.Contains(b.notice, c.words) || len(b.reports) > 0 {
				t.Errorf("it says %q, reports %+v", b.notice, b.reports)
			}
			again, err := connect.Open(t.Context(), b.env, connect.Spec{Endpoint: b.server.URL(), KeyID: b.server.AccessKey()})
			if err != nil {
				t.Fatalf("the secret is not in memory: %v", err)
			}
			for _, err := range again.Session.Buckets(t.Context()) {
				if err != nil {
					t.Error(err)
				}
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
