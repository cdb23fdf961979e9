package storage

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// listedSettings are those of which a bucket has several, each with an id.
func listedSettings() []*setting {
	none := []string{"NoSuchConfiguration"}
	return []*setting{
		{feature: "inventory", root: "InventoryConfiguration", list: "ListBucketInventoryConfigurations", absent: none,
			get: "GetBucketInventoryConfiguration", put: "PutBucketInventoryConfiguration", del: "DeleteBucketInventoryConfiguration",
			fetch: operation((*s3.Client).GetBucketInventoryConfiguration, func(r settingRequest) *s3.GetBucketInventoryConfigurationInput {
				return &s3.GetBucketInventoryConfigurationInput{Bucket: r.bucket, Id: r.id}
			}),
			send: operation((*s3.Client).PutBucketInventoryConfiguration, func(r settingRequest) *s3.PutBucketInventoryConfigurationInput {
				return &s3.PutBucketInventoryConfigurationInput{Bucket: r.bucket, Id: r.id, InventoryConfiguration: &types.InventoryConfiguration{Id: r.id, IsEnabled: aws.Bool(true),
					IncludedObjectVersions: types.InventoryIncludedObjectVersionsAll, Schedule: &types.InventorySchedule{Frequency: types.InventoryFrequencyDaily},
					Destination: &types.InventoryDestination{S3BucketDestination: &types.InventoryS3BucketDestination{Bucket: r.bucket, Format: types.InventoryFormatCsv}}}}
			}),
			remove: operation((*s3.Client).DeleteBucketInventoryConfiguration, func(r settingRequest) *s3.DeleteBucketInventoryConfigurationInput {
				return &s3.DeleteBucketInventoryConfigurationInput{Bucket: r.bucket, Id: r.id}
			})},
		{feature: "analytics", root: "AnalyticsConfiguration", list: "ListBucketAnalyticsConfigurations", absent: none,
			get: "GetBucketAnalyticsConfiguration", put: "PutBucketAnalyticsConfiguration", del: "DeleteBucketAnalyticsConfiguration",
			fetch: operation((*s3.Client).GetBucketAnalyticsConfiguration, func(r settingRequest) *s3.GetBucketAnalyticsConfigurationInput {
				return &s3.GetBucketAnalyticsConfigurationInput{Bucket: r.bucket, Id: r.id}
			}),
			send: operation((*s3.Client).PutBucketAnalyticsConfiguration, func(r settingRequest) *s3.PutBucketAnalyticsConfigurationInput {
				return &s3.PutBucketAnalyticsConfigurationInput{Bucket: r.bucket, Id: r.id, AnalyticsConfiguration: &types.AnalyticsConfiguration{Id: r.id, StorageClassAnalysis: &types.StorageClassAnalysis{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketAnalyticsConfiguration, func(r settingRequest) *s3.DeleteBucketAnalyticsConfigurationInput {
				return &s3.DeleteBucketAnalyticsConfigurationInput{Bucket: r.bucket, Id: r.id}
			})},
		{feature: "metrics", root: "MetricsConfiguration", list: "ListBucketMetricsConfigurations", absent: none,
			get: "GetBucketMetricsConfiguration", put: "PutBucketMetricsConfiguration", del: "DeleteBucketMetricsConfiguration",
			fetch: operation((*s3.Client).GetBucketMetricsConfiguration, func(r settingRequest) *s3.GetBucketMetricsConfigurationInput {
				return &s3.GetBucketMetricsConfigurationInput{Bucket: r.bucket, Id: r.id}
			}),
			send: operation((*s3.Client).PutBucketMetricsConfiguration, func(r settingRequest) *s3.PutBucketMetricsConfigurationInput {
				return &s3.PutBucketMetricsConfigurationInput{Bucket: r.bucket, Id: r.id, MetricsConfiguration: &types.MetricsConfiguration{Id: r.id}}
			}),
			remove: operation((*s3.Client).DeleteBucketMetricsConfiguration, func(r settingRequest) *s3.DeleteBucketMetricsConfigurationInput {
				return &s3.DeleteBucketMetricsConfigurationInput{Bucket: r.bucket, Id: r.id}
			})},
		{feature: "intelligent-tiering", root: "IntelligentTieringConfiguration", list: "ListBucketIntelligentTieringConfigurations", absent: none,
			get: "GetBucketIntelligentTieringConfiguration", put: "PutBucketIntelligentTieringConfiguration", del: "DeleteBucketIntelligentTieringConfiguration",
			fetch: operation((*s3.Client).GetBucketIntelligentTieringConfiguration, func(r settingRequest) *s3.GetBucketIntelligentTieringConfigurationInput {
				return &s3.GetBucketIntelligentTieringConfigurationInput{Bucket: r.bucket, Id: r.id}
			}),
			send: operation((*s3.Client).PutBucketIntelligentTieringConfiguration, func(r settingRequest) *s3.PutBucketIntelligentTieringConfigurationInput {
				return &s3.PutBucketIntelligentTieringConfigurationInput{Bucket: r.bucket, Id: r.id, IntelligentTieringConfiguration: &types.IntelligentTieringConfiguration{
					Id: r.id, Status: types.IntelligentTieringStatusEnabled, Tierings: []types.Tiering{}}}
			}),
			remove: operation((*s3.Client).DeleteBucketIntelligentTieringConfiguration, func(r settingRequest) *s3.DeleteBucketIntelligentTieringConfigurationInput {
				return &s3.DeleteBucketIntelligentTieringConfigurationInput{Bucket: r.bucket, Id: r.id}
			})},
	}
}

// listings are how settings with ids are listed.
func listings() map[string]*setting {
	return map[string]*setting{
		"inventory": {get: "ListBucketInventoryConfigurations",
			fetch: operation((*s3.Client).ListBucketInventoryConfigurations, func(r settingRequest) *s3.ListBucketInventoryConfigurationsInput {
				return &s3.ListBucketInventoryConfigurationsInput{Bucket: r.bucket, ContinuationToken: r.token}
			})},
		"analytics": {get: "ListBucketAnalyticsConfigurations",
			fetch: operation((*s3.Client).ListBucketAnalyticsConfigurations, func(r settingRequest) *s3.ListBucketAnalyticsConfigurationsInput {
				return &s3.ListBucketAnalyticsConfigurationsInput{Bucket: r.bucket, ContinuationToken: r.token}
			})},
		"metrics": {get: "ListBucketMetricsConfigurations",
			fetch: operation((*s3.Client).ListBucketMetricsConfigurations, func(r settingRequest) *s3.ListBucketMetricsConfigurationsInput {
				return &s3.ListBucketMetricsConfigurationsInput{Bucket: r.bucket, ContinuationToken: r.token}
			})},
		"intelligent-tiering": {get: "ListBucketIntelligentTieringConfigurations",
			fetch: operation((*s3.Client).ListBucketIntelligentTieringConfigurations, func(r settingRequest) *s3.ListBucketIntelligentTieringConfigurationsInput {
				return &s3.ListBucketIntelligentTieringConfigurationsInput{Bucket: r.bucket, ContinuationToken: r.token}
			})},
	}
}
