package features

// accessList is who may do what.
var accessList = []feature{
	{"acl.object", "Access list of an object: grants added and taken"},
	{"acl.bucket", "Access list of a bucket: grants added and taken"},
	{"acl.canned", "Canned ACLs, read back"},
	{"acl.email", "Grants by e-mail address"},
	{"acl.effective", "Who gets in, and why"},
	{"cli.check", "pintail-cli check"},
	{"cli.acl", "pintail-cli acl"},
}
