package main

import (
	"fmt"
	"time"

	"pintail/internal/testkit/bench/sink"
)

// Rows about listings.

// pages checks at the sink that the whole listing was asked for.
func pages(n int) func(client, sink.Counts) error {
	return func(c client, got sink.Counts) error {
		if want := int64(c.of(float64(n)) / 1000); got.Ops["ListObjects"] < want {
			return fmt.Errorf("%d pages of %d were asked for", got.Ops["ListObjects"], want)
		}
		return nil
	}
}

func (b *bed) listing(e end) job {
	n, few := b.scale.keys, b.scale.fewKeys
	bucket, some := sink.Bucket(n, kib4, 0), sink.Bucket(few, kib4, 0)
	share := float64(few) / float64(n)
	return job{title: count(n) + " keys without folders; aws and s3cmd list " + count(few), units: float64(n), at: e, check: pages(n), clients: []client{
		e.ours("ls", "-r", "s3://"+bucket+"/"),
		e.mc("ls", "-r", "s/"+bucket),
		e.rclone("lsf", "-R", "--files-only", "--fast-list", "s:"+bucket),
		e.aws("ls", "--recursive", "s3://"+some).part(share).slow(),
		e.s3cmd("ls", "-r", "s3://"+some).part(share).slow(),
		e.library("minio-go", bucket, 1, "list"),
		e.library("manager", bucket, 1, "list"),
	}}
}

func list1M(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	j := b.listing(e)
	j.main = cpuSeconds
	j.must = []goal{atMost(0.9, cpuSeconds)}
	j.reach = []goal{atMost(0.6, cpuSeconds), times(1/18.0, rclone, cpuSeconds), times(1/25.0, mc, cpuSeconds)}
	return []job{j}, nil
}

func memoryList(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	j := b.listing(e)
	j.clients = []client{j.clients[0], j.clients[1], j.clients[2], j.clients[5]}
	j.title, j.main = count(b.scale.keys)+" keys without folders", memory
	j.must, j.reach = []goal{atMost(40, memory)}, []goal{atMost(20, memory)}
	return []job{j}, nil
}

const slowPath = 100 * time.Millisecond

func listLatency(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{Latency: slowPath})
	if err != nil {
		return nil, err
	}
	n := b.scale.fewKeys
	in, flat := sink.Bucket(n, kib4, 1000), sink.Bucket(n, kib4, 0)
	of := func(bucket string) []client {
		return []client{
			e.ours("ls", "-r", "s3://"+bucket+"/"),
			e.mc("ls", "-r", "s/"+bucket),
			e.rclone("lsf", "-R", "--files-only", "--fast-list", "s:"+bucket),
			e.library("minio-go", bucket, 1, "list").slow(),
		}
	}
	return []job{
		{title: count(n) + " keys in folders of 1,000", main: wall, units: float64(n), at: e, check: pages(n), clients: of(in),
			must: []goal{atMost(2, wall)}, reach: []goal{atMost(0.6, wall)}},
		{title: count(n) + " keys without folders", main: wall, units: float64(n), at: e, check: pages(n), clients: of(flat),
			must: []goal{atMost(2, wall)}, reach: []goal{atMost(1.5, wall)}},
	}, nil
}
