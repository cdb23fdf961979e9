package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// originAccessName is the origin access control that all our distributions share: it says only that requests to S3 are signed.
const originAccessName = "pintail-s3"

// originAccess is the id of that control; it is made where it is missing.
func (s *Session) originAccess(ctx context.Context, loc Location) (string, error) {
	var marker *string
	for range maxDistributionPages {
		out, err := aside(ctx, s, "ListOriginAccessControls", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.ListOriginAccessControlsOutput, error) {
			return c.ListOriginAccessControls(ctx, &cloudfront.ListOriginAccessControlsInput{Marker: marker})
		})
		if err != nil {
			return "", err
		}
		l := out.OriginAccessControlList
		if l == nil {
			return "", invalid("ListOriginAccessControls", loc, "NoList", "the answer holds no list of origin access controls")
		}
		for _, o := range l.Items {
			if aws.ToString(o.Name) == originAccessName && o.SigningBehavior == types.OriginAccessControlSigningBehaviorsAlways && o.OriginAccessControlOriginType == types.OriginAccessControlOriginTypesS3 {
				return aws.ToString(o.Id), nil
			}
		}
		next := aws.ToString(l.NextMarker)
		if !aws.ToBool(l.IsTruncated) || next == "" || next == aws.ToString(marker) {
			break
		}
		marker = &next
	}
	out, err := aside(ctx, s, "CreateOriginAccessControl", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.CreateOriginAccessControlOutput, error) {
		return c.CreateOriginAccessControl(ctx, &cloudfront.CreateOriginAccessControlInput{OriginAccessControlConfig: &types.OriginAccessControlConfig{
			Name: aws.String(originAccessName), Description: aws.String(""), SigningProtocol: types.OriginAccessControlSigningProtocolsSigv4,
			SigningBehavior: types.OriginAccessControlSigningBehaviorsAlways, OriginAccessControlOriginType: types.OriginAccessControlOriginTypesS3}})
	})
	if err != nil {
		return "", err
	}
	if out.OriginAccessControl == nil || aws.ToString(out.OriginAccessControl.Id) == "" {
		return "", invalid("CreateOriginAccessControl", loc, "NoControl", "the answer names no origin access control")
	}
	return aws.ToString(out.OriginAccessControl.Id), nil
}

// attachOrigin has a distribution read a bucket with a signature, or as anybody.
func (s *Session) attachOrigin(ctx context.Context, loc Location, c *types.DistributionConfig, private bool) error {
	id := ""
	found := false
	for i := range c.Origins.Items {
		o := &c.Origins.Items[i]
		if !isDirect(*o, loc.Bucket) {
			continue
		}
		if o.S3OriginConfig == nil {
			o.S3OriginConfig = &types.S3OriginConfig{}
		}
		found = true
		if private && id == "" {
			var err error
			if id, err = s.originAccess(ctx, loc); err != nil {
				return err
			}
		}
		o.OriginAccessControlId, o.S3OriginConfig.OriginAccessIdentity = aws.String(id), aws.String("")
	}
	if !found {
		return invalid("UpdateDistribution", loc, "NoOrigin", "the distribution does not read the bucket itself, but its website or another host")
	}
	return nil
}

// ReadsByControl tells whether the distribution reads the bucket with an origin access control, which the older identities are not.
func (d Distribution) ReadsByControl() bool {
	return d.OriginAccess != "" && !strings.HasPrefix(d.OriginAccess, "origin-access-identity/")
}

// ReadPolicy is the statement that a bucket's policy needs for the distribution to read it with its signature.
func (d Distribution) ReadPolicy(bucket string) string {
	b, err := json.Marshal(map[string]any{"Effect": "Allow", "Principal": map[string]string{"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
		"Resource": "arn:aws:s3:::" + bucket + "/*", "Condition": map[string]any{"StringEquals": map[string]string{"AWS:SourceArn": d.ARN}}})
	if err != nil {
		panic(fmt.Sprintf("a statement that is no JSON: %v", err)) // of strings alone
	}
	return string(b)
}
