package connect_test

import (
	"os"
	"testing"

	"pintail/internal/testkit/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }
