package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

// aclOptions is what the acl commands were asked for.
type aclOptions struct {
	Address     address
	Version     string
	Recursive   bool
	Canned      string   // of set
	Add, Remove []string // GRANTEE:PERMISSION
}

func aclCommand(a *app) *cobra.Command {
	command := func(use, short, example string, args cobra.PositionalArgs, fill func(*aclOptions, []string) error, run func(context.Context, *app, aclOptions) error) *cobra.Command {
		var o aclOptions
		c := &cobra.Command{Use: use, Short: short, Example: example, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil {
				err = o.check()
			}
			if err == nil {
				err = fill(&o, args[1:])
			}
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		}}
		c.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "all objects below a folder or bucket")
		c.Flags().StringVar(&o.Version, "version", "", "the version `ID` of an object")
		return c
	}
	const grants = "  pintail-cli acl %s s3://bucket/a.txt everyone:READ\n  pintail-cli acl %[1]s s3://bucket log-delivery:WRITE log-delivery:READ_ACP"
	of := func(verb string) string { return strings.NewReplacer("%s", verb, "%[1]s", verb).Replace(grants) }
	return group("acl", text.T("acl.short"),
		command("get ADDR [-r] [--version ID]", text.T("acl.get"), "", exactly(1), func(*aclOptions, []string) error { return nil }, runACLGet),
		command("set ADDR CANNED [-r] [--version ID]", text.T("acl.set"), "  pintail-cli acl set s3://bucket/a.txt private", exactly(2), (*aclOptions).fillCanned, runACLChange),
		command("grant ADDR GRANTEE:PERMISSION... [-r] [--version ID]", text.T("acl.grant"), of("grant"), atLeast(2),
			func(o *aclOptions, args []string) error { o.Add, o.Remove = args, nil; return o.checkGrants(args) }, runACLChange),
		command("revoke ADDR GRANTEE:PERMISSION... [-r] [--version ID]", text.T("acl.revoke"), of("revoke"), atLeast(2),
			func(o *aclOptions, args []string) error { o.Add, o.Remove = nil, args; return o.checkGrants(args) }, runACLChange),
	)
}

func (o *aclOptions) check() error {
	switch {
	case o.Address.IsRoot():
		return usagef("acl needs a bucket or an object")
	case o.Version != "" && (o.Recursive || o.Address.Key == ""):
		return usagef("--version goes with one object")
	}
	return nil
}

// at is a place of the kind that the options are about: an object's list cannot have all that a bucket's has.
func (o *aclOptions) at() storage.Location {
	if o.Recursive {
		return storage.Location{Bucket: o.Address.Bucket, Key: "any"}
	}
	return o.Address.Location
}

func (o *aclOptions) fillCanned(args []string) error {
	o.Canned = args[0]
	var names []string
	for _, c := range storage.CannedACLs() {
		if o.at().Key != "" && c.Object || o.at().Key == "" && c.Bucket {
			names = append(names, c.Name)
		}
		if c.Name == o.Canned && len(names) > 0 && names[len(names)-1] == c.Name {
			return nil
		}
	}
	return usagef("%s is no list for this; choose %s", o.Canned, strings.Join(names, ", "))
}

// checkGrants reads grants before anything is asked; the owner is not known yet.
func (o *aclOptions) checkGrants(args []string) error {
	for _, s := range args {
		g, err := storage.ParseGrant(s, storage.Owner{ID: "owner"})
		if err != nil {
			return usagef("%v", err)
		}
		if o.Add != nil && o.at().Key != "" && g.Permission == storage.GrantWrite {
			return usagef("%s: WRITE on an object does nothing; the bucket's list says who may write", s)
		}
	}
	return nil
}

func runACLGet(ctx context.Context, a *app, o aclOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	show := func(ctx context.Context, loc storage.Location) error {
		var list storage.ACL
		if err := again(ctx, a, func() (err error) { list, err = c.Session.ACL(ctx, loc); return err }); err != nil {
			return missingVersion(err, loc)
		}
		a.printACL(loc, list)
		return a.out.flush()
	}
	if o.Recursive {
		return a.eachBelow(ctx, c.Session, o.Address, true, show)
	}
	loc, err := a.single(ctx, c.Session, o.Address, o.Address.Location)
	if err != nil {
		return err
	}
	loc.Version = o.Version
	if err := show(ctx, loc); err != nil || a.opts.json() {
		return err
	}
	return a.printAccess(ctx, c.Session, loc)
}

// printAccess says who gets in besides those in the list. What may not be read is said in the lines; any other failure says nothing.
func (a *app) printAccess(ctx context.Context, s *storage.Session, loc storage.Location) error {
	f, err := s.EffectiveAccess(ctx, loc)
	if err != nil {
		a.log.Warn("effective access", "error", err)
		return nil
	}
	for _, x := range f.Judge() {
		if x.Verdict != storage.AccessNo || x.Who == storage.Anyone && x.Action == "s3:GetObject" {
			a.out.line("  %s", explain.Access(x))
		}
	}
	if f.AccountBlock {
		a.out.line("  %s", text.T("access.account"))
	}
	return a.out.flush()
}

// grantForm is a grant in JSON output.
type grantForm struct {
	Grantee    string `json:"grantee"`
	Name       string `json:"name,omitempty"`
	Permission string `json:"permission"`
}

// printACL prints a list in one piece, since several may be printed at once.
func (a *app) printACL(loc storage.Location, list storage.ACL) {
	if a.opts.json() {
		form := struct {
			Address string      `json:"address"`
			Bucket  string      `json:"bucket"`
			Key     string      `json:"key,omitempty"`
			Version string      `json:"version,omitempty"`
			Owner   string      `json:"owner"`
			ACL     []grantForm `json:"acl"`
		}{loc.String(), loc.Bucket, loc.Key, loc.Version, list.Owner.ID, []grantForm{}}
		for _, g := range list.Grants {
			form.ACL = append(form.ACL, grantForm{g.Grantee.String(), g.Grantee.Name, g.Permission})
		}
		a.out.object(form)
		return
	}
	lines := []string{a.out.name(loc.String()), "  " + text.T("acl.owner", a.out.name(orElse(list.Owner.Name, list.Owner.ID)))}
	for _, g := range list.Grants {
		who := g.Grantee.String()
		if g.Grantee.ID != "" && g.Grantee.ID == list.Owner.ID {
			who = "owner"
		}
		if g.Grantee.Name != "" && who != "owner" {
			who += " (" + g.Grantee.Name + ")"
		}
		lines = append(lines, "  "+a.out.name(who)+":"+g.Permission)
	}
	a.out.line("%s", strings.Join(lines, "\n"))
}

// runACLChange is set, grant and revoke.
func runACLChange(ctx context.Context, a *app, o aclOptions) error {
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	change := func(ctx context.Context, loc storage.Location) error {
		if a.opts.DryRun {
			a.out.line("%s", text.T("acl.would", a.out.name(loc.String()), strings.Join(o.words(), " ")))
			return a.out.flush()
		}
		return again(ctx, a, func() error { return missingVersion(o.change(ctx, c.Session, loc), loc) })
	}
	if o.Recursive {
		return a.eachBelow(ctx, c.Session, o.Address, a.opts.DryRun, change)
	}
	loc, err := a.single(ctx, c.Session, o.Address, o.Address.Location)
	if err != nil {
		return err
	}
	loc.Version = o.Version
	if err := change(ctx, loc); err != nil || a.opts.DryRun {
		return err
	}
	a.printDone(loc)
	return nil
}

// words are the change as it was typed, with a minus before what goes.
func (o *aclOptions) words() []string {
	if o.Canned != "" {
		return []string{o.Canned}
	}
	list := append([]string{}, o.Add...)
	for _, s := range o.Remove {
		list = append(list, "-"+s)
	}
	return list
}

func (o *aclOptions) change(ctx context.Context, s *storage.Session, loc storage.Location) error {
	if o.Canned != "" {
		_, err := s.SetCannedACL(ctx, loc, o.Canned)
		return err
	}
	var owner storage.Owner
	for _, g := range append(o.Add, o.Remove...) {
		if strings.HasPrefix(strings.ToLower(g), "owner:") && owner.ID == "" {
			list, err := s.ACL(ctx, loc)
			if err != nil {
				return err
			}
			owner = list.Owner
		}
	}
	var sides [2][]storage.Grant
	for i, given := range [][]string{o.Add, o.Remove} {
		for _, text := range given {
			g, err := storage.ParseGrant(text, owner)
			if err != nil {
				return usagef("%v", err)
			}
			sides[i] = append(sides[i], g)
		}
	}
	_, err := s.ChangeACL(ctx, loc, sides[0], sides[1])
	return err
}
