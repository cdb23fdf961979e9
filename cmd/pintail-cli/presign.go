package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
}

func presignCommand(a *app, run func(context.Context, *app, presignOptions) error) *cobra.Command {
	var o presignOptions
	var expires string
	c := &cobra.Command{
		Use: "presign ADDR [--expires D] [--method GET|PUT|HEAD|DELETE]", Short: text.T("cli.presign.short"), Args: exactly(1),
		Example: "  pintail-cli presign --expires 1h s3://bucket/report.pdf",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = objectAddress(args[0]); err != nil {
				return err
			}
			o.Method = strings.ToUpper(o.Method)
			if !strings.Contains(" GET PUT HEAD DELETE ", " "+o.Method+" ") {
				return usagef("--method %s: choose GET, PUT, HEAD or DELETE", o.Method)
			}
			if o.Span, err = parseExpires(expires); err != nil {
				return err
			}
			switch {
			case o.Name != "" && o.Method != "GET":
				return usagef("--download-name goes with GET")
			case o.Type != "" && o.Method != "PUT":
				return usagef("--content-type goes with --method PUT")
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&expires, "expires", "", "`TIME` until it ends: 90s, 1h, 7d at most, with a profile of signature V2 longer (24h)")
	c.Flags().StringVar(&o.Method, "method", "GET", "what it allows: `GET|PUT|HEAD|DELETE`")
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	c.Flags().StringVar(&o.Name, "download-name", "", "the `NAME` under which browsers save it")
	c.Flags().StringVar(&o.Type, "content-type", "", "of a PUT: the `TYPE` that the sender must give")
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
	return a.presign(ctx, c.Session, loc, storage.PresignOptions{Method: o.Method, Span: o.Span, FileName: o.Name, ContentType: o.Type})
}

// presign prints a signed address, and when it ends on standard error.
func (a *app) presign(ctx context.Context, s *storage.Session, loc storage.Location, o storage.PresignOptions) error {
	if s.Anonymous() {
		return usagef("%s", text.T("cli.presign.anonymous"))
	}
	if o.Span == 0 {
		prefs, err := a.preferences()
		if err != nil {
			return err
		}
		o.Span = min(time.Duration(preferences.S3URLExpire.Get(prefs))*time.Second, s.LongestPresign())
	}
	switch longest := s.LongestPresign(); {
	case o.Span <= longest:
	case s.SignatureV2():
		return usagef("--expires: an address ends after 10 years at most")
	default:
		return usagef("--expires: an address signed with AWS4 ends after 7 days at most; the server refuses longer ones")
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
	end := text.T("cli.presign.until", localTime(p.Expires), units.FormatSpan(p.Expires.Sub(a.sys.Now())))
	if p.Sooner {
		end += " " + text.T("cli.presign.sooner")
	}
	a.note(end)
	return a.out.flush()
}

type urlOptions struct {
	Address address
	Kind    string
}

func urlCommand(a *app, run func(context.Context, *app, urlOptions) error) *cobra.Command {
	var o urlOptions
	c := &cobra.Command{
		Use: "url ADDR [--kind https|http|cdn|website|s3|arn|signed|torrent]", Short: text.T("cli.url.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("url needs a bucket or an object")
			}
			if err == nil && o.Kind != "" && !strings.Contains(" https http cdn website s3 arn signed torrent ", " "+o.Kind+" ") {
				err = usagef("--kind %s: choose https, http, cdn, website, s3, arn, signed or torrent", o.Kind)
			}
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.Kind, "kind", "", "`KIND` of address: https, http, cdn, website, s3, arn, signed or torrent (as the connection)")
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
	u, err := urlOf(ctx, a, c.Session, o)
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

func urlOf(ctx context.Context, a *app, s *storage.Session, o urlOptions) (string, error) {
	if o.Kind == "cdn" {
		return cdnURL(ctx, a, s, o.Address.Location)
	}
	return s.URL(o.Address.Location, storage.URLKind(o.Kind))
}
