package localfs

import "os"

// preallocate makes the file as long as it will be; APFS fills holes as they are written.
func preallocate(f *os.File, size int64) error { return f.Truncate(size) }

// umask is the usual mask: the real one can be read only by changing it for all threads.
func umask() os.FileMode { return 0o022 }
