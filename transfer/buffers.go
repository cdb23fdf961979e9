package transfer

import "sync"

// buffers are what bytes pass through on their way to the disk.
var buffers = sync.Pool{New: func() any { b := make([]byte, maxChunk); return &b }}
