package main

import (
	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/preferences"
)

func prefCommand(a *app) *cobra.Command {
	changed := false
	ls := &cobra.Command{Use: "ls [--changed]", Short: text.T("cli.pref.ls"), Args: exactly(0), RunE: func(*cobra.Command, []string) error {
		return runPrefLs(a, changed)
	}}
	ls.Flags().BoolVar(&changed, "changed", false, "only those that differ from the default")
	return group("pref", text.T("cli.pref.short"), ls,
		&cobra.Command{Use: "get NAME", Short: text.T("cli.pref.get"), Args: exactly(1), RunE: func(_ *cobra.Command, args []string) error {
			p, err := a.preferences()
			if err != nil {
				return err
			}
			v, err := p.GetString(args[0])
			if err != nil {
				return err
			}
			a.out.line("%s", a.out.name(v))
			return a.out.flush()
		}},
		&cobra.Command{Use: "set NAME VALUE", Short: text.T("cli.pref.set"), Args: exactly(2), RunE: func(_ *cobra.Command, args []string) error {
			p, err := a.preferences()
			if err != nil {
				return err
			}
			return p.SetString(args[0], args[1])
		}},
		&cobra.Command{Use: "reset NAME", Short: text.T("cli.pref.reset"), Args: exactly(1), RunE: func(_ *cobra.Command, args []string) error {
			p, err := a.preferences()
			if err != nil {
				return err
			}
			return p.Reset(args[0])
		}},
	)
}

func runPrefLs(a *app, changed bool) error {
	p, err := a.preferences()
	if err != nil {
		return err
	}
	for _, d := range preferences.All() {
		if changed && !p.IsSet(d.Name) {
			continue
		}
		v, err := p.GetString(d.Name)
		if err != nil {
			return err
		}
		if a.opts.json() {
			a.out.object(map[string]any{"name": d.Name, "value": v, "default": d.Default, "kind": d.Kind, "sentence": d.Sentence})
			continue
		}
		mark := " "
		if p.IsSet(d.Name) {
			mark = "*"
		}
		a.out.line("%s %-34s %s", mark, d.Name, a.out.name(v))
	}
	for _, err := range p.Problems() {
		a.warn(err)
	}
	return a.out.flush()
}
