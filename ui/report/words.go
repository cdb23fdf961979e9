// Package report shows what went wrong: one readable report for one failure or for thousands, never a dialog each.
// It must never word an error itself (internal/explain does) nor show a secret.
// Start reading at [Show].
package report

import (
	"strings"

	"pintail/internal/explain"
	"pintail/internal/text"
)

// Failure is one thing that went wrong. What names it as the window does; "" if the action as a whole failed.
type Failure struct {
	What string
	Err  error
}

// maxListed bounds what is shown and copied of very many failures; the rest is counted.
const maxListed = 1000

// Text is the whole report for the clipboard.
func Text(title string, failures []Failure) string {
	var b strings.Builder
	b.WriteString(title + "\n")
	for i, f := range failures {
		if i == maxListed {
			b.WriteString(text.N("report.more", len(failures)-i, len(failures)-i) + "\n")
			break
		}
		e := explain.Error(f.Err)
		b.WriteByte('\n')
		if f.What != "" {
			b.WriteString(f.What + "\n")
		}
		b.WriteString(e.Title + ": " + e.Sentence + "\n")
		for _, s := range []string{e.Advice, permission(e), e.Details} {
			if s != "" {
				b.WriteString(s + "\n")
			}
		}
	}
	return b.String()
}

func permission(e explain.Explanation) string {
	if e.Permission == "" {
		return ""
	}
	return text.T("report.permission", e.Permission)
}

// heading is the title of the report: the reason for one failure, a count for more.
func heading(failures []Failure, total int) string {
	if len(failures) == 1 && total <= 1 {
		return explain.Error(failures[0].Err).Title
	}
	if total > len(failures) {
		return text.N("report.some", total, len(failures), total)
	}
	return text.N("report.all", len(failures), len(failures))
}
