package keychain

// ListAWSProfiles lists the profiles of both files, by name, without any secret. A missing file has none.
func ListAWSProfiles(files AWSFiles) ([]AWSProfile, error) { return nil, nil }

// ReadAWSConfig returns the settings of the named profile ("" means AWS_PROFILE's default, "default").
func ReadAWSConfig(files AWSFiles, profile string) (AWSConfig, error) { return AWSConfig{}, nil }
