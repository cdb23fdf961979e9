// Command drive calls the packages behind the command line and the window directly, for what cannot be measured or profiled from
// outside. It must do as they do: it has no way of its own to reach a server. Start reading at main.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"pintail/storage"
)

func main() {
	endpoint := flag.String("endpoint", "", "URL of the server")
	profile := flag.String("cpuprofile", "", "file for a profile of the processor time")
	flag.Parse()
	if err := run(context.Background(), *endpoint, *profile, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "drive:", err)
		os.Exit(1)
	}
}

// run does what the words say: first BUCKET prints by how many milliseconds the first page is later than a bare request; list BUCKET
// lists everything.
func run(ctx context.Context, endpoint, profile string, words []string) (err error) {
	if len(words) != 2 {
		return fmt.Errorf("say first BUCKET or list BUCKET, not %q", words)
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	s, err := storage.Open(ctx, storage.Config{Endpoint: u, Region: "us-east-1"})
	if err != nil {
		return err
	}
	defer s.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	switch words[0] {
	case "first":
		return first(ctx, s, endpoint+"/"+words[1]+"?list-type=2", words[1])
	case "list":
		for _, err := range s.List(ctx, words[1], "", storage.ListOptions{}) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("no operation %q", words[0])
}

// first compares the first page as the window gets it with the same bytes fetched by a bare client, in turns.
func first(ctx context.Context, s *storage.Session, plain, bucket string) error {
	const times = 20
	var over []float64
	for range times {
		bare, err := took(func() error { return fetch(ctx, plain) })
		if err != nil {
			return err
		}
		page, err := took(func() error { return onePage(ctx, s, bucket) })
		if err != nil {
			return err
		}
		over = append(over, float64(page-bare)/float64(time.Millisecond))
	}
	slices.Sort(over)
	fmt.Printf("%.2f\n", over[times/2])
	return nil
}

func took(f func() error) (time.Duration, error) {
	began := time.Now()
	err := f()
	return time.Since(began), err
}

func fetch(ctx context.Context, u string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close() // everything was read
	return err
}

func onePage(ctx context.Context, s *storage.Session, bucket string) error {
	for page, err := range s.List(ctx, bucket, "", storage.ListOptions{}) {
		if err != nil {
			return err
		}
		if len(page.Entries) == 0 {
			return fmt.Errorf("the first page of %s is empty", bucket)
		}
		break
	}
	return nil
}
