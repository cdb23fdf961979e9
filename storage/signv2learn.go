package storage

import "net/http"

// Where servers do not agree on what version 2 covers: the parameters of settings that are younger than the rules, and whether the "_" in
// a header's name counts as "-". Either text is made from the same request, so a refusal is tried once more in the other form, and the
// form that the server took is kept for the session.

// underscores stands for the second of them.
const underscores = "_"

// otherV2 tells whether the request signs a disputed item in the form that is not the usual one.
func (s *Session) otherV2(rec *call, item string) bool {
	if form, known := s.forms.Load(item); known {
		return form.(bool)
	}
	rec.disputed = append(rec.disputed, item)
	return rec.otherForm
}

// tryOtherV2 tells whether rec may have been refused for a form.
func (s *Session) tryOtherV2(rec *call, e *Error) bool {
	return len(rec.disputed) > 0 && !rec.otherForm && rec.status == http.StatusForbidden &&
		(e.Kind == KindAuth || e.Kind == KindPermission)
}

// settleV2 keeps the forms of a request that was answered.
func (s *Session) settleV2(rec *call) {
	if rec.status == 0 || rec.status == http.StatusForbidden || rec.status >= 500 {
		return
	}
	for _, item := range rec.disputed {
		s.forms.Store(item, rec.otherForm)
	}
}
