package connect

import (
	"context"

	"pintail/keychain"
)

// SignIn signs in to IAM Identity Center as the AWS profile says, which may be "" for AWS_PROFILE, then default. show is called once with the
// address to open in a browser and the code to compare. It waits for the person; errors are those of [keychain.LoginSSO].
func SignIn(ctx context.Context, env Env, profile string, show func(keychain.SSODevice)) (keychain.SSOResult, error) {
	env = env.filled()
	return keychain.LoginSSO(ctx, keychain.SSOLogin{
		Files: keychain.AWSFilesFrom(env.Getenv, env.Home), Profile: profile, Getenv: env.Getenv, Show: show,
	})
}
