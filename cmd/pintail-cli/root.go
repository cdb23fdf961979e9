package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pintail/internal/text"
)

// newRoot is the command tree. This list is the only place that knows all commands.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use: program, Short: text.T("cli.short"), Long: text.T("cli.long"),
		SilenceErrors: true, SilenceUsage: true, Version: version,
		Args: unknownCommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.opts.parse(cmd); err != nil {
				return err
			}
			return a.prepare()
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate(program + " {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.CompletionOptions.HiddenDefaultCmd = false
	a.opts.addTo(root.PersistentFlags())
	root.AddCommand(
		aclCommand(a), bucketCommand(a), cdnCommand(a), lsCommand(a, runLs), treeCommand(a, runTree), duCommand(a, runDu), findCommand(a, runFind), catCommand(a, runCat), checkCommand(a, runCheck), headCommand(a, runHead),
		cpCommand(a, runCp), mvCommand(a, runMv), syncCommand(a, runSync), rmCommand(a, runRm), mbCommand(a, runMb), rbCommand(a, runRb),
		statCommand(a, runStat), restoreCommand(a, runRestore), rewindCommand(a, runRewind), presignCommand(a, runPresign), urlCommand(a, runURL), serveCommand(a, runServe),
		metaCommand(a), tagCommand(a), classCommand(a), encryptCommand(a), lockCommand(a),
		transfersCommand(a), uploadsCommand(a), bookmarkCommand(a), profileCommand(a), loginCommand(a), logoutCommand(a), whoamiCommand(a),
		prefCommand(a), versionCommand(a), versionsCommand(a), manCommand(a),
	)
	hideGlobals(root)
	plainUseLines(root)
	return root
}

// plainUseLines leaves "[flags]" out: the lines name the options themselves.
func plainUseLines(c *cobra.Command) {
	c.DisableFlagsInUseLine = true
	for _, sub := range c.Commands() {
		plainUseLines(sub)
	}
}

// unknownCommand names what is not a command and what was perhaps meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		hint = "; did you mean " + strings.Join(s, " or ") + "?"
	}
	return usagef("there is no command %q%s", strings.TrimPrefix(cmd.CommandPath()+" "+args[0], program+" "), hint)
}

// flagError is a usage error; a try to pass a secret as an argument is answered with the ways that there are.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		switch unknown.GetSpecifiedName() {
		case "password", "secret", "secret-key", "secret-access-key", "token", "session-token":
			return usagef("a secret is not taken as an argument, where other programs can see it; use --password-stdin, the environment, "+
				"the keychain (%s login) or the prompt", program)
		}
	}
	return usagef("%v", err)
}

// exactly, atLeast and between check the number of arguments as usage errors.
func exactly(n int) cobra.PositionalArgs { return between(n, n) }

func atLeast(n int) cobra.PositionalArgs { return between(n, 1<<30) }

func between(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return usagef("too few arguments; usage: %s", cmd.UseLine())
		case len(args) > high:
			return usagef("too many arguments; usage: %s", cmd.UseLine())
		}
		return nil
	}
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: unknownCommand, RunE: func(cmd *cobra.Command, args []string) error {
		return usagef("name a command after %s: %s", cmd.Name(), strings.Join(names(cmd), ", "))
	}}
	c.AddCommand(commands...)
	return c
}

func names(cmd *cobra.Command) []string {
	var out []string
	for _, c := range cmd.Commands() {
		out = append(out, c.Name())
	}
	return out
}

// hideGlobals keeps the help of a command to its own options: the global ones are shown by the root's help.
func hideGlobals(root *cobra.Command) {
	const short = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Options:
{{.LocalFlags.FlagUsagesWrapped 110 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Options for connections, transfers and output: "` + program + ` --help".{{end}}
`
	root.SetUsageTemplate(short)
}
