package main

import (
	"context"
	"encoding/json"
	"fmt"

	"pintail/internal/text"
	"pintail/storage"
)

// accessPoints is what bucket get lists beside the settings.
const accessPoints = "access-points"

// pointForm is an access point as aws s3control list-access-points writes it.
type pointForm struct {
	Name             string
	NetworkOrigin    string
	VpcConfiguration *vpcForm `json:",omitempty"`
	Bucket           string
	AccessPointArn   string
	Alias            string `json:",omitempty"`
}

type vpcForm struct {
	VpcID string `json:"VpcId"`
}

func printAccessPoints(ctx context.Context, a *app, s *storage.Session, bucket string) error {
	var list []storage.AccessPoint
	if err := again(ctx, a, func() (err error) { list, err = s.AccessPoints(ctx, bucket); return err }); err != nil {
		return err
	}
	if len(list) == 0 {
		a.note(text.T("bucket.none", bucket, accessPoints))
	}
	out := struct{ AccessPointList []pointForm }{[]pointForm{}}
	for _, p := range list {
		f := pointForm{Name: p.Name, NetworkOrigin: "Internet", Bucket: bucket, AccessPointArn: p.ARN, Alias: p.Alias}
		if p.VPC != "" {
			f.NetworkOrigin, f.VpcConfiguration = "VPC", &vpcForm{p.VPC}
		}
		out.AccessPointList = append(out.AccessPointList, f)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("access points: %w", err)
	}
	a.out.write(append(b, '\n'))
	return a.out.flush()
}
