package keychain

import "context"

func (req *Request) fromAWSProfile(ctx context.Context) (Resolved, error) {
	return Resolved{}, errNotHere
}
func (req *Request) fromContainer(ctx context.Context) (Resolved, error) {
	return Resolved{}, errNotHere
}
func (req *Request) fromInstance(ctx context.Context) (Resolved, error) {
	return Resolved{}, errNotHere
}
