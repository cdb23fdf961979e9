// Package prompt is the small set of questions that the core may ask a person: a window, a terminal or a script answers.
// It must never hold a default that destroys something, and a question always ends with its context.
// Start reading at [Prompter].
package prompt

import (
	"context"
	"errors"
	"time"
)

// ErrDismissed is returned when the person closed the question without an answer, or nobody is there to answer it.
var ErrDismissed = errors.New("the question was not answered")

// Prompter answers questions. Each method waits for a person until ctx ends, may be called from any goroutine, and returns
// [ErrDismissed] or the context's error when there is no answer.
type Prompter interface {
	// Existing asks what to do with a target that is there already.
	Existing(ctx context.Context, q Existing) (ExistingAnswer, error)
	// Confirm asks yes or no before something that cannot be taken back or that is unsafe.
	Confirm(ctx context.Context, q Confirm) (bool, error)
	// Code asks for the code of an MFA device.
	Code(ctx context.Context, q Code) (string, error)
	// Login asks for an access key and its secret.
	Login(ctx context.Context, q Login) (LoginAnswer, error)
}

// Side is one end of a transfer as the question shows it.
type Side struct {
	Name     string // path or s3:// address, raw
	Size     int64
	Modified time.Time
}

// Existing is the question about a target that exists.
type Existing struct {
	Source, Target Side
	Kind           string // of the transfer: upload, download, copy, move
	Connection     string // reference of the connection that the transfer belongs to
	More           int    // further targets that may raise the same question; -1 = not known
}

// Action is what to do with a target that exists.
type Action string

// The actions, named as in the preferences and on the command line.
const (
	Ask            Action = "ask"
	Overwrite      Action = "overwrite"
	Resume         Action = "resume"
	Skip           Action = "skip"
	Rename         Action = "rename"          // the new file gets another name
	RenameExisting Action = "rename-existing" // the file that is there gets another name
	Compare        Action = "compare"         // skip if equal, else overwrite
	Cancel         Action = "cancel"          // end the transfer
)

// ExistingAnswer is the person's choice; All applies it to the rest of the transfer.
type ExistingAnswer struct {
	Action Action
	All    bool
}

// Topic says what a confirmation is about; faces choose icon and wording details by it.
type Topic string

// The topics of [Confirm].
const (
	TopicDelete    Topic = "delete"
	TopicPlainHTTP Topic = "plain-http" // credentials over http
	TopicNewHost   Topic = "new-host"   // a key goes to a host that is new for it
	TopicLink      Topic = "link"       // a local link leads out of the destination
	TopicOther     Topic = "other"
)

// Confirm is a yes or no question. Title is a short question, Text the consequences, Yes the verb on the button.
type Confirm struct {
	Topic            Topic
	Title, Text, Yes string
	Type             string // what has to be typed to confirm; "" = nothing
}

// Code asks for an MFA code of the device Serial. Reason is why the last one did not do, "" at first.
type Code struct{ Serial, Reason string }

// Login asks for credentials for Host. Reason is the server's sentence after a refused try, "" at first.
type Login struct {
	Host, KeyID, Reason  string
	KeyLabel, SecretName string
	CanSave, Anonymous   bool
	SaveInFile           bool // saving is into the encrypted file, not the system's keychain
}

// Passphrase asks for the passphrase of the encrypted file of secrets: twice if it is New, and again if the last answer was Wrong. Change
// says that it is asked for to give the file another one.
type Passphrase struct {
	File               string // path
	New, Wrong, Change bool
}

// MinPassphrase is the fewest characters of a new passphrase: whoever has the file can try as many as they like.
const MinPassphrase = 8

// PassphrasePrompter is a [Prompter] that can ask for a passphrase. The answer is handed on at once and never stored here.
type PassphrasePrompter interface {
	Passphrase(ctx context.Context, q Passphrase) (string, error)
}

// SignIn asks to open URL in a browser and to agree there: for a profile of the AWS files after seeing Code, at an identity provider
// without one.
type SignIn struct {
	Profile   string // of the AWS files
	Provider  string // host of the identity provider; "" = IAM Identity Center
	URL, Code string
	Expires   time.Time // of the code
}

// SignInPrompter is a [Prompter] that can show a sign-in. The method returns when ctx ends, which it does once the sign-in is done,
// or with ErrDismissed when the person gives it up.
type SignInPrompter interface {
	SignIn(ctx context.Context, q SignIn) error
}

// LoginAnswer is what was typed. Secret is handed on at once and never stored here.
type LoginAnswer struct {
	KeyID     string
	Secret    string
	Save      bool
	Anonymous bool
}
