// Package transfer is the engine that moves files: a queue of transfers, each made of items, each item of parts, driven by
// one pool of workers and recorded in a journal that survives a kill at any instant. It must never report as done what is
// not proved, remove what was not proved to be elsewhere, or create anything outside the destination.
//
// Start reading at [Queue], then journal.go (what is recorded, and when), run.go (a transfer's life), upload.go and download.go.
package transfer
