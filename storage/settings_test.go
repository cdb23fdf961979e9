package storage_test

import "pintail/internal/testkit/servers"

// noSettings is the settings of buckets that servers do not have; false: they answer as if there were none.
func noSettings() map[servers.Kind]map[string]bool {
	return map[servers.Kind]map[string]bool{
		servers.KindVersitygw: {"publicaccess": true, "encryption": true, "requesterpays": true, "accelerate": true, "logging": true, "notification": true, "replication": true,
			"lifecycle": true, "inventory": true, "analytics": true, "metrics": true, "tiering": true},
		servers.KindRGW: {"ownership": true, "encryption": true, "accelerate": true, "logging": false, "notification": true, "replication": false, "inventory": true,
			"analytics": true, "metrics": true, "tiering": true},
	}
}
