package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

// usageError says that the command line is wrong; nothing was sent.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// statusError ends the run with a status whose reason was printed already.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// notFoundError says that nothing has the name, where the server gave no error for it.
type notFoundError struct{ text string }

func (e *notFoundError) Error() string { return e.text }

// report prints err and returns the exit status.
func (a *app) report(err error) int {
	if err == nil {
		return explain.ExitDone
	}
	var done *statusError
	if errors.As(err, &done) {
		return done.status
	}
	e := explained(err)
	a.printError(err, e)
	return e.Exit
}

// explained adds this program's own errors to those that explain knows.
func explained(err error) explain.Explanation {
	var usage *usageError
	var missing *notFoundError
	switch {
	case errors.As(err, &usage):
		return explain.Explanation{
			Title: text.T("cli.usage.title"), Sentence: usage.text, Advice: text.T("cli.usage.advice", program), Kind: "usage", Exit: explain.ExitUsage,
		}
	case errors.As(err, &missing):
		return explain.Explanation{Title: text.T("cli.missing.title"), Sentence: missing.text, Kind: "not-found", Exit: explain.ExitNotFound}
	}
	e := explain.Error(err)
	var s *storage.Error
	if errors.As(err, &s) && s.Kind == storage.KindArchived {
		e.Advice = text.T("restore.advice", program, s.Location.String())
	}
	return e
}

// jsonError is the form of an error in JSON output.
type jsonError struct {
	Op         string `json:"op,omitempty"`
	Bucket     string `json:"bucket,omitempty"`
	Key        string `json:"key,omitempty"`
	Code       string `json:"code,omitempty"`
	Status     int    `json:"status,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	Kind       string `json:"kind"`
	Permission string `json:"permission,omitempty"`
	Message    string `json:"message"`
}

func toJSONError(err error, e explain.Explanation) jsonError {
	j := jsonError{Kind: e.Kind, Permission: e.Permission, Message: e.Sentence}
	var s *storage.Error
	if errors.As(err, &s) {
		j.Op, j.Bucket, j.Key, j.Code = s.Op, s.Location.Bucket, s.Location.Key, s.Code
		j.Status, j.RequestID = s.HTTPStatus, s.RequestID
	}
	return j
}

// printError writes one error to standard error: a sentence, what to do, and with --verbose the details.
func (a *app) printError(err error, e explain.Explanation) {
	if a.opts.json() {
		b, jerr := json.Marshal(map[string]jsonError{"error": toJSONError(err, e)})
		if jerr == nil { // strings and numbers always encode
			a.console.line(string(b))
		}
		return
	}
	a.console.line(program + ": " + escape(e.Sentence))
	if e.Advice != "" {
		a.console.line("  " + escape(e.Advice))
	}
	if e.Details != "" && a.opts.Verbose {
		a.console.line("  " + escape(e.Details))
	}
}
