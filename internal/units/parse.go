package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ErrSyntax is in the chain of every error that the parsers return.
var ErrSyntax = errors.New("cannot be read")

var multipliers = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "pib": 1 << 50,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15,
}

// ParseBytes reads a size: "10485760", "10MiB", "10MB", "1.5 GiB". A single letter (k, M, G, T) is binary, as in dd and curl.
func ParseBytes(s string) (int64, error) {
	number, unit := split(s)
	factor, known := multipliers[strings.ToLower(unit)]
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !known || v < 0 {
		return 0, fmt.Errorf("size %q %w: write 10485760, 10MiB or 10MB", s, ErrSyntax)
	}
	v *= factor
	if v >= math.MaxInt64 {
		return 0, fmt.Errorf("size %q %w: it is too large", s, ErrSyntax)
	}
	if v != math.Trunc(v) && factor == 1 {
		return 0, fmt.Errorf("size %q %w: there are no half bytes", s, ErrSyntax)
	}
	return int64(v), nil
}

// ParseRate reads bytes a second: a size, with or without "/s".
func ParseRate(s string) (int64, error) {
	return ParseBytes(strings.TrimSuffix(strings.TrimSuffix(s, "/s"), "ps"))
}

// ParseDuration reads a span: "90s", "1h", "7d", "2w", "1d12h", "1h30m"; a plain number is seconds. It is never negative.
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("duration %q %w: write 90s, 15m, 1h or 7d", s, ErrSyntax)
	rest := strings.TrimSpace(s)
	if rest == "" {
		return 0, bad
	}
	if n, err := strconv.ParseUint(rest, 10, 32); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	names := []struct {
		unit string
		span time.Duration
	}{
		{"ms", time.Millisecond}, {"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour},
		{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second},
	}
	total := 0.0
next:
	for rest != "" {
		number, tail := split(rest)
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || v < 0 {
			return 0, bad
		}
		for _, n := range names {
			if t, ok := strings.CutPrefix(tail, n.unit); ok {
				total += v * float64(n.span)
				rest = t
				continue next
			}
		}
		return 0, bad
	}
	if total > math.MaxInt64/2 {
		return 0, bad
	}
	return time.Duration(total), nil
}

// ParseTime reads a moment in RFC 3339, or a date ("2026-11-20") at its midnight in loc.
func ParseTime(s string, loc *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("date %q %w: write 2026-11-20T14:00:00Z or 2026-11-20", s, ErrSyntax)
}

// split cuts s behind its leading number; blanks between number and unit are left out.
func split(s string) (number, rest string) {
	s = strings.TrimSpace(s)
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	return s[:i], strings.TrimSpace(s[i:])
}
