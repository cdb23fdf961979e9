package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"pintail/bookmarks"
	"pintail/internal/atomicfile"
	"pintail/internal/connect"
	"pintail/internal/importing"
	"pintail/internal/text"
	"pintail/keychain"
)

func bookmarkImportCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE|FOLDER...", Short: text.T("cli.bookmark.import"), Args: atLeast(1), Long: text.T("cli.bookmark.importLong"),
		Example: "  pintail-cli bookmark import ~/.config/rclone/rclone.conf\n  pintail-cli bookmark import ~/.aws/config",
		RunE:    func(cmd *cobra.Command, args []string) error { return runBookmarkImport(cmd.Context(), a, args) },
	}
}

func bookmarkExportCommand(a *app) *cobra.Command {
	all := false
	c := &cobra.Command{
		Use: "export NAME [FILE|-] | export --all [FILE|-]", Short: text.T("cli.bookmark.export"), Args: between(0, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case all && len(args) < 2:
				return runBookmarkExportAll(a, orElse(firstArg(args, ""), "-"))
			case all || len(args) == 0:
				return usagef("bookmark export takes NAME [FILE], or --all [FILE]")
			}
			return runBookmarkExport(a, args[0], orElse(firstArg(args[1:], ""), "-"))
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all bookmarks into one file")
	return c
}

func runBookmarkExportAll(a *app, file string) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	data := bookmarks.ExportAll(s.List())
	if file == "-" {
		_, err := a.sys.Stdout.Write(data)
		return err
	}
	return atomicfile.Write(file, data, 0o644)
}

// runBookmarkImport adds the connections of files: of ours and of other programs. What cannot be taken is named; a file that cannot be
// read at all is an error.
func runBookmarkImport(ctx context.Context, a *app, files []string) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	in := importing.Env{Bookmarks: s, AWS: keychain.AWSFilesFrom(env.Getenv, env.Home), DryRun: a.opts.DryRun, Remember: connect.Rememberer(env)}
	for _, file := range files {
		list, err := importing.Files(file)
		if errors.Is(err, importing.ErrEmpty) {
			return usagef("%s has no bookmarks (*%s)", escape(file), bookmarks.Ext)
		}
		if err != nil {
			return err
		}
		for _, one := range list {
			lines, err := importing.File(ctx, in, one)
			for _, l := range lines {
				a.imported(l)
			}
			if err != nil {
				return importError(one, err)
			}
		}
	}
	return nil
}

// importError is why a file is not taken: the person's own mistake where it is of no kind that is read.
func importError(file string, err error) error {
	switch {
	case errors.Is(err, importing.ErrAWSElsewhere):
		return usagef("%s", text.T("cli.bookmark.awsElsewhere"))
	case errors.Is(err, bookmarks.ErrFormat), errors.Is(err, bookmarks.ErrEncrypted), errors.Is(err, bookmarks.ErrArchive), errors.Is(err, bookmarks.ErrTooLarge):
		return usagef("%s: %v", escape(file), err)
	}
	return fmt.Errorf("%s: %w", file, err)
}

// imported says what came of one connection.
func (a *app) imported(l importing.Line) {
	name := escape(l.Name)
	switch l.State {
	case importing.Added:
		a.note(text.T("cli.bookmark.added", name))
	case importing.There:
		a.note(text.T("cli.bookmark.there", name))
	case importing.LeftOut:
		a.note(text.T("cli.bookmark.skipped", name, l.Why))
	case importing.Would:
		a.note(text.T("cli.bookmark.would", name))
	}
	if l.Why != "" && l.State != importing.LeftOut {
		a.note(text.T("cli.bookmark.skipped", name, l.Why))
	}
	switch l.Secret {
	case importing.SecretKept:
		a.note(text.T("cli.bookmark.secret", name))
	case importing.SecretInFile:
		a.note(text.T("cli.bookmark.secretInFile", name, escape(a.sys.Dirs.Secrets())))
	case importing.SecretLost:
		a.note(text.T("cli.bookmark.noSecret", name, escape(importing.WhyLost(l.Lost))))
	}
}
