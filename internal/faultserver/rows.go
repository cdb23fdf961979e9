package faultserver

import "net/http"

// Conclusion is what a correct client has to say after one try that met the fault.
type Conclusion string

// The conclusions. There is no fourth: success is never right for a fault, with one exception: an upload whose ETag is
// missing or foreign is done when something stronger proves it, such as an echoed checksum.
// A client that cannot tell Retry from Fail may take one for the other; neither may be taken for Unknown or for success.
const (
	// Retry: an error; nothing visible has changed, the same request may be sent again.
	Retry Conclusion = "retry"
	// Fail: an error that no retry will mend.
	Fail Conclusion = "fail"
	// Unknown: the server may have done it; look (HEAD, list) before telling anybody, or repeat only what may be repeated.
	Unknown Conclusion = "unknown"
)

// Row is one case of the table.
type Row struct {
	Name       string // op/kind/position, for t.Run
	Rule       Rule   // names no bucket and no key: the test adds them when it needs to
	Conclusion Conclusion
	Committed  bool // the server has done what was asked, though the client cannot know
	Ranged     bool // the case needs a GET with a Range header
	Why        string
}

// Right is the same case with the right answer: the request must be met (Fired is 1) and must succeed.
func (r Row) Right() Row {
	r.Name += "/right"
	r.Rule.Kind, r.Rule.At = Pass, ""
	r.Conclusion, r.Committed = "", true
	return r
}

// Rows is the table of all cases, in a fixed order. With BeforeHeaders, remember that net/http by itself repeats a request
// without a body when a reused connection fails before the answer: use a new connection, or Rule.Times -1.
func Rows() []Row {
	var rows []Row
	for _, group := range [][]Row{listRows(), getRows(), rangeRows(), headRows(), putRows(), partRows(), completeRows(), copyRows(), deleteRows()} {
		rows = append(rows, group...)
	}
	return rows
}

// RowsFor is the part of the table for one S3 operation.
func RowsFor(op string) []Row {
	var rows []Row
	for _, r := range Rows() {
		if r.Rule.Op == op {
			rows = append(rows, r)
		}
	}
	return rows
}

// group makes rows of one operation with short names.
type group struct {
	name string
	op   string
	rows []Row
}

func (g *group) add(kind Kind, at Position, c Conclusion, why string) *Row {
	name := g.name + "/" + string(kind)
	if at != "" {
		name += "/" + string(at)
	}
	g.rows = append(g.rows, Row{Name: name, Rule: Rule{Op: g.op, Kind: kind, At: at}, Conclusion: c, Why: why, Committed: at == AfterCommit})
	return &g.rows[len(g.rows)-1]
}

// status adds the three error answers that every operation can meet.
func (g *group) status() {
	for _, e := range []struct {
		status int
		code   string
		c      Conclusion
	}{{http.StatusInternalServerError, "InternalError", Retry}, {http.StatusServiceUnavailable, "SlowDown", Retry}, {http.StatusForbidden, "AccessDenied", Fail}} {
		r := g.add(Status, "", e.c, "the server says "+e.code)
		r.Name += "/" + e.code
		r.Rule.Status, r.Rule.Code = e.status, e.code
	}
}

// statusAfter is told from the 500 above by nobody but the server, so the conclusion is the same.
func (g *group) statusAfter() {
	r := g.add(Status, AfterCommit, Retry, "done, and answered with a 500 nevertheless")
	r.Rule.Status, r.Rule.Code = http.StatusInternalServerError, "InternalError"
}

// notS3 adds the answers of something that is not an S3 server at all.
func (g *group) notS3(c Conclusion) {
	g.add(HTML, "", c, "a web page with status 200 is never a success")
	g.add(Empty, "", c, "an empty 200 proves nothing")
	g.add(WrongRoot, "", c, "a document of another kind proves nothing")
}

// lost adds the losses of the whole connection for a request that only reads, or may be repeated without harm.
func (g *group) lost() {
	g.add(Reset, BeforeHeaders, Retry, "no answer at all")
	g.add(Stall, BeforeHeaders, Retry, "no answer within the time allowed")
}

// partial adds an answer that breaks off.
func (g *group) partial() {
	for _, at := range []Position{Byte0, Byte1, Middle, Last} {
		g.add(Reset, at, Retry, "the answer is reset")
		g.add(CutLength, at, Retry, "the answer ends before its Content-Length")
		g.add(CutNoLength, at, Retry, "the answer ends early and nothing says how long it was")
	}
	g.add(Stall, Middle, Retry, "the answer stops in the middle")
}

func listRows() []Row {
	g := &group{name: "list", op: "ListObjectsV2"}
	g.lost()
	g.partial()
	g.status()
	g.notS3(Fail)
	page2 := func(kind Kind, at Position, c Conclusion, why string) {
		r := g.add(kind, at, c, why)
		r.Name += "/page-2"
		r.Rule.Number = 2
	}
	page2(Reset, BeforeHeaders, Retry, "a listing that lacks its second page is not a listing")
	page2(HTML, "", Fail, "a web page is not an empty last page")
	page2(SameToken, "", Fail, "a listing that names the same page again never ends")
	g.rows[len(g.rows)-1].Rule.Times = -1
	page2(NoToken, "", Fail, "truncated, with no way to go on, is not the end")
	g.add(NoToken, "", Fail, "truncated, with no way to go on, is not the end")
	return g.rows
}

func getRows() []Row {
	g := &group{name: "get", op: "GetObject"}
	g.lost()
	g.partial()
	g.status()
	g.notS3(Fail)
	g.add(NoETag, "", Fail, "without an ETag later ranges cannot be tied to this object")
	for _, at := range []Position{Byte0, Middle, Last} {
		g.add(Flip, at, Retry, "the checksum of the body is wrong")
	}
	return g.rows
}

func rangeRows() []Row {
	g := &group{name: "range", op: "GetObject"}
	g.add(IgnoreRange, "", Fail, "200 for a range is the whole object, not the part")
	g.add(NoRange, "", Fail, "206 without Content-Range says nothing of which bytes these are")
	g.add(WrongRange, "", Fail, "206 for other bytes")
	g.add(WrongETag, "", Fail, "the object has changed since the first range")
	g.add(CutLength, Middle, Retry, "go on at the exact offset")
	g.add(CutNoLength, Middle, Retry, "shorter than Content-Range says")
	g.add(Reset, Middle, Retry, "go on at the exact offset")
	for i := range g.rows {
		g.rows[i].Ranged = true
	}
	return g.rows
}

func headRows() []Row {
	g := &group{name: "head", op: "HeadObject"}
	g.lost()
	g.status()
	g.add(HTML, "", Fail, "headers of a web page are not an object's")
	g.add(Empty, "", Fail, "no ETag and no Last-Modified is not an object")
	g.add(NoETag, "", Fail, "no ETag is not an object")
	return g.rows
}

// sent adds what can happen to a body on its way in.
func (g *group) sent() {
	g.lost()
	for _, at := range []Position{Byte0, Byte1, Middle, Last} {
		g.add(Reset, at, Unknown, "cut while sending: the client cannot tell from a lost answer")
	}
	g.add(Stall, Middle, Unknown, "no answer within the time allowed")
	g.rows[0].Conclusion, g.rows[1].Conclusion = Unknown, Unknown
	g.add(Reset, AfterCommit, Unknown, "stored, and the answer is lost")
	g.add(Stall, AfterCommit, Unknown, "stored, and the answer does not come")
	g.status()
	g.statusAfter()
	g.notS3(Unknown)
	g.add(NoETag, "", Unknown, "no ETag proves nothing").Committed = true
	g.add(Flip, Middle, Retry, "spoilt on the way in: refused by the server where it checks")
}

func putRows() []Row {
	g := &group{name: "put", op: "PutObject"}
	g.sent()
	g.add(WrongETag, "", Unknown, "the ETag is of other bytes (unless something stronger proves them)").Committed = true
	return g.rows
}

func partRows() []Row {
	g := &group{name: "part", op: "UploadPart"}
	g.sent()
	g.add(WrongETag, "", Unknown, "the ETag is of other bytes (unless something stronger proves them)").Committed = true
	for i := range g.rows {
		r := &g.rows[i]
		r.Rule.Number = 2
		if r.Conclusion == Unknown {
			// a part is invisible and is replaced by sending it again
			r.Conclusion = Retry
		}
	}
	return g.rows
}

// answered adds what can happen to the answer of a change that has no body to speak of.
func (g *group) answered() {
	g.add(Reset, BeforeHeaders, Unknown, "no answer: done or not, nobody knows")
	g.add(Stall, BeforeHeaders, Unknown, "no answer within the time allowed")
	g.add(Reset, AfterCommit, Unknown, "done, and the answer is lost")
	g.add(Stall, AfterCommit, Unknown, "done, and the answer does not come")
	g.status()
	g.statusAfter()
	g.notS3(Unknown)
}

func completeRows() []Row {
	g := &group{name: "complete", op: "CompleteMultipartUpload"}
	g.answered()
	g.add(ErrorIn200, "", Retry, "an error document in a 200 is an error")
	g.add(Empty, AfterCommit, Unknown, "an empty 200 proves nothing")
	g.add(NoETag, "", Unknown, "no ETag: look at the object").Committed = true
	g.add(CutLength, Middle, Unknown, "half an answer").Committed = true
	g.add(CutNoLength, Byte0, Unknown, "an answer with no body").Committed = true
	return g.rows
}

func copyRows() []Row {
	g := &group{name: "copy", op: "CopyObject"}
	g.answered()
	g.add(ErrorIn200, "", Retry, "an error document in a 200 is an error")
	g.add(NoETag, "", Unknown, "no ETag: look at the object").Committed = true
	return g.rows
}

func deleteRows() []Row {
	g := &group{name: "delete", op: "DeleteObject"}
	g.answered()
	bulk := &group{name: "bulk-delete", op: "DeleteObjects"}
	bulk.answered()
	bulk.add(ErrorIn200, "", Retry, "an error document in a 200 is an error")
	return append(g.rows, bulk.rows...)
}
