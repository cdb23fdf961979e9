package main

import (
	"fmt"
	"os"
	"path/filepath"

	"pintail/internal/testkit/bench/sink"
)

// Rows about many small objects.

// puts checks at the sink that every object came.
func puts(n int) func(client, sink.Counts) error {
	return func(c client, got sink.Counts) error {
		if want := int64(c.of(float64(n))); got.Ops["PutObject"] < want || got.ObjectsSeen < want {
			return fmt.Errorf("%d objects of %d came", got.ObjectsSeen, want)
		}
		return nil
	}
}

func smallUp(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	n, few := b.scale.small, b.scale.fewSmall
	dir, err := b.tree(n, kib4, 100)
	if err != nil {
		return nil, err
	}
	some, err := b.tree(few, kib4, 100)
	if err != nil {
		return nil, err
	}
	share := float64(few) / float64(n)
	j := job{title: count(n) + " files; aws and s3cmd do " + count(few), main: cpuMicros, units: float64(n), at: e, check: puts(n),
		must:  []goal{atMost(170, cpuMicros), times(0.3, rclone, cpuMicros)},
		reach: []goal{atMost(70, cpuMicros), times(1/8.0, rclone, cpuMicros), times(1/11.0, mc, cpuMicros)}}
	j.clients = []client{
		e.ours("cp", "-r", dir, "s3://bench/"),
		e.mc("mirror", "--overwrite", dir, "s/bench/mc"),
		e.rclone("copy", "--transfers", "64", "--checkers", "64", "--no-traverse", "--no-check-dest", dir, "s:bench/rc"),
		e.aws("cp", "--only-show-errors", "--recursive", some, "s3://bench/aws").part(share).slow(),
		e.s3cmd("put", "--recursive", some+"/", "s3://bench/s3cmd/").part(share).slow(),
		e.library("minio-go", "bench", 64, "updir", dir),
		e.library("manager", "bench", 64, "updir", dir),
		e.library("transfermanager", "bench", 64, "updir", dir),
	}
	return []job{j}, nil
}

// files checks on the disk that every file came whole.
func (b *bed) files(n int) func(client, sink.Counts) error {
	return func(c client, _ sink.Counts) error {
		have, size := 0, int64(0)
		err := filepath.Walk(b.out(), func(_ string, fi os.FileInfo, err error) error {
			if err == nil && fi.Mode().IsRegular() {
				have++
				size += fi.Size()
			}
			return err
		})
		if want := int(c.of(float64(n))); err == nil && (have != want || size != int64(want)*kib4) {
			err = fmt.Errorf("%d files with %d bytes came, want %d", have, size, want)
		}
		return err
	}
}

func smallDown(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	n, few := b.scale.small, b.scale.fewSmall
	bucket, some, out := sink.Bucket(n, kib4, 100), sink.Bucket(few, kib4, 100), b.out()
	share := float64(few) / float64(n)
	j := job{title: count(n) + " objects; aws gets " + count(few), main: cpuMicros, units: float64(n), at: e, before: b.freshOut, check: b.files(n),
		must: []goal{atMost(180, cpuMicros)}, reach: []goal{atMost(80, cpuMicros)}}
	j.clients = []client{
		e.ours("cp", "-r", "s3://"+bucket+"/", out+"/"),
		e.mc("mirror", "s/"+bucket, out),
		e.rclone("copy", "--transfers", "64", "--checkers", "64", "--ignore-checksum", "--use-server-modtime", "s:"+bucket, out),
		e.aws("cp", "--only-show-errors", "--recursive", "s3://"+some+"/", out).part(share).slow(),
		e.library("minio-go", bucket, 64, "downdir", out),
		e.library("manager", bucket, 64, "downdir", out),
		e.library("transfermanager", bucket, 64, "downdir", out),
	}
	return []job{j}, nil
}

// deleted checks at the sink that every key was named for deletion.
func deleted(n int) func(client, sink.Counts) error {
	return func(c client, got sink.Counts) error {
		if want := int64(c.of(float64(n))); got.Ops["DeletedKeys"]+got.Ops["DeleteObject"] < want {
			return fmt.Errorf("%d keys of %d were deleted", got.Ops["DeletedKeys"]+got.Ops["DeleteObject"], want)
		}
		return nil
	}
}

func delete100k(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	far, err := b.end(sink.Options{Latency: slowPath})
	if err != nil {
		return nil, err
	}
	n := b.scale.fewKeys
	all, tenth, folders := sink.Bucket(n, kib4, 0), sink.Bucket(n/10, kib4, 0), sink.Bucket(n, kib4, 1000)
	near := job{title: count(n) + " keys; rclone, aws and s3cmd a tenth", main: cpuSeconds, units: float64(n), at: e, check: deleted(n),
		must: []goal{atMost(0.4, cpuSeconds)}, reach: []goal{atMost(0.15, cpuSeconds)}, clients: []client{
			e.ours("rm", "-r", "--yes", "s3://"+all+"/"),
			e.mc("rm", "-r", "--force", "s/"+all),
			e.rclone("delete", "--checkers", "64", "--transfers", "64", "--fast-list", "s:"+tenth).part(0.1).slow(),
			e.s3cmd("del", "-r", "--force", "s3://"+tenth).part(0.1).slow(),
			e.aws("rm", "--only-show-errors", "--recursive", "s3://"+tenth+"/").part(0.1).slow(),
			e.library("minio-go", all, 10, "del"),
			e.library("manager", all, 10, "del"),
		}}
	slow := job{title: count(n) + " keys in folders of 1,000 at 100 ms a request", main: wall, units: float64(n), at: far, check: deleted(n),
		reach: []goal{atMost(1, wall)}, clients: []client{
			far.ours("rm", "-r", "--yes", "s3://"+folders+"/"),
			far.mc("rm", "-r", "--force", "s/"+folders),
		}}
	return []job{near, slow}, nil
}

func sync100k(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	n := b.scale.synced
	dir, err := b.tree(n, 16, 1000)
	if err != nil {
		return nil, err
	}
	bucket := sink.Bucket(n, 16, 1000)
	j := job{title: count(n) + " files of 16 bytes, compared by size", main: cpuSeconds, units: float64(n), at: e,
		must:  []goal{atMost(0.6, cpuSeconds), atMost(40, memory)},
		reach: []goal{atMost(0.35, cpuSeconds), atMost(25, memory)}, clients: []client{
			e.ours("sync", "--size-only", "--yes", dir, "s3://"+bucket+"/"),
			e.rclone("sync", "--size-only", "--fast-list", "--checkers", "64", dir, "s:"+bucket),
			e.mc("mirror", dir, "s/"+bucket),
			e.aws("sync", "--only-show-errors", "--size-only", dir, "s3://"+bucket).slow(),
		}}
	j.check = func(c client, got sink.Counts) error {
		if got.Ops["PutObject"] > 0 {
			return fmt.Errorf("%d objects were sent though nothing differs", got.Ops["PutObject"])
		}
		return pages(n)(c, got)
	}
	return []job{j}, nil
}

func copies(n int) func(client, sink.Counts) error {
	return func(c client, got sink.Counts) error {
		if want := int64(c.of(float64(n))); got.Ops["CopyObject"] < want {
			return fmt.Errorf("%d objects of %d were copied", got.Ops["CopyObject"], want)
		}
		return nil
	}
}

// perObject is requests an object without those of the listing.
var perObject = metric{"requests an object", func(j job, c client, s sample) float64 {
	return float64(s.Sink.Requests-s.Sink.Ops["ListObjects"]) / c.of(j.units)
}, 2, true}

// exactly one request an object, give or take what a client asks once.
const oneRequest = 1.02

func copy10k(b *bed) ([]job, error) {
	e, err := b.end(sink.Options{})
	if err != nil {
		return nil, err
	}
	n := b.scale.small
	bucket := sink.Bucket(n, kib4, 0)
	some := sink.Bucket(b.scale.fewSmall, kib4, 0)
	j := job{title: count(n) + " objects; aws copies " + count(b.scale.fewSmall), main: cpuMicros, units: float64(n), at: e, check: copies(n),
		must:  []goal{atMost(180, cpuMicros), atMost(oneRequest, perObject)},
		reach: []goal{atMost(70, cpuMicros), atMost(oneRequest, perObject)}, clients: []client{
			e.ours("cp", "-r", "s3://"+bucket+"/", "s3://dst/"),
			e.rclone("copy", "--transfers", "64", "--checkers", "64", "--no-traverse", "--no-check-dest", "s:"+bucket, "s:dst"),
			e.mc("cp", "-r", "s/"+bucket+"/", "s/dst/"),
			e.aws("cp", "--only-show-errors", "--recursive", "s3://"+some+"/", "s3://dst/").part(float64(b.scale.fewSmall) / float64(n)).slow(),
			e.library("minio-go", bucket, 64, "copy", "dst"),
			e.library("manager", bucket, 64, "copy", "dst"),
		}}
	return []job{j}, nil
}
