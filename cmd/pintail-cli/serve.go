package main

import (
	"context"
	"net"

	"github.com/spf13/cobra"

	"pintail/internal/demo"
	"pintail/internal/text"
)

type serveOptions struct {
	Dir, Addr string
	Sample    bool
}

func serveCommand(a *app, run func(context.Context, *app, serveOptions) error) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use: "serve [--dir DIR] [--addr 127.0.0.1:0] [--sample]", Short: text.T("cli.serve.short"), Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, _, err := net.SplitHostPort(o.Addr); err != nil {
				return usagef("--addr %s: write HOST:PORT", o.Addr)
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.Dir, "dir", "", "keep large bodies in `DIR` instead of a temporary folder")
	c.Flags().StringVar(&o.Addr, "addr", "127.0.0.1:0", "listen on `HOST:PORT`; port 0 is a free one")
	c.Flags().BoolVar(&o.Sample, "sample", false, "begin with sample buckets")
	return c
}

// runServe runs the embedded server until it is interrupted, which is its proper end.
func runServe(ctx context.Context, a *app, o serveOptions) error {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return usagef("--addr %s: write HOST:PORT", o.Addr)
	}
	ip := net.ParseIP(host)
	remote := host != "localhost" && (ip == nil || !ip.IsLoopback())
	s, err := demo.Start(context.WithoutCancel(ctx), demo.Options{Addr: o.Addr, AllowRemote: remote, Dir: o.Dir, Sample: o.Sample})
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]string{"endpoint": s.URL(), "region": s.Region(), "access_key_id": s.AccessKey(), "secret_access_key": s.SecretKey()})
	} else {
		a.out.line("export AWS_ENDPOINT_URL_S3=%s", s.URL())
		a.out.line("export AWS_ACCESS_KEY_ID=%s", s.AccessKey())
		a.out.line("export AWS_SECRET_ACCESS_KEY=%s", s.SecretKey())
		a.out.line("export AWS_REGION=%s", s.Region())
	}
	if err := a.out.flush(); err != nil {
		return err
	}
	if remote {
		a.note(text.T("cli.serve.remote"))
	}
	a.note(text.T("cli.serve.ready", s.URL()))
	<-ctx.Done()
	return s.Close()
}
