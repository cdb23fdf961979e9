package units_test

import (
	"errors"
	"testing"
	"time"

	"pintail/internal/units"
)

func TestFormatBytes_ThreeDigits(t *testing.T) {
	for _, c := range []struct {
		n    int64
		base units.Base
		want string
	}{
		{0, units.Decimal, "0 B"}, {812, units.Decimal, "812 B"}, {999, units.Decimal, "999 B"}, {1000, units.Decimal, "1.0 kB"},
		{1024, units.Binary, "1.0 KiB"}, {1023, units.Binary, "1023 B"}, {3_123_456_789, units.Decimal, "3.1 GB"},
		{15_700_000_000, units.Decimal, "15.7 GB"}, {812_400_000, units.Decimal, "812 MB"}, {999_999, units.Decimal, "1.0 MB"},
		{99_960_000, units.Decimal, "100 MB"}, {1 << 30, units.Binary, "1.0 GiB"}, {-1, units.Decimal, "–"},
		{9_223_372_036_854_775_807, units.Decimal, "9.2 EB"},
	} {
		if got := units.FormatBytes(c.n, c.base); got != c.want {
			t.Errorf("FormatBytes(%d) = %q, want %q", c.n, got, c.want)
		}
	}
}

func TestFormat_TextForms(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{units.FormatExact(3_123_456), "3,123,456 bytes"}, {units.FormatExact(1), "1 byte"}, {units.FormatExact(0), "0 bytes"},
		{units.FormatCount(1204), "1,204"}, {units.FormatCount(-1_000_000), "-1,000,000"}, {units.FormatCount(7), "7"},
		{units.FormatRate(82e6, units.Decimal), "82 MB/s"}, {units.FormatRate(8.24e6, units.Decimal), "8.2 MB/s"},
		{units.FormatRate(0, units.Decimal), "0 B/s"}, {units.FormatRate(-1, units.Decimal), "–"},
		{units.FormatLeft(58 * time.Second), "58 s left"}, {units.FormatLeft(61 * time.Second), "1 min left"},
		{units.FormatLeft(59*time.Minute + 40*time.Second), "1 h left"}, {units.FormatLeft(-1), ""},
		{units.FormatLeft(125 * time.Minute), "2 h 5 min left"}, {units.FormatLeft(76 * time.Hour), "3 d 4 h left"},
		{units.FormatDate(now.Add(-time.Hour), now), "Today 09:00"}, {units.FormatDate(now.Add(-11*time.Hour), now), "Yesterday 23:00"},
		{units.FormatDate(now.AddDate(0, 0, -8), now), "12 Nov 2026 10:00"}, {units.FormatDate(now.AddDate(0, 0, 1), now), "21 Nov 2026 10:00"},
		{units.FormatDate(time.Time{}, now), ""}, {units.FormatUTC(now), "2026-11-20 10:00:00 UTC"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestParseBytes_FormsOfTheManual(t *testing.T) {
	for s, want := range map[string]int64{
		"10485760": 10485760, "10MiB": 10485760, "10MB": 10_000_000, "10 mb": 10_000_000, "10M": 10485760, "5k": 5120,
		"1.5GiB": 3 << 29, "0": 0, "7b": 7,
	} {
		if got, err := units.ParseBytes(s); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "MB", "-1", "1.5", "10XB", "1e5", "9999999PB", "10 M B", "..5"} {
		if got, err := units.ParseBytes(s); !errors.Is(err, units.ErrSyntax) {
			t.Errorf("ParseBytes(%q) = %d, %v, want an error", s, got, err)
		}
	}
	if got, err := units.ParseRate("5MB/s"); err != nil || got != 5_000_000 {
		t.Errorf("ParseRate = %d, %v", got, err)
	}
}

func TestParseDuration_FormsOfTheManual(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h": time.Hour, "7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1d12h": 36 * time.Hour,
		"15m": 15 * time.Minute, "3600": time.Hour, "250ms": 250 * time.Millisecond, "1h30m": 90 * time.Minute,
	} {
		if got, err := units.ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "h", "-1h", "1y", "1h 2", "999999999999w"} {
		if got, err := units.ParseDuration(s); !errors.Is(err, units.ErrSyntax) {
			t.Errorf("ParseDuration(%q) = %v, %v, want an error", s, got, err)
		}
	}
}

func TestParseTime_Forms(t *testing.T) {
	berlin := time.FixedZone("x", 3600)
	for s, want := range map[string]time.Time{
		"2026-11-20T14:00:00Z": time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC),
		"2026-11-20":           time.Date(2026, 11, 20, 0, 0, 0, 0, berlin),
		"2026-11-20 14:30":     time.Date(2026, 11, 20, 14, 30, 0, 0, berlin),
	} {
		if got, err := units.ParseTime(s, berlin); err != nil || !got.Equal(want) {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	if _, err := units.ParseTime("yesterday", berlin); !errors.Is(err, units.ErrSyntax) {
		t.Errorf("no error: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"10MiB", "1d12h", "..", "1e9", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := units.ParseBytes(s); err == nil && n < 0 {
			t.Errorf("ParseBytes(%q) = %d", s, n)
		}
		if d, err := units.ParseDuration(s); err == nil && d < 0 {
			t.Errorf("ParseDuration(%q) = %v", s, d)
		}
	})
}
