package transfer_test

import (
	"bytes"
	"io"
	"os"
	"time"

	"pintail/storage"
	"pintail/transfer/transfertest"
)

func get(b *transfertest.Bench, key string) ([]byte, error) {
	rd, err := b.Session.Read(b.Context(), b.Loc(key), storage.ReadOptions{Whole: true})
	if err != nil {
		return nil, err
	}
	defer rd.Close() // read to its end
	return io.ReadAll(rd)
}

func mustHold(b *transfertest.Bench, key string, want []byte) {
	b.Helper()
	have, err := get(b, key)
	if err != nil || !bytes.Equal(have, want) {
		b.Errorf("%s has %d bytes, want %d: %v", key, len(have), len(want), err)
	}
}

func mustNotBe(b *transfertest.Bench, key string) {
	b.Helper()
	if _, err := b.Session.Stat(b.Context(), b.Loc(key)); storage.KindOf(err) != storage.KindNotFound {
		b.Errorf("%s is there: %v", key, err)
	}
}

func checkBack(b *transfertest.Bench, key, path string) {
	b.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	mustHold(b, key, want)
}

// sleepReally waits for what the engine does by the real clock.
func sleepReally(d time.Duration) { <-time.After(d) }
