package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pintail/storage"
)

func denied(n int) Failure {
	return Failure{What: fmt.Sprintf("file-%d", n), Err: &storage.Error{Op: "PutObject", Code: "AccessDenied", HTTPStatus: 403, RequestID: "REQ7",
		Kind: storage.KindPermission, Permission: "s3:PutObject", Host: "h"}}
}

func TestText_NamesPermissionAndRequest(t *testing.T) {
	t.Parallel()
	got := Text("Access denied", []Failure{denied(1)})
	for _, want := range []string{"file-1", "s3:PutObject", "REQ7", "AccessDenied"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

func TestText_ManyFailuresStayBounded(t *testing.T) {
	t.Parallel()
	var list []Failure
	for i := range 5000 {
		list = append(list, denied(i))
	}
	got := Text("t", list)
	if strings.Count(got, "REQ7") != maxListed || !strings.Contains(got, "and 4000 more") {
		t.Errorf("%d listed", strings.Count(got, "REQ7"))
	}
}

func TestHeading_ReasonForOneCountForMany(t *testing.T) {
	t.Parallel()
	if got := heading([]Failure{{Err: errors.New("odd")}}, 0); got == "" || strings.Contains(got, "1 item") {
		t.Errorf("one: %q", got)
	}
	if got := heading([]Failure{denied(1), denied(2)}, 40); got != "2 of 40 items failed" {
		t.Errorf("many: %q", got)
	}
}
