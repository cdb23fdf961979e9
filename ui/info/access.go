package info

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"pintail/internal/text"
	"pintail/storage"
)

// Permissions of the grid, in the order of its columns.
func gridPermissions() []string {
	return []string{storage.GrantRead, storage.GrantWrite, storage.GrantReadACP, storage.GrantWriteACP, storage.GrantFullControl}
}

const fullColumn = 4

// Tick is a box of the grid.
type Tick int

// The ticks. Mixed: the objects differ, and it is left alone unless touched.
const (
	Off Tick = iota
	On
	Mixed
)

// GrantRow is a line of the grid.
type GrantRow struct {
	Who  storage.Grantee
	Now  [5]Tick
	was  [5]Tick
	gone bool
}

// access is the draft of the Permissions tab.
type access struct {
	rows   []GrantRow
	canned string // takes the place of the grid
	bucket bool
	made   bool
}

func (vm *ViewModel) loadAccess() {
	if at, ok := vm.bucket(); ok {
		vm.loadSettings(at)
	}
	if !vm.hasACL() {
		return
	}
	vm.loadACLs()
	vm.loadEffective()
	if vm.acls.state == ready && !vm.access.made {
		vm.access = newAccess(vm.acls.value, vm.subject.Items[0].At.IsBucket())
	}
}

// hasACL tells whether everything selected can have an access list that is edited here: objects, or one bucket.
func (vm *ViewModel) hasACL() bool {
	if _, ok := vm.bucket(); ok {
		return true
	}
	return vm.objectsOnly() && !vm.Partial() && len(vm.subject.Items) <= headLimit
}

// loadACLs asks for the access lists of what is selected.
func (vm *ViewModel) loadACLs() {
	s, items := vm.subject.Session, vm.subject.Items
	ask(vm, &vm.acls, func(ctx context.Context) ([]storage.ACL, error) {
		out := make([]storage.ACL, len(items))
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(headAt)
		for i, it := range items {
			g.Go(func() (err error) { out[i], err = s.ACL(ctx, it.At); return err })
		}
		return out, g.Wait()
	})
}

// newAccess is the grid of lists: what not all of them give is mixed.
func newAccess(of []storage.ACL, bucket bool) access {
	a := access{made: true, bucket: bucket}
	count := []map[string]int{}
	for _, l := range of {
		for _, g := range l.Grants {
			i := slices.IndexFunc(a.rows, func(r GrantRow) bool { return r.Who.Is(g.Grantee) })
			if i < 0 {
				i = len(a.rows)
				a.rows = append(a.rows, GrantRow{Who: g.Grantee})
				count = append(count, map[string]int{})
			}
			count[i][g.Permission]++
		}
	}
	for i := range a.rows {
		for c, p := range gridPermissions() {
			switch n := count[i][p]; {
			case n == 0:
			case n >= len(of):
				a.rows[i].was[c] = On
			default:
				a.rows[i].was[c] = Mixed
			}
		}
		a.rows[i].Now = a.rows[i].was
	}
	return a
}

// AccessState says whether the grid can be edited, and if not, why; no reason while it is being asked for.
func (vm *ViewModel) AccessState() (open bool, reason string) {
	switch {
	case vm.Empty():
		return false, ""
	case vm.Partial() || len(vm.subject.Items) > headLimit:
		return false, text.T("info.too_many", headLimit)
	case !vm.hasACL():
		return false, text.T("info.no_acl")
	case vm.acls.state == failed:
		return false, Reason(vm.acls.err)
	}
	return vm.access.made, ""
}

// Owners is who owns what is shown.
func (vm *ViewModel) Owners() string {
	if vm.acls.state != ready {
		return ""
	}
	first := vm.acls.value[0].Owner
	for _, a := range vm.acls.value[1:] {
		if a.Owner.ID != first.ID {
			return text.T("info.several")
		}
	}
	return or(first.Name, first.ID)
}

// Grants are the lines of the grid.
func (vm *ViewModel) Grants() []GrantRow {
	return slices.DeleteFunc(slices.Clone(vm.access.rows), func(r GrantRow) bool { return r.gone })
}

// index is where the line of who is.
func (a *access) index(who storage.Grantee) int {
	return slices.IndexFunc(a.rows, func(r GrantRow) bool { return r.Who.Is(who) })
}

// CanTick tells whether a box can be changed, and if not, why.
func (vm *ViewModel) CanTick(r GrantRow, column int) (ok bool, reason string) {
	switch {
	case vm.access.canned != "":
		return false, text.T("info.canned_instead")
	case column == 1 && !vm.access.bucket:
		return false, text.T("info.no_object_write")
	case column != fullColumn && r.Now[fullColumn] == On:
		return false, text.T("info.full_has_it")
	}
	return true, ""
}

// SetTick changes a box of the grid.
func (vm *ViewModel) SetTick(who storage.Grantee, column int, on bool) {
	i := vm.access.index(who)
	if i < 0 {
		return
	}
	vm.access.rows[i].Now[column] = Off
	if on {
		vm.access.rows[i].Now[column] = On
	}
	vm.Changed()
}

// AddGrantee adds a line that gives who the right to read.
func (vm *ViewModel) AddGrantee(who storage.Grantee) {
	if i := vm.access.index(who); i >= 0 {
		vm.access.rows[i].gone = false
		vm.Changed()
		return
	}
	r := GrantRow{Who: who}
	r.Now[0] = On
	vm.access.rows = append(vm.access.rows, r)
	vm.Changed()
}

// RemoveGrantee takes all grants of who away.
func (vm *ViewModel) RemoveGrantee(who storage.Grantee) {
	i := vm.access.index(who)
	if i < 0 {
		return
	}
	if vm.access.rows[i].was == ([5]Tick{}) {
		vm.access.rows = slices.Delete(vm.access.rows, i, i+1)
	} else {
		vm.access.rows[i].gone = true
	}
	vm.Changed()
}

// CannedChoices are the ready-made lists that what is selected can be given.
func (vm *ViewModel) CannedChoices() []string {
	var out []string
	for _, c := range storage.CannedACLs() {
		if vm.access.bucket && c.Bucket || !vm.access.bucket && c.Object {
			out = append(out, c.Name)
		}
	}
	return out
}

// SetCanned puts a ready-made list in the place of the grid; "" takes the grid again.
func (vm *ViewModel) SetCanned(name string) {
	vm.access.canned = name
	vm.Changed()
}

// Canned is the ready-made list that was chosen.
func (vm *ViewModel) Canned() string { return vm.access.canned }

// Owner is the owner to whom a grant can be given.
func (vm *ViewModel) Owner() (storage.Grantee, bool) {
	if vm.acls.state != ready || len(vm.acls.value) != 1 {
		return storage.Grantee{}, false
	}
	o := vm.acls.value[0].Owner
	return storage.Grantee{ID: o.ID, Name: o.Name}, o.ID != ""
}

// GranteeText names a grantee in words.
func GranteeText(g storage.Grantee) string {
	switch g.URI {
	case storage.GroupEveryone:
		return text.T("info.everyone")
	case storage.GroupAuthenticated:
		return text.T("info.authenticated")
	case storage.GroupLogDelivery:
		return text.T("info.log_delivery")
	case "":
		return or(or(g.Name, g.Email), g.ID)
	}
	return g.URI
}

// grants are what the grid gives and takes.
func (a *access) grants() (give, take []storage.Grant) {
	for _, r := range a.rows {
		for c, p := range gridPermissions() {
			now := r.Now[c]
			if r.gone {
				now = Off
			}
			g := storage.Grant{Grantee: r.Who, Permission: p}
			switch {
			case now == r.was[c] || now == Mixed:
			case now == On:
				give = append(give, g)
			default:
				take = append(take, g)
			}
		}
	}
	return give, take
}

func (a *access) changes() []Change {
	if a.canned != "" {
		return []Change{{text.T("info.canned"), "", a.canned}}
	}
	give, take := a.grants()
	var out []Change
	for _, g := range give {
		out = append(out, Change{GranteeText(g.Grantee), "", g.Permission})
	}
	for _, g := range take {
		out = append(out, Change{GranteeText(g.Grantee), g.Permission, ""})
	}
	return out
}

func (a *access) edit() storage.Edit {
	if a.canned != "" {
		return storage.Edit{ACL: &storage.ACLEdit{Canned: a.canned}}
	}
	give, take := a.grants()
	if len(give)+len(take) == 0 {
		return storage.Edit{}
	}
	return storage.Edit{ACL: &storage.ACLEdit{Grant: give, Revoke: take}}
}

func (a *access) problem() string {
	n := 0
	for _, r := range a.rows {
		for c := range r.Now {
			if r.Now[c] != Off && !r.gone {
				n++
			}
		}
	}
	if n > storage.MaxGrants {
		return text.T("info.too_many_grants", storage.MaxGrants, n)
	}
	return ""
}

// Public tells whether the changes let everybody in, who was not let in before.
func (a *access) public() bool {
	if a.canned == "public-read" || a.canned == "public-read-write" {
		return true
	}
	give, _ := a.grants()
	return slices.ContainsFunc(give, func(g storage.Grant) bool { return g.Grantee.URI == storage.GroupEveryone })
}
