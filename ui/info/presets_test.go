package info

import (
	"slices"
	"testing"
)

func TestPresets_OfferTheSecondsOfThePreferences(t *testing.T) {
	for seconds, want := range map[int64]string{60: "public,max-age=60", 2_052_000: "public,max-age=2052000"} {
		if got := presetsOf("Cache-Control", seconds); !slices.Contains(got, want) {
			t.Errorf("%d: %q", seconds, got)
		}
	}
}
