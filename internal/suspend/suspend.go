// Package suspend lets Ctrl+Z halt a program only at a moment when it holds nothing that others wait for.
// It must never keep a program from being halted for longer than what it is in the middle of.
// Start reading at [Between].
package suspend
