// Package cputime tells the processor time that this program has used: user and system time of all its threads, never that of
// programs it started. The engine asks it whether the processors are what limits, the benchmark what a frame costs.
// Start reading at [Used].
package cputime
