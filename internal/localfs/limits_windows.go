package localfs

// maxPath is what the \\?\ form takes, to which package os turns long paths.
const maxPath = 32000
