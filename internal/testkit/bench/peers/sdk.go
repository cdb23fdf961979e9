package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	s3manager "github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	tmtypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// sdk is what both managers of the SDK share.
type sdk struct {
	settings
	client *s3.Client
}

func newSDK(s settings) sdk {
	return sdk{s, s3.New(s3.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(s.access, s.secret, ""),
		BaseEndpoint: &s.endpoint, UsePathStyle: true, HTTPClient: &http.Client{Transport: transport(s)}})}
}

func (s sdk) list(ctx context.Context, each func(string) error) error {
	p := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			if err := each(*o.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s sdk) remove(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.workers)
	var ids []types.ObjectIdentifier
	send := func() {
		batch := ids
		ids = nil
		g.Go(func() error {
			_, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.bucket, Delete: &types.Delete{Objects: batch, Quiet: aws.Bool(true)}})
			return err
		})
	}
	err := s.list(ctx, func(key string) error {
		if ids = append(ids, types.ObjectIdentifier{Key: &key}); len(ids) == 1000 {
			send()
		}
		return nil
	})
	if len(ids) > 0 {
		send()
	}
	return first(g.Wait(), err)
}

func (s sdk) copyTo(ctx context.Context, key, target string) error {
	_, err := s.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &target, Key: &key, CopySource: aws.String(s.bucket + "/" + key)})
	return err
}

// checksum prints what the server says that it has stored of an object.
func (s sdk) checksum(ctx context.Context, key string) error {
	o, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name  string
		value *string
	}{{"CRC64NVME", o.ChecksumCRC64NVME}, {"CRC32", o.ChecksumCRC32}, {"CRC32C", o.ChecksumCRC32C}, {"SHA256", o.ChecksumSHA256}, {"SHA1", o.ChecksumSHA1}} {
		if c.value != nil {
			fmt.Println(c.name, *c.value, o.ChecksumType)
		}
	}
	return nil
}

// manager is feature/s3/manager.
type manager struct{ sdk }

func (m *manager) upload(ctx context.Context, path, key string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	u := s3manager.NewUploader(m.client, func(u *s3manager.Uploader) { u.PartSize, u.Concurrency = m.part, m.workers })
	_, err = u.Upload(ctx, &s3.PutObjectInput{Bucket: &m.bucket, Key: &key, Body: f})
	return err
}

func (m *manager) download(ctx context.Context, key, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	d := s3manager.NewDownloader(m.client, func(d *s3manager.Downloader) { d.PartSize, d.Concurrency = m.part, m.workers })
	_, err = d.Download(ctx, f, &s3.GetObjectInput{Bucket: &m.bucket, Key: &key})
	return first(err, f.Close())
}

// transferManager is feature/s3/transfermanager.
type transferManager struct {
	sdk
	tm *transfermanager.Client
}

func newTransferManager(s settings) *transferManager {
	c := newSDK(s)
	return &transferManager{c, transfermanager.New(c.client, func(o *transfermanager.Options) {
		o.PartSizeBytes, o.Concurrency, o.GetObjectType = s.part, s.workers, tmtypes.GetObjectRanges
	})}
}

func (m *transferManager) upload(ctx context.Context, path, key string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = m.tm.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: &m.bucket, Key: &key, Body: f})
	return err
}

func (m *transferManager) download(ctx context.Context, key, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = m.tm.DownloadObject(ctx, &transfermanager.DownloadObjectInput{Bucket: &m.bucket, Key: &key, WriterAt: f})
	return first(err, f.Close())
}
