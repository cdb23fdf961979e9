package connect

import (
	"errors"

	"pintail/internal/text"
	"pintail/keychain"
)

// Why says in one sentence each where the credentials came from and why every other source was not used.
func (c *Connection) Why() []string { return sentences(c.tried) }

// WhyNone is [Connection.Why] for an error of [Open]; nil when it is about something else.
func WhyNone(err error) []string {
	var none *keychain.NoCredentialsError
	if !errors.As(err, &none) {
		return nil
	}
	return sentences(none.Tried)
}

func sentences(tried []keychain.Tried) []string {
	var list []string
	for _, t := range tried {
		list = append(list, sentence(sourceName(t), t.Outcome))
	}
	return list
}

func sentence(name string, o keychain.Outcome) string {
	switch o {
	case keychain.OutcomeWon:
		return text.T("connect.why.won", name)
	case keychain.OutcomeEmpty:
		return text.T("connect.why.empty", name)
	case keychain.OutcomeUnavailable:
		return text.T("connect.why.unavailable", name)
	case keychain.OutcomeLater:
		return text.T("connect.why.later", name)
	case keychain.OutcomeOff:
		return text.T("connect.why.off", name)
	}
	return text.T("connect.why.excluded", name)
}

// sourceName is what a person calls a source.
func sourceName(t keychain.Tried) string {
	if t.Store == keychain.FileStore {
		return text.T("connect.source.file")
	}
	switch t.Source {
	case keychain.SourceTyped:
		return text.T("connect.source.typed")
	case keychain.SourceKeychain:
		return text.T("connect.source.keychain")
	case keychain.SourceEnvironment:
		return text.T("connect.source.environment")
	case keychain.SourceAWSProfile:
		return text.T("connect.source.awsProfile")
	case keychain.SourceOpenID:
		return text.T("connect.source.openid")
	case keychain.SourceContainer:
		return text.T("connect.source.container")
	case keychain.SourceInstance:
		return text.T("connect.source.instance")
	}
	return string(t.Source)
}
