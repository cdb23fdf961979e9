package servers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"pintail/internal/testkit/proc"
)

// rgwConfig is a monitor, an OSD in memory and a gateway on loopback without authentication among them.
// The monitor needs a few MB; left to itself it ends when only a twentieth of the disk is free, however much that is.
// "crc" mode is needed: the gateway insists on "secure" connections to the monitor, which need cephx, and hangs without.
const rgwConfig = `[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monport}/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms client mode = crc
keyring = {dir}/keyring
log file = {dir}/$name.log
admin socket = {dir}/$name.asok
run dir = {dir}
crash dir = {dir}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
paxos propose interval = 0.05
paxos min wait = 0.01
[mon]
mon data = {dir}/mon
mon cluster log file = {dir}/cluster.log
mon data avail crit = 0
mon data avail warn = 0
[osd]
osd data = {dir}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = {dir}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 64
rgw dns name = s3.localhost
rgw enable static website = true
rgw enable apis = s3, s3website, sts, iam, admin
rgw torrent flag = true
rgw sts key = abcdefghijklmnop
rgw s3 auth use sts = true
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw lc debug interval = 10
`

// The device of RGW's first account, whose codes MFA delete asks for: six digits every 30 seconds from a seed of 20 bytes. Each code is
// taken once, and up to four steps from its time.
const (
	MFASerial = "pintail-device"
	MFASeed   = "3132333435363738393031323334353637383930" // hexadecimal
	mfaWindow = "4"
)

// ceph is the small cluster behind one gateway.
type ceph struct {
	dir  string
	fsid string
	bin  map[string]string
	env  []string
}

func startRGW(s *Server) error {
	c := &ceph{dir: s.dir, bin: map[string]string{}}
	c.env = []string{"CEPH_CONF=" + filepath.Join(s.dir, "ceph.conf")}
	for _, p := range []string{"ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph"} {
		bin, err := find(p, "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common")
		if err != nil {
			return err
		}
		c.bin[p] = bin
	}
	var err error
	if s.Version, err = c.version(); err != nil {
		return err
	}
	s.accessLog = filepath.Join(s.dir, "client.rgw.log")
	return s.launch(func(port int) (*proc.Process, error) {
		if len(s.back) == 0 {
			if err := c.up(s, port); err != nil {
				return nil, err
			}
		}
		return proc.Start(proc.Spec{Name: "radosgw", Log: filepath.Join(s.dir, "radosgw.out"), Env: c.env, Argv: []string{c.bin["radosgw"], "-n", "client.rgw", "-f"}})
	})
}

// version reads "16.2.15" out of "ceph version 16.2.15 (…) pacific (stable)".
func (c *ceph) version() (string, error) {
	out, err := proc.Run(c.env, c.bin["radosgw"], "--version")
	if err != nil {
		return "", err
	}
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return "", fmt.Errorf("radosgw --version: %q", out)
	}
	return words[2], nil
}

// up makes and starts the monitor and the OSD, then the accounts and storage classes.
func (c *ceph) up(s *Server, port int) error {
	monPort, err := freePort()
	if err != nil {
		return err
	}
	if c.fsid, err = uuid(); err != nil {
		return err
	}
	conf := strings.NewReplacer("{dir}", c.dir, "{fsid}", c.fsid, "{port}", fmt.Sprint(port), "{monport}", fmt.Sprint(monPort))
	for name, text := range map[string]string{"ceph.conf": conf.Replace(rgwConfig), "keyring": ""} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("start rgw: %w", err)
		}
	}
	for _, d := range []string{"mon", "osd", "rgw"} {
		if err := os.Mkdir(filepath.Join(c.dir, d), 0o700); err != nil {
			return fmt.Errorf("start rgw: %w", err)
		}
	}
	if err := c.store(s, monPort); err != nil {
		return err
	}
	return c.accounts(s)
}

// store starts the monitor and the OSD and waits until the OSD is up.
func (c *ceph) store(s *Server, monPort int) error {
	monmap := filepath.Join(c.dir, "monmap")
	osdID, err := uuid()
	if err != nil {
		return err
	}
	addr := fmt.Sprintf("[v2:127.0.0.1:%d/0]", monPort)
	if _, err := proc.Run(c.env, c.bin["monmaptool"], "--create", "--addv", "a", addr, "--fsid", c.fsid, monmap); err != nil {
		return err
	}
	if _, err := proc.Run(c.env, c.bin["ceph-mon"], "-i", "a", "--mkfs", "--monmap", monmap); err != nil {
		return err
	}
	mon, err := proc.Start(proc.Spec{Name: "ceph-mon", Log: filepath.Join(c.dir, "mon.out"), Env: c.env, Argv: []string{c.bin["ceph-mon"], "-i", "a", "-f"}})
	if err != nil {
		return err
	}
	s.back = append(s.back, mon)
	if _, err := proc.Run(c.env, c.bin["ceph"], "--connect-timeout", "30", "osd", "new", osdID, "0"); err != nil {
		return err
	}
	if _, err := proc.Run(c.env, c.bin["ceph-osd"], "-i", "0", "--mkfs", "--osd-uuid", osdID); err != nil {
		return err
	}
	osd, err := proc.Start(proc.Spec{Name: "ceph-osd", Log: filepath.Join(c.dir, "osd.out"), Env: c.env, Argv: []string{c.bin["ceph-osd"], "-i", "0", "-f"}})
	if err != nil {
		return err
	}
	s.back = append(s.back, osd)
	return osd.Await(func() bool {
		out, err := proc.Run(c.env, c.bin["ceph"], "--connect-timeout", "5", "osd", "stat")
		return err == nil && bytes.Contains(out, []byte("1 up"))
	})
}

// accounts makes the two users and the storage classes. The first command makes the pools and the default zone, so it
// runs alone; the others touch different objects.
func (c *ceph) accounts(s *Server) error {
	admin := func(args ...string) error {
		_, err := proc.Run(c.env, append([]string{c.bin["radosgw-admin"]}, args...)...)
		return err
	}
	err := admin("user", "create", "--uid=demo", "--display-name=Demo", "--email=demo@example.com",
		"--access-key="+s.AccessKey, "--secret-key="+s.SecretKey, "--caps=roles=*;user-policy=*")
	if err != nil {
		return err
	}
	jobs := []func() error{
		func() error {
			return admin("mfa", "create", "--uid=demo", "--totp-serial="+MFASerial, "--totp-seed="+MFASeed, "--totp-seed-type=hex", "--totp-window="+mfaWindow)
		},
		func() error {
			return admin("user", "create", "--uid=other", "--display-name=Other", "--email=other@example.com",
				"--access-key="+s.OtherAccessKey, "--secret-key="+s.OtherSecretKey)
		},
		func() error {
			return c.edit("zonegroup", "--rgw-zonegroup=default", func(doc map[string]any) error {
				return eachPlacement(doc["placement_targets"], func(p map[string]any) {
					p["storage_classes"] = []string{"STANDARD", "STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"}
				})
			})
		},
		func() error {
			return c.edit("zone", "--rgw-zone=default", func(doc map[string]any) error {
				return eachPlacement(doc["placement_pools"], func(p map[string]any) {
					classes := map[string]any{}
					for _, n := range []string{"STANDARD", "STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"} {
						classes[n] = map[string]any{"data_pool": "default.rgw.buckets.data"}
					}
					p["val"].(map[string]any)["storage_classes"] = classes
				})
			})
		},
	}
	errs := make([]error, len(jobs))
	var wg sync.WaitGroup
	for i, job := range jobs {
		wg.Go(func() { errs[i] = job() })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// eachPlacement calls change for every placement of a zone's or zonegroup's list.
func eachPlacement(list any, change func(map[string]any)) error {
	placements, ok := list.([]any)
	if !ok || len(placements) == 0 {
		return fmt.Errorf("start rgw: no placement in %v", list)
	}
	for _, p := range placements {
		change(p.(map[string]any))
	}
	return nil
}

// edit reads a zone or zonegroup, changes it and writes it back: two calls instead of one for each storage class.
func (c *ceph) edit(what, which string, change func(map[string]any) error) error {
	out, err := proc.Run(c.env, c.bin["radosgw-admin"], what, "get", which)
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(out, &doc); err != nil {
		return fmt.Errorf("radosgw-admin %s get: %w", what, err)
	}
	if err := change(doc); err != nil {
		return err
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("radosgw-admin %s set: %w", what, err)
	}
	file := filepath.Join(c.dir, what+".json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return fmt.Errorf("radosgw-admin %s set: %w", what, err)
	}
	_, err = proc.Run(c.env, c.bin["radosgw-admin"], what, "set", which, "--infile", file)
	return err
}

// uuid is a random identifier in the form Ceph wants.
func uuid() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/uuid")
	if err != nil {
		return "", fmt.Errorf("start rgw: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
