package atomicfile

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// A virus scanner or indexer that holds the target for a moment makes the rename fail; such a hold ends by itself.
const (
	renameTries = 20
	renamePause = 25 * time.Millisecond
)

func rename(from, to string) error {
	var err error
	for range renameTries {
		err = os.Rename(from, to)
		if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(renamePause)
	}
	return err
}

// syncDir does nothing: Windows has no sync of a folder, the rename is journalled by NTFS.
func syncDir(string) error { return nil }
