package browser

import (
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// served are the distributions that were looked up for the buckets of one connection: that which is enabled before others.
type served struct {
	of *storage.Session
	by map[string]storage.Distribution
}

// Serve remembers which distributions serve a bucket, so that addresses can be copied from one.
func (vm *ViewModel) Serve(s *storage.Session, bucket string, list []storage.Distribution) {
	if vm.served.of != s {
		vm.served = served{s, map[string]storage.Distribution{}}
	}
	delete(vm.served.by, bucket)
	if len(list) > 0 {
		i := slices.IndexFunc(list, func(d storage.Distribution) bool { return d.Enabled })
		vm.served.by[bucket] = list[max(i, 0)]
	}
	vm.Face.Changed(Status)
}

// Served tells whether a distribution of a bucket is known.
func (vm *ViewModel) Served(bucket string) bool {
	_, ok := vm.served.by[bucket]
	return ok && vm.conn != nil && vm.served.of == vm.conn.Session
}

// CopyCDN puts the addresses at which items are served by a distribution onto the clipboard, a line each.
func (vm *ViewModel) CopyCDN(items []Item) {
	var lines []string
	for _, it := range items {
		if vm.Served(it.At.Bucket) {
			lines = append(lines, vm.served.by[it.At.Bucket].URL(it.At))
		}
	}
	if len(lines) > 0 {
		vm.Face.Clipboard(strings.Join(lines, "\n"))
		vm.Face.Notice(text.N("browser.notice_url", len(lines), len(lines)))
	}
}
