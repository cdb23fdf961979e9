package browser

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pintail/storage"
)

// sign signs and waits.
func (b *bench) sign(items []Item, o storage.PresignOptions) Links {
	b.t.Helper()
	var out *Links
	defer b.vm.Sign(items, o, func(l Links, err error) {
		if err != nil {
			b.t.Fatal(err)
		}
		out = &l
	})()
	b.until("the links", func() bool { return out != nil })
	return *out
}

func send(t *testing.T, method, url, body, contentType string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(got)
}

// What a link allows is what its holder can do with a bare client, and nothing else.
func TestLinks_DoWhatTheySay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a b.txt", "two", "dir/x")
	links := b.sign(b.picked("a b.txt", "two", "dir/"), storage.PresignOptions{Method: http.MethodGet, Span: time.Hour})
	if len(links.List) != 2 || links.List[0].Name != "a b.txt" || links.Sooner || time.Until(links.Expires) > time.Hour {
		t.Fatalf("%+v", links)
	}
	for i, want := range []string{"a b.txt", "two"} { // the bench's objects hold their names
		if resp, got := send(t, http.MethodGet, links.List[i].URL, "", ""); resp.StatusCode != http.StatusOK || got != want {
			t.Errorf("%d: %s, %q", i, resp.Status, got)
		}
	}
	one := b.picked("two")
	named := b.sign(one, storage.PresignOptions{Method: http.MethodGet, Span: time.Hour, FileName: "other.txt"})
	if resp, _ := send(t, http.MethodGet, named.List[0].URL, "", ""); !strings.Contains(resp.Header.Get("Content-Disposition"), "other.txt") {
		t.Errorf("%v", resp.Header)
	}
	put := b.sign(one, storage.PresignOptions{Method: http.MethodPut, Span: time.Hour, ContentType: "text/plain"})
	if resp, got := send(t, http.MethodPut, put.List[0].URL, "new", "text/html"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another type: %s, %s", resp.Status, got)
	}
	if resp, got := send(t, http.MethodPut, put.List[0].URL, "new", "text/plain"); resp.StatusCode != http.StatusOK {
		t.Errorf("%s, %s", resp.Status, got)
	}
	head := b.sign(one, storage.PresignOptions{Method: http.MethodHead, Span: time.Hour})
	if resp, _ := send(t, http.MethodHead, head.List[0].URL, "", ""); resp.StatusCode != http.StatusOK || resp.ContentLength != 3 {
		t.Errorf("%s, %d", resp.Status, resp.ContentLength)
	}
	if resp, _ := send(t, http.MethodGet, head.List[0].URL, "", ""); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a link to see lets download: %s", resp.Status)
	}
}

func TestLinks_WrittenDown(t *testing.T) {
	t.Parallel()
	list := []Link{{"it's [a] <b>.txt", "https://h/k?a=1&b=2", "GET", ""}, {"-x/y", "https://h/l", "PUT", "text/plain"}, {"z", "https://h/z", "HEAD", ""}}
	for form, want := range map[linkForm]string{
		linkPlain:    "https://h/k?a=1&b=2\nhttps://h/l\nhttps://h/z",
		linkMarkdown: "[it's \\[a\\] \\<b>.txt](https://h/k?a=1&b=2)\n[-x/y](https://h/l)\n[z](https://h/z)",
		linkHTML: "<a href=\"https://h/k?a=1&amp;b=2\">it&#39;s [a] &lt;b&gt;.txt</a>\n<a href=\"https://h/l\">-x/y</a>\n" +
			"<a href=\"https://h/z\">z</a>",
		linkCurl: `curl -f -o './it'\''s [a] <b>.txt' 'https://h/k?a=1&b=2'` + "\n" +
			`curl -f -T './-x_y' -H 'Content-Type: text/plain' 'https://h/l'` + "\n" + `curl -f -I 'https://h/z'`,
	} {
		if got := form.write(list); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", form, got, want)
		}
	}
}

func TestLinks_SpansAndDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local)
	const week = 7 * 24 * time.Hour
	for in, want := range map[string]time.Duration{"24h": 24 * time.Hour, " 7d ": week, "2026-11-21 12:30": 24*time.Hour + 30*time.Minute,
		"2026-11-21": 12 * time.Hour, "8d": 0, "0": 0, "soon": 0, "": 0, "2026-11-20": 0, "2026-12-20": 0} {
		if span, wrong := linkSpan(in, now, week); span != want || (wrong == "") != (want > 0) {
			t.Errorf("%q: %v, %q", in, span, wrong)
		}
	}
	if span, wrong := linkSpan("2026-12-20", now, 300*week); wrong != "" || span < 4*week {
		t.Errorf("with another signature: %v, %q", span, wrong)
	}
	if a, b := linkSpans(week), linkSpans(300*week); len(a) != 3 || len(b) != 5 {
		t.Errorf("%v, %v", a, b)
	}
	end := Links{Expires: now.Add(time.Hour)}
	if got := linkEnd(end, now); got != "Ends 20 Nov 2026 13:00" {
		t.Errorf("%q", got)
	}
	end.Sooner = true
	if got := linkEnd(end, now); !strings.Contains(got, "because the credentials end") {
		t.Errorf("%q", got)
	}
}
