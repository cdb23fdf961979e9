//go:build !windows

package main

import (
	"os"

	"golang.org/x/term"
)

type ttyFile struct{ *os.File }

// openTerminal opens the controlling terminal, whatever standard input and output are.
func openTerminal() (terminal, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, errNoTerminal
	}
	return ttyFile{f}, nil
}

// ReadPassword reads a line without showing it.
func (t ttyFile) ReadPassword() (string, error) {
	b, err := term.ReadPassword(int(t.Fd()))
	return string(b), err
}
