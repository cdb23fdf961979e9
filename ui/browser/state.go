package browser

import (
	"strconv"
	"strings"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser/rows"
	"pintail/ui/command"
	"pintail/ui/outline/model"
	"pintail/ui/transfers"
)

// plain makes a raw name fit for one line.
func plain(s string) string { return transfers.Plain(s) }

// Base is the step of sizes that the preferences ask for.
func Base(p *preferences.Preferences) units.Base {
	if preferences.DecimalSizes.Get(p) {
		return units.Decimal
	}
	return units.Binary
}

// wantsOwner tells whether listings ask for owners: only while the column is shown, since it costs the server.
func (vm *ViewModel) wantsOwner() bool {
	for _, c := range preferences.ObjectColumns.Get(vm.Preferences) {
		if id, _, _ := strings.Cut(c, ":"); id == "owner" {
			return true
		}
	}
	return false
}

// Summary is what is selected.
type Summary struct {
	Count, Folders, Buckets int
	Old                     command.Old
	Bytes                   int64
}

// summaryLimit bounds what is added up of a selection; beyond it only the count is shown.
const summaryLimit = 100_000

// Summarize adds up a selection.
func (vm *ViewModel) Summarize(sel *model.Selection) Summary {
	s := Summary{Count: sel.Len()}
	if s.Count > summaryLimit {
		s.Bytes = -1
		if vm.store.HasOld() { // too many to look at: be on the safe side
			s.Old = command.Old{Selected: s.Count}
		}
		return s
	}
	for k := range sel.All() {
		it, _ := vm.store.Get(k)
		switch it.Kind {
		case rows.Bucket:
			s.Buckets++
			s.Folders++
		case rows.Folder:
			s.Folders++
		default:
			s.Bytes += max(it.Size, 0)
			countOld(&s.Old, it)
		}
	}
	return s
}

// StatusText is the left side of the status bar: "1,204 items, 3 selected (8.1 MB)".
func (vm *ViewModel) StatusText(sel Summary) string {
	switch {
	case vm.connecting != nil:
		return text.T("browser.connecting")
	case vm.conn == nil:
		return text.T("browser.not_connected")
	}
	n := vm.store.Count()
	out := text.N("browser.items", n, units.FormatCount(int64(n)))
	if sel.Count > 0 {
		size := ""
		if sel.Bytes > 0 {
			size = " (" + units.FormatBytes(sel.Bytes, Base(vm.Preferences)) + ")"
		}
		out += ", " + text.N("browser.selected", sel.Count, units.FormatCount(int64(sel.Count))) + size
	}
	switch _, st := vm.store.Children(0); {
	case vm.deed != nil:
		out += " · " + vm.deed.words()
	case vm.Listing():
		out += " · " + text.T("browser.listing")
	case st == rows.Stopped:
		out += " · " + text.T("browser.stopped")
	}
	return out
}

// Facts are the right side of the status bar.
type Facts struct{ TLS, Region, Key string }

// Facts tell how the connection is made.
func (vm *ViewModel) Facts() Facts {
	if vm.conn == nil {
		return Facts{}
	}
	f := Facts{TLS: "TLS", Region: vm.conn.Session.Region()}
	if !vm.conn.Session.Secure() {
		f.TLS = text.T("browser.no_tls")
	}
	switch {
	case vm.conn.Session.Anonymous():
		f.Key = text.T("browser.anonymous")
	case vm.conn.KeyHint != "":
		f.Key = text.T("browser.key", vm.conn.KeyHint)
	}
	if vm.ReadOnly() {
		f.Key = strings.TrimPrefix(f.Key+" · "+text.T("readonly.mark"), " · ")
	}
	return f
}

// ReadOnly tells whether the connection refuses everything that changes something.
func (vm *ViewModel) ReadOnly() bool { return vm.conn != nil && vm.conn.Session.ReadOnly() }

// WindowTitle is the title of the window.
func (vm *ViewModel) WindowTitle() string {
	if vm.conn == nil {
		return "Pintail"
	}
	name := vm.Name()
	if vm.Production() {
		name = text.T("advanced.production_title", name)
	}
	if vm.at.IsRoot() {
		return name + " – Pintail"
	}
	return plain(Title(vm.at)) + " – " + name + " – Pintail"
}

// seen is what was known of a transfer when the window last looked.
type seen struct {
	done  int64
	state transfer.State
}

// Transfers tells the window how transfers stand: folders on screen that one of this connection has changed are listed again.
func (vm *ViewModel) Transfers(list []transfer.Transfer) {
	for _, t := range list {
		old, known := vm.sizes[t.ID]
		now := seen{t.FilesDone, t.State}
		if old == now && known {
			continue
		}
		vm.sizes[t.ID] = now
		history := !known && t.Added.Before(vm.opened) // a small transfer may be over before it is first seen
		if history || vm.conn == nil || !t.State.Ended() || old.state.Ended() {
			continue
		}
		vm.RefreshBelow(vm.changedBy(t)...)
		if t.State == transfer.Failed && vm.own[t.ID] {
			vm.explainFailure(t)
		}
	}
}

// changedBy are the places of this connection that a transfer changed.
func (vm *ViewModel) changedBy(t transfer.Transfer) []storage.Location {
	var out []storage.Location
	take := func(ref, address string) {
		if ref == vm.conn.Ref || ref == "" {
			if l, ok := locationOf(address); ok {
				out = append(out, l)
			}
		}
	}
	switch t.Kind {
	case transfer.Upload:
		take(t.Connection, t.To)
	case transfer.Copy:
		take(or(t.TargetConnection, t.Connection), t.To)
	case transfer.Move:
		take(t.Connection, t.From)
		take(or(t.TargetConnection, t.Connection), t.To)
	case transfer.Delete, transfer.Change, transfer.Restore:
		take(t.Connection, t.From)
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// locationOf reads a raw s3:// address as the queue shows it.
func locationOf(address string) (storage.Location, bool) {
	rest, ok := strings.CutPrefix(address, "s3://")
	if !ok {
		return storage.Location{}, false
	}
	bucket, key, _ := strings.Cut(rest, "/")
	return storage.Location{Bucket: bucket, Key: key}, bucket != ""
}

// ColumnState turns the list of a preference ("name,size:90") into what the outline restores: what is not named is hidden.
func ColumnState(list []string) []model.ColumnState {
	var out []model.ColumnState
	named := map[string]bool{}
	for _, c := range list {
		id, w, _ := strings.Cut(c, ":")
		named[id] = true
		out = append(out, model.ColumnState{ID: id, Width: float32(atoi(w))})
	}
	for _, id := range columns() {
		if !named[id] {
			out = append(out, model.ColumnState{ID: id, Hidden: true})
		}
	}
	return out
}

// ColumnList is the other way round.
func ColumnList(cols []model.ColumnState) []string {
	var out []string
	for _, c := range cols {
		if !c.Hidden {
			out = append(out, c.ID+":"+itoa(int(c.Width+0.5)))
		}
	}
	return out
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
