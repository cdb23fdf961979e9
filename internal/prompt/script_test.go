package prompt_test

import (
	"context"
	"errors"
	"testing"

	"pintail/internal/prompt"
)

func TestScript_AnswersInOrderThenDismisses(t *testing.T) {
	s := &prompt.Script{Confirms: []bool{true, false}, Codes: []string{"123456"}}
	var p prompt.Prompter = s
	for i, want := range []bool{true, false} {
		if got, err := p.Confirm(t.Context(), prompt.Confirm{Title: "?"}); got != want || err != nil {
			t.Errorf("answer %d: %v, %v", i, got, err)
		}
	}
	if _, err := p.Confirm(t.Context(), prompt.Confirm{}); !errors.Is(err, prompt.ErrDismissed) {
		t.Errorf("beyond the list: %v", err)
	}
	if code, err := p.Code(t.Context(), prompt.Code{Serial: "s"}); code != "123456" || err != nil {
		t.Errorf("code: %q, %v", code, err)
	}
	if len(s.Asked()) != 4 {
		t.Errorf("asked %v", s.Asked())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Login(ctx, prompt.Login{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestNobody_AnswersNothing(t *testing.T) {
	if _, err := (prompt.Nobody{}).Confirm(t.Context(), prompt.Confirm{}); !errors.Is(err, prompt.ErrDismissed) {
		t.Error(err)
	}
}
