package explain

import (
	"errors"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// table has a row for each kind of error; the first that matches wins. Interruption stands first because it hides in others.
var table = concat(interruptions(), carriedRows(), s3Rows(), otherRows())

func concat(lists ...[]row) []row {
	var all []row
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// onKind matches a storage.Error of kind k, with one of the codes if any are given.
func onKind(k storage.Kind, codes ...string) func(error) (subject, bool) {
	return func(err error) (subject, bool) {
		var e *storage.Error
		if !errors.As(err, &e) || e.Kind != k {
			return subject{}, false
		}
		s := subject{err: err, s3: e, name: e.Location.Bucket, arg: e.Host}
		if len(codes) == 0 {
			return s, true
		}
		for _, c := range codes {
			if c == e.Code {
				return s, true
			}
		}
		return subject{}, false
	}
}

// s3Rows are the errors of storage by what a person can do about them; rows for single codes stand before their kind's.
func s3Rows() []row {
	return concat(specialRows(), grantRows(), accessRows(), existenceRows(), serverRows(), networkRows(), contentRows())
}

// specialRows are what storage itself found wrong, told by its own codes.
func specialRows() []row {
	return []row{
		{"key-changed", ExitFailed, onKind(storage.KindOther, "KeyChanged"), func(s subject) words {
			return words{text.T("explain.keyChanged.title"), text.T("explain.keyChanged.why"), text.T("explain.keyChanged.advice")}
		}},
		{"bucket-name", ExitUsage, onKind(storage.KindInvalid, "InvalidBucketName"), func(s subject) words {
			return words{text.T("explain.bucketName.title"), text.T("explain.invalid.why"), ""}
		}},
	}
}

func accessRows() []row {
	return []row{
		{"auth", ExitRefused, onKind(storage.KindAuth), func(s subject) words {
			return words{text.T("explain.auth.title"), text.T("explain.auth.why"), text.T("explain.auth.advice")}
		}},
		{"expired", ExitRefused, onKind(storage.KindExpired), func(s subject) words {
			return words{text.T("explain.expired.title"), text.T("explain.expired.why"), text.T("explain.expired.advice")}
		}},
		{"needs-mfa", ExitRefused, onKind(storage.KindNeedsMFA), func(s subject) words {
			return words{text.T("explain.mfa.title"), text.T("explain.mfa.why"), text.T("explain.mfa.advice")}
		}},
		{"permission", ExitRefused, onKind(storage.KindPermission), func(s subject) words {
			advice := text.T("explain.permission.adviceUnnamed")
			if s.s3.Permission != "" && !strings.Contains(s.s3.Message, s.s3.Permission) { // else the server's words name it already
				advice = text.T("explain.permission.advice", s.s3.Permission)
			}
			return words{text.T("explain.permission.title"), text.T("explain.permission.why"), advice}
		}},
		{"read-only", ExitRefused, onKind(storage.KindReadOnly), func(s subject) words {
			return words{text.T("explain.readOnly.title"), text.T("explain.readOnly.why"), text.T("explain.readOnly.advice")}
		}},
		{"clock", ExitRefused, onKind(storage.KindClock), func(s subject) words {
			return words{text.T("explain.clock.title"), text.T("explain.clock.why"), text.T("explain.clock.advice")}
		}},
	}
}

func existenceRows() []row {
	return []row{
		{"not-found", ExitNotFound, onKind(storage.KindNotFound, "NoSuchBucket"), func(s subject) words {
			return words{text.T("explain.noBucket.title"), text.T("explain.noBucket.why", s.name), text.T("explain.noBucket.advice")}
		}},
		{"not-found", ExitNotFound, onKind(storage.KindNotFound, "NoSuchUpload"), func(s subject) words {
			return words{text.T("explain.noUpload.title"), text.T("explain.noUpload.why"), text.T("explain.noUpload.advice")}
		}},
		{"not-found", ExitNotFound, onKind(storage.KindNotFound, "NoSuchVersion"), func(s subject) words {
			return words{text.T("explain.noVersion.title"), text.T("explain.noVersion.why"), text.T("explain.noVersion.advice")}
		}},
		{"not-found", ExitNotFound, onKind(storage.KindNotFound), func(s subject) words {
			return words{text.T("explain.notFound.title"), text.T("explain.notFound.why"), text.T("explain.notFound.advice")}
		}},
		{"conflict", ExitFailed, onKind(storage.KindConflict, "BucketAlreadyExists"), func(s subject) words {
			return words{text.T("explain.bucketTaken.title"), text.T("explain.bucketTaken.why", s.name), text.T("explain.bucketTaken.advice")}
		}},
		{"conflict", ExitFailed, onKind(storage.KindConflict, "BucketAlreadyOwnedByYou"), func(s subject) words {
			return words{text.T("explain.bucketYours.title"), text.T("explain.bucketYours.why", s.name), ""}
		}},
		{"conflict", ExitFailed, onKind(storage.KindConflict, "BucketNotEmpty"), func(s subject) words {
			return words{text.T("explain.bucketFull.title"), text.T("explain.bucketFull.why"), text.T("explain.bucketFull.advice")}
		}},
		{"conflict", ExitFailed, onKind(storage.KindConflict), func(s subject) words {
			return words{text.T("explain.conflict.title"), text.T("explain.conflict.why"), text.T("explain.conflict.advice")}
		}},
		{"precondition", ExitFailed, onKind(storage.KindPrecondition), func(s subject) words {
			return words{text.T("explain.precondition.title"), text.T("explain.precondition.why"), text.T("explain.precondition.advice")}
		}},
		{"archived", ExitFailed, onKind(storage.KindArchived), func(s subject) words {
			return words{text.T("explain.archived.title"), text.T("explain.archived.why"), text.T("explain.archived.advice")}
		}},
	}
}

func serverRows() []row {
	return []row{
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, storage.CodeIgnored), func(s subject) words {
			return words{text.T("explain.ignored.title"), text.T("explain.ignored.why"), text.T("explain.unsupported.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, storage.CodeNotVersioned), func(s subject) words {
			return words{text.T("explain.notVersioned.title"), text.T("explain.notVersioned.why"), text.T("explain.notVersioned.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, storage.CodeSignatureV2), func(s subject) words {
			return words{text.T("explain.unsupported.title"), text.T("explain.signatureV2.why"), text.T("explain.signatureV2.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported, storage.CodeARNHost), func(s subject) words {
			return words{text.T("explain.arn.title"), text.T("explain.arn_host.why"), text.T("explain.arn_host.advice")}
		}},
		{"invalid", ExitUsage, onKind(storage.KindInvalid, storage.CodeARN), func(s subject) words {
			return words{text.T("explain.arn.title"), text.T("explain.arn.why"), text.T("explain.arn.advice")}
		}},
		{"unsupported", ExitFailed, onKind(storage.KindUnsupported), func(s subject) words {
			return words{text.T("explain.unsupported.title"), text.T("explain.unsupported.why"), text.T("explain.unsupported.advice")}
		}},
		{"invalid", ExitFailed, onKind(storage.KindInvalid), func(s subject) words {
			return words{text.T("explain.invalid.title"), text.T("explain.invalid.why"), ""}
		}},
		{"throttled", ExitGaveUp, onKind(storage.KindThrottled), func(s subject) words {
			return words{text.T("explain.throttled.title"), text.T("explain.throttled.why"), text.T("explain.throttled.advice")}
		}},
		{"server", ExitGaveUp, onKind(storage.KindServer), func(s subject) words {
			return words{text.T("explain.server.title"), text.T("explain.server.why"), text.T("explain.server.advice")}
		}},
		{"not-s3", ExitFailed, onKind(storage.KindNotS3), func(s subject) words {
			return words{text.T("explain.notS3.title"), text.T("explain.notS3.why", s.arg), text.T("explain.notS3.advice")}
		}},
		{"redirect", ExitFailed, onKind(storage.KindRedirect), func(s subject) words {
			return words{text.T("explain.redirect.title"), text.T("explain.redirect.why"), text.T("explain.redirect.advice")}
		}},
		{"quota", ExitFailed, onKind(storage.KindQuota), func(s subject) words {
			return words{text.T("explain.quota.title"), text.T("explain.quota.why"), text.T("explain.quota.advice")}
		}},
		{"other", ExitFailed, onKind(storage.KindOther), func(s subject) words {
			why := text.T("explain.s3.why")
			if s.s3.Code == "" && s.s3.Message == "" && s.s3.Err != nil {
				why = s.s3.Err.Error()
			}
			return words{text.T("explain.s3.title"), why, ""}
		}},
	}
}

func networkRows() []row {
	return []row{
		{"host-unknown", ExitGaveUp, onUnknownHost, func(s subject) words {
			return words{text.T("explain.noHost.title"), text.T("explain.noHost.why", s.arg), text.T("explain.noHost.advice")}
		}},
		{"connection-refused", ExitGaveUp, onRefusedConnection, func(s subject) words {
			return words{text.T("explain.refused.title"), text.T("explain.refused.why", s.arg), text.T("explain.refused.advice")}
		}},
		{"network", ExitGaveUp, onKind(storage.KindNetwork), func(s subject) words {
			why := text.T("explain.network.why", s.arg)
			if s.s3.Err != nil {
				why = text.T("explain.said", why, rootCause(s.s3.Err))
			}
			return words{text.T("explain.network.title"), why, text.T("explain.network.advice")}
		}},
		{"tls", ExitFailed, onKind(storage.KindTLS), func(s subject) words {
			why := text.T("explain.tls.why", s.arg)
			if s.s3.Err != nil {
				why = text.T("explain.said", why, rootCause(s.s3.Err))
			}
			return words{text.T("explain.tls.title"), why, text.T("explain.tls.advice")}
		}},
	}
}

func contentRows() []row {
	return []row{
		{"checksum", ExitUnproved, onKind(storage.KindChecksum), func(s subject) words {
			return words{text.T("explain.checksum.title"), text.T("explain.checksum.why"), text.T("explain.checksum.advice")}
		}},
		{"truncated", ExitUnproved, onKind(storage.KindTruncated), func(s subject) words {
			return words{text.T("explain.truncated.title"), text.T("explain.truncated.why"), text.T("explain.truncated.advice")}
		}},
		{"cancelled", ExitInterrupted, onKind(storage.KindCancelled), func(s subject) words {
			return words{text.T("explain.cancelled.title"), text.T("explain.cancelled.why"), ""}
		}},
	}
}
