package plist

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// source hands bytes to the XML decoder one by one, counts lines and enforces the caps before the decoder can keep
// what exceeds them: a single token of encoding/xml may otherwise be as large as the file.
// It is an io.ByteReader, so the decoder reads nothing ahead and raw can take over between two tokens.
type source struct {
	limit int
	r     *bufio.Reader
	line  int
	count int // bytes handed to the decoder
	total int // bytes read at all
	last  [2]byte
	err   error // the first error, with io.EOF for the end
}

func newSource(r io.Reader) *source { return &source{r: bufio.NewReader(r), line: 1, limit: MaxBytes} }

// sniff refuses what is no XML before the decoder sees it, with a reason a person understands.
func (s *source) sniff() error {
	head, err := s.r.Peek(512)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) { // a byte order mark is allowed
		if _, err := s.r.Discard(3); err != nil {
			return err
		}
		head = head[3:]
	}
	if bytes.HasPrefix(head, []byte("bplist")) {
		return ErrBinary
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(head) == 0:
		return fmt.Errorf("%w: the file is empty", ErrNotXML)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return fmt.Errorf("%w: the encoding is not UTF-8", ErrNotXML)
	case len(text) > 0 && text[0] != '<':
		return ErrNotXML
	}
	return nil
}

// Read serves the io.Reader interface that the decoder asks for; it uses ReadByte alone.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// ReadByte returns the next byte, or the reason why there is none.
func (s *source) ReadByte() (byte, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.count >= s.limit {
		if _, err := s.r.Peek(1); err == nil {
			return 0, s.stop(fmt.Errorf("%w: more than %d bytes besides icons", ErrTooLarge, s.limit))
		}
	}
	b, err := s.take()
	if err != nil {
		return 0, s.stop(err)
	}
	s.count++
	return b, nil
}

func (s *source) take() (byte, error) {
	b, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if s.total++; s.total > MaxTotal {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxTotal)
	}
	if b == '\n' {
		s.line++
	}
	s.last[0], s.last[1] = s.last[1], b
	return b, nil
}

func (s *source) stop(err error) error {
	s.err = err
	return err
}

// ended reports whether the reading stopped because the input was at its end.
func (s *source) ended() bool { return s.err == nil || s.err == io.EOF }

// raw reads the text after a start tag up to the next '<', which stays unread. It keeps it only when asked; fits is
// false when there was more than MaxIcon. An element that closed itself has no text.
func (s *source) raw(keep bool) (text string, fits bool) {
	if s.err != nil || s.last == [2]byte{'/', '>'} {
		return "", true
	}
	var buf strings.Builder
	n := 0
	for {
		chunk, err := s.r.ReadSlice('<')
		found := err == nil
		if found {
			chunk = chunk[:len(chunk)-1]
			_ = s.r.UnreadByte() // cannot fail right after reading
		}
		if s.total += len(chunk); s.total > MaxTotal {
			_ = s.stop(fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxTotal))
			break
		}
		s.line += bytes.Count(chunk, []byte{'\n'})
		chunk = bytes.ReplaceAll(chunk, []byte{'\r'}, nil) // XML has line feeds only; the decoder does the same
		if n += len(chunk); keep && n <= MaxIcon {
			buf.Write(chunk)
		} else {
			buf.Reset()
		}
		if found || !errors.Is(err, bufio.ErrBufferFull) {
			break // at the end or an error the decoder meets the same
		}
	}
	if n > MaxIcon {
		return "", false
	}
	return buf.String(), true
}
