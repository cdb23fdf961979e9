package info

import (
	"bytes"
	"context"
	"io"
	"slices"
	"unicode/utf8"

	"pintail/internal/text"
	"pintail/internal/textdiff"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/tasks"
)

const (
	compareLimit   = 1 << 20 // a version of more bytes is not compared
	compareContext = 3       // lines around what differs
)

// Comparable says which two versions the rows at stand for, the older first: two of them, or one and the current version. Where they
// cannot be compared it says why, "" where nothing is to be said.
func (vm *ViewModel) Comparable(at []int) (older, newer storage.Entry, ok bool, reason string) {
	list := vm.Versions()
	if it, one := vm.single(); !one || it.Folder || len(at) == 0 || len(at) > 2 || vm.deed {
		return older, newer, false, ""
	}
	at = slices.Sorted(slices.Values(at)) // the newest are first
	if len(at) == 1 {
		current := slices.IndexFunc(list, func(e storage.Entry) bool { return e.Latest && !e.Marker })
		if current < 0 || current == at[0] {
			return older, newer, false, ""
		}
		at = slices.Sorted(slices.Values([]int{current, at[0]}))
	}
	newer, older = list[at[0]], list[at[1]]
	switch {
	case older.Marker || newer.Marker:
		return older, newer, false, ""
	case max(older.Size, newer.Size) > compareLimit:
		return older, newer, false, text.T("compare.great", units.FormatBytes(compareLimit, units.Binary))
	}
	return older, newer, true, ""
}

// Difference is how two versions differ.
type Difference struct {
	Lines  []textdiff.Line
	Reason string // why there are no lines
}

// Compare reads two versions and tells done how their texts differ.
func (vm *ViewModel) Compare(older, newer storage.Entry, done func(Difference, error)) {
	s, policy, shown := vm.subject.Session, vm.Policy(), vm.ctx
	places := [2]storage.Location{vm.versionAt(older), vm.versionAt(newer)}
	vm.deed = true
	tasks.RunIn(vm.Tasks, shown, func(ctx context.Context) (Difference, error) {
		var texts [2][]byte
		for i, at := range places {
			err := policy.Do(ctx, func() (err error) { texts[i], err = readText(ctx, s, at); return err })
			if err != nil {
				return Difference{}, err
			}
		}
		return difference(texts[0], texts[1]), nil
	}, func(d Difference, err error) {
		vm.deed = false
		vm.Changed()
		if shown.Err() == nil {
			done(d, err)
		}
	})
	vm.Changed()
}

// readText reads a version, one byte more than the limit at most.
func readText(ctx context.Context, s *storage.Session, at storage.Location) ([]byte, error) {
	r, err := s.Read(ctx, at, storage.ReadOptions{Whole: true})
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, compareLimit+1))
	if cerr := r.Close(); err == nil && len(b) <= compareLimit {
		err = cerr
	}
	return b, err
}

func difference(older, newer []byte) Difference {
	for _, b := range [][]byte{older, newer} {
		switch {
		case len(b) > compareLimit:
			return Difference{Reason: text.T("compare.great", units.FormatBytes(compareLimit, units.Binary))}
		case !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0:
			return Difference{Reason: text.T("compare.no_text")}
		}
	}
	if bytes.Equal(older, newer) {
		return Difference{Reason: text.T("compare.same")}
	}
	return Difference{Lines: textdiff.Fold(textdiff.Lines(string(older), string(newer)), compareContext)}
}
