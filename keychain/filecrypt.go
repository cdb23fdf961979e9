package keychain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"filippo.io/age"
)

const (
	// workFactor makes one try of a passphrase cost 2^17 rounds of scrypt: half a second and 128 MiB on a machine of 2024.
	workFactor = 17
	// maxWorkFactor bounds what a file of someone else can make us spend: twice as much, which is also what the age program writes.
	maxWorkFactor = 18
	// maxSecretsFile is far above what people have; some thousand secrets.
	maxSecretsFile = 1 << 20
	// ageOverhead is what encryption adds at most to a file of that size.
	ageOverhead = 4 << 10
	// secretsVersion is that of the content.
	secretsVersion = 1
)

// fileContent is what the file holds: the secrets by the account of their item, which binds them to one server. They are bytes, since
// JSON would change text that is not UTF-8.
type fileContent struct {
	Version int               `json:"version"`
	Secrets map[string][]byte `json:"secrets"`
}

// readSecrets reads the file as it is, and tells one that no passphrase would open before anybody is asked for it: ErrFileBroken.
func readSecrets(path string) ([]byte, error) {
	info, err := os.Stat(path) // a pipe would be waited for
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no file", ErrFileBroken)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecretsFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxSecretsFile {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrFileBroken, maxSecretsFile)
	}
	_, err = age.Decrypt(bytes.NewReader(raw), header{})
	var none *age.NoIdentityMatchError // the header is whole, and one passphrase is all that it asks for
	if !errors.As(err, &none) {
		return nil, fmt.Errorf("%w: %w", ErrFileBroken, err)
	}
	return raw, nil
}

// header opens nothing. It fails where no passphrase can open a file.
type header struct{}

// Unwrap implements [age.Identity].
func (header) Unwrap(list []*age.Stanza) ([]byte, error) {
	if len(list) != 1 || list[0].Type != "scrypt" || len(list[0].Args) != 2 {
		return nil, errors.New("it is not encrypted with a passphrase alone")
	}
	if n, err := strconv.Atoi(list[0].Args[1]); err != nil || n < 1 || n > maxWorkFactor {
		return nil, errors.New("it asks for more work than it is worth")
	}
	return nil, age.ErrIncorrectIdentity
}

// decryptSecrets opens a file; the error is ErrWrongPassphrase or ErrFileBroken.
func decryptSecrets(raw []byte, pass Secret) (map[string]Secret, error) {
	id, err := age.NewScryptIdentity(pass.Reveal())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrongPassphrase, err)
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	r, err := age.Decrypt(bytes.NewReader(raw), id)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrWrongPassphrase
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFileBroken, err)
	}
	plain, err := io.ReadAll(r) // authenticated, and no longer than the file
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFileBroken, err)
	}
	var c fileContent
	if json.Unmarshal(plain, &c) != nil { // whose error may quote what it read
		return nil, fmt.Errorf("%w: it holds something else", ErrFileBroken)
	}
	if c.Version != secretsVersion {
		return nil, fmt.Errorf("%w: its version is %d, not %d", ErrFileBroken, c.Version, secretsVersion)
	}
	items := make(map[string]Secret, len(c.Secrets))
	for account, s := range c.Secrets {
		items[account] = NewSecret(string(s))
	}
	return items, nil
}

// encryptSecrets makes a file of secrets, or a *TooBigError.
func encryptSecrets(items map[string]Secret, pass Secret, factor int) ([]byte, error) {
	c := fileContent{Version: secretsVersion, Secrets: make(map[string][]byte, len(items))}
	for account, s := range items {
		c.Secrets[account] = []byte(s.Reveal())
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encrypt the secrets: %w", err)
	}
	if n := len(plain); n > maxSecretsFile-ageOverhead {
		return nil, &TooBigError{Bytes: n, Limit: maxSecretsFile - ageOverhead, System: "encrypted file"}
	}
	to, err := age.NewScryptRecipient(pass.Reveal())
	if err != nil {
		return nil, fmt.Errorf("encrypt the secrets: %w", err)
	}
	to.SetWorkFactor(factor)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("encrypt the secrets: %w", err)
	}
	_, err = w.Write(plain)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("encrypt the secrets: %w", err)
	}
	return out.Bytes(), nil
}
