package localfs

// maxPath is PATH_MAX without the terminating zero.
const maxPath = 4095
