package browser

import (
	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/storage"
)

// ConnectAndUpload opens the connection of spec and uploads local paths to where it begins. They go nowhere else: whatever the person opens
// instead, or after a failure, gets none of them.
func (vm *ViewModel) ConnectAndUpload(spec connect.Spec, paths []string) {
	vm.Connect(spec, storage.Location{})
	vm.pending = paths
}

// retry forgets what waits for a connection that failed, and returns what tries the same again.
func (vm *ViewModel) retry(spec connect.Spec, at storage.Location) func() {
	paths := vm.pending
	vm.pending = nil
	return func() {
		vm.Connect(spec, at)
		vm.pending = paths
	}
}

// uploadPending uploads what waited for the connection that is accepted now.
func (vm *ViewModel) uploadPending() {
	paths := vm.pending
	vm.pending = nil
	switch {
	case len(paths) == 0:
	case vm.conn.Start.IsRoot():
		vm.Face.Notice(text.T("browser.drop_bucket"))
	default:
		vm.Upload(paths, vm.conn.Start)
	}
}
