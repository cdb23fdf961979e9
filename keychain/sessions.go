package keychain

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// sessions are the temporary credentials and the MFA codes of this run: one code serves all connections of a role, and none is
// sent twice. The zero value is ready; it is part of [Memory], whose lock guards it.
type sessions struct {
	credentials map[string]aws.Credentials
	codes       map[string]time.Time // device and code, when it was used
	webTokens   map[string]string    // identity tokens of sign-ins in a browser
	asking      chan struct{}        // full while a person is asked for a code
}

// codeLife is how long a used code is remembered; no device shows it that long.
const codeLife = time.Hour

// session returns kept credentials that do not have to be renewed yet.
func (m *Memory) session(key string, now time.Time) (aws.Credentials, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.sessions.credentials[key]
	return c, ok && now.Before(c.Expires.Add(-expiryWindow))
}

func (m *Memory) keepSession(key string, c aws.Credentials) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions.credentials == nil {
		m.sessions.credentials = map[string]aws.Credentials{}
	}
	m.sessions.credentials[key] = c
}

func (m *Memory) dropSession(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions.credentials, key)
}

// useCode is true the first time.
func (m *Memory) useCode(serial, code string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions.codes == nil {
		m.sessions.codes = map[string]time.Time{}
	}
	for k, at := range m.sessions.codes {
		if now.Sub(at) > codeLife {
			delete(m.sessions.codes, k)
		}
	}
	key := serial + "\x00" + code
	if _, used := m.sessions.codes[key]; used {
		return false
	}
	m.sessions.codes[key] = now
	return true
}

// ask waits for the right to ask a person; release gives it back.
func (m *Memory) ask(ctx context.Context) (release func(), err error) {
	m.mu.Lock()
	if m.sessions.asking == nil {
		m.sessions.asking = make(chan struct{}, 1)
	}
	asking := m.sessions.asking
	m.mu.Unlock()
	select {
	case asking <- struct{}{}:
		return func() { <-asking }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// webToken is the identity token of a sign-in of this run, "" when there is none.
func (m *Memory) webToken(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions.webTokens[key]
}

func (m *Memory) keepWebToken(key, token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions.webTokens == nil {
		m.sessions.webTokens = map[string]string{}
	}
	m.sessions.webTokens[key] = token
}
