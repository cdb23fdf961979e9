// Package policy reads, checks and judges bucket policies: the JSON documents that say who may do what in a bucket.
// It must never ask a server, and never call a document right that it has not understood.
// Start reading at [Check] and [Parse]; lockout.go and decide.go judge what a policy does, templates.go writes new ones.
package policy
