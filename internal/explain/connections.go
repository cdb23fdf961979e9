package explain

import (
	"errors"
	"slices"
	"strings"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/importing"
	"pintail/internal/localfs"
	"pintail/internal/plist"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
)

// own matches an error whose text is already a sentence for people, once it has a capital and a full stop.
func own(targets ...error) func(error) (subject, bool) {
	return func(err error) (subject, bool) {
		for _, t := range targets {
			if errors.Is(err, t) {
				return subject{err: err, name: asSentence(err.Error())}, true
			}
		}
		return subject{}, false
	}
}

// journalAnd matches a journal that cannot be written for the given reason.
func journalAnd(reason error) func(error) (subject, bool) {
	return func(err error) (subject, bool) {
		return subject{err: err}, errors.Is(err, transfer.ErrJournal) && errors.Is(err, reason)
	}
}

func connectionRows() []row {
	return []row{
		{"no-bookmark", ExitUsage, own(bookmarks.ErrNotFound), func(s subject) words {
			return words{text.T("explain.noBookmark.title"), s.name, text.T("explain.noBookmark.advice")}
		}},
		{"no-connection-profile", ExitUsage, own(profiles.ErrNotFound, profiles.ErrAmbiguous), func(s subject) words {
			return words{text.T("explain.noProfile.title"), s.name, text.T("explain.noProfile.advice")}
		}},
		{"not-supported", ExitUsage, own(profiles.ErrUnsupported), func(s subject) words {
			return words{text.T("explain.profileUnsupported.title"), s.name, text.T("explain.profileUnsupported.advice")}
		}},
		{"broken-file", ExitUsage, brokenFile, func(s subject) words {
			return words{text.T("explain.broken.title"), s.name, text.T("explain.broken.advice")}
		}},
		{"bookmark", ExitUsage, own(bookmarks.ErrInvalid, bookmarks.ErrSecret), func(s subject) words {
			return words{text.T("explain.bookmark.title"), s.name, ""}
		}},
		{"import", ExitUsage, own(bookmarks.ErrFormat, bookmarks.ErrTooLarge, bookmarks.ErrEncrypted, bookmarks.ErrArchive, importing.ErrEmpty), func(s subject) words {
			return words{text.T("importing.explain.title"), s.name, text.T("importing.explain.advice")}
		}},
		{"import-aws", ExitUsage, own(importing.ErrAWSElsewhere), func(subject) words {
			return words{text.T("importing.explain.title"), text.T("importing.explain.aws"), text.T("importing.explain.aws_advice")}
		}},
		{"profile", ExitUsage, own(profiles.ErrBundled, profiles.ErrExists, profiles.ErrValue), func(s subject) words {
			return words{text.T("explain.profile.title"), s.name, ""}
		}},
		{"preference", ExitUsage, own(preferences.ErrUnknown, preferences.ErrInvalid), func(s subject) words {
			return words{text.T("explain.preference.title"), s.name, ""}
		}},
		{"endpoint", ExitUsage, own(connect.ErrEndpoint, connect.ErrCABundle, connect.ErrClientCert), func(s subject) words {
			return words{text.T("explain.endpoint.title"), s.name, ""}
		}},
		{"reference", ExitFailed, own(connect.ErrBadRef), func(s subject) words {
			return words{text.T("explain.reference.title"), text.T("explain.reference.sentence"), text.T("explain.reference.advice")}
		}},
		{"not-trusted", ExitUsage, notTrusted, func(s subject) words {
			sentence := text.T("explain.notTrusted.newHost", s.name)
			if s.arg == string(prompt.TopicPlainHTTP) {
				sentence = text.T("explain.notTrusted.plain", s.name)
			}
			return words{text.T("explain.notTrusted.title"), sentence, text.T("explain.notTrusted.advice")}
		}},
		{"bucket-name", ExitUsage, bucketName, func(s subject) words {
			return words{text.T("explain.bucketName.title"), s.name, ""}
		}},
	}
}

// carriedRows come before what the server said: that is the smaller part of it.
func carriedRows() []row {
	return []row{
		{"unreadable", ExitRefused, unreadable, func(s subject) words {
			advice := text.T("explain.unreadable.advice")
			if p := missing(s.err); p != "" {
				advice = text.T("explain.unreadable.adviceNamed", p)
			}
			return words{text.T("explain.unreadable.title"), text.T("explain.unreadable.sentence", s.name), advice}
		}},
		{"not-kept", ExitFailed, notKept, func(s subject) words {
			return words{text.T("explain.notKept.title"), text.T("explain.notKept.sentence", s.name), text.T("explain.notKept.advice")}
		}},
		{"not-carried", ExitFailed, own(transfer.ErrNotCarried), func(s subject) words {
			return words{text.T("explain.notCarried.title"), notCarried(s), text.T("explain.notCarried.advice")}
		}},
	}
}

func transferRows() []row {
	return []row{
		{"transfer-record", ExitFailed, own(transfer.ErrRecord), func(s subject) words {
			return words{text.T("explain.record.title"), s.name, text.T("explain.record.advice")}
		}},
		{"adopt", ExitUsage, own(transfer.ErrAdopt), func(s subject) words {
			return words{text.T("adopt.refused"), adoptReason(s.err), text.T("adopt.refused_advice")}
		}},
		{"refused-request", ExitUsage, own(transfer.ErrRequest), func(s subject) words {
			return words{text.T("explain.request.title"), s.name, ""}
		}},
		{"journal-newer", ExitFailed, own(transfer.ErrJournalNewer), func(subject) words {
			return words{text.T("explain.journal.title"), text.T("explain.journal.newer"), text.T("explain.journal.newer.advice")}
		}},
		{"journal-damaged", ExitFailed, own(transfer.ErrJournalDamaged), func(s subject) words {
			return words{text.T("explain.journal.title"), s.name, text.T("explain.journal.damaged.advice")}
		}},
		{"journal-busy", ExitFailed, own(transfer.ErrJournalBusy), func(subject) words {
			return words{text.T("explain.journal.title"), text.T("explain.journal.busy"), text.T("explain.journal.busy.advice")}
		}},
		{"journal-full", ExitFailed, journalAnd(localfs.ErrNoSpace), func(subject) words {
			return words{text.T("explain.journal.title"), text.T("explain.journal.full"), text.T("explain.diskFull.advice")}
		}},
		{"journal", ExitFailed, own(transfer.ErrJournal), func(s subject) words {
			return words{text.T("explain.journal.title"), s.name, text.T("explain.journal.advice")}
		}},
		{"gave-up", ExitGaveUp, own(transfer.ErrGaveUp), func(s subject) words {
			return words{text.T("explain.gaveUp.title"), s.name, text.T("explain.gaveUp.advice")}
		}},
		{"changed", ExitFailed, own(transfer.ErrChanged), func(s subject) words {
			return words{text.T("explain.changed.title"), s.name, text.T("explain.changed.advice")}
		}},
		{"object-changed", ExitFailed, own(transfer.ErrObjectChanged), func(s subject) words {
			return words{text.T("explain.changed.title"), s.name, text.T("explain.changed.advice")}
		}},
		{"foreign", ExitFailed, own(transfer.ErrForeign), func(s subject) words {
			return words{text.T("explain.foreign.title"), text.T("explain.foreign.sentence"), text.T("explain.foreign.advice")}
		}},
		{"stopped", ExitInterrupted, own(transfer.ErrStopped), func(s subject) words {
			return words{text.T("explain.cancelled.title"), text.T("explain.cancelled.sentence"), ""}
		}},
		{"no-transfer", ExitNotFound, own(transfer.ErrNotFound), func(s subject) words {
			return words{text.T("explain.noTransfer.title"), s.name, ""}
		}},
		{"local-name", ExitFailed, own(localfs.ErrPathTooLong, localfs.ErrNoName, transfer.ErrKey, transfer.ErrFolderContent), func(s subject) words {
			return words{text.T("explain.localName.title"), s.name, text.T("explain.longName.advice")}
		}},
		{"outside", ExitFailed, own(localfs.ErrEscapes), func(s subject) words {
			return words{text.T("explain.escapes.title"), s.name, text.T("explain.escapes.advice")}
		}},
		{"local-name", ExitFailed, own(localfs.ErrIsFolder, localfs.ErrNotFolder), func(s subject) words {
			return words{text.T("explain.notFolder.title"), s.name, text.T("explain.notFolder.advice")}
		}},
		{"special-file", ExitFailed, own(localfs.ErrSpecial, localfs.ErrLink, localfs.ErrLoop, localfs.ErrNoTarget), func(s subject) words {
			return words{text.T("explain.special.title"), s.name, ""}
		}},
	}
}

// brokenFile matches a profile, bookmark or property list that cannot be read.
func brokenFile(err error) (subject, bool) {
	var p *profiles.ParseError
	if errors.As(err, &p) {
		return subject{err: err, name: asSentence(err.Error())}, true
	}
	return own(plist.ErrBinary, plist.ErrNotXML, plist.ErrTooLarge, plist.ErrTooDeep, plist.ErrEntity, plist.ErrMalformed)(err)
}

func notTrusted(err error) (subject, bool) {
	var e *connect.NotTrustedError
	if !errors.As(err, &e) {
		return subject{}, false
	}
	return subject{err: err, name: e.Host, arg: string(e.Topic)}, true
}

func bucketName(err error) (subject, bool) {
	var e *storage.NameError
	if !errors.As(err, &e) {
		return subject{}, false
	}
	return subject{err: err, name: e.Text}, true
}

// unreadable matches what a change would lose because it cannot be read before.
func unreadable(err error) (subject, bool) {
	var e *storage.UnreadableError
	if !errors.As(err, &e) {
		return subject{}, false
	}
	return subject{err: err, name: partNames(e.What)}, true
}

// notCarried says what could not be read or set, and with which permissions it could.
func notCarried(s subject) string {
	var e *storage.Error
	if !errors.As(s.err, &e) {
		return s.name
	}
	said := s.name
	for _, r := range s3Rows() {
		if in, ok := r.match(e); ok {
			said = text.T("explain.notCarried.sentence", r.explain(in).Sentence)
			break
		}
	}
	if p := missing(s.err); p != "" {
		said += " " + text.T("explain.permission.advice", p)
	}
	return said
}

// missing are the permissions that are missing by all that is wrapped in err, with commas between; "" for none.
func missing(err error) string { return strings.Join(permissionsIn(err), ", ") }

func permissionsIn(err error) []string {
	switch e := err.(type) {
	case nil:
		return nil
	case *storage.Error:
		if e.Kind == storage.KindPermission && e.Permission != "" {
			return []string{e.Permission}
		}
		return nil
	case interface{ Unwrap() []error }:
		var all []string
		for _, in := range e.Unwrap() {
			for _, p := range permissionsIn(in) {
				if !slices.Contains(all, p) {
					all = append(all, p)
				}
			}
		}
		return all
	}
	return permissionsIn(errors.Unwrap(err))
}

// notKept matches what an object has lost when it was changed.
func notKept(err error) (subject, bool) {
	var e *storage.NotKeptError
	if !errors.As(err, &e) {
		return subject{}, false
	}
	return subject{err: err, name: partNames(e.What)}, true
}

// partNames are what belongs to an object, for people.
func partNames(parts []string) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p
		if n := map[string]string{storage.PartACL: text.T("explain.part.acl"), storage.PartTags: text.T("explain.part.tags"),
			storage.PartLock: text.T("explain.part.lock"), storage.PartClass: text.T("explain.part.class"),
			storage.PartEncryption: text.T("explain.part.encryption")}[p]; n != "" {
			names[i] = n
		}
	}
	return strings.Join(names, ", ")
}
