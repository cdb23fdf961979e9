package browser

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// What one download of folders of the past may hold: each folder in them is a transfer of its own, and every version is named.
const (
	pastFolders = 500
	pastFiles   = 100_000
)

// errPastMany says that folders of the past hold more than that.
var errPastMany = errors.New("the folders hold too much for one download of the past")

// pastFolder is the versions that lay right in one folder; dir is its path, beginning with the folder that was asked for.
type pastFolder struct {
	dir     string
	sources []transfer.Source
}

// downloadPast fetches folders as they were into a local folder.
func (vm *ViewModel) downloadPast(folders []Item, into string) {
	s, again, past := vm.session(), vm.policy(), vm.past
	tasks.Run(vm.Tasks, func(ctx context.Context) ([]pastFolder, error) {
		var all pastList
		for _, f := range folders {
			above := len(f.At.Parent().Key)
			for page, err := range thens(ctx, again, s, f.At, past, storage.ListOptions{}) {
				if err != nil {
					return nil, err
				}
				for _, k := range page.Keys {
					if err := all.take(f.At.Bucket, k, above); err != nil {
						return nil, err
					}
				}
			}
		}
		return all.folders, nil
	}, func(list []pastFolder, err error) {
		switch {
		case errors.Is(err, context.Canceled), vm.session() != s:
		case errors.Is(err, errPastMany):
			vm.Face.Notice(text.T("old.past_many"))
		case err != nil:
			vm.fail(report.Failure{What: plain(folders[0].At.Key), Err: err}, func() { vm.downloadPast(folders, into) })
		default:
			vm.addPast(list, into)
		}
	})
}

// addPast makes a transfer of each folder.
func (vm *ViewModel) addPast(list []pastFolder, into string) {
	for _, f := range list {
		dir, err := localfs.KeyToLocal(f.dir)
		if err != nil {
			vm.fail(report.Failure{What: plain(f.dir), Err: err}, nil)
			return
		}
		vm.add(transfer.Request{Kind: transfer.Download, Sources: f.sources, Target: transfer.Target{Local: filepath.Join(into, dir)},
			Options: vm.options(transfer.Download, "")})
	}
}

// pastList gathers versions by their folders.
type pastList struct {
	folders []pastFolder
	places  map[string]int
	files   int
}

// take adds what a key was; above is how much of the key lies above the folder that was asked for.
func (l *pastList) take(bucket string, k storage.Then, above int) error {
	rel := k.Key[above:]
	if !k.Existed() || strings.HasSuffix(rel, "/") {
		return nil
	}
	dir := rel[:strings.LastIndexByte(rel, '/')] // the folder itself is a part of it
	at, ok := l.places[dir]
	if !ok {
		if l.places == nil {
			l.places = map[string]int{}
		}
		at = len(l.folders)
		l.places[dir] = at
		l.folders = append(l.folders, pastFolder{dir: dir})
	}
	l.folders[at].sources = append(l.folders[at].sources, transfer.Source{Remote: storage.Location{Bucket: bucket, Key: k.Key, Version: k.Was.Version}})
	if l.files++; l.files > pastFiles || len(l.folders) > pastFolders {
		return errPastMany
	}
	return nil
}

// parted are the folders among items, and the rest.
func parted(items []Item) (folders, files []Item) {
	for _, it := range items {
		if it.Folder {
			folders = append(folders, it)
		} else {
			files = append(files, it)
		}
	}
	return folders, files
}
