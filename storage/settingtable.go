package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// operation makes a function of a setting from an operation of the SDK and what its input is.
func operation[I, O any](call func(*s3.Client, context.Context, *I, ...func(*s3.Options)) (*O, error), input func(settingRequest) *I) func(context.Context, *s3.Client, settingRequest) error {
	return func(ctx context.Context, c *s3.Client, r settingRequest) error {
		_, err := call(c, ctx, input(r), r.opts...)
		return err
	}
}

// The inputs of the writing operations hold only what the SDK insists on: withDocument sends the real document.

func settings() []*setting {
	return append(plainSettings(), append(documentSettings(), listedSettings()...)...)
}

// settingOf is the setting of a name in the command line, nil if there is none.
func settingOf(feature string) *setting {
	for _, st := range settings() {
		if st.feature == feature {
			return st
		}
	}
	return nil
}

// plainSettings are those of a few values.
func plainSettings() []*setting {
	return []*setting{
		{feature: "location", get: "GetBucketLocation",
			fetch: operation((*s3.Client).GetBucketLocation, func(r settingRequest) *s3.GetBucketLocationInput { return &s3.GetBucketLocationInput{Bucket: r.bucket} })},
		{feature: "versioning", root: "VersioningConfiguration", get: "GetBucketVersioning", put: "PutBucketVersioning", off: leaf("VersioningConfiguration", "Status", "Suspended"),
			fetch: operation((*s3.Client).GetBucketVersioning, func(r settingRequest) *s3.GetBucketVersioningInput {
				return &s3.GetBucketVersioningInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketVersioning, func(r settingRequest) *s3.PutBucketVersioningInput {
				return &s3.PutBucketVersioningInput{Bucket: r.bucket, MFA: r.mfa, VersioningConfiguration: &types.VersioningConfiguration{}}
			})},
		{feature: "accelerate", root: "AccelerateConfiguration", get: "GetBucketAccelerateConfiguration", put: "PutBucketAccelerateConfiguration", off: leaf("AccelerateConfiguration", "Status", "Suspended"),
			fetch: operation((*s3.Client).GetBucketAccelerateConfiguration, func(r settingRequest) *s3.GetBucketAccelerateConfigurationInput {
				return &s3.GetBucketAccelerateConfigurationInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketAccelerateConfiguration, func(r settingRequest) *s3.PutBucketAccelerateConfigurationInput {
				return &s3.PutBucketAccelerateConfigurationInput{Bucket: r.bucket, AccelerateConfiguration: &types.AccelerateConfiguration{}}
			})},
		{feature: "requester-pays", root: "RequestPaymentConfiguration", get: "GetBucketRequestPayment", put: "PutBucketRequestPayment", off: leaf("RequestPaymentConfiguration", "Payer", "BucketOwner"),
			fetch: operation((*s3.Client).GetBucketRequestPayment, func(r settingRequest) *s3.GetBucketRequestPaymentInput {
				return &s3.GetBucketRequestPaymentInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketRequestPayment, func(r settingRequest) *s3.PutBucketRequestPaymentInput {
				return &s3.PutBucketRequestPaymentInput{Bucket: r.bucket, RequestPaymentConfiguration: &types.RequestPaymentConfiguration{Payer: types.PayerRequester}}
			})},
		{feature: "public-access", root: "PublicAccessBlockConfiguration", absent: []string{"NoSuchPublicAccessBlockConfiguration"},
			get: "GetPublicAccessBlock", put: "PutPublicAccessBlock", del: "DeletePublicAccessBlock",
			fetch: operation((*s3.Client).GetPublicAccessBlock, func(r settingRequest) *s3.GetPublicAccessBlockInput {
				return &s3.GetPublicAccessBlockInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutPublicAccessBlock, func(r settingRequest) *s3.PutPublicAccessBlockInput {
				return &s3.PutPublicAccessBlockInput{Bucket: r.bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{}}
			}),
			remove: operation((*s3.Client).DeletePublicAccessBlock, func(r settingRequest) *s3.DeletePublicAccessBlockInput {
				return &s3.DeletePublicAccessBlockInput{Bucket: r.bucket}
			})},
		{feature: "ownership", root: "OwnershipControls", absent: []string{"OwnershipControlsNotFoundError"},
			get: "GetBucketOwnershipControls", put: "PutBucketOwnershipControls", del: "DeleteBucketOwnershipControls",
			fetch: operation((*s3.Client).GetBucketOwnershipControls, func(r settingRequest) *s3.GetBucketOwnershipControlsInput {
				return &s3.GetBucketOwnershipControlsInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketOwnershipControls, func(r settingRequest) *s3.PutBucketOwnershipControlsInput {
				return &s3.PutBucketOwnershipControlsInput{Bucket: r.bucket, OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketOwnershipControls, func(r settingRequest) *s3.DeleteBucketOwnershipControlsInput {
				return &s3.DeleteBucketOwnershipControlsInput{Bucket: r.bucket}
			})},
		{feature: "object-lock", root: "ObjectLockConfiguration", absent: []string{"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"},
			get: "GetObjectLockConfiguration", put: "PutObjectLockConfiguration", off: leaf("ObjectLockConfiguration", "ObjectLockEnabled", "Enabled"),
			fetch: operation((*s3.Client).GetObjectLockConfiguration, func(r settingRequest) *s3.GetObjectLockConfigurationInput {
				return &s3.GetObjectLockConfigurationInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutObjectLockConfiguration, func(r settingRequest) *s3.PutObjectLockConfigurationInput {
				return &s3.PutObjectLockConfigurationInput{Bucket: r.bucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{}}
			})},
		{feature: "policy", absent: []string{"NoSuchBucketPolicy"}, get: "GetBucketPolicy", put: "PutBucketPolicy", del: "DeleteBucketPolicy",
			fetch: operation((*s3.Client).GetBucketPolicy, func(r settingRequest) *s3.GetBucketPolicyInput {
				return &s3.GetBucketPolicyInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketPolicy, func(r settingRequest) *s3.PutBucketPolicyInput {
				return &s3.PutBucketPolicyInput{Bucket: r.bucket, Policy: &r.text}
			}),
			remove: operation((*s3.Client).DeleteBucketPolicy, func(r settingRequest) *s3.DeleteBucketPolicyInput {
				return &s3.DeleteBucketPolicyInput{Bucket: r.bucket}
			})},
	}
}

// leaf is a document of one value.
func leaf(root, name, value string) *node {
	return &node{name: root, kids: []*node{{name: name, text: value}}}
}

// documentSettings are those of rules.
func documentSettings() []*setting {
	return []*setting{
		{feature: "encryption", root: "ServerSideEncryptionConfiguration", absent: []string{"ServerSideEncryptionConfigurationNotFoundError"},
			get: "GetBucketEncryption", put: "PutBucketEncryption", del: "DeleteBucketEncryption",
			fetch: operation((*s3.Client).GetBucketEncryption, func(r settingRequest) *s3.GetBucketEncryptionInput {
				return &s3.GetBucketEncryptionInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketEncryption, func(r settingRequest) *s3.PutBucketEncryptionInput {
				return &s3.PutBucketEncryptionInput{Bucket: r.bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketEncryption, func(r settingRequest) *s3.DeleteBucketEncryptionInput {
				return &s3.DeleteBucketEncryptionInput{Bucket: r.bucket}
			})},
		{feature: "cors", root: "CORSConfiguration", absent: []string{"NoSuchCORSConfiguration"}, get: "GetBucketCors", put: "PutBucketCors", del: "DeleteBucketCors",
			fetch: operation((*s3.Client).GetBucketCors, func(r settingRequest) *s3.GetBucketCorsInput { return &s3.GetBucketCorsInput{Bucket: r.bucket} }),
			send: operation((*s3.Client).PutBucketCors, func(r settingRequest) *s3.PutBucketCorsInput {
				return &s3.PutBucketCorsInput{Bucket: r.bucket, CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketCors, func(r settingRequest) *s3.DeleteBucketCorsInput { return &s3.DeleteBucketCorsInput{Bucket: r.bucket} })},
		{feature: "lifecycle", root: "LifecycleConfiguration", absent: []string{"NoSuchLifecycleConfiguration"},
			get: "GetBucketLifecycleConfiguration", put: "PutBucketLifecycleConfiguration", del: "DeleteBucketLifecycle",
			fetch: operation((*s3.Client).GetBucketLifecycleConfiguration, func(r settingRequest) *s3.GetBucketLifecycleConfigurationInput {
				return &s3.GetBucketLifecycleConfigurationInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketLifecycleConfiguration, func(r settingRequest) *s3.PutBucketLifecycleConfigurationInput {
				return &s3.PutBucketLifecycleConfigurationInput{Bucket: r.bucket, TransitionDefaultMinimumObjectSize: types.TransitionDefaultMinimumObjectSize(r.minSize), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketLifecycle, func(r settingRequest) *s3.DeleteBucketLifecycleInput {
				return &s3.DeleteBucketLifecycleInput{Bucket: r.bucket}
			})},
		{feature: "website", root: "WebsiteConfiguration", absent: []string{"NoSuchWebsiteConfiguration"}, get: "GetBucketWebsite", put: "PutBucketWebsite", del: "DeleteBucketWebsite",
			fetch: operation((*s3.Client).GetBucketWebsite, func(r settingRequest) *s3.GetBucketWebsiteInput {
				return &s3.GetBucketWebsiteInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketWebsite, func(r settingRequest) *s3.PutBucketWebsiteInput {
				return &s3.PutBucketWebsiteInput{Bucket: r.bucket, WebsiteConfiguration: &types.WebsiteConfiguration{}}
			}),
			remove: operation((*s3.Client).DeleteBucketWebsite, func(r settingRequest) *s3.DeleteBucketWebsiteInput {
				return &s3.DeleteBucketWebsiteInput{Bucket: r.bucket}
			})},
		{feature: "logging", root: "BucketLoggingStatus", get: "GetBucketLogging", put: "PutBucketLogging", off: &node{name: "BucketLoggingStatus"},
			fetch: operation((*s3.Client).GetBucketLogging, func(r settingRequest) *s3.GetBucketLoggingInput {
				return &s3.GetBucketLoggingInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketLogging, func(r settingRequest) *s3.PutBucketLoggingInput {
				return &s3.PutBucketLoggingInput{Bucket: r.bucket, BucketLoggingStatus: &types.BucketLoggingStatus{}}
			})},
		{feature: "notification", root: "NotificationConfiguration", get: "GetBucketNotificationConfiguration", put: "PutBucketNotificationConfiguration", off: &node{name: "NotificationConfiguration"},
			fetch: operation((*s3.Client).GetBucketNotificationConfiguration, func(r settingRequest) *s3.GetBucketNotificationConfigurationInput {
				return &s3.GetBucketNotificationConfigurationInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketNotificationConfiguration, func(r settingRequest) *s3.PutBucketNotificationConfigurationInput {
				return &s3.PutBucketNotificationConfigurationInput{Bucket: r.bucket, NotificationConfiguration: &types.NotificationConfiguration{}}
			})},
		{feature: "replication", root: "ReplicationConfiguration", absent: []string{"ReplicationConfigurationNotFoundError"},
			get: "GetBucketReplication", put: "PutBucketReplication", del: "DeleteBucketReplication",
			fetch: operation((*s3.Client).GetBucketReplication, func(r settingRequest) *s3.GetBucketReplicationInput {
				return &s3.GetBucketReplicationInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketReplication, func(r settingRequest) *s3.PutBucketReplicationInput {
				return &s3.PutBucketReplicationInput{Bucket: r.bucket, ReplicationConfiguration: &types.ReplicationConfiguration{Role: aws.String(""), Rules: []types.ReplicationRule{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketReplication, func(r settingRequest) *s3.DeleteBucketReplicationInput {
				return &s3.DeleteBucketReplicationInput{Bucket: r.bucket}
			})},
		{feature: "tags", root: "Tagging", absent: []string{"NoSuchTagSet", "NoSuchTagSetError"}, get: "GetBucketTagging", put: "PutBucketTagging", del: "DeleteBucketTagging",
			fetch: operation((*s3.Client).GetBucketTagging, func(r settingRequest) *s3.GetBucketTaggingInput {
				return &s3.GetBucketTaggingInput{Bucket: r.bucket}
			}),
			send: operation((*s3.Client).PutBucketTagging, func(r settingRequest) *s3.PutBucketTaggingInput {
				return &s3.PutBucketTaggingInput{Bucket: r.bucket, Tagging: &types.Tagging{TagSet: []types.Tag{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketTagging, func(r settingRequest) *s3.DeleteBucketTaggingInput {
				return &s3.DeleteBucketTaggingInput{Bucket: r.bucket}
			})},
	}
}
