// Package storage is a connected S3 session: list, stat, read, write, copy and delete, and one file for each feature of S3.
// It is the only package that speaks to S3. A call makes one try and asks nobody: it returns a typed [Error] and the caller
// retries or asks. It must never follow a redirect by itself, clean a key, or report a success that the answer does not prove.
// Start reading at [Session], then [Location] and [Error].
package storage
