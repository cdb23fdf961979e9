package storage

// ChecksumAlgorithm names a checksum as S3 spells it in headers and XML.
type ChecksumAlgorithm string

// The checksums that S3 knows and the choices that settings add.
const (
	ChecksumAuto      ChecksumAlgorithm = ""     // CRC64NVME where the server keeps it, else SHA256, else Content-MD5
	ChecksumNone      ChecksumAlgorithm = "NONE" // only what the signature needs
	ChecksumMD5       ChecksumAlgorithm = "MD5"  // Content-MD5
	ChecksumCRC32     ChecksumAlgorithm = "CRC32"
	ChecksumCRC32C    ChecksumAlgorithm = "CRC32C"
	ChecksumCRC64NVME ChecksumAlgorithm = "CRC64NVME"
	ChecksumSHA1      ChecksumAlgorithm = "SHA1"
	ChecksumSHA256    ChecksumAlgorithm = "SHA256"
)

// Checksums are the checksums that the server keeps of an object, base64 by algorithm. FullObject is false for a composite
// (a checksum of the parts' checksums, whose value ends in "-N").
type Checksums struct {
	Values     map[ChecksumAlgorithm]string
	FullObject bool
}

// Same compares what is kept of two objects by a checksum of the whole that both have. Without one the algorithm is "", and nothing is known.
func (c Checksums) Same(o Checksums) (a ChecksumAlgorithm, same bool) {
	if !c.FullObject || !o.FullObject {
		return "", false
	}
	for a, v := range c.Values {
		if w := o.Values[a]; v != "" && w != "" {
			return a, v == w
		}
	}
	return "", false
}

// Proof says how strongly a transfer was verified, from weak to strong.
type Proof int

// The levels of verification that are reported for each file.
const (
	ProofNone   Proof = iota // nothing is proved: never reported as done
	ProofSize                // the size agrees
	ProofStored              // the server accepted it with an enforced checksum, but it could not be read back
	ProofMD5                 // an ETag that is an MD5, or one recomputed from the parts' MD5s, agrees
	ProofParts               // the checksum of each part agrees
	ProofFull                // the checksum of the whole object agrees
)

// String is the word used in JSON output: full, parts, md5, stored, size or none.
func (p Proof) String() string {
	return [...]string{"none", "size", "stored", "md5", "parts", "full"}[p]
}
