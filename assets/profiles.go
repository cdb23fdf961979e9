package assets

import (
	"embed"
	"io/fs"
)

//go:embed profiles/*.cyberduckprofile
var profiles embed.FS

// Profiles is the folder with the connection profiles that come with the programs.
func Profiles() fs.FS { return sub(profiles, "profiles") }
