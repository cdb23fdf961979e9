package explain

import (
	"pintail/internal/text"
	"pintail/storage"
)

// grantRows are the errors of access lists that say more than their kind.
func grantRows() []row {
	return []row{
		{"invalid", ExitUsage, onKind(storage.KindInvalid, storage.CodeBadGrant, storage.CodeTooManyGrants), func(s subject) words {
			return words{text.T("explain.grant.title"), text.T("explain.grant.why"), ""}
		}},
		{"invalid", ExitFailed, onKind(storage.KindInvalid, storage.CodeNoSuchGrantee), func(s subject) words {
			return words{text.T("explain.grantee.title"), text.T("explain.grantee.why"), text.T("explain.grantee.advice")}
		}},
		{"invalid", ExitFailed, onKind(storage.KindInvalid, "AmbiguousGrantByEmailAddress"), func(s subject) words {
			return words{text.T("explain.grantee.title"), text.T("explain.emailTwice.why"), text.T("explain.email.advice")}
		}},
		{"invalid", ExitFailed, onKind(storage.KindInvalid, "UnresolvableGrantByEmailAddress"), func(s subject) words {
			return words{text.T("explain.grantee.title"), text.T("explain.emailNone.why"), text.T("explain.email.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, storage.CodeNoEmail), func(s subject) words {
			return words{text.T("explain.unsupported.title"), text.T("explain.emailOff.why"), text.T("explain.email.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, "AccessControlListNotSupported"), func(s subject) words {
			return words{text.T("explain.aclOff.title"), text.T("explain.aclOff.why"), text.T("explain.aclOff.advice")}
		}},
	}
}
