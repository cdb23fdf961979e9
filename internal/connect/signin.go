package connect

import (
	"context"
	"errors"
	"sync"

	"pintail/internal/prompt"
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

// resolve finds the credentials; where a sign-in to IAM Identity Center has ended and somebody can be asked, it signs in first.
func (env Env) resolve(ctx context.Context, req keychain.Request) (keychain.Resolved, error) {
	res, err := keychain.Resolve(ctx, req)
	var ended *keychain.SSOError
	who, can := env.Prompter.(prompt.SignInPrompter)
	if !errors.As(err, &ended) || !can {
		return res, err
	}
	if err := env.askToSignIn(ctx, ended.Profile, who); err != nil {
		return keychain.Resolved{}, err
	}
	return keychain.Resolve(ctx, req)
}

// askToSignIn signs in while the person is shown where. The end of the one ends the other.
func (env Env) askToSignIn(ctx context.Context, profile string, who prompt.SignInPrompter) error {
	ctx, end := context.WithCancelCause(ctx)
	var shown sync.WaitGroup
	_, err := SignIn(ctx, env, profile, func(d keychain.SSODevice) {
		shown.Go(func() {
			err := who.SignIn(ctx, prompt.SignIn{Profile: profile, URL: d.URL, Code: d.UserCode, Expires: d.Expires})
			if ctx.Err() == nil && err != nil {
				end(err)
			}
		})
	})
	if gaveUp := context.Cause(ctx); err != nil && errors.Is(gaveUp, prompt.ErrDismissed) {
		err = gaveUp
	}
	end(nil)
	shown.Wait()
	return err
}
