package storage

import "maps"

// shapes is how each setting is written as JSON. A line is the name of an element (or parent/element), then the JSON member with its
// kind: # a number, ? true or false, { an object, * a list of such elements, [X a list of the X in it.
func shapes() map[string]shape {
	tagged := map[string]string{"And": "And{", "And/Tag": "Tags*", "Tag": "Tag{"}
	with := func(more map[string]string) map[string]string {
		m := maps.Clone(tagged)
		maps.Copy(m, more)
		return m
	}
	return map[string]shape{
		"location":       {},
		"versioning":     {names: map[string]string{"MfaDelete": "MFADelete"}},
		"accelerate":     {},
		"requester-pays": {},
		"public-access": {wrap: "PublicAccessBlockConfiguration", names: map[string]string{"BlockPublicAcls": "BlockPublicAcls?", "IgnorePublicAcls": "IgnorePublicAcls?",
			"BlockPublicPolicy": "BlockPublicPolicy?", "RestrictPublicBuckets": "RestrictPublicBuckets?"}},
		"ownership":   {wrap: "OwnershipControls", names: map[string]string{"Rule": "Rules*"}},
		"object-lock": {wrap: "ObjectLockConfiguration", names: map[string]string{"Rule": "Rule{", "DefaultRetention": "DefaultRetention{", "Days": "Days#", "Years": "Years#"}},
		"encryption": {wrap: "ServerSideEncryptionConfiguration", names: map[string]string{"Rule": "Rules*", "BucketKeyEnabled": "BucketKeyEnabled?",
			"ApplyServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault{", "BlockedEncryptionTypes": "BlockedEncryptionTypes{", "EncryptionType": "EncryptionType*"}},
		"cors": {names: map[string]string{"CORSRule": "CORSRules*", "AllowedHeader": "AllowedHeaders*", "AllowedMethod": "AllowedMethods*", "AllowedOrigin": "AllowedOrigins*",
			"ExposeHeader": "ExposeHeaders*", "MaxAgeSeconds": "MaxAgeSeconds#"}},
		"lifecycle": {names: with(map[string]string{"LifecycleConfiguration/Rule": "Rules*", "Filter": "Filter{", "Transition": "Transitions*", "Expiration": "Expiration{", "Days": "Days#",
			"NoncurrentVersionTransition": "NoncurrentVersionTransitions*", "NoncurrentVersionExpiration": "NoncurrentVersionExpiration{", "NoncurrentDays": "NoncurrentDays#",
			"NewerNoncurrentVersions": "NewerNoncurrentVersions#", "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload{", "DaysAfterInitiation": "DaysAfterInitiation#",
			"ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker?", "ObjectSizeGreaterThan": "ObjectSizeGreaterThan#", "ObjectSizeLessThan": "ObjectSizeLessThan#"})},
		"website": {names: map[string]string{"IndexDocument": "IndexDocument{", "ErrorDocument": "ErrorDocument{", "RedirectAllRequestsTo": "RedirectAllRequestsTo{",
			"RoutingRules": "RoutingRules[RoutingRule", "Condition": "Condition{", "Redirect": "Redirect{"}},
		"logging": {names: map[string]string{"LoggingEnabled": "LoggingEnabled{", "TargetGrants": "TargetGrants[Grant", "Grantee": "Grantee{", "Grantee/@xsi:type": "Type",
			"TargetObjectKeyFormat": "TargetObjectKeyFormat{", "SimplePrefix": "SimplePrefix{", "PartitionedPrefix": "PartitionedPrefix{"}},
		"notification": {names: map[string]string{"TopicConfiguration": "TopicConfigurations*", "QueueConfiguration": "QueueConfigurations*",
			"CloudFunctionConfiguration": "LambdaFunctionConfigurations*", "Topic": "TopicArn", "Queue": "QueueArn", "CloudFunction": "LambdaFunctionArn", "Event": "Events*",
			"Filter": "Filter{", "S3Key": "Key{", "FilterRule": "FilterRules*", "EventBridgeConfiguration": "EventBridgeConfiguration{"}},
		"replication": {wrap: "ReplicationConfiguration", names: with(map[string]string{"ReplicationConfiguration/Rule": "Rules*", "Filter": "Filter{", "Priority": "Priority#",
			"Destination": "Destination{", "DeleteMarkerReplication": "DeleteMarkerReplication{", "Minutes": "Minutes#"})},
		"tags": {names: map[string]string{"TagSet": "TagSet[Tag"}},
		"inventory": {wrap: "InventoryConfiguration", names: map[string]string{"IsEnabled": "IsEnabled?", "OptionalFields": "OptionalFields[Field", "Filter": "Filter{",
			"Destination": "Destination{", "S3BucketDestination": "S3BucketDestination{", "Encryption": "Encryption{", "SSE-S3": "SSES3{", "SSE-KMS": "SSEKMS{", "Schedule": "Schedule{"}},
		"analytics":           {wrap: "AnalyticsConfiguration", names: with(map[string]string{"Filter": "Filter{", "StorageClassAnalysis": "StorageClassAnalysis{", "DataExport": "DataExport{"})},
		"metrics":             {wrap: "MetricsConfiguration", names: with(map[string]string{"Filter": "Filter{"})},
		"intelligent-tiering": {wrap: "IntelligentTieringConfiguration", names: with(map[string]string{"Filter": "Filter{", "Tiering": "Tierings*", "Days": "Days#"})},
	}
}
