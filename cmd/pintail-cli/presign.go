package main

import (
	"context"
	"html"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
)

type presignOptions struct {
	Address address
	Span    time.Duration // 0 = the preference
	Method  string
	Version string
	Name    string // under which browsers save it
	Type    string // that an upload must have
	Most    int64  // bytes, of a form's file; 0 = any
}

func presignCommand(a *app, run func(context.Context, *app, presignOptions) error) *cobra.Command {
	var o presignOptions
	var expires, most string
	c := &cobra.Command{
		Use: "presign ADDR [--expires D] [--method GET|PUT|HEAD|DELETE|POST]", Short: text.T("cli.presign.short"), Args: exactly(1),
		Example: "  pintail-cli presign --expires 1h s3://bucket/report.pdf",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			o.Method = strings.ToUpper(o.Method)
			if !strings.Contains(" GET PUT HEAD DELETE POST ", " "+o.Method+" ") {
				return usagef("--method %s: choose GET, PUT, HEAD, DELETE or POST", o.Method)
			}
			if o.Method == "POST" {
				o.Address, err = remoteAddress(args[0])
			} else {
				o.Address, err = objectAddress(args[0])
			}
			if err != nil {
				return err
			}
			if most != "" {
				if o.Most, err = units.ParseBytes(most); err != nil || o.Most <= 0 {
					return usagef("--max-size %s: write a size like 10MiB", most)
				}
			}
			if o.Span, err = parseExpires(expires); err != nil {
				return err
			}
			switch {
			case o.Name != "" && o.Method != "GET":
				return usagef("--download-name goes with GET")
			case o.Type != "" && o.Method != "PUT" && o.Method != "POST":
				return usagef("--content-type goes with --method PUT or POST")
			case o.Most > 0 && o.Method != "POST":
				return usagef("--max-size goes with --method POST")
			case o.Method == "POST" && o.Address.IsRoot():
				return usagef("a form uploads to a bucket, for example s3://bucket/inbox/")
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&expires, "expires", "", "`TIME` until it ends: 90s, 1h, 7d at most, with a profile of signature V2 longer (24h)")
	c.Flags().StringVar(&o.Method, "method", "GET", "what it allows: `GET|PUT|HEAD|DELETE`, or POST for a form that uploads")
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	c.Flags().StringVar(&o.Name, "download-name", "", "the `NAME` under which browsers save it")
	c.Flags().StringVar(&o.Type, "content-type", "", "of a PUT or POST: the `TYPE` that the sender must give")
	c.Flags().StringVar(&most, "max-size", "", "of a POST: the largest `SIZE` of the file")
	return c
}

// parseExpires reads the span of a signed address; "" is 0.
func parseExpires(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := units.ParseDuration(s)
	switch {
	case err != nil:
		return 0, usagef("--expires: %v", err)
	case d < time.Second:
		return 0, usagef("--expires %s: it is at least 1s", s)
	}
	return d, nil
}

func runPresign(ctx context.Context, a *app, o presignOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	loc := o.Address.Location
	loc.Version = o.Version
	if o.Method == "POST" {
		return a.presignForm(ctx, c.Session, loc, o)
	}
	return a.presign(ctx, c.Session, loc, storage.PresignOptions{Method: o.Method, Span: o.Span, FileName: o.Name, ContentType: o.Type})
}

// presign prints a signed address, and when it ends on standard error.
func (a *app) presign(ctx context.Context, s *storage.Session, loc storage.Location, o storage.PresignOptions) error {
	var err error
	if o.Span, err = a.presignSpan(s, o.Span); err != nil {
		return err
	}
	p, err := s.PresignWith(ctx, loc, o)
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]any{"url": p.URL, "method": p.Method, "expires": p.Expires.UTC().Format(time.RFC3339), "sooner": p.Sooner})
		return a.out.flush()
	}
	a.out.line("%s", p.URL)
	a.noteEnd(p.Expires, p.Sooner)
	return a.out.flush()
}

// presignSpan is the span that was asked for, or that of the preferences.
func (a *app) presignSpan(s *storage.Session, span time.Duration) (time.Duration, error) {
	if s.Anonymous() {
		return 0, usagef("%s", text.T("cli.presign.anonymous"))
	}
	longest := s.LongestPresign()
	if span == 0 {
		prefs, err := a.preferences()
		if err != nil {
			return 0, err
		}
		return min(time.Duration(preferences.S3URLExpire.Get(prefs))*time.Second, longest), nil
	}
	switch {
	case span <= longest:
		return span, nil
	case s.SignatureV2():
		return 0, usagef("--expires: an address ends after 10 years at most")
	}
	return 0, usagef("--expires: an address signed with AWS4 ends after 7 days at most; the server refuses longer ones")
}

// noteEnd says on standard error when what was signed ends.
func (a *app) noteEnd(at time.Time, sooner bool) {
	end := text.T("cli.presign.until", localTime(at), units.FormatSpan(at.Sub(a.sys.Now())))
	if sooner {
		end += " " + text.T("cli.presign.sooner")
	}
	a.note(end)
}

// presignForm prints a form of HTML that uploads a file, with --json its address and fields.
func (a *app) presignForm(ctx context.Context, s *storage.Session, loc storage.Location, o presignOptions) error {
	span, err := a.presignSpan(s, o.Span)
	if err != nil {
		return err
	}
	f, err := s.PresignForm(ctx, loc, storage.FormOptions{Span: span, MaxSize: o.Most, ContentType: o.Type})
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]any{"url": f.URL, "method": "POST", "fields": f.Fields, "expires": f.Expires.UTC().Format(time.RFC3339), "sooner": f.Sooner})
		return a.out.flush()
	}
	a.out.line(`<form action="%s" method="post" enctype="multipart/form-data">`, html.EscapeString(f.URL))
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		a.out.line(`  <input type="hidden" name="%s" value="%s">`, html.EscapeString(name), html.EscapeString(f.Fields[name]))
	}
	a.out.line(`  <input type="file" name="file"> <button>%s</button>`, html.EscapeString(text.T("cli.presign.upload")))
	a.out.line("</form>")
	a.noteEnd(f.Expires, f.Sooner)
	return a.out.flush()
}

type urlOptions struct {
	Address address
	Kind    string
}

func urlCommand(a *app, run func(context.Context, *app, urlOptions) error) *cobra.Command {
	var o urlOptions
	c := &cobra.Command{
		Use: "url ADDR [--kind https|http|web|cdn|website|console|s3|arn|signed|torrent]", Short: text.T("cli.url.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("url needs a bucket or an object")
			}
			if err == nil && o.Kind != "" && !strings.Contains(" https http web cdn website console s3 arn signed torrent ", " "+o.Kind+" ") {
				err = usagef("--kind %s: choose https, http, web, cdn, website, console, s3, arn, signed or torrent", o.Kind)
			}
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.Kind, "kind", "", "`KIND` of address: https, http, web (of the bookmark), cdn, website, console, s3, arn, signed or torrent (as the connection)")
	return c
}

func runURL(ctx context.Context, a *app, o urlOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	if o.Kind == "signed" {
		return a.presign(ctx, c.Session, o.Address.Location, storage.PresignOptions{Method: "GET"})
	}
	if o.Kind == "" {
		o.Kind = string(c.Session.WebKind())
	}
	u, err := urlOf(ctx, a, c, o)
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]string{"url": u, "kind": o.Kind})
	} else {
		a.out.line("%s", u)
	}
	return a.out.flush()
}

func urlOf(ctx context.Context, a *app, c *connect.Connection, o urlOptions) (string, error) {
	switch o.Kind {
	case "cdn":
		return cdnURL(ctx, a, c.Session, o.Address.Location)
	case "web":
		u := c.Published(o.Address.Location)
		if u == "" {
			return "", usagef("%s", text.T("cli.url.noWeb"))
		}
		return u, nil
	}
	return c.Session.URL(o.Address.Location, storage.URLKind(o.Kind))
}
