package main

import (
	"fmt"
	"strconv"

	"pintail/internal/testkit/bench/sink"
)

// Rows about slow and faulty paths, and about how many requests are made.

func defaultsSmall(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{Latency: slowPath})
	if err != nil {
		return nil, err
	}
	n := b.scale.fewSmall
	dir, err := b.tree(n, kib4, 100)
	if err != nil {
		return nil, err
	}
	return []job{{title: count(n) + " files of 4 KiB, nothing configured", main: wall, units: float64(n), at: e, check: puts(n),
		must: []goal{atMost(2, wall)}, reach: []goal{atMost(1, wall)}, clients: []client{
			e.ours("cp", "-r", dir, "s3://bench/"),
			e.awsDefault("cp", "--only-show-errors", "--recursive", dir, "s3://bench/aws").slow(),
			e.mc("mirror", "--overwrite", dir, "s/bench/mc").slow(),
			e.rclone("copy", "--no-traverse", "--no-check-dest", dir, "s:bench/rc").slow(),
			e.library("transfermanager", "bench", 5, "updir", dir).slow(),
		}}}, nil
}

// faults compares a path with faults with the same path without.
func faults(o sink.Options, must, reach float64) func(b *bed) ([]job, error) {
	return func(b *bed) ([]job, error) {
		e, err := b.end(o)
		if err != nil {
			return nil, err
		}
		calm, err := b.end(sink.Options{})
		if err != nil {
			return nil, err
		}
		n := b.scale.fewSmall
		dir, err := b.tree(n, kib4, 100)
		if err != nil {
			return nil, err
		}
		file, err := b.file(b.scale.midMiB)
		if err != nil {
			return nil, err
		}
		small := func(e end) []client {
			return []client{
				e.ours("cp", "-r", dir, "s3://bench/"),
				e.aws("cp", "--only-show-errors", "--recursive", dir, "s3://bench/aws"),
				e.mc("mirror", "--overwrite", dir, "s/bench/mc"),
				e.rclone("copy", "--no-traverse", "--no-check-dest", dir, "s:bench/rc"),
				e.library("transfermanager", "bench", 5, "updir", dir),
			}
		}
		big := func(e end) []client {
			return []client{
				e.ours("cp", file, "s3://bench/ours"),
				e.aws("cp", "--only-show-errors", file, "s3://bench/aws"),
				e.mc("put", "--parallel", "10", "--part-size", "10MiB", file, "s/bench/mc"),
				e.rclone("copyto", "--no-check-dest", "--s3-chunk-size", "10M", "--s3-upload-concurrency", "10", file, "s:bench/rc"),
				e.library("transfermanager", "bench", 10, "up", file),
			}
		}
		goals := func(limit float64) []goal { return []goal{atMost(limit, slowdown), atMost(0, lost)} }
		return []job{
			{title: count(n) + " files of 4 KiB", main: slowdown, units: float64(n), at: e, calmAt: calm, clients: small(e), calm: small(calm),
				lost: func(_ client, got sink.Counts) int64 { return int64(n) - got.ObjectsSeen }, must: goals(must), reach: goals(reach)},
			{title: fmt.Sprintf("one file of %d MiB", b.scale.midMiB), main: slowdown, units: 1, at: e, calmAt: calm, clients: big(e), calm: big(calm),
				lost: func(_ client, got sink.Counts) int64 { return 1 - got.ObjectsSeen }, must: goals(must), reach: goals(reach)},
		}, nil
	}
}

func requestCounts(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	n := b.scale.fewSmall
	dir, err := b.tree(n, kib4, 100)
	if err != nil {
		return nil, err
	}
	bucket, flat, out := sink.Bucket(n, kib4, 100), sink.Bucket(n, kib4, 0), b.out()
	one := []goal{atMost(oneRequest, perObject)}
	large := sink.Bucket(1, b.scale.midMiB<<20, 0)
	heads := metric{"HEAD requests", func(_ job, _ client, s sample) float64 { return float64(s.Sink.Ops["HeadObject"]) }, 0, true}
	return []job{
		{title: "up", main: perObject, units: float64(n), at: e, check: puts(n), must: one, reach: one, clients: []client{
			e.ours("cp", "-r", dir, "s3://bench/"), e.rclone("copy", dir, "s:bench/rc"), e.mc("mirror", dir, "s/bench/mc")}},
		{title: "down", main: perObject, units: float64(n), at: e, before: b.freshOut, check: b.files(n), must: one, reach: one, clients: []client{
			e.ours("cp", "-r", "s3://"+bucket+"/", out+"/"), e.rclone("copy", "s:"+bucket, out), e.mc("mirror", "s/"+bucket, out)}},
		{title: "copied", main: perObject, units: float64(n), at: e, check: copies(n), must: one, reach: one, clients: []client{
			e.ours("cp", "-r", "s3://"+flat+"/", "s3://dst/"), e.rclone("copy", "s:"+flat, "s:dst"), e.mc("cp", "-r", "s/"+flat+"/", "s/dst/")}},
		{title: "one object of " + strconv.FormatInt(b.scale.midMiB, 10) + " MiB down", main: heads, units: 1, at: e, before: b.freshOut,
			reach: []goal{atMost(0, heads)}, clients: []client{
				e.ours("cp", "s3://"+large+"/"+sink.Key(large, 0), out+"/x"), e.rclone("copyto", "s:"+large+"/"+sink.Key(large, 0), out+"/x"),
				e.mc("cp", "s/"+large+"/"+sink.Key(large, 0), out+"/x")}},
	}, nil
}
