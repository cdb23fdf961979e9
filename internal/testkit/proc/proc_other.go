//go:build !linux

package proc

import "os/exec"

// dieWithParent does nothing: only Linux can tie a program to the one that started it.
func dieWithParent(*exec.Cmd) {}

// Alive says yes: what another process left is only cleared where that can be told, on Linux.
func Alive(int) bool { return true }
