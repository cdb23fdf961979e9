//go:build !linux && !windows

package transfer

func processStart(int) string { return "" }
