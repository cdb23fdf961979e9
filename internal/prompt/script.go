package prompt

import (
	"context"
	"sync"
)

// Nobody leaves every question unanswered.
type Nobody struct{}

// Existing is unanswered.
func (Nobody) Existing(context.Context, Existing) (ExistingAnswer, error) {
	return ExistingAnswer{}, ErrDismissed
}

// Confirm is unanswered.
func (Nobody) Confirm(context.Context, Confirm) (bool, error) { return false, ErrDismissed }

// Code is unanswered.
func (Nobody) Code(context.Context, Code) (string, error) { return "", ErrDismissed }

// Login is unanswered.
func (Nobody) Login(context.Context, Login) (LoginAnswer, error) { return LoginAnswer{}, ErrDismissed }

// Passphrase is unanswered.
func (Nobody) Passphrase(context.Context, Passphrase) (string, error) { return "", ErrDismissed }

// Script answers questions from lists, in order, and keeps what was asked. A question beyond its list is unanswered. The zero value
// is ready; set the answers before it is used.
type Script struct {
	Existings []ExistingAnswer
	Confirms  []bool
	Codes     []string
	Logins    []LoginAnswer
	Phrases   []string

	mu    sync.Mutex // guards all
	asked []any
}

// Asked are the questions so far: values of [Existing], [Confirm], [Code], [Login] and [Passphrase].
func (s *Script) Asked() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]any(nil), s.asked...)
}

// next takes the first answer off a list.
func next[Q, A any](ctx context.Context, s *Script, q Q, list *[]A) (A, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none A
	if err := ctx.Err(); err != nil {
		return none, err
	}
	s.asked = append(s.asked, q)
	if len(*list) == 0 {
		return none, ErrDismissed
	}
	a := (*list)[0]
	*list = (*list)[1:]
	return a, nil
}

// Existing gives the next of Existings.
func (s *Script) Existing(ctx context.Context, q Existing) (ExistingAnswer, error) {
	return next(ctx, s, q, &s.Existings)
}

// Confirm gives the next of Confirms.
func (s *Script) Confirm(ctx context.Context, q Confirm) (bool, error) {
	return next(ctx, s, q, &s.Confirms)
}

// Code gives the next of Codes.
func (s *Script) Code(ctx context.Context, q Code) (string, error) {
	return next(ctx, s, q, &s.Codes)
}

// Login gives the next of Logins.
func (s *Script) Login(ctx context.Context, q Login) (LoginAnswer, error) {
	return next(ctx, s, q, &s.Logins)
}

// Passphrase gives the next of Phrases.
func (s *Script) Passphrase(ctx context.Context, q Passphrase) (string, error) {
	return next(ctx, s, q, &s.Phrases)
}
