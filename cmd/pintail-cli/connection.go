package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/storage"
)

// maxSecretLine bounds what --password-stdin reads.
const maxSecretLine = 8 << 10

// spec is the connection that the options name; an address with a bookmark of its own names that.
func (a *app) spec(addr address) (connect.Spec, error) {
	s := connect.Spec{
		Bookmark: a.opts.Bookmark, Profile: a.opts.Profile, Endpoint: a.opts.Endpoint, Region: a.opts.Region, Addressing: a.opts.addressing,
		AWSProfile: a.opts.AWSProfile, KeyID: a.opts.Username, Anonymous: a.opts.Anonymous,
		Network: a.opts.network(), Buckets: a.opts.Buckets,
	}
	if addr.Spec != nil {
		s = *addr.Spec
		s.Addressing = a.opts.addressing
		return s, nil
	}
	if addr.Bookmark != "" && !strings.EqualFold(addr.Bookmark, a.opts.Bookmark) {
		s = connect.Spec{Bookmark: addr.Bookmark, Addressing: a.opts.addressing}
		return s, nil
	}
	if !a.opts.PasswordStdin {
		return s, nil
	}
	typed, err := a.typedSecret()
	if err != nil {
		return connect.Spec{}, err
	}
	s.Typed = typed
	return s, nil
}

// typedSecret reads the secret from standard input, once.
func (a *app) typedSecret() (keychain.Typed, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.typed != nil {
		return *a.typed, nil
	}
	if a.opts.Username == "" {
		return keychain.Typed{}, usagef("--password-stdin needs --username")
	}
	line, err := bufio.NewReader(io.LimitReader(a.sys.Stdin, maxSecretLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return keychain.Typed{}, err
	}
	secret := strings.TrimRight(line, "\r\n")
	if secret == "" {
		return keychain.Typed{}, usagef("--password-stdin: standard input is empty")
	}
	a.typed = &keychain.Typed{KeyID: a.opts.Username, Secret: keychain.NewSecret(secret)}
	return *a.typed, nil
}

// connect opens the connection for addr. A secret that was typed at a prompt is tried at once, and asked for again while the server
// refuses it. The connection is closed with the program.
func (a *app) connect(ctx context.Context, addr address) (*connect.Connection, error) {
	spec, err := a.spec(addr)
	if err != nil {
		return nil, err
	}
	env, err := a.env(ctx)
	if err != nil {
		return nil, err
	}
	c, err := connect.Open(ctx, env, spec)
	for err == nil && spec.Typed.Secret.Empty() && c.Asked {
		refused := probe(ctx, c.Session, addr.Location)
		if !connect.Refused(refused) {
			if saveErr := c.Accepted(ctx); saveErr != nil {
				a.warn(saveErr)
			}
			break
		}
		_ = c.Close()        // nothing is under way
		spec.KeyID = c.KeyID // offered again
		c, err = connect.Again(ctx, env, spec, refused)
	}
	if err != nil {
		return nil, err
	}
	a.onClose(c.Close)
	a.log.Info("connection", "host", c.Host, "credentials", c.Source, "key", c.KeyHint)
	if a.opts.Verbose {
		a.console.line(text.T("cli.connected", escape(c.Host), escape(c.Source), c.KeyHint))
	}
	return c, nil
}

// probe asks the server for as little as possible to see whether it takes the credentials.
func probe(ctx context.Context, s *storage.Session, loc storage.Location) error {
	if loc.IsRoot() {
		for _, err := range s.Buckets(ctx) {
			return err
		}
		return nil
	}
	for _, err := range s.List(ctx, loc.Bucket, loc.Key, storage.ListOptions{Delimiter: "/", PageSize: 1}) {
		return err
	}
	return nil
}

// warn prints what went wrong besides the work itself.
func (a *app) warn(err error) { a.printError(err, explained(err)) }
