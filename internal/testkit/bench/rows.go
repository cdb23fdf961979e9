package main

import (
	"strconv"

	"pintail/internal/testkit/bench/sink"
)

// row is one line of the table: what is measured, and how good it has to be (must) and is to become (reach).
type row struct {
	n     int
	name  string // for -row
	title string
	must  string // as people read it
	reach string
	jobs  func(b *bed) ([]job, error)
}

// rows is the table.
var rows = []row{
	{1, "up-http", "upload 2 GiB over http, full checksum", "0.85 CPU s/GiB, 0.6 × mc, 0.2 × rclone", "0.45, 1/3 × mc, 0.1 × rclone", upload2G(false)},
	{2, "up-https", "upload 2 GiB over https, full checksum", "1.1 × mc", "mc, 1/3 × aws, 1/5 × rclone", upload2G(true)},
	{3, "down", "download 2 GiB over http, verified", "rclone, which does not verify", "0.80 CPU s/GiB, 1/2 × CRT", download2G},
	{4, "small-up", "10,000 × 4 KiB up", "170 µs CPU, 0.3 × rclone", "70 µs, 1/8 × rclone, 1/11 × mc", smallUp},
	{5, "small-down", "10,000 × 4 KiB down", "180 µs CPU", "80 µs", smallDown},
	{6, "list", "list 1,000,000 keys", "0.9 CPU s", "0.6, 1/18 × rclone, 1/25 × mc", list1M},
	{7, "list-latency", "list 100,000 keys at 100 ms a request", "2 s", "0.6 s in folders, 1.5 s flat", listLatency},
	{8, "first-row", "first row of 1,000,000 keys", "1 request + 20 ms", "1 request + 5 ms", firstRow},
	{9, "delete", "delete 100,000 keys", "0.4 CPU s", "0.15 CPU s; 1 s at 100 ms", delete100k},
	{10, "sync", "sync of 100,000 files without changes", "0.6 CPU s, 40 MiB", "0.35 CPU s, 25 MiB", sync100k},
	{11, "copy", "10,000 copies on the server", "180 µs CPU, 1 request", "70 µs, 1 request", copy10k},
	{12, "defaults-small", "1,000 small uploads at 100 ms, defaults", "2 s", "1 s", defaultsSmall},
	{13, "defaults-big", "512 MiB at 100 ms and 20 MB/s a connection, defaults", "3 s", "1.9 s", defaultsBig},
	{14, "resets", "1 % resets: wall over clean, lost", "× 1.25, 0 lost", "× 1.05, 0 lost", faults(sink.Options{ResetOneIn: 100}, 1.25, 1.05)},
	{15, "slowdown", "5 % answers 503: wall over clean, lost", "× 3, 0 lost", "× 1.5, 0 lost", faults(sink.Options{SlowDownOneIn: 20}, 3, 1.5)},
	{16, "requests", "requests a small object up, down, copied", "1 / 1 / 1", "1 / 1 / 1, no HEAD before a large download", requestCounts},
	{17, "memory-up", "memory, upload of 100 GiB", "64 MiB", "32 MiB", memoryUp},
	{18, "memory-list", "memory, listing of 1,000,000 keys", "40 MiB", "20 MiB", memoryList},
	{19, "memory-window", "memory, 1,000,000 rows in the window", "150 MiB", "80 MiB", memoryWindow},
	{20, "resume", "bytes sent again after a kill at half", "parts in flight", "parts in flight, no second reading", resumeHalf},
	{21, "changes", "metadata of 10,000 objects of a folder changed, each proved, beside bare copies", "0.9 of their rate at 100 ms", "the same", changes},
}

const (
	kib4   = 4096
	rclone = "rclone"
	mc     = "mc"
)

func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
