package main

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// events is the output of `go test -json`, shortened: two subtests of which one fails, a skip, a test that a panic cut
// off, and a package that does not compile.
const events = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/one"}
{"Action":"run","Package":"p","Test":"TestA/one/with/slashes"}
{"Action":"pass","Package":"p","Test":"TestA/one/with/slashes"}
{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"run","Package":"p","Test":"TestA/two"}
{"Action":"fail","Package":"p","Test":"TestA/two"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no minio: run make minio\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"run","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestC","Output":"panic: x\n"}
{"Action":"fail","Package":"p"}
{"ImportPath":"q","Action":"build-output","Output":"undefined: y\n"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
{"Action":"run","Package":"r","Test":"TestD"}
{"Action":"pass","Package":"r","Test":"TestD"}
{"Action":"pass","Package":"r"}
`

func TestReader_CountsLeavesCutTestsAndBrokenBuilds(t *testing.T) {
	var total tally
	var shown strings.Builder
	if err := newReader(&shown, "unit", &total).read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	if total.passed != 2 || total.failed != 3 || total.skipped != 1 {
		t.Errorf("%d passed, %d failed, %d skipped", total.passed, total.failed, total.skipped)
	}
	want := []string{"unit: p.TestA/two", "unit: p.TestC", "unit: q"}
	if !slices.Equal(total.failures, want) {
		t.Errorf("failures %q", total.failures)
	}
	if !slices.Equal(total.skips, []string{"unit: p.TestB: no minio: run make minio"}) {
		t.Errorf("skips %q", total.skips)
	}
	if !strings.Contains(shown.String(), "undefined: y") || !strings.Contains(shown.String(), "panic: x") {
		t.Errorf("the reasons are not shown:\n%s", shown.String())
	}
}

func TestReader_RefusesWhatIsNoJSON(t *testing.T) {
	var total tally
	if err := newReader(io.Discard, "unit", &total).read(strings.NewReader("ok  p\n")); err == nil {
		t.Error("a run without events counted as good")
	}
}
