package main

import (
	"context"
	"os"

	"pintail/internal/connect"
	"pintail/internal/importing"
	"pintail/keychain"
)

// imports takes connections out of files for the windows, and writes the bookmarks into one.
type imports struct{ c *core }

func (i imports) aws() keychain.AWSFiles { return keychain.AWSFilesFrom(os.Getenv, i.c.dirs.Home) }

// Find names the places of this computer that have connections.
func (i imports) Find(context.Context) []importing.Known {
	return importing.Find(i.aws(), os.Getenv, i.c.dirs.Home)
}

// Import takes the connections of files and folders.
func (i imports) Import(ctx context.Context, paths []string) []importing.Line {
	return importing.All(ctx, importing.Env{Bookmarks: i.c.marks, AWS: i.aws(), Remember: connect.Rememberer(i.c.env())}, paths)
}

// Export writes all bookmarks into a new file of folder.
func (i imports) Export(_ context.Context, folder string) (string, error) {
	return importing.Export(i.c.marks, folder)
}
