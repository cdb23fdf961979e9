package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

func checkCommand(a *app, run func(context.Context, *app, address) error) *cobra.Command {
	return &cobra.Command{
		Use: "check ADDR", Short: text.T("check.short"), Args: exactly(1),
		Example: "  pintail-cli check s3://bucket\n  pintail-cli check --json s3://bucket/folder/report.pdf",
		RunE: func(cmd *cobra.Command, args []string) error {
			addr, err := remoteAddress(args[0])
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, addr)
		},
	}
}

// probeForm is a probe in JSON output.
type probeForm struct {
	Op         string     `json:"op"`
	Permission string     `json:"permission,omitempty"`
	State      string     `json:"state"`
	Error      *jsonError `json:"error,omitempty"`
}

// runCheck prints what the credentials may do. That something is denied is the answer and no failure.
func runCheck(ctx context.Context, a *app, addr address) error {
	c, err := a.connect(ctx, addr)
	if err != nil {
		return err
	}
	loc, err := a.single(ctx, c.Session, addr, addr.Location)
	if err != nil {
		return err
	}
	example, err := c.Session.ProbeExample(ctx, loc)
	if err != nil {
		return err
	}
	var failed error
	err = c.Session.Probe(ctx, loc, example, func(p storage.Probe) {
		a.printProbe(p)
		if p.State == storage.ProbeFailed {
			failed = errors.Join(failed, p.Err)
		}
		_ = a.out.flush() // its error stays and comes back at the end
	})
	return errors.Join(err, failed, a.out.flush())
}

func (a *app) printProbe(p storage.Probe) {
	if a.opts.json() {
		f := probeForm{Op: p.Op, Permission: p.Permission, State: string(p.State)}
		if p.Err != nil {
			e := toJSONError(p.Err, explained(p.Err))
			f.Error = &e
		}
		a.out.object(f)
		return
	}
	said := ""
	switch p.State {
	case storage.ProbeAllowed:
		said = text.T("check.allowed")
	case storage.ProbeDenied:
		said = text.T("check.denied", p.Permission)
	case storage.ProbeUnsupported:
		said = text.T("check.unsupported")
	case storage.ProbeSkipped:
		said = text.T("check.skipped", p.Permission)
	default:
		said = text.T("check.failed", a.out.name(explain.Error(p.Err).Sentence))
	}
	a.out.line("%-44s %s", p.Op, said)
}
