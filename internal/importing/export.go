package importing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pintail/bookmarks"
	"pintail/internal/atomicfile"
)

// Export writes all bookmarks into one new file of folder, without secrets, and returns its path. A file that is there is never replaced.
func Export(s *bookmarks.Store, folder string) (string, error) {
	const stem, ext = "Pintail bookmarks", ".plist"
	path := filepath.Join(folder, stem+ext)
	for n := 2; ; n++ {
		_, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return "", err
		}
		path = filepath.Join(folder, fmt.Sprintf("%s %d%s", stem, n, ext))
	}
	return path, atomicfile.Write(path, bookmarks.ExportAll(s.List()), 0o644)
}
