// Package assets holds the files that are built into the programs: icons, bundled profiles, translations.
// It must never hold third-party files. Each accessor returns a read-only file system.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed translations
var translations embed.FS

// Translations is the folder with one sub-folder a language and one JSON file an area.
func Translations() fs.FS { return sub(translations, "translations") }

func sub(fsys embed.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, dir)
	if err != nil { // dir is a constant of this file
		panic(err)
	}
	return s
}
