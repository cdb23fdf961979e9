package storage

import "fmt"

// CodeIgnored is the code of the error for a setting that a server accepted and did not apply: it was read back and was not there.
// Its kind is [KindUnsupported].
const CodeIgnored = "Ignored"

// ignored says that op was answered as a success and that reading back shows something else. what is a clause for people, for
// example "the list is still that of before".
func ignored(op string, loc Location, what string) *Error {
	return &Error{Op: op, Location: loc, Kind: KindUnsupported, Code: CodeIgnored, Message: what, Err: fmt.Errorf("accepted and ignored: %s", what)}
}
