package transfer

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

func TestPlanning_CollisionsAreFoundBeforeWriting(t *testing.T) {
	q := offline(t)
	id := planned(t, q, 0)
	owned(t, q, id)
	r := newRun(q, transferRow{id: id}, Request{Kind: Download, Sources: []Source{{Remote: storage.Location{Bucket: "b"}}}, Target: Target{Local: t.TempDir()}})
	p := &planning{r: r, folding: localfs.Folding{Case: true, Unicode: true}, begun: time.Now()}
	for _, name := range []string{"README", "Readme", "readme", "é.txt", "e\u0301.txt", "other"} {
		if err := p.add(t.Context(), itemRow{source: "b/" + name, target: name, size: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	rows, err := q.j.pending(t.Context(), id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.target)
		if (row.target != row.source[2:]) != (row.note != "") {
			t.Errorf("%q: note %q", row.target, row.note)
		}
		if localfs.LocalToKey(row.target) != row.source[2:] {
			t.Errorf("%q does not lead back to %q", row.target, row.source)
		}
	}
	want := []string{"README", "Readme‛!1", "readme‛!2", "é.txt", "e\u0301‛!1.txt", "other"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFolderPlan_FolderWinsOverFile(t *testing.T) {
	q := offline(t)
	id := planned(t, q, 0)
	owned(t, q, id)
	r := newRun(q, transferRow{id: id}, Request{Kind: Download, Sources: []Source{{Remote: storage.Location{Bucket: "b"}}}, Target: Target{Local: t.TempDir(), Exact: true}})
	p := &planning{r: r, begun: time.Now()}
	f := &folderPlan{p: p, from: storage.Location{Bucket: "b"}}
	for _, key := range []string{"a", "a!", "a-b", "a-b/x", "a.txt", "a/b", "b", "c", "c/", "d", "d0"} {
		if err := f.entry(t.Context(), storage.Entry{Key: key}); err != nil {
			t.Fatal(err)
		}
		if len(f.held) > 4 {
			t.Errorf("%d files held back", len(f.held))
		}
	}
	if err := errors.Join(f.release(t.Context(), ""), p.flush(t.Context(), true)); err != nil {
		t.Fatal(err)
	}
	rows, err := q.j.pending(t.Context(), id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows {
		got[row.source[2:]] = row.target
	}
	want := map[string]string{"a": "a‛!1", "a!": "a!", "a-b": "a-b‛!1", "a-b/x": "a-b/x", "a.txt": "a.txt", "a/b": "a/b", "b": "b", "c": "c‛!1", "c/": "c", "d": "d", "d0": "d0"}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%q is planned as %q, want %q", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d planned, want %d", len(got), len(want))
	}
}
