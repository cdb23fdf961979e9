package features

// profileList is what connection profiles do.
var profileList = []feature{
	{"profile.bundled", "Connection profiles of the providers, each with a server that behaves as it says"},
	{"profile.format", "Connection profiles read, kept and written; hostile ones refused"},
	{"profile.limits", "Limits on parts of a profile kept by transfers"},
}
