package main

import (
	"fmt"
	"os"
	"path/filepath"

	"pintail/internal/testkit/bench/sink"
)

// Rows about one large file.

func (b *bed) gib(mib int64) float64 { return float64(mib) / 1024 }

// sentAll checks at the sink that all bytes came in one upload.
func sentAll(size int64) func(client, sink.Counts) error {
	return func(_ client, n sink.Counts) error {
		if n.In < size || n.Ops["CompleteMultipartUpload"]+n.Ops["PutObject"] == 0 {
			return fmt.Errorf("%d bytes of %d came", n.In, size)
		}
		return nil
	}
}

func upload2G(tls bool) func(b *bed) ([]job, error) {
	return func(b *bed) ([]job, error) {
		e, err := b.end(sink.Options{TLS: tls})
		if err != nil {
			return nil, err
		}
		file, err := b.file(b.scale.bigMiB)
		if err != nil {
			return nil, err
		}
		j := job{title: fmt.Sprintf("%d MiB in parts of 10 MiB, 10 at once", b.scale.bigMiB), main: cpuPerGiB, units: b.gib(b.scale.bigMiB), at: e,
			check: sentAll(b.scale.bigMiB << 20)}
		j.clients = []client{
			e.ours("cp", file, "s3://bench/ours"),
			e.mc("put", "--parallel", "10", "--part-size", "10MiB", file, "s/bench/mc"),
			e.rclone("copyto", "--no-check-dest", "--s3-chunk-size", "10M", "--s3-upload-concurrency", "10", "--s3-upload-cutoff", "16M", file, "s:bench/rc"),
			e.aws("cp", "--only-show-errors", file, "s3://bench/aws"),
			e.library("minio-go", "bench", 10, "up", file),
			e.library("transfermanager", "bench", 10, "up", file),
		}
		if tls {
			j.must = []goal{times(1.1, mc, cpuPerGiB)}
			j.reach = []goal{times(1, mc, cpuPerGiB), times(1/3.0, "aws", cpuPerGiB), times(0.2, rclone, cpuPerGiB)}
			return []job{j}, nil
		}
		j.clients = append(j.clients, e.library("manager", "bench", 10, "up", file), e.s3cmd("put", file, "s3://bench/s3cmd").slow())
		j.must = []goal{atMost(0.85, cpuPerGiB), times(0.6, mc, cpuPerGiB), times(0.2, rclone, cpuPerGiB)}
		j.reach = []goal{atMost(0.45, cpuPerGiB), times(1/3.0, mc, cpuPerGiB), times(0.1, rclone, cpuPerGiB)}
		return b.withCRT([]job{j}, func(e end) client { return e.crt("cp", "--only-show-errors", file, "s3://bench/crt") })
	}
}

// withCRT adds the AWS client with its other transfer library as a job of its own, since it needs a sink on port 80.
func (b *bed) withCRT(jobs []job, with func(e end) client) ([]job, error) {
	e, err := b.end(sink.Options{Addr: "127.0.0.1:80"})
	if err != nil {
		return jobs, nil // not root, or the port is taken
	}
	e.url = "http://127.0.0.1"
	c := with(e)
	c.sink = e.sink
	jobs[0].clients = append(jobs[0].clients, c)
	return jobs, nil
}

func download2G(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	size := b.scale.bigMiB << 20
	bucket, target := sink.Bucket(1, size, 0), filepath.Join(b.out(), "x")
	key := sink.Key(bucket, 0)
	j := job{title: fmt.Sprintf("%d MiB; ours compares with the stored CRC64NVME, the others verify nothing", b.scale.bigMiB), main: cpuPerGiB,
		units: b.gib(b.scale.bigMiB), at: e, before: b.freshOut}
	j.check = func(c client, _ sink.Counts) error {
		fi, err := os.Stat(target)
		if err == nil && fi.Size() != size {
			err = fmt.Errorf("%d bytes of %d came", fi.Size(), size)
		}
		return err
	}
	j.clients = []client{
		e.ours("cp", "s3://"+bucket+"/"+key, target),
		e.mc("cp", "s/"+bucket+"/"+key, target),
		e.rclone("copyto", "--ignore-checksum", "--multi-thread-streams", "10", "--multi-thread-chunk-size", "10M", "s:"+bucket+"/"+key, target),
		e.aws("cp", "--only-show-errors", "s3://"+bucket+"/"+key, target),
		e.library("minio-go", bucket, 10, "down", key, target),
		e.library("manager", bucket, 10, "down", key, target),
		e.library("transfermanager", bucket, 10, "down", key, target),
	}
	j.must = []goal{times(1, rclone, cpuPerGiB)}
	j.reach = []goal{atMost(0.80, cpuPerGiB)}
	jobs, err := b.withCRT([]job{j}, func(e end) client { return e.crt("cp", "--only-show-errors", "s3://"+bucket+"/"+key, target) })
	if last := jobs[0].clients; last[len(last)-1].name == "aws CRT" {
		jobs[0].reach = append(jobs[0].reach, times(0.5, "aws CRT", cpuPerGiB))
	}
	return jobs, err
}

func defaultsBig(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{Latency: slowPath, ConnRate: 20_000_000})
	if err != nil {
		return nil, err
	}
	file, err := b.file(b.scale.midMiB)
	if err != nil {
		return nil, err
	}
	return []job{{title: fmt.Sprintf("%d MiB, nothing configured", b.scale.midMiB), main: wall, units: b.gib(b.scale.midMiB), at: e,
		check: sentAll(b.scale.midMiB << 20), must: []goal{atMost(3, wall)}, reach: []goal{atMost(1.9, wall)}, clients: []client{
			e.ours("cp", file, "s3://bench/ours"),
			e.awsDefault("cp", "--only-show-errors", file, "s3://bench/aws").slow(),
			e.mc("put", file, "s/bench/mc").slow(),
			e.rclone("copyto", "--no-check-dest", file, "s:bench/rc").slow(),
			e.library("transfermanager", "bench", 5, "up", file).slow(),
		}}}, nil
}
