package testkit

import (
	"testing"
	"time"
)

// Until stands for the windows' thread: it runs what was posted to that, until ok. When this takes half a minute the test ends with what
// otherwise says.
func Until(t testing.TB, posted <-chan func(), ok func() bool, otherwise func() string) {
	t.Helper()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case f := <-posted:
			f()
		case <-end:
			t.Fatal(otherwise())
		}
	}
}
