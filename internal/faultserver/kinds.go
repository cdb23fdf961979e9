package faultserver

import (
	"slices"
	"strconv"
	"strings"
)

// End is what a transfer has to come to. Beside these a transfer can only skip, which no fault is a reason for.
type End string

// The ends.
const (
	Done    End = "done"    // with the right bytes, proved
	Failed  End = "failed"  // the target is as it was; once the fault is over the transfer can be resumed to its right end
	Unsure  End = "unknown" // it may have happened and that cannot be found out while the fault lasts; can be resumed as well
	Paused  End = "paused"  // a person has to renew the credentials; nothing is lost
	NotUsed End = ""        // the case is not run: it would only wait
)

// Fault is one kind of fault with what a transfer has to come to when it meets it.
type Fault struct {
	Name    string
	Why     string
	Rule    Rule       // without operation, key and counters
	At      []Position // nil = the kind has one place only
	Ops     []string   // the S3 operations whose requests can meet it; nil = all
	Ranged  bool       // only for a GET with a Range header
	InDoubt bool       // a request that meets it may have been carried out
	Once    End        // when one request meets it
	Always  End        // when every such request meets it
	Except  []Except   // where an operation comes to something else
}

// Except is another end for some requests, for a reason.
type Except struct {
	Jobs         []string   // nil = all
	Ops          []string   // nil = all
	Once, Always End        // "" = as the fault says
	At           []Position // nil = all
	Why          string
}

// Ends is what a job comes to whose requests of one operation meet the fault at one place.
func (f Fault) Ends(job, op string, at Position) (once, always End) {
	once, always = f.Once, f.Always
	switch {
	case always != Failed:
	case op == "GetObject" && f.Connection() && goesOn(job, at):
		always = Done // each try goes on where the one before ended
	case f.InDoubt && f.Commits(op, at) && slices.Contains(seen, op):
		always = Done // what is there is looked at, and shows the right checksum
	case f.InDoubt && slices.Contains(seen, op):
		always = Unsure
	}
	for _, e := range f.Except {
		if (e.Jobs != nil && !slices.Contains(e.Jobs, job)) || (e.Ops != nil && !slices.Contains(e.Ops, op)) || (e.At != nil && !slices.Contains(e.At, at)) {
			continue
		}
		if e.Once != "" {
			once = e.Once
		}
		if e.Always != "" {
			always = e.Always
		}
	}
	switch {
	case op == "HeadObject" && slices.Contains(provedByHead, job):
		once, always = f.provedBy(once, always)
	case slices.Contains(inRanges, job):
		once, always = f.inRanges(job, op, once, always)
	}
	if op == "GetBucketOwnershipControls" && f.saysNothing() {
		once, always = Done, Done // whether lists are switched off is not known then: each object's own is asked for
	}
	if op == "GetObjectLockConfiguration" {
		switch f.Name {
		case "AccessDenied", "NoSuchBucket", "NotImplemented":
			once, always = Done, Done // each object's own answer shows whether it is locked, or there are no locks
		case "PreconditionFailed", "304 unasked":
			once = Done // begun anew
		}
	}
	if once == never {
		once = NotUsed
	}
	return once, always
}

// saysNothing tells whether the answer will not change by asking again: a refusal, or something that is not S3's.
func (f Fault) saysNothing() bool {
	status := f.Rule.Status
	switch f.Rule.Kind {
	case Raw:
		return f.Name != "headers cut"
	case Prelude, Changed:
		return true
	}
	return status > 0 && status < 500 && !slices.Contains([]int{407, 408, 429}, status) && f.Rule.Code != "RequestTimeout" || status == 501 || status == 507
}

// inRanges are the downloads of several requests, and syncs the jobs that have a plan: what is not as it says is left alone.
var (
	inRanges = []string{"download in ranges", "download resumed"}
	syncs    = []string{"sync up", "sync down"}
)

// inRanges is what a download comes to that meets the fault after its first range.
func (f Fault) inRanges(job, op string, once, always End) (End, End) {
	said := f.Rule.Kind == Status || f.Rule.Header["X-Amz-Request-Id"] != ""
	gone := slices.Contains([]int{404, 412, 304}, f.Rule.Status)
	atEnd := op == "HeadObject" && job == "download in ranges"
	switch {
	case gone && once == Failed && (op == "GetObject" || atEnd):
		once = Done // the object changed: begun anew
	case atEnd && said && (f.Rule.Status == 403 || f.Rule.Status == 501):
		once, always = Done, Done // what the ranges told has to do
	}
	return once, always
}

// provedBy is what a job comes to whose parts were put together, when the fault is in the look at the object.
func (f Fault) provedBy(once, always End) (End, End) {
	if once == Failed {
		once = Done // it is looked at once more
	}
	switch {
	case always != Failed:
	case f.Rule.Status == 403 && (f.Rule.Kind == Status || f.Rule.Header["X-Amz-Request-Id"] != ""):
		always = Done // it may not be looked at: what was said of it must do
	default:
		always = Unsure // nobody can read it back
	}
	return once, always
}

// fetchedWhole are the jobs whose objects are asked for as a whole.
var fetchedWhole = []string{"download of a tree", "sync down"}

// goesOn tells whether tries that all break at one place come to an end nevertheless. The objects of a tree are fetched whole, so
// that the last byte alone is left in the end, and half of it is nothing.
func goesOn(job string, at Position) bool {
	switch at {
	case Byte0:
		return job == "download" // what is asked for next is another range, and the fault is in the first
	case Middle, Last:
		return !slices.Contains(fetchedWhole, job)
	}
	return at == Byte1
}

// provedByHead are the jobs whose object is read back at the end.
var provedByHead = []string{"upload in parts", "upload resumed"}

// Commits tells whether the server has done what it was asked for.
func (f Fault) Commits(op string, at Position) bool {
	switch f.Rule.Kind {
	case Changed, NoETag, WrongETag, Prelude:
		return true
	case Reset, Close, Stall, CutLength, CutNoLength, CutChunked:
		return at == AfterCommit || at != BeforeHeaders && !slices.Contains(sending, op)
	}
	return at == AfterCommit
}

// Places is where a request of an operation can meet the fault; none if it cannot.
func (f Fault) Places(op string, ranged bool) []Position {
	if (f.Ops != nil && !slices.Contains(f.Ops, op)) || (f.Ranged && !ranged) {
		return nil
	}
	if f.At == nil {
		return []Position{""}
	}
	var places []Position
	for _, at := range f.At {
		switch {
		case at == AfterCommit && !slices.Contains(changing, op):
		case at != BeforeHeaders && at != AfterCommit && !slices.Contains(withBody, op) && !slices.Contains(sending, op):
		default:
			places = append(places, at)
		}
	}
	return places
}

// Connection tells whether the fault breaks a connection that was used.
func (f Fault) Connection() bool { return f.At != nil && f.Rule.Kind != Flip && f.Rule.Kind != Status }

// The operations by what travels with them.
var (
	sending   = []string{"PutObject", "UploadPart"}
	documents = []string{"ListObjectsV2", "ListObjectVersions", "ListParts", "CreateMultipartUpload", "CompleteMultipartUpload", "CopyObject",
		"UploadPartCopy", "DeleteObjects"}
	withBody = append([]string{"GetObject"}, documents...)
	changing = []string{"PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload", "CopyObject", "UploadPartCopy",
		"DeleteObject", "DeleteObjects", "AbortMultipartUpload"}
	seen      = []string{"PutObject", "CompleteMultipartUpload", "CopyObject"} // their effect is visible, and repeating them is not harmless
	tagged    = []string{"GetObject", "HeadObject", "PutObject", "UploadPart", "CompleteMultipartUpload", "CopyObject", "UploadPartCopy"}
	listings  = []string{"ListObjectsV2"}
	connected = []Position{BeforeHeaders, Byte0, Byte1, Middle, Last, AfterCommit}
	answering = []Position{Byte0, Byte1, Middle, Last}
)

// Kinds is the table of all kinds of faults, in a fixed order.
func Kinds() []Fault {
	all := slices.Concat(inDoubt(connectionKinds()), statusKinds(), inDoubt(foreignKinds()), inDoubt(documentKinds()), inDoubt(objectKinds()), worldKinds())
	for i := range all {
		if all[i].Once == "" {
			all[i].Once = Done
		}
		if all[i].Always == "" {
			all[i].Always = Failed
		}
		if all[i].Always == never {
			all[i].Always = NotUsed
		}
		if all[i].Once == never {
			all[i].Once = NotUsed
		}
	}
	return all
}

// inDoubt marks all kinds but those that say clearly that nothing was done.
func inDoubt(kinds []Fault) []Fault {
	for i := range kinds {
		k := &kinds[i]
		clear := k.Rule.Kind == Refused || k.Rule.Kind == Flip || k.Rule.Status == 503 || strings.Contains(k.Rule.Body, "SlowDown") || k.Rule.Kind == NoName || k.Rule.Kind == Canned && k.Rule.Status >= 300 && k.Rule.Status < 500 || k.Once == Failed
		k.InDoubt = !clear
	}
	return kinds
}

const never End = "-" // Always of a kind that is met once only

func connectionKinds() []Fault {
	return []Fault{
		{Name: "reset", Why: "the connection is reset", Rule: Rule{Kind: Reset}, At: connected},
		{Name: "close", Why: "the connection is closed", Rule: Rule{Kind: Close}, At: connected},
		{Name: "stall", Why: "not a byte more comes", Rule: Rule{Kind: Stall}, At: connected, Always: never},
		{Name: "cut with a length", Why: "the body ends before its Content-Length", Rule: Rule{Kind: CutLength}, At: answering, Ops: withBody},
		{Name: "cut without a length", Why: "the body ends early and nothing says how long it was", Rule: Rule{Kind: CutNoLength}, At: answering, Ops: withBody},
		{Name: "cut between chunks", Why: "a chunked body lacks its last chunk", Rule: Rule{Kind: CutChunked}, At: answering, Ops: withBody},
		{Name: "refused", Why: "nobody listens", Rule: Rule{Kind: Refused}},
		{Name: "name not found", Why: "the resolver does not know the host", Rule: Rule{Kind: NoName}},
		{Name: "garbage for a status line", Why: "the answer is no HTTP", Rule: Rule{Kind: Raw, Body: "HTTP/1.1 OK fine\r\n\r\n"}},
		{Name: "another protocol", Why: "a server of another kind speaks", Rule: Rule{Kind: Raw, Body: "SSH-2.0-OpenSSH_9.6\r\n"}},
		{Name: "bytes of TLS", Why: "a TLS alert on a plain connection", Rule: Rule{Kind: Raw, Body: "\x15\x03\x01\x00\x02\x02\x28"}},
		{Name: "frames of HTTP/2", Why: "a server that speaks HTTP/2 only", Rule: Rule{Kind: Raw, Body: "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"}},
		{Name: "zero bytes", Why: "a broken device answers zeros", Rule: Rule{Kind: Raw, Body: strings.Repeat("\x00", 64)}},
		{Name: "headers cut", Why: "the connection ends within the headers", Rule: Rule{Kind: Raw, Body: "HTTP/1.1 200 OK\r\nETag: \"5d41"}},
		{Name: "early hints", Why: "a 103 before the answer is allowed", Rule: Rule{Kind: Prelude, Body: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"}, Always: Done},
		{Name: "continue unasked", Why: "a 100 before the answer is allowed", Rule: Rule{Kind: Prelude, Body: "HTTP/1.1 100 Continue\r\n\r\n"}, Always: Done},
		{Name: "endless interim answers", Why: "the headers of 1xx answers have a bound", Rule: Rule{Kind: Prelude, Body: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: <"+strings.Repeat("x", 1000)+">\r\n\r\n", 600)}},
		{Name: "one large header", Why: "headers have a bound", Rule: Rule{Kind: Changed, Change: setHeader("X-Bomb", strings.Repeat("b", 1<<20))}},
		{Name: "many headers", Why: "headers have a bound", Rule: Rule{Kind: Changed, Change: manyHeaders}},
	}
}

// said makes a fault of an error document.
func said(status int, code string, f Fault) Fault {
	if f.Name == "" {
		f.Name = code
	}
	if f.Why == "" {
		f.Why = "the server says so"
	}
	f.Rule.Kind, f.Rule.Status, f.Rule.Code = Status, status, code
	return f
}

// bare is a status of S3's without a document.
func bare(status int, inDoubt bool) Fault {
	f := page(strconv.Itoa(status)+" without a document", "nothing but the status tells", status, "", "")
	f.Rule.Header["X-Amz-Request-Id"], f.InDoubt = "FAULT", inDoubt
	return f
}

// changed is where a condition that does not hold means that the source of a copy changed.
var changed = []Except{{Ops: []string{"HeadObject", "CopyObject", "UploadPartCopy", "GetObjectAcl", "GetObjectTagging", "GetObject", "PutObject", "CreateMultipartUpload", "CompleteMultipartUpload"},
	Jobs: append([]string{"move"}, copies...), Once: Done, Why: "the object changed: it is looked at anew"}}

// copies are the jobs that copy, and keep their source.
var copies = []string{"copy", "copy in parts", "copy through here"}

func statusKinds() []Fault {
	final := Fault{Once: Failed}
	after := func(f Fault, name, header, value string) Fault {
		f.Name, f.Rule.Header = name, map[string]string{header: value}
		return f
	}
	return []Fault{
		said(500, "InternalError", Fault{InDoubt: true, At: []Position{"", AfterCommit}}),
		said(503, "ServiceUnavailable", Fault{}),
		after(said(503, "ServiceUnavailable", Fault{}), "503 with Retry-After in seconds", "Retry-After", "3"),
		after(said(503, "SlowDown", Fault{}), "SlowDown with Retry-After as a date", "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
		said(503, "SlowDown", Fault{}),
		said(503, "ReducePriority", Fault{}),
		said(429, "TooManyRequests", Fault{}),
		after(said(429, "TooManyRequests", Fault{}), "429 with a foolish Retry-After", "Retry-After", "-99999999999999999999"),
		said(504, "GatewayTimeout", Fault{InDoubt: true}),
		bare(502, true), bare(408, false), bare(429, false),
		said(400, "RequestTimeout", Fault{Except: []Except{{Ops: []string{"HeadObject"}, Once: Failed, Why: "a HEAD has no document that says why"}}}),
		said(400, "IncompleteBody", Fault{Ops: sending}),
		said(400, "BadDigest", Fault{Ops: sending}),
		said(400, "XAmzContentSHA256Mismatch", Fault{Ops: sending}),
		said(409, "ConditionalRequestConflict", Fault{Ops: changing}),
		said(409, "OperationAborted", Fault{Ops: changing}),
		after(said(403, "RequestTimeTooSkewed", Fault{}), "RequestTimeTooSkewed", "Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
		said(400, "ExpiredToken", Fault{Always: Paused, Except: []Except{{Ops: []string{"HeadObject"}, Once: Failed, Always: Failed, Why: "a HEAD has no document that says why"}}}),
		said(403, "AccessDenied", Fault{Once: Failed, Except: []Except{{Ops: []string{"GetObjectAcl", "GetObjectTagging"}, Jobs: copies, Once: Done, Always: Done, Why: "the copy's note says so"}}}),
		said(403, "SignatureDoesNotMatch", final),
		said(403, "InvalidAccessKeyId", final),
		said(404, "NoSuchBucket", final),
		said(501, "NotImplemented", Fault{Once: Failed, Except: []Except{{Ops: []string{"DeleteObjects"}, Once: Done, Always: Done, Why: "keys are then deleted one by one"}, {Ops: []string{"GetObjectAcl", "GetObjectTagging"}, Once: Done, Always: Done, Why: "then there are none"},
			{Ops: []string{"PutObject", "CreateMultipartUpload"}, Once: Done, Why: "it may be about a checksum: sent once more without"},
			{Jobs: []string{"copy in parts"}, Ops: []string{"CreateMultipartUpload"}, Once: Failed, Why: "it asks for no checksum"}}}),
		said(507, "InsufficientStorage", final),
		said(412, "PreconditionFailed", Fault{Once: Failed, Except: changed}),
		said(400, "EntityTooLarge", Fault{Once: Failed, Ops: sending}),
		said(403, "InvalidObjectState", Fault{Once: Failed, Ops: []string{"GetObject", "CopyObject", "UploadPartCopy"}}),
		said(404, "NoSuchUpload", Fault{Name: "NoSuchUpload after it was done", Ops: []string{"CompleteMultipartUpload"}, At: []Position{AfterCommit}, Always: Done}),
		said(400, "InvalidPart", Fault{Once: Failed, Ops: []string{"CompleteMultipartUpload"}, Except: []Except{{Jobs: []string{"upload resumed"}, Once: never,
			Why: "parts of before are then sent again, if there were any"}}}),
		said(404, "NoSuchKey", Fault{Once: Failed, Ops: []string{"GetObject", "CopyObject", "UploadPartCopy"}}),
		said(416, "InvalidRange", Fault{Except: []Except{{Jobs: []string{"download"}, Once: Done, Always: Done, Why: "then it is asked for whole"}}, Once: Failed, Ranged: true, Ops: []string{"GetObject"}}),
	}
}
