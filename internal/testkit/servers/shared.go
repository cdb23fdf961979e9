package servers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

// EnvShared names the environment variable that holds the path of a JSON file with servers which are already running.
// `make test` sets it, so that all packages use the same ones.
const EnvShared = "PINTAIL_TEST_SERVERS"

// SharedVersitygw is a gateway that other tests use too: make buckets with random names, and do not kill it.
// It is the one of [EnvShared], or else one for this test binary.
func SharedVersitygw(t testing.TB) *Server { t.Helper(); return shared(t, KindVersitygw) }

// SharedRGW is a RADOS Gateway that other tests use too.
func SharedRGW(t testing.TB) *Server { t.Helper(); return shared(t, KindRGW) }

// SharedMinIO is a MinIO that other tests use too; it skips where there is none.
func SharedMinIO(t testing.TB) *Server { t.Helper(); return shared(t, KindMinIO) }

// SharedMoto is a moto server that other tests use too; it skips where there is none.
func SharedMoto(t testing.TB) *Server { t.Helper(); return shared(t, KindMoto) }

// pool keeps what this test binary started for all its tests. A test binary has no owner but the process: the servers
// end with it, by [Main] or by the kernel.
var pool struct {
	mu    sync.Mutex
	slots map[Kind]*slot
}

type slot struct {
	once   sync.Once
	server *Server
	err    error
}

func shared(t testing.TB, kind Kind) *Server {
	t.Helper()
	pool.mu.Lock()
	if pool.slots == nil {
		pool.slots = map[Kind]*slot{}
	}
	sl := pool.slots[kind]
	if sl == nil {
		sl = &slot{}
		pool.slots[kind] = sl
	}
	pool.mu.Unlock()
	sl.once.Do(func() { sl.server, sl.err = runningOrStart(kind) })
	if sl.err != nil {
		missing(t, kind, sl.err)
	}
	copied := *sl.server
	copied.start, copied.front, copied.back, copied.dir = nil, nil, nil, "" // so that no test can kill or stop it
	return &copied
}

func runningOrStart(kind Kind) (*Server, error) {
	path := os.Getenv(EnvShared)
	if path == "" {
		return Start(kind)
	}
	list, err := Load(path)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Name == kind {
			return s, nil
		}
	}
	return Start(kind)
}

// Main runs a package's tests and then stops what they shared: `func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }`.
// Without it the kernel ends the servers with the test binary, and the next start of a server removes their data.
func Main(m *testing.M) int {
	code := m.Run()
	pool.mu.Lock()
	defer pool.mu.Unlock()
	for _, sl := range pool.slots {
		if sl.server != nil {
			sl.server.Stop()
		}
	}
	return code
}

// record is a server in the file of [EnvShared].
type record struct {
	Server
	AccessLog string
}

// Save writes the file of [EnvShared].
func Save(path string, list []*Server) error {
	records := make([]record, 0, len(list))
	for _, s := range list {
		records = append(records, record{
			Server: Server{Name: s.Name, Version: s.Version, Endpoint: s.Endpoint, Region: s.Region,
				AccessKey: s.AccessKey, SecretKey: s.SecretKey,
				OtherAccessKey: s.OtherAccessKey, OtherSecretKey: s.OtherSecretKey},
			AccessLog: s.accessLog,
		})
	}
	b, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return fmt.Errorf("save servers: %w", err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("save servers: %w", err)
	}
	return nil
}

// Load reads the file of [EnvShared]. Servers read from it cannot be killed or stopped through the result.
func Load(path string) ([]*Server, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load servers: %w", err)
	}
	var records []record
	if err := json.Unmarshal(b, &records); err != nil {
		return nil, fmt.Errorf("load servers: %w", err)
	}
	if len(records) == 0 {
		return nil, errors.New("load servers: none in " + path)
	}
	list := make([]*Server, 0, len(records))
	for _, r := range records {
		s := r.Server
		s.accessLog = r.AccessLog
		list = append(list, &s)
	}
	return list, nil
}
