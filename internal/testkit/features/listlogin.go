package features

// loginList is the ways to log in.
var loginList = []feature{
	{"login.role", "Role assumed through a profile of the AWS files, with a code where it asks for one"},
	{"login.session", "Session of long-term keys and a code"},
	{"login.renewed", "Session that ends in a transfer: paused, asked for a code, gone on in the same upload"},
	{"login.sso", "IAM Identity Center: signed in by the device flow, role credentials"},
	{"login.instance", "Role of the machine by instance metadata version 2"},
	{"login.webidentity", "Role by the token of an identity provider"},
	{"login.openid", "OpenID Connect: signed in in the browser, role credentials, renewed"},
	{"login.awslogin", "Session of aws login: read, renewed, its end said"},
}
