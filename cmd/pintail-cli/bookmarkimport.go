package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pintail/bookmarks"
	"pintail/internal/atomicfile"
	"pintail/internal/connect"
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
	for _, file := range files {
		list, err := importFiles(file)
		if err != nil {
			return err
		}
		for _, one := range list {
			if err := a.importFile(ctx, s, one); err != nil {
				if usage := (*usageError)(nil); errors.As(err, &usage) {
					return err
				}
				return fmt.Errorf("%s: %w", one, err)
			}
		}
	}
	return nil
}

// importFiles is the file itself, or the bookmarks of a folder.
func importFiles(file string) ([]string, error) {
	info, err := os.Stat(file)
	if err != nil || !info.IsDir() {
		return []string{file}, err
	}
	list, err := filepath.Glob(filepath.Join(escapeGlob(file), "*"+bookmarks.Ext))
	if err == nil && len(list) == 0 {
		err = usagef("%s has no bookmarks (*%s)", file, bookmarks.Ext)
	}
	return list, err
}

// escapeGlob makes a folder's name match itself only.
func escapeGlob(s string) string {
	if filepath.Separator == '\\' {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

func (a *app) importFile(ctx context.Context, s *bookmarks.Store, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	found, skipped, format, err := bookmarks.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		if errors.Is(err, bookmarks.ErrFormat) || errors.Is(err, bookmarks.ErrEncrypted) || errors.Is(err, bookmarks.ErrTooLarge) {
			return usagef("%s: %v", escape(file), err)
		}
		return err
	}
	if format == bookmarks.AWSFormat {
		if found, err = a.awsProfiles(ctx, file); err != nil {
			return err
		}
	}
	for _, k := range skipped {
		a.note(text.T("cli.bookmark.skipped", escape(k.Name), k.Why))
	}
	for _, one := range found {
		if err := a.importOne(ctx, s, one, format); err != nil {
			return err
		}
	}
	return nil
}

// awsProfiles are the profiles of the AWS files, which bookmarks name and never copy.
func (a *app) awsProfiles(ctx context.Context, file string) ([]bookmarks.Found, error) {
	env, err := a.env(ctx)
	if err != nil {
		return nil, err
	}
	files := keychain.AWSFilesFrom(env.Getenv, env.Home)
	if !sameFile(file, files.Config) && !sameFile(file, files.Credentials) {
		return nil, usagef("%s", text.T("cli.bookmark.awsElsewhere"))
	}
	list, err := keychain.ListAWSProfiles(files)
	if err != nil {
		return nil, err
	}
	var found []bookmarks.Found
	for _, p := range list {
		b := bookmarks.Bookmark{Protocol: "s3", Nickname: p.Name, AWSProfile: p.Name, Region: p.Region, EndpointURL: p.Endpoint}
		if p.Kind == keychain.ProfileNone || b.Validate() != nil {
			a.note(text.T("cli.bookmark.skipped", escape(p.Name), text.T("cli.bookmark.noCredentials")))
			continue
		}
		found = append(found, bookmarks.Found{Bookmark: b})
	}
	return found, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// importOne adds one connection under a free name, unless the same is there already. Its secret goes to the keychain or nowhere.
func (a *app) importOne(ctx context.Context, s *bookmarks.Store, f bookmarks.Found, format bookmarks.Format) error {
	b := f.Bookmark
	own := format == bookmarks.DuckFormat || format == bookmarks.BundleFormat
	if old, ok := alike(s, b); ok && !own {
		a.note(text.T("cli.bookmark.there", escape(old.Title())))
		return nil
	}
	if _, err := s.Get(b.ID); err == nil {
		b.ID = ""
	}
	if !own {
		b.Nickname = freeName(s, b.Title())
	}
	if a.opts.DryRun {
		a.note(text.T("cli.bookmark.would", escape(b.Title())))
		return nil
	}
	b, err := s.Add(b)
	if err != nil {
		return err
	}
	a.note(text.T("cli.bookmark.added", escape(b.Title())))
	if f.Secret.Empty() {
		return nil
	}
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	if err := connect.Remember(ctx, env, connect.Spec{Bookmark: b.ID}, f.Secret); err != nil {
		a.note(text.T("cli.bookmark.noSecret", escape(b.Title())))
		return nil // the connection asks for it
	}
	a.note(text.T("cli.bookmark.secret", escape(b.Title())))
	return nil
}

// alike is a bookmark of the same connection.
func alike(s *bookmarks.Store, b bookmarks.Bookmark) (bookmarks.Bookmark, bool) {
	for _, old := range s.List() {
		if old.EndpointURL == b.EndpointURL && old.Hostname == b.Hostname && old.Username == b.Username && old.AWSProfile == b.AWSProfile &&
			old.Path == b.Path && old.Anonymous == b.Anonymous && old.Provider == b.Provider && old.Region == b.Region {
			return old, true
		}
	}
	return bookmarks.Bookmark{}, false
}

// freeName is name, or name with the first number that makes it one of its own.
func freeName(s *bookmarks.Store, name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := s.Find(free); errors.Is(err, bookmarks.ErrNotFound) {
			return free
		}
		free = fmt.Sprintf("%s %d", name, n)
	}
}
