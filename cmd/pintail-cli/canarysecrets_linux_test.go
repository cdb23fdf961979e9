package main

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echoOff waits until the terminal does not show what is typed, as a person does who reads the question first.
func (c *canaryRun) echoOff(master *os.File) {
	c.t.Helper()
	for {
		state, err := unix.IoctlGetTermios(int(master.Fd()), unix.TCGETS)
		if err != nil || c.t.Context().Err() != nil {
			c.t.Fatal("the terminal is gone")
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// onTerminal runs the program with a terminal of its own and types an answer each time that a question, which ends in ": ", stands there.
// It returns what was on the terminal, and what was printed.
func (c *canaryRun) onTerminal(answers []string, args ...string) (shown, out []byte) {
	c.t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	defer master.Close()
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		c.t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), program, args...)
	cmd.Dir = c.dir
	cmd.Env = append(c.env[:len(c.env):len(c.env)], "AWS_ENDPOINT_URL_S3="+c.server.URL(), "AWS_ACCESS_KEY_ID=")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	_ = slave.Close() // the program's is open
	var screen bytes.Buffer
	buf := make([]byte, 1024)
	for at := 0; ; {
		n, err := master.Read(buf)
		screen.Write(buf[:n])
		if err != nil { // the program has ended
			break
		}
		if len(answers) > 0 && bytes.HasSuffix(screen.Bytes()[at:], []byte(": ")) {
			at = screen.Len()
			c.echoOff(master)
			if _, err := master.WriteString(answers[0] + "\n"); err != nil {
				c.t.Fatal(err)
			}
			answers = answers[1:]
		}
	}
	if err := cmd.Wait(); err != nil || len(answers) > 0 {
		c.t.Errorf("%s: %v, %d answers left\n%s%s", args, err, len(answers), screen.Bytes(), stderr.Bytes())
	}
	c.commands++
	return screen.Bytes(), append(stdout.Bytes(), stderr.Bytes()...)
}

// TestCanary_TheEncryptedFileKeepsSecretAndPassphrase types secret and passphrase at the prompts of a real terminal: neither is echoed,
// printed, logged, or in any file, the encrypted one included.
func TestCanary_TheEncryptedFileKeepsSecretAndPassphrase(t *testing.T) {
	t.Parallel()
	c := newCanaryRun(t)
	c.round("plain", 0, "pref set keychain.file true", c.server.URL(), "", "", true)
	steps := []struct {
		line    string
		answers []string
	}{
		{"login --username " + canaryKey + " --verbose --log log.txt", []string{canarySecret, canaryPhrase, canaryPhrase}},
		{"whoami --username " + canaryKey + " --verbose --log log.txt", []string{canaryPhrase}},
		{"ls --username " + canaryKey + " --json --log log.txt", []string{canaryPhrase}},
		{"logout --username " + canaryKey + " --verbose --log log.txt", []string{canaryPhrase}},
	}
	for _, s := range steps[:3] {
		shown, out := c.onTerminal(s.answers, strings.Fields(s.line)...)
		c.look(s.line+" (terminal)", shown)
		c.look(s.line+" (output)", out)
	}
	c.scan(c.home) // while the secret is stored
	shown, out := c.onTerminal(steps[3].answers, strings.Fields(steps[3].line)...)
	c.look("logout (terminal)", shown)
	c.look("logout (output)", out)
	c.scan(c.home)
	c.scan(c.dir)
}
