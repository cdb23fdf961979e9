package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"pintail/internal/text"
	"pintail/storage"
)

// tryTime bounds each request of [Try] that is not the session's.
const tryTime = 20 * time.Second

// soon is how long before its end a certificate is worth a word.
const soon = 14 * 24 * time.Hour

// address takes the steps from the name to the clock with one request that has no key, over the same proxy and with the same
// authorities as the session's own.
func (r *trial) address(ctx context.Context, base *url.URL) bool {
	w := &way{host: base.Hostname(), address: base.Host, secure: base.Scheme == "https", each: r.each, at: StepName}
	ask, err := http.NewRequestWithContext(ctx, http.MethodHead, base.JoinPath("/").String(), nil)
	if err != nil {
		return r.step(StepName, func() Step { return failed(ErrEndpoint) })
	}
	ask.Header.Set("User-Agent", r.env.UserAgent)
	choose, err := r.env.proxy(r.t)
	if err != nil {
		return r.step(StepName, func() Step { return failed(err) })
	}
	if choose != nil {
		if p, err := choose(ask); err == nil && p != nil {
			w.host, w.address, w.proxy = p.Hostname(), p.Host, p.Host
		}
	}
	config, err := r.env.tls(r.t)
	if err != nil {
		return r.step(StepTLS, func() Step { return failed(err) })
	}
	transport := &http.Transport{Proxy: choose, TLSClientConfig: config, DisableKeepAlives: true, TLSHandshakeTimeout: tryTime, ResponseHeaderTimeout: tryTime}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: tryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r.each(Step{ID: StepName, State: StepRunning})
	answer, err := client.Do(ask.WithContext(httptrace.WithClientTrace(ctx, w.trace())))
	if err != nil {
		w.ended(ctx, base.Host, err)
		return false
	}
	_ = answer.Body.Close() // that of a HEAD is empty
	w.connected()
	s := clock(answer.Proto, answer.Header.Get("Date"), time.Now())
	s.ID = StepClock
	r.each(s)
	return true
}

// way follows a request from the name to the first byte. The transport calls from goroutines of its own.
type way struct {
	host, address, proxy string
	secure               bool
	each                 func(Step)

	mu      sync.Mutex // guards all below, and that each is called by one
	at      StepID     // the step under way
	reached string     // the address that took the connection
	over    bool
}

func (w *way) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			if i.Err == nil && len(i.Addrs) > 0 {
				w.pass(StepName, StepReach, Step{State: StepPassed, Detail: text.T("connect.try.name", w.host, addresses(i.Addrs))})
			}
		},
		ConnectDone: func(_, addr string, err error) {
			if err == nil {
				w.mu.Lock()
				w.reached = addr
				w.mu.Unlock()
			}
		},
		TLSHandshakeStart: w.connected,
		TLSHandshakeDone: func(c tls.ConnectionState, err error) {
			if err == nil {
				w.pass(StepTLS, StepClock, certificate(c, time.Now()))
			}
		},
		GotConn: func(httptrace.GotConnInfo) { w.connected() },
	}
}

// pass ends the step id, if it is the one under way, and begins the next.
func (w *way) pass(id, next StepID, s Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at != id || w.over {
		return
	}
	s.ID = id
	w.each(s)
	w.at = next
	w.each(Step{ID: next, State: StepRunning})
}

// connected says that there is a connection to the server.
func (w *way) connected() {
	w.mu.Lock()
	reached := w.reached
	w.mu.Unlock()
	if reached == "" {
		return
	}
	w.pass(StepName, StepReach, Step{State: StepPassed, Detail: text.T("connect.try.literal", w.host)})
	s := Step{State: StepPassed, Detail: text.T("connect.try.reached", reached)}
	if w.proxy != "" {
		s.Detail = text.T("connect.try.proxy", reached)
	}
	w.pass(StepReach, StepTLS, s)
	if w.secure {
		return
	}
	s = Step{State: StepWarned, Detail: text.T("connect.try.plain"), Advice: text.T("connect.try.plain.advice")}
	if isLoopback(w.host) {
		s = Step{State: StepSkipped, Detail: text.T("connect.try.plain")}
	}
	w.pass(StepTLS, StepClock, s)
}

// ended tells of the step under way that it failed.
func (w *way) ended(ctx context.Context, host string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	s := Step{ID: w.at, State: StepFailed, Err: noAnswer(host, err)}
	var noName *net.DNSError
	switch {
	case ctx.Err() != nil:
		s.Err = ctx.Err()
	case errors.As(err, &noName):
		s.ID = StepName
		s.Detail, s.Advice = text.T("connect.try.noName", w.host), text.T("connect.try.noName.advice")
	case w.at == StepName || w.at == StepReach:
		if w.at == StepName { // an address needs no name
			w.each(Step{ID: StepName, State: StepPassed, Detail: text.T("connect.try.literal", w.host)})
			w.each(Step{ID: StepReach, State: StepRunning})
		}
		s.ID = StepReach
		s.Detail, s.Advice = text.T("connect.try.noReach", w.address, reason(err)), text.T("connect.try.noReach.advice")
	case w.at == StepTLS:
		s.Err = &storage.Error{Op: "Connect", Kind: storage.KindTLS, Host: host, Err: err}
	}
	w.each(s)
}

// certificate is the step of the handshake.
func certificate(c tls.ConnectionState, now time.Time) Step {
	s := Step{State: StepPassed, Detail: text.T("connect.try.tls", tls.VersionName(c.Version))}
	if len(c.PeerCertificates) == 0 {
		return s
	}
	cert := c.PeerCertificates[0]
	const form = "2 Jan 2006"
	by := cert.Issuer.CommonName
	if by == "" && len(cert.Issuer.Organization) > 0 {
		by = cert.Issuer.Organization[0]
	}
	s.Detail = text.T("connect.try.certificate", tls.VersionName(c.Version), by, cert.NotAfter.Local().Format(form))
	if cert.NotAfter.Sub(now) < soon {
		s.State, s.Advice = StepWarned, text.T("connect.try.certificate.advice")
	}
	return s
}

func addresses(list []net.IPAddr) string {
	out := ""
	for i, a := range list {
		if i == 2 {
			return out + ", …"
		}
		if i > 0 {
			out += ", "
		}
		out += a.String()
	}
	return out
}

// reason is the system's own word for a connection that did not come about.
func reason(err error) string {
	var op *net.OpError
	var late net.Error
	switch {
	case errors.As(err, &op) && op.Err != nil && !op.Timeout():
		return root(op.Err).Error()
	case errors.As(err, &late) && late.Timeout():
		return text.T("connect.try.timeout")
	}
	return root(err).Error()
}

func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
