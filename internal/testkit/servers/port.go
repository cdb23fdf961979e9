package servers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// freePort is a loopback port that nothing listens on. It lies below the range that the kernel gives to outgoing
// connections, so that a killed server finds it free again.
func freePort() (int, error) {
	for range 200 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("no free loopback port")
}
