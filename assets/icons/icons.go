// Package icons holds the pictures of the interface as SVG files, drawn for this program.
// It must never hold anything but files: colours are put in by ui/look, which replaces [KeyColor].
// Names that begin with "kind-", and the program's own "pintail", are coloured and used as they are; all others are drawn
// in the key colour.
package icons

import "embed"

// KeyColor is the one colour of line icons; the theme's own colour takes its place when an icon is shown.
const KeyColor = "#3B4252"

// Files has one name.svg an icon.
//
//go:embed *.svg
var Files embed.FS
