package transfers

import (
	"strings"
	"time"
	"unicode"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// Plain makes a raw name fit for one line: control characters are written as pictures of themselves.
func Plain(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return 0x2400 + r
		case unicode.IsControl(r):
			return '␡'
		}
		return r
	}, s)
}

// Names is what is transferred: "report.csv", "a.txt, b.txt and 38 more".
func Names(t transfer.Transfer) string {
	s := Plain(strings.Join(t.Names, ", "))
	if more := t.NameCount - len(t.Names); more > 0 {
		return text.N("transfers.more", more, s, more)
	}
	return s
}

// Where is the other side, "to s3://bucket/folder/", and before it what is changed there: "class GLACIER · in s3://bucket/folder/".
func Where(t transfer.Transfer) string {
	switch t.Kind {
	case transfer.Delete, transfer.Change, transfer.Restore:
		where := text.T("transfers.from", Plain(t.From))
		switch {
		case t.Edit != nil:
			return Plain(explain.Edit(*t.Edit)) + " · " + where
		case t.Restore != nil:
			return explain.Restore(*t.Restore) + " · " + where
		}
		return where
	default:
		return text.T("transfers.to", Plain(t.To))
	}
}

// Status is the second line of a transfer: how far it is, or how it ended.
func Status(t transfer.Transfer, base units.Base) string {
	switch t.State {
	case transfer.Queued:
		return text.T("transfers.queued")
	case transfer.Planning, transfer.Running:
		return running(t, base)
	case transfer.Waiting:
		return withMessage(waiting(t, base), t)
	case transfer.Paused:
		return withMessage(text.T("transfers.paused", amount(t, base)), t)
	case transfer.Foreign:
		return text.T("transfers.foreign", t.Owner, amount(t, base))
	case transfer.Done:
		return done(t, base)
	case transfer.Stopped:
		if t.Interrupted {
			return text.T("transfers.interrupted", amount(t, base))
		}
		return text.T("transfers.stopped", amount(t, base))
	case transfer.Failed:
		return failed(t, base)
	}
	return string(t.State)
}

// waiting says how far it is and when it tries again. The moment is a time of day: nothing has to be drawn while it comes.
func waiting(t transfer.Transfer, base units.Base) string {
	s := text.T("transfers.waiting") + " · " + amount(t, base)
	if !t.NextTry.IsZero() {
		s += " · " + text.T("transfers.next_try", t.NextTry.Format(time.TimeOnly))
	}
	return s
}

func withMessage(s string, t transfer.Transfer) string {
	if t.Message == "" {
		return s
	}
	return s + " · " + Plain(t.Message)
}

func running(t transfer.Transfer, base units.Base) string {
	parts := []string{amount(t, base)}
	if noBytes(t) || t.Bytes == 0 {
		parts[0] = files(t)
	} else if t.Rate > 0 {
		parts = append(parts, units.FormatRate(t.Rate, base))
	}
	if t.Files > 1 && !noBytes(t) && t.Bytes > 0 {
		parts = append(parts, files(t))
	}
	if t.State == transfer.Planning || !t.Planned {
		parts = append(parts, text.T("transfers.planning"))
	} else if s := units.FormatLeft(t.Left); s != "" && t.Rate > 0 {
		parts = append(parts, s)
	}
	if t.Failed > 0 {
		parts = append(parts, text.N("transfers.failed_files", int(t.Failed), units.FormatCount(t.Failed)))
	}
	return strings.Join(parts, ", ")
}

// amount is "3.3 GB of 15.7 GB (21 %)".
func amount(t transfer.Transfer, base units.Base) string {
	if noBytes(t) || t.Bytes <= 0 {
		return files(t)
	}
	percent := int(100 * Fraction(t))
	return text.T("transfers.amount", units.FormatBytes(t.BytesDone, base), units.FormatBytes(t.Bytes, base), percent)
}

// noBytes tells whether a transfer moves none, so that only objects count.
func noBytes(t transfer.Transfer) bool {
	return t.Kind == transfer.Delete || t.Kind == transfer.Change || t.Kind == transfer.Restore
}

func files(t transfer.Transfer) string {
	ended := t.FilesDone + t.Skipped
	return text.N("transfers.files_of", int(t.Files), units.FormatCount(ended), units.FormatCount(t.Files))
}

func done(t transfer.Transfer, base units.Base) string {
	var parts []string
	if t.Kind == transfer.Delete {
		parts = append(parts, text.N("transfers.deleted", int(t.FilesDone), units.FormatCount(t.FilesDone)))
	} else if t.Kind == transfer.Change {
		parts = append(parts, text.N("transfers.changed", int(t.FilesDone), units.FormatCount(t.FilesDone)))
	} else if t.Kind == transfer.Restore {
		parts = append(parts, text.N("transfers.restored", int(t.FilesDone), units.FormatCount(t.FilesDone)))
	} else {
		parts = append(parts, text.N("transfers.done", int(t.FilesDone), units.FormatBytes(t.BytesDone, base), units.FormatCount(t.FilesDone)))
	}
	if t.Skipped > 0 {
		parts = append(parts, text.T("transfers.skipped", units.FormatCount(t.Skipped)))
	}
	if d := elapsed(t); d >= time.Second {
		parts = append(parts, text.T("transfers.took", units.FormatSpan(d)))
	}
	return strings.Join(parts, " · ")
}

func failed(t transfer.Transfer, base units.Base) string {
	var parts []string
	if n := t.Failed + t.Unknown; n > 0 {
		parts = append(parts, text.N("transfers.failed_of", int(t.Files), units.FormatCount(n), units.FormatCount(t.Files)))
	} else {
		parts = append(parts, text.T("transfers.failed"))
	}
	switch {
	case t.Message != "":
		parts = append(parts, Plain(t.Message))
	case t.Err != nil:
		parts = append(parts, Plain(explain.Error(t.Err).Sentence))
	case t.Failed+t.Unknown == 0: // else the reason of the first follows
		parts = append(parts, amount(t, base))
	}
	return strings.Join(parts, " · ")
}

// FileStatus is the right side of a file's row.
func FileStatus(it transfer.Item, base units.Base) string {
	switch it.Result {
	case transfer.ResultDone:
		if it.Proof == storage.ProofNone && it.Note != "" { // no bytes were moved, as by a restore
			return Plain(it.Note)
		}
		s := units.FormatBytes(it.Bytes, base)
		if w := proof(it.Proof); w != "" {
			s += " · " + w
		}
		if it.Note != "" {
			s += " · " + Plain(it.Note)
		}
		return s
	case transfer.ResultSkipped:
		return join(text.T("transfers.file_skipped"), Plain(it.Note))
	case transfer.ResultFailed:
		return join(text.T("transfers.file_failed"), briefly(it.Err))
	case transfer.ResultUnknown:
		return join(text.T("transfers.file_unknown"), briefly(it.Err))
	}
	if it.Running && it.Bytes > 0 {
		return text.T("transfers.amount", units.FormatBytes(it.Done, base), units.FormatBytes(it.Bytes, base), int(100*it.Done/it.Bytes))
	}
	if it.Bytes >= 0 {
		return join(units.FormatBytes(it.Bytes, base), text.T("transfers.file_waiting"))
	}
	return text.T("transfers.file_waiting")
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return Plain(explain.Error(err).Sentence)
}

// briefly is an error that begins with what it is: in a row there may be no place for more.
func briefly(err error) string {
	if err == nil {
		return ""
	}
	return text.T("transfers.file_error", explain.Error(err).Title, errorText(err))
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " · " + b
}

// proof says how strongly a file was verified.
func proof(p storage.Proof) string {
	switch p {
	case storage.ProofFull:
		return text.T("transfers.proof_full")
	case storage.ProofParts:
		return text.T("transfers.proof_parts")
	case storage.ProofMD5:
		return text.T("transfers.proof_md5")
	case storage.ProofStored:
		return text.T("transfers.proof_stored")
	case storage.ProofSize:
		return text.T("transfers.proof_size")
	}
	return ""
}

// Strip is the sentence of the activity strip: "3 of 40 files · 82 MB/s · 1 min left".
func Strip(s Totals, base units.Base) string {
	if s.Active == 0 {
		if s.Paused > 0 {
			return text.N("transfers.strip_paused", s.Paused, s.Paused)
		}
		return ""
	}
	parts := []string{text.N("transfers.strip_files", int(s.Files), units.FormatCount(s.FilesDone), units.FormatCount(s.Files))}
	switch {
	case s.Waiting:
		parts = append(parts, text.T("transfers.waiting"))
	case s.Rate > 0:
		parts = append(parts, units.FormatRate(s.Rate, base))
		if left := units.FormatLeft(s.Left); left != "" {
			parts = append(parts, left)
		}
	}
	return strings.Join(parts, " · ")
}
