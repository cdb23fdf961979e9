package transfer

import (
	"os"
	"strings"
	"testing"

	"pintail/internal/testkit"
)

const (
	s3Parts   = 10_000
	s3MinPart = 5 << 20
	s3MaxPart = 5 << 30
	s3Largest = s3Parts * s3MaxPart // 48.83 TiB
)

// checkCut proves what S3 demands of how size bytes are cut: at most 10,000 parts, equal but for the last, 5 MiB to 5 GiB, and
// together exactly the file. It walks over all parts if walk is set.
func checkCut(t *testing.T, size, wish int64, most int32, walk bool) {
	t.Helper()
	part := partSizeFor(size, wish, most)
	n := partCount(size, part)
	limit := int32(s3Parts)
	if most > 0 && most < limit {
		limit = most
	}
	if n < 1 || n > limit || part < s3MinPart || part > max(s3MaxPart, wish) {
		t.Fatalf("%d bytes, wish %d, at most %d: %d parts of %d", size, wish, most, n, part)
	}
	numbers := []int32{1, n/2 + 1, n}
	if walk {
		numbers = numbers[:0]
		for i := int32(1); i <= n; i++ {
			numbers = append(numbers, i)
		}
	}
	var next int64
	for _, i := range numbers {
		offset, length := span(i, part, size)
		switch {
		case offset != int64(i-1)*part, walk && offset != next:
			t.Fatalf("%d bytes: part %d begins at %d", size, i, offset)
		case i < n && length != part, i == n && (length < 1 || length > part || offset+length != size):
			t.Fatalf("%d bytes: part %d of %d is %d+%d", size, i, n, offset, length)
		}
		next = offset + length
	}
}

// TestPlan_CutsEverySize draws sizes over all that S3 takes, as many of each magnitude, and those around multiples of a part: a
// million, ten million when PINTAIL_LONG is 1.
func TestPlan_CutsEverySize(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	if os.Getenv("PINTAIL_LONG") == "1" {
		n = 10_000_000
	}
	rnd := testkit.Rand(t)
	wishes := []int64{0, s3MinPart, 8 << 20, 10 << 20, 16<<20 + 1, 100 << 20, s3MaxPart}
	for i := range n {
		size := 1 + rnd.Int64N(int64(1)<<(1+rnd.IntN(46)))
		if i%3 == 0 { // k × part ± 1
			size = (1+rnd.Int64N(s3Parts))*wishes[1+rnd.IntN(len(wishes)-1)] + rnd.Int64N(3) - 1
		}
		size = max(1, min(size, s3Largest))
		checkCut(t, size, wishes[rnd.IntN(len(wishes))], []int32{0, s3Parts}[rnd.IntN(2)], i%50_000 == 0)
	}
}

func TestPlan_CutsTheBoundaries(t *testing.T) {
	for _, part := range []int64{s3MinPart, 10 << 20, 64<<20 + 1, s3MaxPart} {
		for _, k := range []int64{1, 2, 3, 9_999, 10_000, 10_001} {
			for _, off := range []int64{-1, 0, 1} {
				if size := k*part + off; size <= s3Largest {
					checkCut(t, size, part, 0, true)
				}
			}
		}
	}
	for _, size := range []int64{1, s3MinPart, 5_000_000_000, maxSingleCopy, maxSingleCopy + 1, 5 << 40, s3Largest - 1, s3Largest} {
		checkCut(t, size, 0, 0, true)
	}
	if p := partSizeFor(10_000*defaultPartSize, 0, 0); p != defaultPartSize {
		t.Errorf("10,000 parts fit, and have %d bytes", p)
	}
	if p := partSizeFor(10_000*defaultPartSize+1, 0, 0); p != defaultPartSize+mib {
		t.Errorf("with 10,001 parts they grow to %d", p)
	}
}

func FuzzSplitParts(f *testing.F) {
	for _, s := range []string{"", "d41d8cd98f00b204e9800998ecf8427e", "x-3", "-", "a-b-2", "q==-10000", "q-10001", "q-+1"} {
		f.Add(s, int64(100<<20))
	}
	f.Fuzz(func(t *testing.T, s string, size int64) {
		value, n := splitParts(s)
		if n < 0 || n > s3Parts || !strings.HasPrefix(s, value) || n == 0 && value != s {
			t.Fatalf("%q is %q of %d parts", s, value, n)
		}
		if size = max(1, size); n == 0 {
			return
		}
		for _, p := range guessParts(min(size, s3Largest), n) {
			if p < 1 || n > 1 && (min(size, s3Largest)+p-1)/p != n {
				t.Fatalf("%d bytes in %d parts: guessed %d", size, n, p)
			}
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"", "0", "1600000000.25", "-1.5", "1.-2", "253402300800", "9.9999999999", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at := parseTime(s)
		if at.IsZero() {
			return
		}
		if back := parseTime(formatTime(at)); !back.Equal(at) {
			t.Fatalf("%q is %v and comes back as %v", s, at, back)
		}
	})
}
