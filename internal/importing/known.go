package importing

import (
	"os"
	"path/filepath"

	"pintail/bookmarks"
	"pintail/keychain"
)

// Known is a place of this computer that has connections to take.
type Known struct {
	Format bookmarks.Format // DuckFormat and TransmitFormat for a folder of files
	Path   string
}

// Find looks where other programs and the AWS tools keep their connections, and names what is there. home is the person's own folder.
func Find(files keychain.AWSFiles, getenv func(string) string, home string) []Known {
	config := getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	roaming := getenv("APPDATA")
	if roaming == "" {
		roaming = filepath.Join(home, "AppData", "Roaming")
	}
	var out []Known
	add := func(format bookmarks.Format, paths ...string) {
		for _, p := range paths {
			if info, err := os.Stat(p); err == nil && p != "" && info.IsDir() == (format == bookmarks.DuckFormat || format == bookmarks.TransmitFormat) {
				out = append(out, Known{format, p})
				return // one of each: the first is the one in use
			}
		}
	}
	add(bookmarks.AWSFormat, files.Config, files.Credentials)
	add(bookmarks.S3cmdFormat, getenv("S3CMD_CONFIG"), filepath.Join(home, ".s3cfg"), filepath.Join(roaming, "s3cmd.ini"))
	add(bookmarks.RcloneFormat, getenv("RCLONE_CONFIG"), filepath.Join(config, "rclone", "rclone.conf"), filepath.Join(roaming, "rclone", "rclone.conf"),
		filepath.Join(home, ".rclone.conf"))
	add(bookmarks.MCFormat, filepath.Join(home, ".mc", "config.json"), filepath.Join(home, "mc", "config.json"))
	add(bookmarks.WinSCPFormat, filepath.Join(roaming, "WinSCP.ini"))
	local := getenv("LOCALAPPDATA")
	if local == "" {
		local = filepath.Join(home, "AppData", "Local")
	}
	add(bookmarks.CloudBerryFormat, filepath.Join(local, "CloudBerry S3 Explorer for Amazon S3", "settings.list"))
	add(bookmarks.TransmitFormat, filepath.Join(home, "Library", "Application Support", "Transmit", "Metadata"))
	add(bookmarks.DuckFormat, filepath.Join(home, "Library", "Group Containers", "G69SCX94XU.duck", "Library", "Application Support", "duck", "Bookmarks"),
		filepath.Join(home, "Library", "Application Support", "Cyberduck", "Bookmarks"), filepath.Join(roaming, "Cyberduck", "Bookmarks"),
		filepath.Join(home, ".duck", "bookmarks"))
	return out
}
