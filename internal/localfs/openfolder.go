package localfs

import (
	"fmt"
	"io/fs"
	"os"
	"time"
)

// openFolder is a folder whose names are read and whose files are looked at. Where the system can, a file is found from the open
// folder: from the root of the volume it costs a third of a walk.
type openFolder struct {
	dir string
	f   *os.File // nil = closed
}

// fileStat is what a walk needs to know of a file. Links are followed.
type fileStat struct {
	kind     fs.FileMode // its type bits
	size     int64
	modified time.Time
}

// names reads the folder, which stays open if its files are found from it.
func (d *openFolder) names() ([]fs.DirEntry, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	if !fromFolder {
		defer d.leave()
	}
	names, err := d.f.ReadDir(-1) // what was read before an error comes with it
	if err != nil {
		return names, fmt.Errorf("read folder %s: %w", d.dir, err)
	}
	return names, nil
}

func (d *openFolder) open() (err error) {
	if d.f == nil {
		d.f, err = os.Open(d.dir)
	}
	return err // names the folder already
}

// leave closes the folder; it is opened again when it is needed.
func (d *openFolder) leave() {
	if d.f != nil {
		_ = d.f.Close() // opened for reading
		d.f = nil
	}
}
