package main

import (
	"slices"
	"testing"

	"pintail/internal/testkit"
)

func TestPackages_LongOnesAreThereAndFirst(t *testing.T) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	plain, raced, window, err := packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]string{plain, raced} {
		if len(list) <= len(longest) || !slices.Equal(list[:len(longest)], longest) {
			t.Errorf("first come %q", list[:min(len(list), len(longest))])
		}
	}
	if len(window) == 0 {
		t.Error("no package of the window's tests")
	}
}
