package main

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"pintail/internal/paths"
	"pintail/internal/release"
)

const program = "pintail-cli"

const version = release.Version

// system is all that a run sees of the machine; tests give their own.
type system struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	StdoutIsTerm   bool
	StderrIsTerm   bool
	Getenv         func(string) string
	Dirs           paths.Dirs
	Now            func() time.Time
	// OpenTerminal opens the terminal that questions are asked on, which is never standard input. It fails where there is none.
	OpenTerminal func() (terminal, error)
	// OpenURL opens an address in a browser. It fails where there is none.
	OpenURL func(address string) error
	// Width is the number of columns of the terminal; 0 = unknown.
	Width func() int
}

// terminal is where a person reads questions and types answers.
type terminal interface {
	io.ReadWriteCloser
	ReadPassword() (string, error)
}

func realSystem() (system, error) {
	dirs, err := paths.Default()
	if err != nil {
		return system{}, err
	}
	isTerm := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	s := system{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdoutIsTerm: isTerm(os.Stdout), StderrIsTerm: isTerm(os.Stderr),
		Getenv: os.Getenv, Dirs: dirs, Now: time.Now, OpenTerminal: openTerminal, OpenURL: openURL(os.Getenv),
		Width: func() int {
			w, _, err := term.GetSize(int(os.Stderr.Fd()))
			if err != nil {
				return 0
			}
			return w
		},
	}
	if !s.StderrIsTerm && !isTerm(os.Stdin) { // a script: nobody waits at the terminal it may have been started from
		s.OpenTerminal = func() (terminal, error) { return nil, errNoTerminal }
	}
	return s, nil
}

// fancy tells whether the terminal on standard error can redraw a line.
func (s system) fancy() bool { return s.StderrIsTerm && s.Getenv("TERM") != "dumb" }
