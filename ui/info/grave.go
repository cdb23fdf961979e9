package info

// Grave tells whether the changes of the shown tab take something away, or let others in: settings, policy, rules and access list of a
// bucket, a distribution, and objects made public. Tags and headers are none of these.
func (vm *ViewModel) Grave() bool {
	if len(vm.Changes()) == 0 {
		return false
	}
	_, bucket := vm.bucket()
	switch {
	case vm.tab == Distribution:
		return true
	case bucket:
		return vm.tab != Metadata
	}
	return vm.tab == Permissions && vm.access.public()
}

// word is what has to be typed before something is taken away, "" for nothing.
func (p *Pane) word() string {
	if p.o.Word == nil {
		return ""
	}
	return p.o.Word()
}
