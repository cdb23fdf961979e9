package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// output is standard output in the form that was asked for. A line is written as soon as it is there.
type output struct {
	w      io.Writer
	isTerm bool
	opts   *globals

	mu  sync.Mutex // guards buf and err
	buf *bufio.Writer
	err error // the first failure: the reader is gone, or the disk is full
}

// name is a raw name as it may be printed: escaped where a terminal would obey it.
func (o *output) name(s string) string {
	if o.isTerm {
		return escape(s)
	}
	return s
}

// line prints one line of text. Names in it went through name.
func (o *output) line(format string, args ...any) {
	o.write([]byte(fmt.Sprintf(format, args...) + "\n"))
}

// text prints one line as it is. Listings have a million of them, so it formats and allocates nothing.
func (o *output) text(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	b := o.bufferLocked()
	_, _ = b.WriteString(s) // the buffer keeps its first error and tells it below
	o.err = b.WriteByte('\n')
}

// raw prints a name and a NUL.
func (o *output) raw(name string) { o.write(append([]byte(name), 0)) }

// object prints v as one line of JSON.
func (o *output) object(v any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	enc := json.NewEncoder(o.bufferLocked())
	enc.SetEscapeHTML(false)
	o.err = enc.Encode(v)
}

func (o *output) write(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		_, o.err = o.bufferLocked().Write(b)
	}
}

func (o *output) bufferLocked() *bufio.Writer {
	if o.buf == nil {
		const size = 32 << 10
		o.buf = bufio.NewWriterSize(o.w, size)
	}
	return o.buf
}

// flush hands on what was printed; called after each page, so that readers see it at once. It returns the first error.
func (o *output) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil && o.buf != nil {
		o.err = o.buf.Flush()
	}
	return o.err
}

// Write makes output an [io.Writer] for content.
func (o *output) Write(p []byte) (int, error) {
	o.write(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	return len(p), nil
}
