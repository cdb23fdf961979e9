package preferences

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxText = 4096

// Check validates a value given as text and returns its one spelling ("10MiB" becomes "10485760"). The error is a
// *ValueError that says what would be taken.
func (d *Definition) Check(value string) (string, error) {
	bad := func(want string) (string, error) {
		return "", &ValueError{Name: d.Name, Value: clip(value), Want: want}
	}
	switch d.Kind {
	case KindBool:
		switch strings.ToLower(value) {
		case "true", "yes", "on", "1":
			return "true", nil
		case "false", "no", "off", "0":
			return "false", nil
		}
		return bad("is not a yes or no; give true or false")
	case KindInt, KindBytes:
		n, ok := number(value, d.Kind == KindBytes)
		if !ok {
			return bad("is not a " + string(d.Kind) + "; give " + d.span())
		}
		if n < d.Min || n > d.Max {
			return bad("is out of range; give " + d.span())
		}
		return strconv.FormatInt(n, 10), nil
	case KindChoice:
		for _, c := range d.Choices {
			if strings.EqualFold(c, value) {
				return c, nil
			}
		}
		return bad("is not a choice; give one of " + strings.Join(quoteEmpty(d.Choices), ", "))
	case KindSize:
		if w, h, ok := dimensions(value); ok {
			return fmt.Sprintf("%dx%d", w, h), nil
		}
		return bad("is not a size; give WIDTHxHEIGHT between 100 and 16384")
	}
	most := maxText
	if d.Kind == KindBuckets {
		most = maxBuckets
	}
	if len(value) > most || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return bad(fmt.Sprintf("is not plain text of at most %d bytes", most))
	}
	for word := range strings.FieldsSeq(value) {
		if i := strings.IndexByte(word, '='); d.pairs && (i < 1 || strings.ContainsFunc(word, unicode.IsControl)) {
			return bad("is not NAME=VALUE with spaces between")
		}
	}
	if d.Kind == KindRegexp {
		if _, err := regexp.Compile(anchored(value)); err != nil {
			return bad("is not a regular expression: " + err.Error())
		}
	}
	if d.Kind == KindBuckets {
		list, want := parseBuckets(value)
		if want != "" {
			return bad(want)
		}
		return formatBuckets(list), nil
	}
	if d.Kind == KindList {
		return joinList(splitList(value)), nil
	}
	return value, nil
}

func clip(s string) string {
	const enough = 80
	if len(s) > enough {
		return s[:enough] + "…"
	}
	return s
}

func quoteEmpty(choices []string) []string {
	out := slices.Clone(choices)
	for i, c := range out {
		if c == "" {
			out[i] = `""`
		}
	}
	return out
}

// span is the range for people: "0 (automatic) to 256".
func (d *Definition) span() string {
	low := strconv.FormatInt(d.Min, 10)
	if d.zero != "" && d.Min == 0 {
		low += " (" + d.zero + ")"
	}
	return low + " to " + strconv.FormatInt(d.Max, 10)
}

// number reads a whole number, with a unit where it counts bytes: 10485760, 10MiB, 10MB, 10M (= MiB).
func number(s string, bytes bool) (int64, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if !bytes {
		return 0, false
	}
	upper := strings.ToUpper(s)
	for i, unit := range []string{"K", "M", "G", "T"} {
		for suffix, base := range map[string]int64{"IB": 1024, "B": 1000, "": 1024} {
			digits, ok := strings.CutSuffix(upper, unit+suffix)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n < 0 || n > 1<<20 {
				continue
			}
			for range i + 1 {
				n *= base
			}
			return n, true
		}
	}
	return 0, false
}

func readCapped(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%s: %w: larger than %d bytes", file, errDamaged, maxFile)
	}
	return raw, nil
}
