package servers

import (
	"debug/buildinfo"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"pintail/internal/testkit"
	"pintail/internal/testkit/proc"
)

// find looks for a program in build/tools of the repository, then on PATH.
func find(program, howToGet string) (string, error) {
	if root, err := testkit.Root(); err == nil {
		p := filepath.Join(root, "build", "tools", program)
		if fi, err := os.Stat(p); err == nil && fi.Mode()&0o111 != 0 {
			return p, nil
		}
	}
	p, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%s is %w: %s", program, ErrMissing, howToGet)
	}
	return filepath.Abs(p)
}

// moduleVersion is the version of the Go module that a program was built from.
func moduleVersion(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "unknown"
	}
	return info.Main.Version
}

func startVersitygw(s *Server) error {
	bin, err := find("versitygw", "run `make setup`")
	if err != nil {
		return err
	}
	s.Version = moduleVersion(bin)
	for _, d := range []string{"data", "versions", "iam"} {
		if err := os.Mkdir(filepath.Join(s.dir, d), 0o700); err != nil {
			return fmt.Errorf("start versitygw: %w", err)
		}
	}
	s.accessLog = filepath.Join(s.dir, "access.log")
	env := []string{"ROOT_ACCESS_KEY_ID=" + s.AccessKey, "ROOT_SECRET_ACCESS_KEY=" + s.SecretKey}
	err = s.launch(func(port int) (*proc.Process, error) {
		// It changes into its data folder: every path is absolute. Connections are kept only when asked.
		return proc.Start(proc.Spec{Name: "versitygw", Log: filepath.Join(s.dir, "log"), Env: env, Argv: []string{bin,
			"--port", fmt.Sprintf("127.0.0.1:%d", port), "--keep-alive", "--quiet", "--region", s.Region,
			"--iam-dir", filepath.Join(s.dir, "iam"), "--virtual-domain", "s3.localhost",
			"--access-log", s.accessLog,
			"posix", "--versioning-dir", filepath.Join(s.dir, "versions"), filepath.Join(s.dir, "data")}})
	})
	if err != nil {
		return err
	}
	_, err = proc.Run([]string{"ADMIN_ACCESS_KEY_ID=" + s.AccessKey, "ADMIN_SECRET_ACCESS_KEY=" + s.SecretKey}, bin,
		"admin", "--endpoint-url", s.Endpoint, "create-user",
		"--access", s.OtherAccessKey, "--secret", s.OtherSecretKey, "--role", "user")
	return err
}

// MinIOKey is the key that MinIO can encrypt objects with, for which it needs no key service: one of 32 bytes that are secret to nobody.
const MinIOKey = "pintail-key"

// MinIOQueue is where MinIO can send the events of a bucket: to nobody, which it takes for a receiver that is away.
const MinIOQueue = "arn:minio:sqs::1:webhook"

func startMinIO(s *Server) error {
	bin, err := find("minio", "run `make minio`")
	if err != nil {
		return err
	}
	s.Version = moduleVersion(bin)
	env := append([]string{"MINIO_ROOT_USER=" + s.AccessKey, "MINIO_ROOT_PASSWORD=" + s.SecretKey,
		"MINIO_CI_CD=1", "MINIO_BROWSER=off", "MINIO_DOMAIN=s3.localhost", "HOME=" + s.dir,
		"MINIO_NOTIFY_WEBHOOK_ENABLE_1=on", "MINIO_NOTIFY_WEBHOOK_ENDPOINT_1=http://127.0.0.1:1/", "MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_1=" + filepath.Join(s.dir, "events"),
		"MINIO_KMS_SECRET_KEY=" + MinIOKey + ":" + base64.StdEncoding.EncodeToString(make([]byte, 32))}, s.env...)
	err = s.launch(func(port int) (*proc.Process, error) {
		return proc.Start(proc.Spec{Name: "minio", Log: filepath.Join(s.dir, "log"), Env: env, Argv: []string{bin,
			"server", "--quiet", "--address", fmt.Sprintf("127.0.0.1:%d", port), filepath.Join(s.dir, "data")}})
	})
	if err != nil {
		return err
	}
	return s.MC("admin", "user", "add", "server", s.OtherAccessKey, s.OtherSecretKey)
}

// MC runs a command of MinIO's own client as the first account; the server's name in it is "server". Only for MinIO, whose interface for
// accounts and for the targets of replication is no one else's.
func (s *Server) MC(args ...string) error {
	bin, err := find("mc", "run `make minio`")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mc-")
	if err != nil {
		return fmt.Errorf("mc: %w", err)
	}
	defer os.RemoveAll(dir)
	own := "MC_HOST_server=" + strings.Replace(s.Endpoint, "://", "://"+s.AccessKey+":"+s.SecretKey+"@", 1)
	_, err = proc.Run([]string{own, "HOME=" + dir}, append([]string{bin, "--config-dir", dir, "--quiet"}, args...)...)
	return err
}

func startMoto(s *Server) error {
	bin, err := find("moto_server", "it has no Debian package; install moto[server] with pip")
	if err != nil {
		return err
	}
	s.Version = "unknown"
	if out, err := proc.Run(nil, "python3", "-c", "import moto; print(moto.__version__)"); err == nil {
		s.Version = strings.TrimSpace(string(out))
	}
	return s.launch(func(port int) (*proc.Process, error) {
		return proc.Start(proc.Spec{Name: "moto", Log: filepath.Join(s.dir, "log"), Argv: []string{bin,
			"-H", "127.0.0.1", "-p", fmt.Sprint(port)}})
	})
}
