// Package localfs is the local side of transfers: it walks trees, knows the identity of a file, maps keys to local names and
// back, and writes files so that a target is absent, old or whole. It must never create, change or remove anything outside the
// destination it was given, whatever a key says, and never leave a half-written file under its final name.
// Start reading at [Dest] (the safe writer), [Walk], and names.go (one table of names for all platforms).
package localfs
