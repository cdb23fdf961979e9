package storage

//lint:file-ignore SA1019 manager.Uploader is deprecated in favour of a module that is still at version 0 and hides its parts; this file is its only user.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"pintail/internal/backoff"
)

// The parts of a stream: its length is not known, so they cannot grow with it. 10,000 of them are 156 GiB.
const (
	streamPartSize    = 16 << 20
	streamConcurrency = 4
	streamTries       = 4 // of one part, which is kept in memory; the stream itself cannot be read again
	streamPause       = 100 * time.Millisecond
	streamPauseMost   = 5 * time.Second
	abortWithin       = 15 * time.Second
)

// PutStream stores what r gives until it ends. It cuts the stream into parts kept in memory (at most 80 MiB) and is
// proved like a multipart upload, or like a Put if it fits in one part. After an error nothing is left behind.
//
// This is the one use of manager.Uploader: it does the cutting and the workers; each request goes through the session's
// own methods with their checksums and proofs.
func (s *Session) PutStream(ctx context.Context, loc Location, r io.Reader, o WriteOptions) (Written, error) {
	if err := checkTarget("PutObject", loc); err != nil {
		return Written{}, err
	}
	c := &streamClient{s: s, loc: loc, o: o}
	src := &streamSource{r: r}
	up := manager.NewUploader(c, func(u *manager.Uploader) {
		u.PartSize = streamPartSize
		u.Concurrency = streamConcurrency
		u.BufferProvider = nil
		u.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	_, err := up.Upload(ctx, &s3.PutObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, Body: src})
	if err == nil {
		return c.written, nil
	}
	if src.err != nil {
		return Written{}, s.localError(ctx, "PutObject", loc, &bodyError{src.err})
	}
	var e *Error
	if errors.As(err, &e) {
		return Written{}, e
	}
	if ctx.Err() != nil {
		return Written{}, &Error{Op: "PutObject", Location: loc, Host: s.Host(), Kind: KindCancelled, Err: ctx.Err()}
	}
	return Written{}, &Error{Op: "PutObject", Location: loc, Host: s.Host(), Kind: KindInvalid, Err: err}
}

// streamSource hides all but Read of a stream, and keeps its error apart from the network's.
type streamSource struct {
	r   io.Reader
	err error
}

// Read reads on.
func (s *streamSource) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// streamClient is what manager takes for a client of S3.
type streamClient struct {
	s       *Session
	loc     Location
	o       WriteOptions
	upload  Upload
	written Written

	mu    sync.Mutex // guards parts
	parts []Part
}

var errNotInMemory = errors.New("a part of a stream is not in memory")

func memoryBody(r io.Reader) (Body, error) {
	b, ok := r.(*bytes.Reader)
	if !ok {
		return Body{}, errNotInMemory
	}
	return Body{R: b, Size: b.Size()}, nil
}

// tries repeats what may be repeated: the parts are in memory, and nobody above can ask for them again. It waits in between, as
// long as the server says or with full jitter.
func tries(ctx context.Context, send func() error) error {
	jitter := backoff.New(streamPause, streamPauseMost, nil)
	for n := 1; ; n++ {
		err := send()
		var e *Error
		if err == nil || n == streamTries || ctx.Err() != nil || !errors.As(err, &e) || !e.Retryable {
			return err
		}
		wait := time.NewTimer(max(jitter.Wait(n), min(time.Duration(e.RetryAfter)*time.Second, streamPauseMost)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return err
		}
	}
}

// PutObject stores a stream that fits in one part.
func (c *streamClient) PutObject(ctx context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	b, err := memoryBody(in.Body)
	if err != nil {
		return nil, err
	}
	err = tries(ctx, func() (err error) {
		c.written, err = c.s.Put(ctx, c.loc, b, c.o)
		return err
	})
	return &s3.PutObjectOutput{}, err
}

// CreateMultipartUpload begins the upload.
func (c *streamClient) CreateMultipartUpload(ctx context.Context, _ *s3.CreateMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	var err error
	c.upload, err = c.s.CreateUpload(ctx, c.loc, c.o)
	return &s3.CreateMultipartUploadOutput{UploadId: &c.upload.ID}, err
}

// UploadPart sends a part.
func (c *streamClient) UploadPart(ctx context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	b, err := memoryBody(in.Body)
	if err != nil {
		return nil, err
	}
	var p Part
	err = tries(ctx, func() (err error) {
		p, err = c.s.UploadPart(ctx, c.loc, c.upload, aws.ToInt32(in.PartNumber), b)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parts = append(c.parts, p)
	return &s3.UploadPartOutput{ETag: aws.String(p.ETag)}, nil
}

// CompleteMultipartUpload puts the parts together and proves the object.
func (c *streamClient) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) != len(c.parts) {
		return nil, fmt.Errorf("%d parts were sent, others are to be put together", len(c.parts))
	}
	var err error
	c.written, err = c.s.CompleteUpload(ctx, c.loc, c.upload, c.parts, c.o)
	var e *Error
	if errors.As(err, &e) && e.Unknown {
		if w, perr := c.s.ProveUpload(ctx, c.loc, c.upload, c.parts); perr == nil {
			c.written, err = w, nil
		}
	}
	return &s3.CompleteMultipartUploadOutput{}, err
}

// AbortMultipartUpload cleans up after a failure, also when ctx has ended.
func (c *streamClient) AbortMultipartUpload(ctx context.Context, _ *s3.AbortMultipartUploadInput, _ ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortWithin)
	defer cancel()
	return &s3.AbortMultipartUploadOutput{}, c.s.AbortUpload(ctx, c.loc, c.upload.ID)
}
