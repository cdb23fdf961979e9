package explain

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/storage"
)

func is(target error) func(error) (subject, bool) {
	return func(err error) (subject, bool) { return subject{err: err}, errors.Is(err, target) }
}

// file matches an error of the local file system and names the file.
func file(targets ...error) func(error) (subject, bool) {
	return func(err error) (subject, bool) {
		for _, t := range targets {
			if !errors.Is(err, t) {
				continue
			}
			s := subject{err: err, name: text.T("explain.file")}
			var p *fs.PathError
			if errors.As(err, &p) {
				s.name = p.Path
			}
			return s, true
		}
		return subject{}, false
	}
}

func interruptions() []row {
	return []row{
		{"cancelled", ExitInterrupted, is(context.Canceled), func(s subject) words {
			return words{text.T("explain.cancelled.title"), text.T("explain.cancelled.sentence"), ""}
		}},
	}
}

func otherRows() []row {
	return concat(connectionRows(), syncRows(), transferRows(), localRows(), credentialRows(), usageRows())
}

func localRows() []row {
	return []row{
		{"disk-full", ExitFailed, diskFull, func(s subject) words {
			return words{text.T("explain.diskFull.title"), text.T("explain.diskFull.sentence", s.name), text.T("explain.diskFull.advice")}
		}},
		{"local-not-found", ExitNotFound, file(fs.ErrNotExist), func(s subject) words {
			return words{text.T("explain.noFile.title"), text.T("explain.noFile.sentence", s.name), text.T("explain.noFile.advice")}
		}},
		{"local-permission", ExitRefused, file(fs.ErrPermission), func(s subject) words {
			return words{text.T("explain.fileRefused.title"), text.T("explain.fileRefused.sentence", s.name), text.T("explain.fileRefused.advice")}
		}},
		{"local-exists", ExitFailed, file(fs.ErrExist), func(s subject) words {
			return words{text.T("explain.fileExists.title"), text.T("explain.fileExists.sentence", s.name), ""}
		}},
		{"local-name", ExitFailed, file(syscall.ENAMETOOLONG), func(s subject) words {
			return words{text.T("explain.longName.title"), text.T("explain.longName.sentence", s.name), text.T("explain.longName.advice")}
		}},
		{"local-name", ExitFailed, file(syscall.ENOTDIR, syscall.EISDIR), func(s subject) words {
			return words{text.T("explain.notFolder.title"), text.T("explain.notFolder.sentence", s.name), text.T("explain.notFolder.advice")}
		}},
	}
}

func credentialRows() []row {
	return []row{
		{"needs-mfa", ExitRefused, is(keychain.ErrNeedsMFA), func(s subject) words {
			return words{text.T("explain.mfa.title"), text.T("explain.mfa.sentence"), text.T("explain.mfa.advice")}
		}},
		{"no-profile", ExitUsage, is(keychain.ErrNoProfile), func(s subject) words {
			return words{text.T("explain.noAWSProfile.title"), asSentence(s.err.Error()), text.T("explain.noAWSProfile.advice")}
		}},
		{"needs-sso", ExitRefused, is(keychain.ErrNeedsSSO), func(s subject) words {
			profile := ""
			if e := (*keychain.SSOError)(nil); errors.As(s.err, &e) {
				profile = e.Profile
			}
			return words{text.T("explain.sso.title"), text.T("explain.sso.sentence"), text.T("explain.sso.advice", profile)}
		}},
		{"needs-login", ExitRefused, is(keychain.ErrNeedsLogin), func(s subject) words {
			profile := ""
			if e := (*keychain.LoginError)(nil); errors.As(s.err, &e) {
				profile = e.Profile
			}
			return words{text.T("explain.awsLogin.title"), text.T("explain.awsLogin.sentence", profile), text.T("explain.awsLogin.advice", profile)}
		}},
		{"needs-openid", ExitRefused, is(keychain.ErrNeedsOpenID), func(s subject) words {
			provider := ""
			if e := (*keychain.OpenIDError)(nil); errors.As(s.err, &e) {
				provider = e.Provider
			}
			return words{text.T("explain.openid.title"), text.T("explain.openid.sentence", provider), text.T("explain.openid.advice")}
		}},
		{"openid-answer", ExitFailed, own(keychain.ErrOpenIDAnswer), func(s subject) words {
			return words{text.T("explain.openidAnswer.title"), s.name, text.T("explain.openidAnswer.advice")}
		}},
		{"aws-profile", ExitUsage, own(keychain.ErrBadProfile, keychain.ErrProfileLoop, keychain.ErrMetadataHost), func(s subject) words {
			return words{text.T("explain.awsProfile.title"), s.name, text.T("explain.awsProfile.advice")}
		}},
		{"other-host", ExitRefused, is(keychain.ErrOtherHost), func(s subject) words {
			return words{text.T("explain.otherHost.title"), text.T("explain.otherHost.sentence"), text.T("explain.otherHost.advice")}
		}},
		{"secrets-locked", ExitUsage, secretsFile(keychain.ErrFileLocked), func(s subject) words {
			return words{text.T("explain.secretsLocked.title"), text.T("explain.secretsLocked.sentence", s.name), text.T("explain.secretsLocked.advice")}
		}},
		{"wrong-passphrase", ExitRefused, secretsFile(keychain.ErrWrongPassphrase), func(s subject) words {
			return words{text.T("explain.wrongPassphrase.title"), text.T("explain.wrongPassphrase.sentence", s.name), text.T("explain.wrongPassphrase.advice")}
		}},
		{"no-secrets-file", ExitNotFound, secretsFile(keychain.ErrNoFile), func(s subject) words {
			return words{text.T("explain.noSecretsFile.title"), text.T("explain.noSecretsFile.sentence", s.name), text.T("explain.noSecretsFile.advice")}
		}},
		{"secrets-broken", ExitFailed, secretsFile(keychain.ErrFileBroken), func(s subject) words {
			return words{text.T("explain.secretsBroken.title"), text.T("explain.secretsBroken.sentence", s.name), text.T("explain.secretsBroken.advice")}
		}},
		{"no-credentials", ExitRefused, is(keychain.ErrNoCredentials), func(s subject) words {
			return words{text.T("explain.noCredentials.title"), text.T("explain.noCredentials.sentence"), text.T("explain.noCredentials.advice")}
		}},
		{"no-keychain", ExitFailed, is(keychain.ErrUnavailable), func(s subject) words {
			return words{text.T("explain.noKeychain.title"), text.T("explain.noKeychain.sentence"), text.T("explain.noKeychain.advice")}
		}},
	}
}

// secretsFile matches an error of the encrypted file of secrets and names the file.
func secretsFile(target error) func(error) (subject, bool) {
	return func(err error) (subject, bool) {
		var f *keychain.FileError
		if !errors.As(err, &f) || !errors.Is(err, target) {
			return subject{}, false
		}
		return subject{err: err, name: f.Path}, true
	}
}

func usageRows() []row {
	return []row{
		{"not-answered", ExitUsage, is(prompt.ErrDismissed), func(s subject) words {
			return words{text.T("explain.dismissed.title"), text.T("explain.dismissed.sentence"), text.T("explain.dismissed.advice")}
		}},
		{"usage", ExitUsage, is(units.ErrSyntax), func(s subject) words {
			return words{text.T("explain.usage.title"), asSentence(s.err.Error()), ""}
		}},
	}
}

// diskFull matches a full disk and a used up quota of the local file system.
func diskFull(err error) (subject, bool) {
	return file(append(fullErrors(), localfs.ErrNoSpace)...)(err)
}

func onUnknownHost(err error) (subject, bool) {
	s, ok := onKind(storage.KindNetwork)(err)
	var dns *net.DNSError
	if !ok || !errors.As(err, &dns) || !dns.IsNotFound {
		return subject{}, false
	}
	s.arg = dns.Name
	return s, true
}

func onRefusedConnection(err error) (subject, bool) {
	s, ok := onKind(storage.KindNetwork)(err)
	return s, ok && errors.Is(err, syscall.ECONNREFUSED)
}

// rootCause is the text of the innermost error, which says what happened without the layers that saw it.
func rootCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
