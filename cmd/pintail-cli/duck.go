package main

import (
	"strconv"
	"strings"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// duckCall is a command line in duck's form: one action, its addresses and paths, and duck's options.
type duckCall struct {
	action string
	args   []string
	values map[string]string // of the options that were given, by long name; "" for those without a value
}

// duckActions are duck's actions, short and long; help and version are the same for both forms.
var duckActions = map[string]string{
	"-l": "list", "--list": "list", "-L": "longlist", "--longlist": "longlist", "-d": "download", "--download": "download",
	"--upload": "upload", "--copy": "copy", "--move": "move", "-D": "delete", "--delete": "delete", "-c": "mkdir", "--mkdir": "mkdir",
	"--synchronize": "synchronize", "--edit": "edit", "--purge": "purge", "-V": "version",
}

// duckValue says what follows an option.
type duckValue int

const (
	noValue       duckValue = iota
	oneValue                // the next argument
	maybeANumber            // the next argument if it is a number
	ignored                 // nothing; the option means nothing for S3
	ignoredValue            // the next argument, which means nothing for S3
	refusedOption           // what it asks for is not done here
)

type duckOption struct {
	name  string
	value duckValue
}

// duckOptions are duck's options by their long and short forms.
func duckOptions() map[string]duckOption {
	all := map[string]duckOption{}
	add := func(v duckValue, names ...string) {
		for _, n := range names {
			long, short, _ := strings.Cut(n, " ")
			all["--"+long] = duckOption{long, v}
			if short != "" {
				all["-"+short] = duckOption{long, v}
			}
		}
	}
	add(noValue, "anonymous", "preserve P", "nochecksum", "nokeychain", "verbose v", "debug", "quiet q", "assumeyes y")
	add(oneValue, "username u", "password p", "profile", "region", "throttle", "application", "existing e")
	add(maybeANumber, "retry r", "parallel")
	add(ignored, "udt")
	add(ignoredValue, "identity i", "chmod")
	add(refusedOption, "vault")
	return all
}

// parseDuck reads a command line in duck's form. ok is false when it is not one: what comes first, options of duck's aside, is
// none of its actions.
func parseDuck(args []string) (d duckCall, ok bool, err error) {
	d.values = map[string]string{}
	options := duckOptions()
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			d.args = append(d.args, args[i+1:]...)
			break
		}
		name, given, hasValue := strings.Cut(arg, "=")
		if action := duckActions[name]; action != "" {
			if d.action != "" {
				return d, true, usagef("--%s and --%s: only one action goes", d.action, action)
			}
			d.action = action
			if hasValue {
				d.args = append(d.args, given)
			}
			continue
		}
		opt, known := options[name]
		switch {
		case !strings.HasPrefix(arg, "-") || arg == "-":
			if d.action == "" {
				return d, false, nil
			}
			d.args = append(d.args, arg)
			continue
		case !known && d.action == "":
			return d, false, nil
		case !known:
			return d, true, usagef("duck has no option %s", name)
		}
		takes := opt.value == oneValue || opt.value == ignoredValue || opt.value == refusedOption || opt.value == maybeANumber && i+1 < len(args) && isNumber(args[i+1])
		if takes && !hasValue {
			if i++; i == len(args) {
				return d, d.action != "", usagef("%s needs a value", name)
			}
			given = args[i]
		}
		d.values[opt.name] = given
	}
	return d, d.action != "", d.check()
}

func isNumber(s string) bool { _, err := strconv.ParseUint(s, 10, 31); return err == nil }

// check counts what the action needs.
func (d *duckCall) check() error {
	need := map[string][2]int{
		"list": {1, 1}, "longlist": {1, 1}, "download": {1, 2}, "upload": {2, 1 << 20}, "copy": {2, 2}, "move": {2, 2}, "delete": {1, 1}, "mkdir": {1, 1},
		"synchronize": {2, 2}, "edit": {1, 1}, "purge": {1, 1},
	}[d.action]
	switch {
	case d.has("vault"):
		return usagef("--vault: encrypted vaults are not opened here")
	case len(d.args) < need[0]:
		return usagef("--%s: too few arguments", d.action)
	case len(d.args) > need[1]:
		return usagef("--%s: too many arguments; quote names with spaces and wildcards", d.action)
	}
	_, err := d.existing()
	return err
}

func (d *duckCall) has(name string) bool { _, ok := d.values[name]; return ok }

// existing is what is done with targets that are there; "" = as without the option.
func (d *duckCall) existing() (prompt.Action, error) {
	if d.action == "synchronize" {
		if way := strings.ToLower(d.values["existing"]); d.has("existing") && !strings.Contains(" download upload mirror cancel ", " "+way+" ") {
			return "", usagef("--existing %s: choose download, upload, mirror or cancel", way)
		}
		return "", nil
	}
	if !d.has("existing") {
		if d.has("quiet") {
			return prompt.Compare, nil
		}
		return "", nil
	}
	action, ok := map[string]prompt.Action{
		"resume": prompt.Resume, "overwrite": prompt.Overwrite, "similar": prompt.Rename, "rename": prompt.RenameExisting, "skip": prompt.Skip,
		"compare": prompt.Compare, "cancel": prompt.Cancel,
	}[strings.ToLower(d.values["existing"])]
	if !ok {
		return "", usagef("--existing %s: choose resume, overwrite, similar, rename, skip, compare or cancel", d.values["existing"])
	}
	return action, nil
}

// flags are duck's options as those of this program.
func (d *duckCall) flags() []string {
	var f []string
	number := func(name, to, without string, more int) {
		if !d.has(name) {
			return
		}
		n, err := strconv.Atoi(orElse(d.values[name], without))
		if err == nil {
			f = append(f, to+"="+strconv.Itoa(n+more))
		}
	}
	number("retry", "--retry", "1", 1) // ours counts the first try, too
	number("parallel", "--connections", "2", 0)
	for name, to := range map[string]string{
		"nochecksum": "--no-verify", "verbose": "--verbose", "debug": "--verbose", "quiet": "--quiet", "assumeyes": "--yes", "anonymous": "--anonymous",
	} {
		if d.has(name) {
			f = append(f, to)
		}
	}
	for _, name := range []string{"throttle", "region"} {
		if d.has(name) {
			f = append(f, "--"+name+"="+d.values[name])
		}
	}
	return f
}

// address reads s3:/BUCKET/KEY, s3:BUCKET/KEY, SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/BUCKET/KEY. The scheme is s3 or the vendor
// of a connection profile.
func (d *duckCall) address(s string, all *profiles.Registry) (address, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, `/\`) {
		return address{}, usagef("%s is no address; write s3:/BUCKET/KEY or s3://HOST/BUCKET/KEY", s)
	}
	user, password, host := d.values["username"], d.values["password"], ""
	path := strings.TrimPrefix(rest, "/")
	if authority, found := strings.CutPrefix(rest, "//"); found {
		authority, path, _ = strings.Cut(authority, "/")
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			u, p, _ := strings.Cut(authority[:i], ":")
			user, password, authority = orElse(u, user), orElse(p, password), authority[i+1:]
		}
		host = authority
	}
	spec := connect.Spec{Profile: d.values["profile"], Endpoint: host, Region: d.values["region"], KeyID: user, Anonymous: d.has("anonymous")}
	if spec.Profile == "" && !strings.EqualFold(scheme, profiles.S3) {
		p, err := all.ForBookmark(profiles.S3, scheme, host)
		if err != nil {
			return address{}, err
		}
		spec.Profile = p.File
	}
	if password != "" && user != "" {
		spec.Typed = keychain.Typed{KeyID: user, Secret: keychain.NewSecret(password)}
	}
	bucket, key, _ := strings.Cut(path, "/")
	return address{Location: storage.Location{Bucket: bucket, Key: key}, Spec: &spec, Given: scheme + "://" + strings.TrimSuffix(host+"/"+path, "/")}, nil
}

// secretGiven tells whether a secret stood on the command line, where other programs can read it.
func (d *duckCall) secretGiven() bool {
	if d.values["password"] != "" {
		return true
	}
	for _, s := range d.args {
		_, rest, _ := strings.Cut(s, "://")
		authority, _, _ := strings.Cut(rest, "/")
		if info, _, ok := strings.Cut(authority, "@"); ok && strings.Contains(info, ":") {
			return true
		}
	}
	return false
}

// duckPreferences are preferences by their names in the environment, as duck takes them; they hold for this run.
func duckPreferences(getenv func(string) string) map[string]string {
	set := map[string]string{}
	for _, def := range preferences.All() {
		if v := getenv(def.Name); v != "" && strings.Contains(def.Name, ".") {
			set[def.Name] = v
		}
	}
	return set
}
