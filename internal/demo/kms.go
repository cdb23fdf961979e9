package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Keys of KMS, after its API reference: they have names and are listed. Nothing is encrypted with them.

type kmsKey struct {
	id, description string
	created         time.Time
	aliases         []string // as "alias/mine"
}

func (s *Server) keyARN(k *kmsKey) string {
	return "arn:aws:kms:" + s.opt.Region + ":" + accountID + ":key/" + k.id
}

// AddKMSKey makes a key with the names, each like "alias/mine", and returns its id.
func (s *Server) AddKMSKey(description string, aliases ...string) string {
	s.beside.mu.Lock()
	defer s.beside.mu.Unlock()
	k := s.newKey(description)
	k.aliases = aliases
	return k.id
}

// newKey makes a key. The services must be locked.
func (s *Server) newKey(description string) *kmsKey {
	h := randomID(16)
	k := &kmsKey{id: strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), description: description, created: s.now()}
	s.beside.keys = append(s.beside.keys, k)
	return k
}

// keyNamed finds a key by id, ARN, alias or the ARN of an alias. The services must be locked.
func (s *Server) keyNamed(name string) *kmsKey {
	if i := strings.Index(name, ":alias/"); i >= 0 {
		name = name[i+1:]
	}
	for _, k := range s.beside.keys {
		if k.id == name || s.keyARN(k) == name || slices.Contains(k.aliases, name) {
			return k
		}
	}
	return nil
}

// kmsRequest is what is read of a request.
type kmsRequest struct {
	KeyId, TargetKeyId, AliasName, Description, Marker string //nolint:revive // as KMS writes it
	Limit                                              int
}

func (c *call) kmsRequest() (kmsRequest, error) {
	var in kmsRequest
	data, err := io.ReadAll(c.body)
	if err == nil && json.Unmarshal(data, &in) != nil {
		err = fail("SerializationException", "")
	}
	return in, err
}

type (
	keyEntry struct{ KeyId, KeyArn string } //nolint:revive // as KMS writes it
	keyAlias struct {
		AliasName, AliasArn, TargetKeyId string  //nolint:revive // as KMS writes it
		CreationDate                     float64 // seconds since 1970
	}
	keyFacts struct {
		AWSAccountId, KeyId, Arn, Description, KeyState, KeyUsage, KeyManager, Origin string //nolint:revive // as KMS writes it
		Enabled                                                                       bool
		CreationDate                                                                  float64 // seconds since 1970
	}
)

func (s *Server) keyFacts(k *kmsKey) map[string]keyFacts {
	return map[string]keyFacts{"KeyMetadata": {accountID, k.id, s.keyARN(k), k.description, "Enabled", "ENCRYPT_DECRYPT", "CUSTOMER", "AWS_KMS", true, seconds(k.created)}}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (c *call) createKey() error {
	in, err := c.kmsRequest()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	c.writeJSON(http.StatusOK, c.s.keyFacts(c.s.newKey(in.Description)))
	return nil
}

func (c *call) describeKey() error {
	in, err := c.kmsRequest()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	k := c.s.keyNamed(in.KeyId)
	if k == nil {
		return fail("NotFoundException", "Key '"+in.KeyId+"' does not exist")
	}
	c.writeJSON(http.StatusOK, c.s.keyFacts(k))
	return nil
}

func (c *call) createAlias() error {
	in, err := c.kmsRequest()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	k := c.s.keyNamed(in.TargetKeyId)
	switch {
	case !strings.HasPrefix(in.AliasName, "alias/") || strings.HasPrefix(in.AliasName, "alias/aws/"):
		return fail("InvalidAliasNameException", "")
	case k == nil:
		return fail("NotFoundException", "Key '"+in.TargetKeyId+"' does not exist")
	case c.s.keyNamed(in.AliasName) != nil:
		return fail("AlreadyExistsException", "An alias with the name "+in.AliasName+" already exists")
	}
	k.aliases = append(k.aliases, in.AliasName)
	c.w.WriteHeader(http.StatusOK)
	return nil
}

func (c *call) listKeys() error {
	in, err := c.kmsRequest()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	var all []keyEntry
	for _, k := range c.s.beside.keys {
		all = append(all, keyEntry{k.id, c.s.keyARN(k)})
	}
	page, next := pageOf(all, in.Marker, in.Limit, 100, func(k keyEntry) string { return k.KeyId })
	c.writeJSON(http.StatusOK, map[string]any{"Keys": page, "Truncated": next != "", "NextMarker": next})
	return nil
}

func (c *call) listAliases() error {
	in, err := c.kmsRequest()
	if err != nil {
		return err
	}
	c.s.beside.mu.Lock()
	defer c.s.beside.mu.Unlock()
	var all []keyAlias
	for _, k := range c.s.beside.keys {
		for _, a := range k.aliases {
			all = append(all, keyAlias{a, "arn:aws:kms:" + c.s.opt.Region + ":" + accountID + ":" + a, k.id, seconds(k.created)})
		}
	}
	page, next := pageOf(all, in.Marker, in.Limit, 50, func(a keyAlias) string { return a.AliasName })
	c.writeJSON(http.StatusOK, map[string]any{"Aliases": page, "Truncated": next != "", "NextMarker": next})
	return nil
}

// pageOf is what comes after marker, at most limit (usual where there is none), and the marker of the next page: "" at the end.
func pageOf[T any](all []T, marker string, limit, usual int, name func(T) string) (page []T, next string) {
	if limit < 1 {
		limit = usual
	}
	if marker != "" {
		i := slices.IndexFunc(all, func(one T) bool { return name(one) == marker })
		all = all[i+1:]
	}
	if len(all) <= limit {
		return append([]T{}, all...), ""
	}
	return all[:limit], name(all[limit-1])
}
