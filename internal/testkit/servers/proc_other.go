//go:build !linux

package servers

import "os/exec"

// dieWithParent does nothing: only Linux can tie a program to the one that started it.
func dieWithParent(*exec.Cmd) {}

// alive says yes: what another process left is only cleared where that can be told, on Linux.
func alive(int) bool { return true }
