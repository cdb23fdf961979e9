package bookmarks

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// BypassList is the entries of a list of hosts that are reached without a proxy.
func BypassList(list string) []string {
	var out []string
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// CheckBypass reports what cannot be a list of hosts that are reached without a proxy: an error that wraps ErrInvalid. It is written as
// NO_PROXY is: "*", names (with what is below them; only that with "." or "*." in front) and addresses, each with a port or without, and
// networks in CIDR form, separated by commas.
func CheckBypass(list string) error {
	for _, one := range BypassList(list) {
		if !canBypass(one) {
			return fmt.Errorf("%w: %q is no name, address or network", ErrInvalid, hideUser(one))
		}
	}
	return nil
}

func canBypass(one string) bool {
	if _, err := netip.ParsePrefix(one); err == nil || one == "*" {
		return true
	}
	host := one
	if h, port, err := net.SplitHostPort(one); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimPrefix(strings.TrimPrefix(host, "*."), ".")
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}
