package keychain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// Limits of STS for the life of temporary credentials.
const (
	minSession   = 15 * time.Minute
	maxRole      = 12 * time.Hour
	maxSession   = 36 * time.Hour
	roleDuration = time.Hour // also the longest for a role that a role assumes
)

// CodeReason says why a code of a multi-factor device is asked for again.
type CodeReason string

// The reasons.
const (
	CodeFirst   CodeReason = ""
	CodeForm    CodeReason = "form"    // it is not six digits
	CodeUsed    CodeReason = "used"    // it was used before: wait for the next one
	CodeRefused CodeReason = "refused" // the server did not take it
)

// CodeQuestion asks for the code of the device Serial.
type CodeQuestion struct {
	Serial string
	Reason CodeReason
}

// Assume says what to make of long-term keys before they are used: with RoleARN a role's credentials (AssumeRole), with MFASerial
// alone those of a session (GetSessionToken).
type Assume struct {
	RoleARN, ExternalID, SessionName string
	MFASerial                        string
	Duration                         time.Duration // 0 = one hour
	STSEndpoint                      string        // URL; "" = Amazon's of Region
	Region                           string        // "" = us-east-1
}

func (a Assume) check(chained bool) (Assume, error) {
	longest := maxRole
	switch {
	case a.RoleARN == "" && a.MFASerial == "":
		return a, fmt.Errorf("%w: neither a role nor a device is named", ErrBadProfile)
	case a.RoleARN == "":
		longest = maxSession
	case !strings.HasPrefix(a.RoleARN, "arn:"):
		return a, fmt.Errorf("%w: the role %q is not an ARN", ErrBadProfile, a.RoleARN)
	}
	if a.Duration == 0 {
		a.Duration = roleDuration
	}
	if chained {
		a.Duration = min(a.Duration, roleDuration)
	}
	if a.Duration < minSession || a.Duration > longest {
		return a, fmt.Errorf("%w: a session of %d seconds; STS gives %d to %d", ErrBadProfile, int(a.Duration.Seconds()), int(minSession.Seconds()), int(longest.Seconds()))
	}
	if a.SessionName == "" {
		a.SessionName = "pintail-" + strconv.FormatInt(time.Now().Unix(), 10)
	}
	return a, nil
}

// assumed gives the credentials that STS makes of others. What it got serves every connection of the run.
type assumed struct {
	Assume
	client *sts.Client
	source aws.CredentialsProvider
	run    *Memory
	code   func(context.Context, CodeQuestion) (string, error) // nil = nobody is there
	kept   atomic.Pointer[string]                              // the name of the kept session, once it is known
}

// Retrieve asks STS, and a person when a code is needed.
func (a *assumed) Retrieve(ctx context.Context) (aws.Credentials, error) {
	base, err := a.source.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	key := strings.Join([]string{base.AccessKeyID, a.RoleARN, a.ExternalID, a.MFASerial, a.Duration.String(), a.STSEndpoint}, "\x00")
	a.kept.Store(&key)
	if c, ok := a.run.session(key, time.Now()); ok {
		return c, nil
	}
	if a.MFASerial == "" {
		return a.keep(key)(a.call(ctx, ""))
	}
	if a.code == nil {
		return aws.Credentials{}, &MFAError{Serial: a.MFASerial}
	}
	release, err := a.run.ask(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	defer release()
	if c, ok := a.run.session(key, time.Now()); ok { // somebody else was asked meanwhile
		return c, nil
	}
	return a.keep(key)(a.withCode(ctx))
}

func (a *assumed) keep(key string) func(aws.Credentials, error) (aws.Credentials, error) {
	return func(c aws.Credentials, err error) (aws.Credentials, error) {
		if err == nil {
			a.run.keepSession(key, c)
		}
		return c, err
	}
}

// Invalidate forgets the session, and what it was made of when that is temporary too.
func (a *assumed) Invalidate() {
	if key := a.kept.Load(); key != nil {
		a.run.dropSession(*key)
	}
	if i, ok := a.source.(interface{ Invalidate() }); ok {
		i.Invalidate()
	}
}

// maxCodes bounds the questions for one session: servers lock out who guesses.
const maxCodes = 5

var codeForm = regexp.MustCompile(`^\d{6}$`)

func (a *assumed) withCode(ctx context.Context) (aws.Credentials, error) {
	q := CodeQuestion{Serial: a.MFASerial}
	for range maxCodes {
		typed, err := a.code(ctx, q)
		if err != nil {
			return aws.Credentials{}, &MFAError{Serial: a.MFASerial, Err: err}
		}
		typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
		switch {
		case !codeForm.MatchString(typed):
			q.Reason = CodeForm
			continue
		case !a.run.useCode(a.MFASerial, typed, time.Now()):
			q.Reason = CodeUsed
			continue
		}
		c, err := a.call(ctx, typed)
		if err == nil || !codeRefused(err) {
			return c, err
		}
		q.Reason = CodeRefused
	}
	return aws.Credentials{}, &MFAError{Serial: a.MFASerial, Err: errors.New("no code was accepted")}
}

// codeRefused tells a wrong code from a role that may not be assumed: STS has one error code for both.
func codeRefused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.Contains(strings.ToLower(api.ErrorMessage()), "multifactor") && api.ErrorCode() == "AccessDenied"
}

func (a *assumed) call(ctx context.Context, code string) (aws.Credentials, error) {
	var serial *string
	once := func(*sts.Options) {}
	if code != "" {
		serial = nonEmpty(a.MFASerial)
		once = func(o *sts.Options) { o.Retryer = aws.NopRetryer{} } // a second try would send the code again
	}
	seconds := aws.Int32(int32(a.Duration.Seconds()))
	if a.RoleARN == "" {
		out, err := a.client.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: seconds, SerialNumber: serial, TokenCode: nonEmpty(code)}, once)
		if err != nil {
			return aws.Credentials{}, fmt.Errorf("get a session: %w", err)
		}
		return temporary(out.Credentials, "")
	}
	out, err := a.client.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: &a.RoleARN, RoleSessionName: &a.SessionName, ExternalId: nonEmpty(a.ExternalID), DurationSeconds: seconds,
		SerialNumber: serial, TokenCode: nonEmpty(code),
	}, once)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("assume the role %s: %w", a.RoleARN, err)
	}
	return temporary(out.Credentials, accountOf(out.AssumedRoleUser, a.RoleARN))
}

func temporary(c *types.Credentials, account string) (aws.Credentials, error) {
	if c == nil || aws.ToString(c.AccessKeyId) == "" || aws.ToString(c.SecretAccessKey) == "" || c.Expiration == nil {
		return aws.Credentials{}, errors.New("the answer of the token service has no credentials")
	}
	return aws.Credentials{
		AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: aws.ToString(c.SessionToken),
		CanExpire: true, Expires: *c.Expiration, AccountID: account, Source: "STS",
	}, nil
}

func accountOf(user *types.AssumedRoleUser, role string) string {
	if user != nil {
		if a, err := arn.Parse(aws.ToString(user.Arn)); err == nil {
			return a.AccountID
		}
	}
	a, err := arn.Parse(role)
	if err != nil {
		return ""
	}
	return a.AccountID
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
