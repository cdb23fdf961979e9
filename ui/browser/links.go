package browser

import (
	"context"
	"errors"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/tasks"
)

// Link is a signed address of one object.
type Link struct {
	Name, URL, Method, ContentType string
}

// Links are signed addresses with their soonest end.
type Links struct {
	List    []Link
	Expires time.Time
	Sooner  bool // because the credentials end then
}

// Sign signs an address for each object among items; done gets them, or the first error, on the window's thread. It returns what
// gives up.
func (vm *ViewModel) Sign(items []Item, o storage.PresignOptions, done func(Links, error)) (cancel func()) {
	s := vm.conn.Session
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	tasks.RunIn(vm.Tasks, ctx, func(ctx context.Context) (Links, error) {
		var out Links
		for _, it := range items {
			if it.Folder || !it.content() {
				continue
			}
			p, err := s.PresignWith(ctx, it.At, o)
			if err != nil {
				return out, err
			}
			out.List = append(out.List, Link{it.At.Name(), p.URL, p.Method, o.ContentType})
			if out.Expires.IsZero() || p.Expires.Before(out.Expires) {
				out.Expires, out.Sooner = p.Expires, p.Sooner
			}
		}
		return out, nil
	}, func(l Links, err error) {
		if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			done(l, err)
		}
	})
	return cancel
}

// linkForm is a way to write addresses down.
type linkForm string

const (
	linkPlain    linkForm = "plain"
	linkMarkdown linkForm = "markdown"
	linkHTML     linkForm = "html"
	linkCurl     linkForm = "curl"
	linkQR       linkForm = "qr" // a picture, of one address; what is copied is the address
)

func linkForms() []linkForm { return []linkForm{linkPlain, linkMarkdown, linkHTML, linkCurl, linkQR} }

func (f linkForm) words() string {
	switch f {
	case linkMarkdown:
		return "Markdown"
	case linkHTML:
		return "HTML"
	case linkCurl:
		return "curl"
	case linkQR:
		return text.T("links.code")
	}
	return text.T("links.plain")
}

// write writes addresses down, a line each.
func (f linkForm) write(list []Link) string {
	lines := make([]string, len(list))
	for i, l := range list {
		switch f {
		case linkMarkdown:
			lines[i] = "[" + markdownText.Replace(plain(l.Name)) + "](" + l.URL + ")"
		case linkHTML:
			lines[i] = `<a href="` + html.EscapeString(l.URL) + `">` + html.EscapeString(plain(l.Name)) + `</a>`
		case linkCurl:
			lines[i] = curl(l)
		default:
			lines[i] = l.URL
		}
	}
	return strings.Join(lines, "\n")
}

// markdownText keeps a name from being read as marks.
var markdownText = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`)

// curl is the command that uses an address.
func curl(l Link) string {
	file := shellWord(fileName(l.Name))
	switch l.Method {
	case http.MethodPut:
		header := ""
		if l.ContentType != "" {
			header = " -H " + shellWord("Content-Type: "+l.ContentType)
		}
		return "curl -f -T " + file + header + " " + shellWord(l.URL)
	case http.MethodHead:
		return "curl -f -I " + shellWord(l.URL)
	}
	return "curl -f -o " + file + " " + shellWord(l.URL)
}

// fileName is a name that no shell takes for an option or for another folder.
func fileName(name string) string {
	name = strings.ReplaceAll(plain(name), "/", "_")
	return "./" + name
}

func shellWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// dateForms are the ways to write the end of a link as a date, of this machine's zone.
func dateForms() []string { return []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02"} }

// linkSpan reads how long a link is to hold, or until when, or says what is wrong with it. longest is what the signature allows.
func linkSpan(s string, now time.Time, longest time.Duration) (span time.Duration, wrong string) {
	s = strings.TrimSpace(s)
	d, err := units.ParseDuration(s)
	for _, form := range dateForms() {
		if t, derr := time.ParseInLocation(form, s, now.Location()); err != nil && derr == nil {
			d, err = t.Sub(now), nil
		}
	}
	switch {
	case err != nil:
		return 0, text.T("links.bad")
	case d < time.Second:
		return 0, text.T("links.past")
	case d > longest && longest <= 7*24*time.Hour:
		return 0, text.T("links.long")
	case d > longest:
		return 0, text.T("links.longest")
	}
	return d, ""
}

// linkSpans are the spans to choose from: a month and a year only where the signature allows them.
func linkSpans(longest time.Duration) []time.Duration {
	const day = 24 * time.Hour
	return slices.DeleteFunc([]time.Duration{time.Hour, day, 7 * day, 30 * day, 365 * day}, func(d time.Duration) bool { return d > longest })
}
