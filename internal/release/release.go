// Package release says which release of Pintail this is: one number for the window and the command line.
// It must never import anything. It is raised by hand with each release.
package release

// Version is the release, as both programs print it.
const Version = "0.1.0"
