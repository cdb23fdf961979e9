package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/profiles"
)

func profileCommand(a *app) *cobra.Command {
	with := func(use, short string, n int, run func(*app, string) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: exactly(n), RunE: func(_ *cobra.Command, args []string) error {
			return run(a, firstArg(args, ""))
		}}
	}
	return group("profile", text.T("cli.profile.short"),
		with("ls", text.T("cli.profile.ls"), 0, runProfileLs), with("show NAME|FILE", text.T("cli.profile.show"), 1, runProfileShow),
		with("install FILE", text.T("cli.profile.install"), 1, runProfileInstall), with("rm NAME", text.T("cli.profile.rm"), 1, runProfileRm),
		with("lint FILE", text.T("cli.profile.lint"), 1, runProfileLint),
	)
}

func runProfileLs(a *app, _ string) error {
	r, err := a.profiles()
	if err != nil {
		return err
	}
	for _, p := range r.All() {
		if a.opts.json() {
			a.out.object(map[string]any{"title": p.Title(), "vendor": p.Vendor, "host": p.DefaultHostname, "bundled": p.Bundled, "supported": p.Supported() == nil, "file": p.File})
			continue
		}
		note := ""
		if err := p.Supported(); err != nil {
			note = "  (" + err.Error() + ")"
		}
		a.out.line("%-28s %-24s %s%s", a.out.name(p.Title()), a.out.name(p.Vendor), a.out.name(p.DefaultHostname), note)
	}
	for _, p := range r.Problems() {
		a.warn(fmt.Errorf("%s: %w", p.File, p.Err))
	}
	return a.out.flush()
}

func (a *app) findProfile(name string) (profiles.Profile, error) {
	if _, err := os.Stat(name); err == nil {
		return profiles.ReadFile(name)
	}
	r, err := a.profiles()
	if err != nil {
		return profiles.Profile{}, err
	}
	return r.Find(name)
}

func runProfileShow(a *app, name string) error {
	p, err := a.findProfile(name)
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]any{
			"title": p.Title(), "name": p.Name, "protocol": p.Protocol, "vendor": p.Vendor, "scheme": p.Scheme, "host": p.DefaultHostname, "port": p.DefaultPort,
			"path": p.DefaultPath, "region": p.Region, "regions": p.Regions, "authorization": p.Authorization, "file": p.File, "supported": p.Supported() == nil,
		})
		return a.out.flush()
	}
	row := func(label, value string) {
		if value != "" {
			a.out.line("%-14s %s", label, a.out.name(value))
		}
	}
	row("Title", p.Title())
	row("Vendor", p.Vendor)
	row("Protocol", p.Protocol)
	row("Endpoint", orElse(p.Endpoint(), p.Scheme+"://"+text.T("cli.profile.anyHost")))
	row("Path", p.DefaultPath)
	row("Region", p.Region)
	for _, r := range p.Regions {
		row("Regions", p.RegionTitle(r))
	}
	row("Signature", string(p.Authorization))
	for _, name := range p.Properties.Names() {
		v, _ := p.Properties.Get(name)
		row("Property", name+" = "+v)
	}
	row("File", p.File)
	if err := p.Supported(); err != nil {
		row("Problem", err.Error())
	}
	for _, problem := range p.Problems() {
		row("Odd", problem.String())
	}
	return a.out.flush()
}

func runProfileInstall(a *app, file string) error {
	r, err := a.profiles()
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	p, err := r.Install(f, file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	a.note(text.T("cli.profile.installed", escape(p.Title())))
	if err := p.Supported(); err != nil {
		a.warn(err)
	}
	return nil
}

func runProfileRm(a *app, name string) error {
	r, err := a.profiles()
	if err != nil {
		return err
	}
	return r.Remove(name)
}

// runProfileLint prints what is wrong or odd, one line each; a file that cannot be used is a failure.
func runProfileLint(a *app, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	problems := profiles.Lint(f, file)
	if err := f.Close(); err != nil {
		return err
	}
	for _, p := range problems {
		a.out.line("%s: %s", a.out.name(file), a.out.name(p.String()))
	}
	p, err := profiles.ReadFile(file)
	var broken *profiles.ParseError
	if errors.As(err, &broken) {
		return errors.Join(&statusError{explain.ExitFailed}, a.out.flush())
	}
	if err != nil {
		return err
	}
	if err := p.Supported(); err != nil {
		a.out.line("%s: %v", a.out.name(file), err)
		return errors.Join(&statusError{explain.ExitFailed}, a.out.flush())
	}
	a.note(text.T("cli.profile.ok", strconv.Itoa(len(problems))))
	return a.out.flush()
}
