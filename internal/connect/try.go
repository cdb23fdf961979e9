package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/storage"
)

// StepID names a step of [Try].
type StepID string

// The steps, in the order in which they are taken.
const (
	StepSettings    StepID = "settings"    // what was given names a server and a way to sign in
	StepName        StepID = "name"        // the server's name has an address; with a proxy, the proxy's
	StepReach       StepID = "reach"       // something accepts connections there
	StepTLS         StepID = "tls"         // the handshake and the certificate
	StepClock       StepID = "clock"       // an answer comes, and its clock is ours
	StepCredentials StepID = "credentials" // there is a key, and the person agrees that it goes there
	StepSignature   StepID = "signature"   // the server takes the key
	StepList        StepID = "list"        // the buckets, or the bucket to begin in, can be listed
)

// Steps are all steps in their order.
func Steps() []StepID {
	return []StepID{StepSettings, StepName, StepReach, StepTLS, StepClock, StepCredentials, StepSignature, StepList}
}

// StepState is how a step stands.
type StepState int

// The states.
const (
	StepWaiting StepState = iota // not begun
	StepRunning
	StepPassed
	StepWarned // works, and a person should know something
	StepFailed
	StepSkipped // has no meaning for this connection
)

// Step is one step of [Try] and what came of it.
type Step struct {
	ID     StepID
	State  StepState
	Detail string // what was found or is wrong, for people; "" with an Err that says it, see internal/explain
	Advice string // what to do about it; "" as Detail
	Err    error  // why it failed
}

// trial is one run of [Try].
type trial struct {
	env  Env
	spec Spec
	each func(Step)
	t    target
}

// Try tests the connection that spec names, step by step, and tells each of every change of a step: when it begins and what came of it. It
// stops at the first step that fails; false means that one did. Nothing is stored in the keychain. Questions are asked as by [Open].
// each is called by one goroutine at a time.
func Try(ctx context.Context, env Env, spec Spec, each func(Step)) bool {
	r := &trial{env: env.filled(), spec: spec, each: each}
	var open *Connection
	defer func() {
		if open != nil {
			_ = open.Close() // nothing is under way
		}
	}()
	return r.step(StepSettings, func() Step { return r.settings(ctx, &open) }) &&
		r.address(ctx, open.Session.Endpoint()) &&
		r.step(StepCredentials, func() Step { return r.credentials(ctx, &open) }) &&
		r.server(ctx, open)
}

// step runs one step.
func (r *trial) step(id StepID, f func() Step) bool {
	r.each(Step{ID: id, State: StepRunning})
	s := f()
	s.ID = id
	r.each(s)
	return s.State != StepFailed
}

func failed(err error) Step     { return Step{State: StepFailed, Err: err} }
func passed(detail string) Step { return Step{State: StepPassed, Detail: detail} }

// settings finds the server and opens a session without a key, which knows its address.
func (r *trial) settings(ctx context.Context, open **Connection) Step {
	var err error
	if r.t, err = r.env.target(ctx, r.spec); err != nil {
		return failed(err)
	}
	if *open, err = r.env.open(ctx, r.spec, r.t, resolved{Resolved: keychain.Resolved{Anonymous: true}}); err != nil {
		return failed(err)
	}
	return passed((*open).Session.Endpoint().String())
}

// credentials finds the key and puts a session with it in place of the one without.
func (r *trial) credentials(ctx context.Context, open **Connection) Step {
	key, err := r.env.credentials(ctx, r.t)
	if err == nil {
		err = r.env.agreed(ctx, r.t, key)
	}
	if err != nil {
		return failed(err)
	}
	c, err := r.env.open(ctx, r.spec, r.t, key)
	if err != nil {
		return failed(err)
	}
	_ = (*open).Close() // it has sent nothing
	*open = c
	from := sourceName(keychain.Tried{Source: key.Source, Store: key.Store})
	if key.Source == keychain.SourceAWSProfile {
		from = text.T("connect.try.profile", key.Profile)
	}
	switch {
	case key.Anonymous:
		return passed(text.T("connect.try.anonymous"))
	case key.Role != "" && !key.Expires.IsZero():
		return passed(text.T("connect.try.role", key.Role, from, key.Expires.Local().Format("15:04")))
	case !key.Expires.IsZero():
		return passed(text.T("connect.try.session", hint(key.KeyID), from, key.Expires.Local().Format("15:04")))
	}
	return passed(text.T("connect.try.key", hint(key.KeyID), from))
}

// server asks for the least that shows whether the key is taken, and what can be listed.
func (r *trial) server(ctx context.Context, c *Connection) bool {
	first := StepSignature
	if c.Session.Anonymous() {
		first = StepList
		r.each(Step{ID: StepSignature, State: StepSkipped, Detail: text.T("connect.try.unsigned")})
	}
	r.each(Step{ID: first, State: StepRunning})
	found, err := look(ctx, c.Session, c.Start)
	if first == StepSignature {
		s := r.signature(ctx, c, err)
		r.each(s)
		if s.State == StepFailed {
			r.forget(ctx, err)
			return false
		}
		r.each(Step{ID: StepList, State: StepRunning})
	}
	s := Step{ID: StepList, State: StepPassed, Detail: found}
	if err != nil {
		s = Step{ID: StepList, State: StepFailed, Err: err}
		if storage.KindOf(err) == storage.KindPermission && first == StepSignature && c.Start.IsRoot() {
			s.Detail, s.Advice = text.T("connect.try.noList"), text.T("connect.try.noList.advice")
		}
	}
	r.each(s)
	return err == nil
}

// signature is the step of the key, by what came of the first request. That something is not there, or is not permitted, proves the
// key; but some servers refuse a wrong secret in the words of a missing permission, and then without a sentence.
func (r *trial) signature(ctx context.Context, c *Connection, err error) Step {
	s := Step{ID: StepSignature, State: StepFailed, Err: err}
	var e *storage.Error
	kind := storage.KindOf(err)
	switch {
	case kind == storage.KindPermission && errors.As(err, &e) && e.Message == "":
		s.Detail, s.Advice = text.T("connect.try.unclear"), text.T("connect.try.unclear.advice")
	case err == nil, kind == storage.KindPermission, kind == storage.KindNotFound:
		s = Step{ID: StepSignature, State: StepPassed, Detail: text.T("connect.try.taken", r.who(ctx, c))}
	}
	return s
}

// forget drops a secret from the memory of this run that the server did not take: it would go before the one in the keychain.
func (r *trial) forget(ctx context.Context, err error) {
	if kind := storage.KindOf(err); kind != storage.KindAuth && kind != storage.KindPermission || r.env.Run == nil || r.t.typed.Secret.Empty() {
		return
	}
	if item, err := r.t.item(r.t.typed.KeyID); err == nil {
		_ = r.env.Run.Delete(ctx, item) // it may not be there
	}
}

// who is what Amazon calls the person, else the server's name.
func (r *trial) who(ctx context.Context, c *Connection) string {
	if r.t.endpoint == nil || isAmazon(r.t.endpoint.Hostname()) {
		if id, err := c.Session.Identity(ctx); err == nil && id.ARN != "" {
			return id.ARN
		}
	}
	return c.Host
}

// look reads one page of the buckets or of the folder to begin in, and says what is there.
func look(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
	if at.IsRoot() {
		for p, err := range s.Buckets(ctx) {
			if err != nil {
				return "", err
			}
			return text.N("connect.try.buckets", len(p.Buckets), units.FormatCount(int64(len(p.Buckets)))), nil
		}
		return text.N("connect.try.buckets", 0, "0"), nil
	}
	for _, err := range s.List(ctx, at.Bucket, at.Key, storage.ListOptions{PageSize: 1, Delimiter: "/"}) {
		if err != nil {
			return "", err
		}
		break
	}
	return text.T("connect.try.readable", at.String()), nil
}

// clock is the step of the answer, by the server's clock.
func clock(answered string, date string, now time.Time) Step {
	at, err := time.Parse(time.RFC1123, date)
	if err != nil {
		return passed(text.T("connect.try.noClock", answered))
	}
	off := at.Sub(now)
	if off.Abs() < worthTelling {
		return passed(text.T("connect.try.clock", answered))
	}
	s := Step{State: StepWarned, Advice: text.T("connect.try.clock.advice")}
	if off > 0 {
		s.Detail = text.T("connect.try.ahead", units.FormatSpan(off))
	} else {
		s.Detail = text.T("connect.try.behind", units.FormatSpan(-off))
	}
	return s
}

// worthTelling is a difference of clocks that a person should know: pre-signed links and lifetimes of sessions are off by it.
const worthTelling = time.Minute

// errNoAnswer says that the server took the connection and then said nothing that is HTTP.
var errNoAnswer = errors.New("no answer")

func noAnswer(host string, err error) error {
	return &storage.Error{Op: "Connect", Kind: storage.KindNetwork, Host: host, Err: fmt.Errorf("%w: %w", errNoAnswer, err)}
}
