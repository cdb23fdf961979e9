package browser

import (
	"slices"

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
