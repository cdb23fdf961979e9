package localfs

import "os"

const fromFolder = false // an open folder cannot be removed

// stat looks at the file of the folder that has this path.
func (d *openFolder) stat(path string) (fileStat, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return fileStat{}, err // names the file already
	}
	return fileStat{kind: fi.Mode().Type(), size: fi.Size(), modified: fi.ModTime()}, nil
}
