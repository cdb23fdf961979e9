package main

import (
	"errors"
	"os"

	"golang.org/x/term"
)

type ttyFiles struct{ in, out *os.File }

// openTerminal opens the console, whatever standard input and output are.
func openTerminal() (terminal, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, errNoTerminal
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(errNoTerminal, in.Close())
	}
	return ttyFiles{in, out}, nil
}

func (t ttyFiles) Read(p []byte) (int, error)  { return t.in.Read(p) }
func (t ttyFiles) Write(p []byte) (int, error) { return t.out.Write(p) }
func (t ttyFiles) Close() error                { return errors.Join(t.in.Close(), t.out.Close()) }

// ReadPassword reads a line without showing it.
func (t ttyFiles) ReadPassword() (string, error) {
	b, err := term.ReadPassword(int(t.in.Fd()))
	return string(b), err
}
