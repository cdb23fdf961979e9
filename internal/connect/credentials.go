package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/keychain"
)

// resolved are the credentials to use, and what to do once the server took them.
type resolved struct {
	keychain.Resolved
	accept func(ctx context.Context) error
	asked  bool
	client string // id of the application for which the person signed in in a browser
	// assumed: the key was exchanged for a session; KeyID is still that of the key.
	assumed bool
}

// credentials finds the key for t, or asks for it.
func (env Env) credentials(ctx context.Context, t target) (resolved, error) {
	if t.openID != nil {
		return env.browser(ctx, t)
	}
	req, err := env.request(ctx, t)
	if err != nil {
		return resolved{}, err
	}
	res, err := env.resolve(ctx, req)
	if errors.Is(err, keychain.ErrNoCredentials) {
		typed, askErr := env.login(ctx, t, "")
		if errors.Is(askErr, prompt.ErrDismissed) {
			return resolved{}, fmt.Errorf("%s: %w", t.host(), err)
		}
		return typed, askErr
	}
	if err != nil {
		return resolved{}, fmt.Errorf("%s: %w", t.host(), err)
	}
	out := resolved{Resolved: res}
	if res.Source == keychain.SourceTyped {
		out.accept = env.remember(ctx, t, t.typed, t.save)
	}
	return env.become(ctx, t, out, req)
}

// request says where to look for credentials. A bookmark or profile with a key id of its own takes only that key, wherever it is.
func (env Env) request(ctx context.Context, t target) (keychain.Request, error) {
	item, err := t.item(t.keyID)
	if err != nil && !errors.Is(err, keychain.ErrInvalidItem) {
		return keychain.Request{}, err
	}
	req := keychain.Request{
		Item: item, Anonymous: t.anonymous, Typed: t.typed, Store: &layered{run: env.Run, last: env.Keychain}, Files: t.awsFiles,
		Getenv: env.Getenv, Region: t.region,
		Run: env.Run, MFA: env.code,
	}
	if req.HTTPClient, err = env.client(t); err != nil {
		return keychain.Request{}, err
	}
	if t.keyID != "" && req.Typed.KeyID == "" {
		req.Typed.KeyID = t.keyID
	}
	switch {
	case t.awsProfile != "":
		req.AWSProfile = t.awsProfile
	case t.from == keychain.SourceEnvironment && !env.hasKeyInEnvironment(t.keyID):
		req.Order = []keychain.Source{keychain.SourceKeychain} // the recorded key is not in the environment now
	case t.from != "":
		req.Order = []keychain.Source{t.from}
		req.InstanceMetadata = t.from == keychain.SourceInstance
	case t.profile.UsesInstanceMetadata():
		req.Order, req.InstanceMetadata, req.InstanceURL = []keychain.Source{keychain.SourceInstance}, true, t.profile.Context
	case t.profile.UsesAWSFiles() && t.keyID != "":
		req.AWSProfile = t.keyID
	default:
		req = env.ordered(ctx, req, t)
	}
	return req, nil
}

// code asks for the code of a device, and says why the last one did not do.
func (env Env) code(ctx context.Context, q keychain.CodeQuestion) (string, error) {
	reason := ""
	switch q.Reason {
	case keychain.CodeForm:
		reason = text.T("connect.code.form")
	case keychain.CodeUsed:
		reason = text.T("connect.code.used")
	case keychain.CodeRefused:
		reason = text.T("connect.code.refused")
	}
	return env.Prompter.Code(ctx, prompt.Code{Serial: q.Serial, Reason: reason})
}

// ordered is the order of the manual: environment, keychain, AWS files, container, instance. A source whose key is another one than
// the connection's is left out, and files of AWS speak for servers that no imported file chose.
func (env Env) ordered(ctx context.Context, req keychain.Request, t target) keychain.Request {
	own := t.keyID != "" // the connection has a key of its own
	amazon := t.endpoint == nil || isAmazon(t.endpoint.Hostname())
	req.Order = nil
	if env.hasKeyInEnvironment(t.keyID) {
		req.Order = append(req.Order, keychain.SourceEnvironment)
	}
	req.Order = append(req.Order, keychain.SourceKeychain)
	if own {
		if name := awsProfileOfKey(t.awsFiles, t.keyID); name != "" && (amazon || t.chosen != byFile) && !env.hasStored(ctx, req) {
			req.AWSProfile = name
		}
		return req
	}
	if amazon || t.chosen != byFile {
		req.Order = append(req.Order, keychain.SourceAWSProfile)
	}
	if amazon {
		req.Order = append(req.Order, keychain.SourceContainer)
	}
	if amazon && env.InstanceMetadata && !strings.EqualFold(env.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		req.Order = append(req.Order, keychain.SourceInstance)
		req.InstanceMetadata = true
	}
	return req
}

// hasKeyInEnvironment tells whether the environment has a key, and the wanted one if want is not empty.
func (env Env) hasKeyInEnvironment(want string) bool {
	id := firstOf(env.Getenv("AWS_ACCESS_KEY_ID"), env.Getenv("AWS_ACCESS_KEY"))
	return id != "" && (want == "" || id == want)
}

// hasStored tells whether environment or keychain has the key, so that the AWS files are not needed.
func (env Env) hasStored(ctx context.Context, req keychain.Request) bool {
	if env.hasKeyInEnvironment(req.Item.KeyID) {
		return true
	}
	_, err := req.Store.Get(ctx, req.Item)
	return err == nil
}

// awsProfileOfKey is the profile of the AWS files that is called keyID or has that key.
func awsProfileOfKey(files keychain.AWSFiles, keyID string) string {
	list, err := keychain.ListAWSProfiles(files)
	if err != nil {
		return "" // the files are another program's; without them the person is asked
	}
	for _, p := range list {
		if p.Name == keyID || p.KeyID == keyID {
			return p.Name
		}
	}
	return ""
}

// login asks the person. reason is the server's sentence after a refused try.
func (env Env) login(ctx context.Context, t target, reason string) (resolved, error) {
	labels := t.profile.Labels
	canSave, inFile := env.saving(t.save)
	a, err := env.Prompter.Login(ctx, prompt.Login{
		Host: t.host(), KeyID: t.keyID, Reason: reason, KeyLabel: labels.Username, SecretName: labels.Password,
		CanSave: canSave, SaveInFile: inFile, Anonymous: t.profile.Fields.Anonymous,
	})
	if err != nil {
		return resolved{}, fmt.Errorf("login to %s: %w", t.host(), err)
	}
	if a.Anonymous {
		return resolved{Resolved: keychain.Resolved{Anonymous: true, Source: keychain.SourceAnonymous}}, nil
	}
	t.typed = keychain.Typed{KeyID: a.KeyID, Secret: keychain.NewSecret(a.Secret)}
	item, err := t.item(a.KeyID)
	if err != nil {
		return resolved{}, err
	}
	req := keychain.Request{Item: item, Typed: t.typed, Order: []keychain.Source{keychain.SourceTyped}, Run: env.Run, MFA: env.code}
	res, err := keychain.Resolve(ctx, req)
	if err != nil {
		return resolved{}, fmt.Errorf("login to %s: %w", t.host(), err)
	}
	return env.become(ctx, t, resolved{Resolved: res, accept: env.remember(ctx, t, t.typed, a.Save || t.save), asked: true}, req)
}

// remember keeps typed credentials for this run at once, and returns what stores them for good, nil if that is not wanted.
func (env Env) remember(ctx context.Context, t target, typed keychain.Typed, save bool) func(context.Context) error {
	item, err := t.item(typed.KeyID)
	if err != nil {
		return nil
	}
	return env.rememberAs(ctx, item, typed.Secret, save)
}

// rememberAs is remember for a secret that is bound to item.
func (env Env) rememberAs(ctx context.Context, item keychain.Item, secret keychain.Secret, save bool) func(context.Context) error {
	if env.Run != nil {
		_ = env.Run.Set(ctx, item, secret) // memory of a valid item takes everything
	}
	if !save || env.Keychain == nil {
		return nil
	}
	return func(ctx context.Context) error {
		if err := env.Keychain.Set(ctx, item, secret); err != nil {
			return fmt.Errorf("store the secret for %s: %w", item.Endpoint(), err)
		}
		return nil
	}
}

// item is what a secret for t is bound to.
func (t target) item(keyID string) (keychain.Item, error) {
	return keychain.NewItem(t.url().String(), t.profile.Vendor, keyID)
}

// layered asks the secrets of this run before the lasting ones. It only reads.
type layered struct {
	run  *keychain.Memory
	last keychain.Store
	deep atomic.Bool // the lasting ones were asked last
}

// Kind is that of the store that was asked last; it opens none.
func (l *layered) Kind() keychain.StoreKind {
	if l.deep.Load() {
		return l.last.Kind()
	}
	return keychain.MemoryStore
}

func (l *layered) Get(ctx context.Context, it keychain.Item) (keychain.Secret, error) {
	l.deep.Store(false)
	if l.run != nil {
		if s, err := l.run.Get(ctx, it); err == nil {
			return s, nil
		}
	}
	if l.last == nil {
		return keychain.Secret{}, keychain.ErrNotFound
	}
	l.deep.Store(true)
	return l.last.Get(ctx, it)
}

func (l *layered) Set(context.Context, keychain.Item, keychain.Secret) error { return errReadOnly }

func (l *layered) Delete(context.Context, keychain.Item) error { return errReadOnly }

var errReadOnly = errors.New("this store is only read")
