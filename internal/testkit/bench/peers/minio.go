package main

import (
	"context"
	"fmt"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// minioGo is github.com/minio/minio-go.
type minioGo struct {
	settings
	client *minio.Client
}

func newMinio(s settings) (*minioGo, error) {
	u, err := url.Parse(s.endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	c, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(s.access, s.secret, ""), Secure: u.Scheme == "https",
		Region: "us-east-1", Transport: transport(s), BucketLookup: minio.BucketLookupPath})
	return &minioGo{s, c}, err
}

func (m *minioGo) upload(ctx context.Context, path, key string) error {
	_, err := m.client.FPutObject(ctx, m.bucket, key, path, minio.PutObjectOptions{PartSize: uint64(m.part), NumThreads: uint(m.workers)})
	return err
}

func (m *minioGo) download(ctx context.Context, key, path string) error {
	return m.client.FGetObject(ctx, m.bucket, key, path, minio.GetObjectOptions{})
}

func (m *minioGo) list(ctx context.Context, each func(string) error) error {
	for o := range m.client.ListObjects(ctx, m.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if err := each(o.Key); err != nil {
			return err
		}
	}
	return nil
}

func (m *minioGo) remove(ctx context.Context) error {
	objects := m.client.ListObjects(ctx, m.bucket, minio.ListObjectsOptions{Recursive: true})
	for failed := range m.client.RemoveObjects(ctx, m.bucket, objects, minio.RemoveObjectsOptions{}) {
		return failed.Err
	}
	return nil
}

func (m *minioGo) copyTo(ctx context.Context, key, target string) error {
	_, err := m.client.CopyObject(ctx, minio.CopyDestOptions{Bucket: target, Object: key}, minio.CopySrcOptions{Bucket: m.bucket, Object: key})
	return err
}
