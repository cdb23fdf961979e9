package profiles

import "strings"

// Aliases are vendors that stand for one of ours, one for each row.
func Aliases() []string {
	var out []string
	for _, a := range vendorAliases {
		out = append(out, strings.ReplaceAll(a[0], "*", "x"))
	}
	return out
}

// UnreadOf are the properties of a profile that change nothing.
func UnreadOf(p Profile) []string {
	var out []string
	for _, u := range unread(p.Properties) {
		out = append(out, u.Key)
	}
	return out
}
