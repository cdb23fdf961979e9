// Package units turns sizes, rates, spans, counts and dates into what people read, and reads what they type.
// It must never lose bytes silently: what is shown short can always be had exactly with [FormatExact].
// Start reading at [FormatBytes] and [ParseBytes].
package units

import (
	"math"
	"strconv"
	"strings"
	"time"

	"pintail/internal/text"
)

// Base is the step between kilo and mega: a preference of the user.
type Base int

// The zero value is decimal, as file managers and S3 bills count.
const (
	Decimal Base = iota // 1 MB = 1,000,000 bytes
	Binary              // 1 MiB = 1,048,576 bytes
)

var suffixes = map[Base][]string{
	Decimal: {"B", "kB", "MB", "GB", "TB", "PB", "EB"},
	Binary:  {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"},
}

func (b Base) step() float64 {
	if b == Binary {
		return 1024
	}
	return 1000
}

// FormatBytes is a size in three digits at most: "812 B", "3.1 GB", "15.7 GB", "812 MB". A negative size (not known) is "–".
func FormatBytes(n int64, base Base) string {
	if n < 0 {
		return "–"
	}
	return short(float64(n), base, 99.95)
}

// FormatExact is a size to the byte: "3,123,456 bytes".
func FormatExact(n int64) string {
	return text.N("units.bytes", plural(n), FormatCount(n))
}

// FormatRate is a speed in bytes a second: "82 MB/s", "8.2 MB/s". Zero is "0 B/s"; a negative one (not known) is "–".
func FormatRate(bytesPerSecond float64, base Base) string {
	if bytesPerSecond < 0 || math.IsNaN(bytesPerSecond) || math.IsInf(bytesPerSecond, 0) {
		return "–"
	}
	return text.T("units.rate", short(bytesPerSecond, base, 9.95))
}

// short shows one decimal below the limit and none above it. The unit is chosen after rounding: 999,999 is "1.0 MB".
func short(v float64, base Base, decimalBelow float64) string {
	units, step := suffixes[base], base.step()
	i := 0
	for i < len(units)-1 && math.Round(v) >= step {
		v /= step
		i++
	}
	digits := 0
	if i > 0 && v < decimalBelow {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + units[i]
}

// FormatCount is a number in groups of three: "1,204".
func FormatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(text.T("units.group"))
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// FormatLeft is the time that remains, rounded as a person would say it: "1 min left", "2 h 5 min left".
// A negative span (not known) is "".
func FormatLeft(d time.Duration) string {
	if d < 0 {
		return ""
	}
	return text.T("units.left", FormatSpan(d))
}

// FormatSpan is a length of time in its two biggest units: "8 s", "12 min", "2 h 5 min", "3 d 4 h".
func FormatSpan(d time.Duration) string {
	seconds := int64(math.Round(d.Seconds()))
	minutes := int64(math.Round(d.Minutes()))
	hours := minutes / 60
	switch {
	case seconds < 60:
		return text.T("units.seconds", seconds)
	case minutes < 60:
		return text.T("units.minutes", minutes)
	case hours < 24 && minutes%60 == 0:
		return text.T("units.hours", hours)
	case hours < 24:
		return text.T("units.hoursMinutes", hours, minutes%60)
	case hours%24 == 0:
		return text.T("units.days", hours/24)
	default:
		return text.T("units.daysHours", hours/24, hours%24)
	}
}

// FormatDate is a moment as people name it, in now's time zone: "Today 14:02", "Yesterday 09:30", "12 Nov 2026 14:02".
// The zero time is "".
func FormatDate(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	clock := t.Format("15:04")
	switch daysBetween(t, now) {
	case 0:
		return text.T("units.today", clock)
	case 1:
		return text.T("units.yesterday", clock)
	}
	return t.Format("2 Jan 2006 15:04")
}

// FormatUTC is a moment to the second, for hovering and for tables: "2026-11-20 13:02:11 UTC". The zero time is "".
func FormatUTC(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// daysBetween counts midnights from t to now; -1 for a moment after now's day.
func daysBetween(t, now time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	n := int(day(now).Sub(day(t)).Hours() / 24)
	if n < 0 {
		return -1
	}
	return n
}

// plural brings a count into the range of the plural rules, which look at the last digits only.
func plural(n int64) int {
	if n > 1_000_000 {
		n = 1_000_000 + n%1_000_000
	}
	return int(n)
}
