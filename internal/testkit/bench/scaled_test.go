package main

import (
	"slices"
	"testing"
)

// A machine that takes twice as long for what peers do has twice the time, for goals in processor time and for no others.
func TestRow_ScaledByWhatPeersCostOnBothMachines(t *testing.T) {
	goals := []goalResult{
		{Text: "≤ 0.9 CPU s", Value: 1.6, Limit: 0.9, Measured: true, CPU: true},
		{Text: "≤ 40 memory MiB", Value: 48, Limit: 40, Measured: true},
		{Text: "≤ 0.5 × mc", Value: 0.6, Limit: 0.5, Measured: true},
		{Text: "≤ 0.1 CPU s", Said: "failed", Limit: 0.1, CPU: true},
	}
	r := rowResult{Name: "list", Jobs: []jobResult{{Metric: "CPU s", Decimals: 2, Must: goals, Lines: []lineResult{
		{Client: "pintail-cli", Value: 1.6}, {Client: "manager", Value: 14.84}, {Client: "rclone", Value: 10.83}, {Client: "mc", Value: 45.78},
		{Client: "aws", Value: 7.03, Failed: "exit status 1"}, {Client: "minio-go", Value: 1}}}}}
	factor, of := r.machineSpeed()
	if factor != 2 || !slices.Equal(of, []string{"manager 14.84 over 7.42", "rclone 10.83 over 10.83", "mc 45.78 over 15.26"}) {
		t.Fatalf("× %v of %q; the median of 2, 1 and 3 is 2, and failed peers and unknown ones have no say", factor, of)
	}
	got := r.scaled(factor).Jobs[0].Must
	for i, want := range []bool{true, false, false, false} {
		if got[i].OK != want || goals[i].OK {
			t.Errorf("%s is %v, want %v; as it stands %v", got[i].Text, got[i].OK, want, goals[i].OK)
		}
	}
	if got[0].Text != "≤ 0.9 CPU s × 2.00 = 1.8" || got[1].Text != goals[1].Text {
		t.Errorf("%q, %q", got[0].Text, got[1].Text)
	}
	r.Jobs[0].Metric = "wall s"
	if factor, _ := r.machineSpeed(); factor != 0 {
		t.Errorf("wall time is scaled by %v", factor)
	}
}

// The table of the other machine names rows that there are.
func TestReference_NamesRowsThatThereAre(t *testing.T) {
	for name, peers := range reference {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.name == name }) || len(peers) == 0 {
			t.Errorf("there is no row %s, or it has no peers", name)
		}
	}
}
