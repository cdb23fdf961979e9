package main

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// console is standard error: whole lines, and at most one line below them that is redrawn in place.
type console struct {
	out   io.Writer
	fancy bool
	width func() int

	mu     sync.Mutex // guards all below and the order of writing
	status string     // what is drawn now
	held   bool       // a question is being asked
}

// line prints one line above the status line.
func (c *console) line(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearLocked()
	_, _ = io.WriteString(c.out, s+"\n")
	c.drawLocked()
}

// setStatus replaces the status line; "" removes it. Without a terminal that redraws it does nothing.
func (c *console) setStatus(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fancy || c.status == s {
		return
	}
	c.clearLocked()
	c.status = s
	c.drawLocked()
}

// hold takes the status line away until the returned function is called, for a question.
func (c *console) hold() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearLocked()
	c.held = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held = false
		c.drawLocked()
	}
}

const eraseLine = "\r\x1b[K"

func (c *console) clearLocked() {
	if c.status != "" && !c.held {
		_, _ = io.WriteString(c.out, eraseLine)
	}
}

func (c *console) drawLocked() {
	if c.status == "" || c.held {
		return
	}
	_, _ = io.WriteString(c.out, fit(c.status, c.width()))
}

// fit cuts s so that it stays on one line of width columns; 0 = not known.
func fit(s string, width int) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if width <= 1 || utf8.RuneCountInString(s) < width {
		return s
	}
	return string([]rune(s)[:width-2]) + "…"
}
