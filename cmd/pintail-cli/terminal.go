package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
)

var errNoTerminal = errors.New("there is no terminal")

// asker asks on the terminal. It never reads standard input, where data may come from, and asks one question at a time.
type asker struct {
	sys     system
	console *console
	opts    *globals
	base    func() units.Base // of sizes

	mu sync.Mutex // held while a question is asked
}

// prompter is all that this program asks in a terminal.
type prompter interface {
	prompt.Prompter
	prompt.PassphrasePrompter
}

// ask opens the terminal for one question. Reading cannot be interrupted, so it runs in a goroutine that ends with the answer or
// with the terminal; an answer that comes too late is dropped.
func ask[T any](ctx context.Context, p *asker, question func(t terminal, in *bufio.Reader) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.sys.OpenTerminal()
	if err != nil {
		return none, prompt.ErrDismissed
	}
	defer p.console.hold()()
	done := make(chan answer, 1)
	go func() {
		v, err := question(t, bufio.NewReader(t))
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		_ = t.Close() // nothing is buffered
		if errors.Is(a.err, io.EOF) {
			a.err = prompt.ErrDismissed
		}
		return a.value, a.err
	case <-ctx.Done():
		_ = t.Close() // ends the reading where the system allows it; else the program's end does
		return none, ctx.Err()
	}
}

func readLine(in *bufio.Reader) (string, error) {
	s, err := in.ReadString('\n')
	if err != nil && s == "" {
		return "", err
	}
	return strings.TrimSpace(s), nil
}

// Confirm asks yes or no; --yes answers yes.
func (p *asker) Confirm(ctx context.Context, q prompt.Confirm) (bool, error) {
	if p.opts.Yes {
		return true, nil
	}
	return ask(ctx, p, func(t terminal, in *bufio.Reader) (bool, error) {
		if q.Text != "" {
			_, _ = fmt.Fprintln(t, escape(q.Text))
		}
		want := q.Type
		if want == "" {
			_, _ = fmt.Fprintf(t, "%s [y/N] ", escape(q.Title))
		} else {
			_, _ = fmt.Fprintf(t, "%s\n%s ", escape(q.Title), text.T("cli.ask.type", escape(want)))
		}
		s, err := readLine(in)
		if want != "" {
			return s == want, err
		}
		s = strings.ToLower(s)
		return s == "y" || s == "yes", err
	})
}

// Existing asks what to do with a target that is there; --yes overwrites.
func (p *asker) Existing(ctx context.Context, q prompt.Existing) (prompt.ExistingAnswer, error) {
	if p.opts.Yes {
		return prompt.ExistingAnswer{Action: prompt.Overwrite, All: true}, nil
	}
	choices := map[string]prompt.Action{
		"o": prompt.Overwrite, "s": prompt.Skip, "r": prompt.Rename, "c": prompt.Compare, "q": prompt.Cancel,
	}
	return ask(ctx, p, func(t terminal, in *bufio.Reader) (prompt.ExistingAnswer, error) {
		_, _ = fmt.Fprintln(t, text.T("cli.ask.existing", escape(q.Target.Name), p.side(q.Target), p.side(q.Source)))
		for {
			_, _ = fmt.Fprint(t, text.T("cli.ask.existingChoice")+" ")
			s, err := readLine(in)
			if err != nil {
				return prompt.ExistingAnswer{}, err
			}
			lower := strings.ToLower(s)
			if action, ok := choices[lower]; ok {
				return prompt.ExistingAnswer{Action: action, All: s != lower || action == prompt.Cancel}, nil
			}
		}
	})
}

func (p *asker) side(s prompt.Side) string {
	return units.FormatBytes(s.Size, p.base()) + ", " + units.FormatDate(s.Modified.In(time.Local), p.sys.Now())
}

// Code asks for the code of an MFA device.
func (p *asker) Code(ctx context.Context, q prompt.Code) (string, error) {
	return ask(ctx, p, func(t terminal, in *bufio.Reader) (string, error) {
		if q.Reason != "" {
			_, _ = fmt.Fprintln(t, escape(q.Reason))
		}
		_, _ = fmt.Fprint(t, text.T("cli.ask.code", escape(q.Serial))+" ")
		return readLine(in)
	})
}

// Login asks for a key and its secret, which is not echoed.
func (p *asker) Login(ctx context.Context, q prompt.Login) (prompt.LoginAnswer, error) {
	keyLabel, secretLabel := orElse(q.KeyLabel, text.T("cli.ask.keyID")), orElse(q.SecretName, text.T("cli.ask.secret"))
	return ask(ctx, p, func(t terminal, in *bufio.Reader) (prompt.LoginAnswer, error) {
		answer := prompt.LoginAnswer{KeyID: q.KeyID}
		if q.Reason != "" {
			_, _ = fmt.Fprintln(t, escape(q.Reason))
		}
		_, _ = fmt.Fprintln(t, text.T("cli.ask.login", escape(q.Host)))
		if q.KeyID == "" || q.Reason != "" {
			_, _ = fmt.Fprintf(t, "%s%s: ", escape(keyLabel), suggestion(q.KeyID))
			s, err := readLine(in)
			if err != nil {
				return answer, err
			}
			answer.KeyID = orElse(s, q.KeyID)
		}
		if answer.KeyID == "" {
			return answer, prompt.ErrDismissed
		}
		_, _ = fmt.Fprintf(t, "%s: ", escape(secretLabel))
		secret, err := t.ReadPassword()
		_, _ = fmt.Fprintln(t)
		if err == nil && secret == "" {
			err = prompt.ErrDismissed
		}
		if err != nil || !q.CanSave {
			answer.Secret = secret
			return answer, err
		}
		where := text.T("cli.ask.save")
		if q.SaveInFile {
			where = text.T("cli.secrets.save")
		}
		_, _ = fmt.Fprint(t, where+" [y/N] ")
		s, err := readLine(in)
		answer.Secret, answer.Save = secret, strings.HasPrefix(strings.ToLower(s), "y")
		return answer, err
	})
}

// Passphrase asks for the passphrase of the encrypted file of secrets, which is not echoed.
func (p *asker) Passphrase(ctx context.Context, q prompt.Passphrase) (string, error) {
	return ask(ctx, p, func(t terminal, _ *bufio.Reader) (string, error) {
		hidden := func(label string) (string, error) {
			_, _ = fmt.Fprint(t, label+" ")
			s, err := t.ReadPassword()
			_, _ = fmt.Fprintln(t)
			if err == nil && s == "" {
				err = prompt.ErrDismissed
			}
			return s, err
		}
		if !q.New {
			words := text.T("cli.secrets.file", escape(q.File))
			if q.Wrong {
				words = text.T("secrets.wrong")
			}
			_, _ = fmt.Fprintln(t, words)
			if q.Change {
				return hidden(text.T("cli.secrets.change"))
			}
			return hidden(text.T("cli.secrets.phrase"))
		}
		if !q.Change {
			_, _ = fmt.Fprintln(t, text.T("cli.secrets.new", escape(q.File)))
		}
		for {
			first, err := hidden(text.T("cli.secrets.newPhrase", prompt.MinPassphrase))
			if err != nil {
				return "", err
			}
			if utf8.RuneCountInString(first) < prompt.MinPassphrase {
				_, _ = fmt.Fprintln(t, text.T("cli.secrets.short", prompt.MinPassphrase))
				continue
			}
			if again, err := hidden(text.T("cli.secrets.again")); err != nil || again == first {
				return first, err
			}
			_, _ = fmt.Fprintln(t, text.T("secrets.differ"))
		}
	})
}

func suggestion(s string) string {
	if s == "" {
		return ""
	}
	return " [" + escape(s) + "]"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
