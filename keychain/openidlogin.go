package keychain

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// signInTime is how long a person may take in the browser.
const signInTime = 10 * time.Minute

// signedIn lets the person sign in in a browser: authorization code, PKCE, and the answer comes to a port of this machine.
func (p *openID) signedIn(ctx context.Context) (string, error) {
	if p.Show == nil {
		return "", &OpenIDError{Provider: p.Provider()}
	}
	at, err := p.provider(ctx)
	if err != nil {
		return "", err
	}
	door, err := openDoor(ctx, p.RedirectURL, p.Page)
	if err != nil {
		return "", err
	}
	defer door.close()
	nonce, verifier := rand.Text(), rand.Text()+rand.Text()
	code, err := p.agreed(ctx, door, at, nonce, verifier)
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {door.address}}
	if p.PKCE {
		form.Set("code_verifier", verifier)
	}
	a, err := p.askToken(ctx, at, form)
	if err != nil {
		return "", err
	}
	if _, err := at.idToken(a.IDToken, p.ClientID, nonce); err != nil {
		return "", err
	}
	p.keep(ctx, a)
	return a.IDToken, nil
}

// agreed shows the page of the provider until the browser brings the code.
func (p *openID) agreed(ctx context.Context, door *door, at provider, nonce, verifier string) (string, error) {
	address, err := p.signInPage(door, at, nonce, verifier)
	if err != nil {
		return "", err
	}
	ctx, end := context.WithTimeout(ctx, signInTime)
	var shown sync.WaitGroup
	gaveUp := make(chan error, 1)
	shown.Go(func() {
		if err := p.Show(ctx, address); err != nil && ctx.Err() == nil {
			gaveUp <- err
		}
	})
	defer shown.Wait()
	defer end()
	select {
	case a := <-door.answers:
		switch {
		case a.refused != "":
			return "", &OpenIDError{p.Provider(), fmt.Errorf("it refuses: %s", a.refused)}
		case a.issuer != "" && at.issuer != "" && a.issuer != at.issuer:
			return "", fmt.Errorf("%w: it comes from another provider", ErrOpenIDAnswer)
		case a.code == "":
			return "", fmt.Errorf("%w: the browser brought no code", ErrOpenIDAnswer)
		}
		return a.code, nil
	case err := <-gaveUp:
		return "", &OpenIDError{p.Provider(), err}
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", &OpenIDError{p.Provider(), errors.New("nobody agreed in time")}
		}
		return "", ctx.Err()
	}
}

// signInPage is the address that the person opens.
func (p *openID) signInPage(door *door, at provider, nonce, verifier string) (string, error) {
	u, err := url.Parse(at.authorize)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadProfile, err)
	}
	scopes := slices.Clone(p.Scopes)
	if !slices.Contains(scopes, "openid") {
		scopes = append([]string{"openid"}, scopes...)
	}
	q := u.Query()
	if u.Hostname() == "accounts.google.com" { // has its own word for what other providers take as a scope
		scopes = slices.DeleteFunc(scopes, func(s string) bool { return s == "offline_access" })
		q.Set("access_type", "offline")
		q.Set("prompt", "consent")
	}
	for name, v := range map[string]string{
		"response_type": "code", "client_id": p.ClientID, "redirect_uri": door.address, "scope": strings.Join(scopes, " "),
		"state": door.state, "nonce": nonce,
	} {
		q.Set(name, v)
	}
	if p.PKCE {
		sum := sha256.Sum256([]byte(verifier))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// brought is what the browser comes back with.
type brought struct{ code, refused, issuer string }

// door is where the browser comes back to: a port of this machine that is open for one sign-in.
type door struct {
	address string // of the redirect
	state   string
	page    string
	path    string
	answers chan brought // one
	server  *http.Server
	done    sync.WaitGroup
}

func openDoor(ctx context.Context, redirect, page string) (*door, error) {
	at := &url.URL{Scheme: "http", Host: "127.0.0.1:0", Path: "/"}
	if u, err := url.Parse(redirect); err == nil && (u.Scheme == "http" || u.Scheme == "https") { // else one's own scheme, or none
		if u.Scheme != "http" || !isHere(u.Hostname()) || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("%w: the sign-in would lead to %s, which is not this computer", ErrBadProfile, u.Host)
		}
		at = u
		if at.Path == "" {
			at.Path = "/"
		}
	}
	host, port := at.Hostname(), at.Port()
	if port == "" {
		port = "0"
	}
	bind := host
	if strings.EqualFold(host, "localhost") {
		bind = "127.0.0.1"
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(bind, port))
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	at.Host = net.JoinHostPort(host, port)
	d := &door{address: at.String(), path: at.Path, state: rand.Text(), page: page, answers: make(chan brought, 1)}
	d.server = &http.Server{Handler: d.handler(at.Host), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	d.done.Go(func() { _ = d.server.Serve(l) }) // ends with close
	return d, nil
}

// handler takes the answer to this sign-in, once. Other pages that this machine's browser has open can reach the port too: what does not
// know the state is turned away and ends nothing.
func (d *door) handler(host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Connection", "close")
		q := r.URL.Query()
		switch {
		case r.Method != http.MethodGet || r.URL.Path != d.path || !strings.EqualFold(r.Host, host):
			w.WriteHeader(http.StatusNotFound)
			return
		case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(d.state)) != 1:
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		a := brought{code: q.Get("code"), issuer: q.Get("iss")}
		if e := q.Get("error"); e != "" {
			a.refused = plainWords(e + " " + q.Get("error_description"))
		}
		fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>Pintail</title><p>%s", html.EscapeString(d.page))
		select {
		case d.answers <- a:
		default: // the second one
		}
	})
}

// close lets the page of the browser arrive, then shuts.
func (d *door) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if d.server.Shutdown(ctx) != nil {
		_ = d.server.Close()
	}
	d.done.Wait()
}
