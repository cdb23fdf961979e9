package transfer

import (
	"os"
	"strconv"
	"strings"
)

// processStart is field 22 of the process's status: its start in clock ticks since the system's.
func processStart(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, ok := strings.Cut(string(b), ") ") // the name before it may hold anything
	f := strings.Fields(rest)
	if !ok || len(f) < 20 {
		return ""
	}
	if f[0] == "Z" || f[0] == "X" {
		return "ended"
	}
	return f[19]
}
