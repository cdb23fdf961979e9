// Package explain turns any error into words and an exit status: what failed, on which address, why, and what to do about it.
// It must never show a secret, and never tell errors apart by searching their text.
// Start reading at [Error]; the rows of the one table are in table.go (storage) and others.go (everything else).
package explain

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

// Exit statuses of the command line.
const (
	ExitDone        = 0   // all done and proved
	ExitFailed      = 1   // any other failure
	ExitUsage       = 2   // the request itself is wrong: nothing was sent
	ExitNotFound    = 3   // what was named does not exist
	ExitRefused     = 4   // credentials or permission
	ExitPartly      = 5   // partly done
	ExitGaveUp      = 6   // the network or server gave up: can be resumed
	ExitUnproved    = 7   // content is not what it should be
	ExitInterrupted = 130 // by the user
)

// Explanation is what people are told of an error. Texts may hold raw keys: whoever prints them escapes control characters.
type Explanation struct {
	Title      string // two to four words: "Access denied"
	Sentence   string // what failed, on which address, why, with the server's code and message
	Advice     string // what to do about it; may be ""
	Permission string // the IAM action that is missing; "" if that is not the reason
	Details    string // operation, code, status, request id and host on one line; "" if the error has none
	Kind       string // one word for programs: "permission", "not-found", "disk-full"
	Exit       int
}

// Error explains err. A nil error is the zero Explanation. Of several joined errors the gravest one is explained.
func Error(err error) Explanation {
	if err == nil {
		return Explanation{}
	}
	if why := held(err); why != nil {
		e := Error(transfer.ErrHeld)
		e.Sentence = text.T("explain.held.because", Error(why).Sentence)
		return e
	}
	err = gravest(err)
	for _, r := range table {
		if s, ok := r.match(err); ok {
			return r.explain(s)
		}
	}
	return other(err)
}

// Exit is the exit status of err: 0 for nil.
func Exit(err error) int { return Error(err).Exit }

// ExitOf combines the statuses of what failed with the number of things that were done: an interruption and wrong content
// stand above all; giving up keeps its number, because the whole can be resumed; otherwise something done makes it "partly done",
// and so do failures of different classes. One class alone keeps its number.
func ExitOf(done int64, failed ...int) int {
	classes := map[int]bool{}
	for _, f := range failed {
		if f != ExitDone {
			classes[f] = true
		}
	}
	switch {
	case len(classes) == 0:
		return ExitDone
	case classes[ExitInterrupted]:
		return ExitInterrupted
	case classes[ExitUnproved]:
		return ExitUnproved
	case len(classes) == 1 && classes[ExitGaveUp]:
		return ExitGaveUp
	case len(classes) == 1 && done == 0:
		for f := range classes {
			return f
		}
	}
	return ExitPartly
}

// subject is what a row's words speak of.
type subject struct {
	err  error
	s3   *storage.Error // nil for errors from elsewhere
	name string         // file, host, key or other thing the error is about
	arg  string         // a second one
}

// words are the texts of a row. Sentence is a whole sentence; for errors of storage it is the reason alone, without
// the full stop, because what failed stands before it.
type words struct{ title, sentence, advice string }

// row is one kind of error.
type row struct {
	kind  string
	exit  int
	match func(error) (subject, bool)
	words func(subject) words
}

func (r row) explain(s subject) Explanation {
	w := r.words(s)
	e := Explanation{Title: w.title, Sentence: w.sentence, Advice: w.advice, Kind: r.kind, Exit: r.exit}
	if s.s3 != nil {
		e.Sentence = sentence(s.s3, w.sentence)
		e.Details = details(s.s3)
		if s.s3.Kind == storage.KindPermission {
			e.Permission = s.s3.Permission
		}
	} else if in := permissionsIn(s.err); len(in) > 0 {
		e.Permission = in[0]
	}
	return e
}

// sentence puts together what failed, why, and the server's own words.
func sentence(e *storage.Error, why string) string {
	said := e.Code
	if e.Message != "" {
		said = strings.TrimPrefix(e.Code+": "+strings.TrimRight(e.Message, ". \n"), ": ")
	}
	if said != "" {
		why = text.T("explain.said", why, said)
	}
	if e.Kind == storage.KindNotFound && e.Location.Key != "" && (e.Code == "" || e.Code == "NotFound" || e.Code == "NoSuchKey") {
		return text.T("explain.missing", e.Location.String())
	}
	if e.Unknown {
		why = text.T("explain.unknown", why)
	}
	return text.T("explain.because", failed(e), why)
}

func details(e *storage.Error) string {
	parts := []string{e.Op}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.HTTPStatus != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.RequestID != "" {
		parts = append(parts, text.T("explain.request", e.RequestID))
	}
	if e.Host != "" {
		parts = append(parts, e.Host)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ", ")
}

// other is the last resort: the error's own text as a sentence.
func other(err error) Explanation {
	return Explanation{Title: text.T("explain.other.title"), Sentence: asSentence(err.Error()), Kind: "other", Exit: ExitFailed}
}

// asSentence gives s a capital and a full stop.
func asSentence(s string) string {
	s = strings.TrimSpace(s)
	if r, n := utf8.DecodeRuneInString(s); n > 0 && unicode.IsLower(r) {
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// gravest picks from joined errors the one whose exit status counts most; err itself if it is not joined.
func gravest(err error) error {
	if _, whole := unreadable(err); whole { // what it wraps is one reason
		return err
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		joined, ok := e.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		list := joined.Unwrap()
		if len(list) < 2 || !independent(e) {
			return err
		}
		statuses := make([]int, len(list))
		for i, one := range list {
			statuses[i] = Exit(one)
		}
		want := ExitOf(0, statuses...)
		for i, s := range statuses {
			if s == want {
				return list[i]
			}
		}
		return list[0]
	}
	return err
}

// independent tells errors.Join from fmt.Errorf with two %w, whose errors describe one failure.
func independent(err error) bool {
	return fmt.Sprintf("%T", err) == fmt.Sprintf("%T", errors.Join(errors.ErrUnsupported))
}
