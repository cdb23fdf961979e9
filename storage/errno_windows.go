package storage

import "syscall"

// Windows' sockets have numbers of their own, which the portable names of package syscall do not match.
var (
	refusedErrnos     = []syscall.Errno{10061}
	resetErrnos       = []syscall.Errno{10053, 10054}
	unreachableErrnos = []syscall.Errno{10050, 10051, 10064, 10065}
)
