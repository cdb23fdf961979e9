package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"pintail/internal/atomicfile"
)

// Trust remembers what a person agreed to: hosts that may be used over plain http, and the hosts that each key id was sent to.
// It holds no secret. Its methods may be called from any goroutine; two programs that write at once keep the later file.
type Trust struct {
	path string

	mu   sync.Mutex // guards data
	data trustData
}

type trustData struct {
	PlainHTTP []string            `json:"plain_http,omitempty"`
	KeyHosts  map[string][]string `json:"key_hosts,omitempty"`
}

// maxTrustFile bounds what is read: some thousand hosts.
const maxTrustFile = 1 << 20

// OpenTrust reads the file at path; a missing one is empty. With path "" it is kept for this run only.
func OpenTrust(path string) (*Trust, error) {
	t := &Trust{path: path, data: trustData{KeyHosts: map[string][]string{}}}
	if path == "" {
		return t, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("trusted hosts: %w", err)
	}
	if info.Size() > maxTrustFile {
		return nil, fmt.Errorf("trusted hosts: %s is too large", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("trusted hosts: %w", err)
	}
	if err := json.Unmarshal(raw, &t.data); err != nil {
		return nil, fmt.Errorf("trusted hosts: %s: %w", path, err)
	}
	if t.data.KeyHosts == nil {
		t.data.KeyHosts = map[string][]string{}
	}
	return t, nil
}

// plainHTTP tells whether host may be used without encryption.
func (t *Trust) plainHTTP(host string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.data.PlainHTTP, host)
}

func (t *Trust) allowPlainHTTP(host string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.Contains(t.data.PlainHTTP, host) {
		return nil
	}
	t.data.PlainHTTP = append(t.data.PlainHTTP, host)
	return t.saveLocked()
}

// hosts are those that the key was sent to.
func (t *Trust) hosts(keyID string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.data.KeyHosts[keyID])
}

func (t *Trust) allowKey(keyID, host string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.Contains(t.data.KeyHosts[keyID], host) {
		return nil
	}
	t.data.KeyHosts[keyID] = append(t.data.KeyHosts[keyID], host)
	return t.saveLocked()
}

func (t *Trust) saveLocked() error {
	if t.path == "" {
		return nil
	}
	raw, err := json.MarshalIndent(t.data, "", "  ")
	if err != nil {
		return fmt.Errorf("trusted hosts: %w", err)
	}
	if err := atomicfile.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return fmt.Errorf("trusted hosts: %w", err)
	}
	if err := atomicfile.Write(t.path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("trusted hosts: %w", err)
	}
	return nil
}
