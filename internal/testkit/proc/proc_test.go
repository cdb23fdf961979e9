package proc_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/proc"
)

// helperEnv makes the test binary start a long-lived program, print its id, and wait to be killed.
const helperEnv = "PINTAIL_PROC_HELPER"

func TestMain(m *testing.M) {
	if log := os.Getenv(helperEnv); log != "" {
		p, err := proc.Start(proc.Spec{Name: "sleep", Argv: []string{"sh", "-c", "echo $$; exec sleep 600"}, Log: log})
		if err == nil {
			err = p.Await(func() bool { return p.Log() != "" })
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.Log())
		select {}
	}
	os.Exit(m.Run())
}

func TestStart_ProgramDiesWithAKilledParent(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("only Linux ties a program to the one that started it")
	}
	helper := exec.Command(os.Args[0])
	helper.Env = append(os.Environ(), helperEnv+"="+filepath.Join(t.TempDir(), "log"))
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !proc.Alive(pid) {
		t.Fatalf("the program does not run: %q, %v", line, err)
	}
	if err := helper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait() // "signal: killed"
	for deadline := time.Now().Add(10 * time.Second); running(pid); {
		if time.Now().After(deadline) {
			t.Fatal("the program outlives the one that started it")
		}
	}
}

// running is false for a zombie too: the one that adopts it may be slow to bury it.
func running(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestAwait_SaysWhyAProgramEnded(t *testing.T) {
	p, err := proc.Start(proc.Spec{Name: "sh", Argv: []string{"sh", "-c", "echo no port; exit 3"}, Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Await(func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no port") {
		t.Errorf("got %v", err)
	}
	p.Kill() // of an ended program does nothing
}
