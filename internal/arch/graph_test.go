package arch

// imports lists what the code of a package imports, apart from its tests.
type imports struct {
	own     []string // packages of this module; only downwards
	outside []string // packages of other modules
	guarded []string // packages of the standard library that need a reason: see guardedImport
}

// graph has one import a line, so that two changes to it merge.
var graph = map[string]imports{
	"cmd/credfile": {
		own: []string{
			"format",
			"internal/against",
			"internal/agefile",
			"internal/atomicfile",
			"internal/changes",
			"internal/cli",
			"internal/clip",
			"internal/codec",
			"internal/credentials",
			"internal/dialog",
			"internal/doctor",
			"internal/edit",
			"internal/editdoc",
			"internal/envname",
			"internal/front",
			"internal/generate",
			"internal/gitrepo",
			"internal/health",
			"internal/helper",
			"internal/inject",
			"internal/jsondoc",
			"internal/keycache",
			"internal/keys",
			"internal/leak",
			"internal/machine",
			"internal/own",
			"internal/passphrase",
			"internal/rekey",
			"internal/resolve",
			"internal/scan",
			"internal/session",
			"internal/source",
			"internal/term",
			"internal/tool",
			"internal/unlock",
			"internal/userdir",
			"kdf",
			"vaultfile",
			"vaultfile/merge",
			"vaultfile/openpgp",
			"vaultfile/trust",
		},
		outside: []string{
			"filippo.io/age/plugin",
			"github.com/spf13/cobra",
			"github.com/spf13/pflag",
		},
	},
	"cmd/credfile-connect": {
		own: []string{
			"internal/connect",
			"internal/front",
			"internal/source",
		},
		outside: []string{
			"golang.org/x/crypto/x509roots/fallback", // for an image without certificates
		},
	},
	"format": {},
	"internal/against": {
		own: []string{
			"format",
			"vaultfile",
			"vaultfile/trust",
		},
	},
	"internal/agefile": {
		outside: []string{
			"filippo.io/age",
			"filippo.io/age/armor",
		},
	},
	"internal/arch": {},
	"internal/atomicfile": {
		outside: []string{
			"golang.org/x/sys/unix",
			"golang.org/x/sys/windows",
		},
		guarded: []string{
			"unsafe", // a structure that Windows reads
		},
	},
	"internal/bench": {
		outside: []string{
			"filippo.io/age",
		},
		guarded: []string{
			"os/exec",
		},
	},
	"internal/bench/floor/exec": {},
	"internal/bench/floor/hash": {
		guarded: []string{
			"crypto/sha256",
			"crypto/sha512",
		},
	},
	"internal/bench/floor/open": {
		outside: []string{
			"filippo.io/age",
		},
	},
	"internal/bench/floor/read": {
		outside: []string{
			"filippo.io/age",
			"golang.org/x/crypto/chacha20poly1305",
		},
		guarded: []string{
			"crypto/hkdf",
			"crypto/sha256",
		},
	},
	"internal/bench/launch": {},
	"internal/changes": {
		own: []string{
			"format",
			"vaultfile",
		},
	},
	"internal/cli": {
		outside: []string{
			"github.com/spf13/cobra",
			"github.com/spf13/pflag",
		},
	},
	"internal/clip": {
		outside: []string{
			"golang.org/x/sys/windows",
		},
		guarded: []string{
			"os/exec",
			"unsafe", // what Windows reads and writes
		},
	},
	"internal/codec": {
		outside: []string{
			"github.com/BurntSushi/toml",
			"go.yaml.in/yaml/v3",
			"golang.org/x/text/unicode/norm", // HCL changes strings to NFC
		},
		guarded: []string{
			"crypto/rand", // a delimiter that no value can have
		},
	},
	"internal/connect": {
		own: []string{
			"internal/connect/aws",
			"internal/connect/githubapp",
			"internal/connect/google",
			"internal/connect/manager",
			"internal/connect/oauth",
			"internal/connect/remote",
			"internal/source",
		},
		guarded: []string{
			"net",
			"net/http",
		},
	},
	"internal/connect/aws": {
		own: []string{
			"internal/connect/loopback",
			"internal/connect/remote",
			"internal/source",
		},
		guarded: []string{
			"crypto/hmac",
			"crypto/rand",
			"crypto/sha1",
			"crypto/sha256",
			"crypto/sha512",
			"net/http",
			"net/url",
		},
	},
	"internal/connect/githubapp": {
		own: []string{
			"internal/connect/jwt",
			"internal/connect/remote",
			"internal/source",
		},
		guarded: []string{
			"net/http",
		},
	},
	"internal/connect/google": {
		own: []string{
			"internal/connect/jwt",
			"internal/connect/remote",
			"internal/source",
		},
		guarded: []string{
			"net/http",
			"net/url",
		},
	},
	"internal/connect/aws/ssotest": {
		guarded: []string{
			"crypto/sha256",
			"net/http",
			"net/http/httptest",
			"net/url",
		},
	},
	"internal/connect/jwt": {
		guarded: []string{
			"crypto",
			"crypto/rand",
			"crypto/rsa",
			"crypto/sha256",
			"crypto/x509",
		},
	},
	"internal/connect/jwt/jwttest": {
		guarded: []string{
			"crypto",
			"crypto/rsa",
			"crypto/sha256",
		},
	},
	"internal/connect/loopback": {
		guarded: []string{
			"crypto/subtle",
			"net",
			"net/http",
			"net/url",
		},
	},
	"internal/connect/manager": {
		own: []string{
			"internal/connect/remote",
			"internal/source",
			"internal/tool",
		},
	},
	"internal/connect/oauth": {
		own: []string{
			"internal/connect/loopback",
			"internal/connect/remote",
			"internal/source",
		},
		outside: []string{
			"golang.org/x/oauth2",
			"golang.org/x/oauth2/clientcredentials",
		},
		guarded: []string{
			"crypto/rand",
			"net/http",
			"net/url",
		},
	},
	"internal/connect/remote": {
		own: []string{
			"internal/source",
		},
		guarded: []string{
			"crypto/tls",
			"crypto/x509",
			"net",
			"net/http",
			"net/url",
		},
	},
	"internal/credentials": {
		own: []string{
			"format",
			"internal/atomicfile",
			"internal/codec",
			"internal/machine",
			"internal/source",
			"vaultfile",
		},
	},
	"internal/dialog": {
		own: []string{
			"internal/term",
		},
	},
	"internal/doctor": {
		own: []string{
			"format",
			"internal/atomicfile",
			"internal/codec",
		},
	},
	"internal/edit": {
		own: []string{
			"format",
			"internal/editdoc",
			"internal/front",
			"internal/keys",
			"vaultfile",
			"vaultfile/merge",
		},
		outside: []string{
			"filippo.io/age",
		},
	},
	"internal/editdoc": {
		own: []string{
			"format",
		},
		outside: []string{
			"github.com/BurntSushi/toml",
			"github.com/pelletier/go-toml/v2/unstable",
		},
	},
	"internal/envname": {},
	"internal/front": {
		own: []string{
			"internal/shell",
		},
		outside: []string{
			"github.com/creack/pty",
			"golang.org/x/sys/unix",
			"golang.org/x/sys/windows",
			"golang.org/x/term",
		},
		guarded: []string{
			"net/url",
			"os/exec",
			"unsafe", // a structure that Windows reads
		},
	},
	"internal/generate": {
		guarded: []string{
			"crypto/rand",
		},
	},
	"internal/gitrepo": {
		own: []string{
			"internal/atomicfile",
		},
		guarded: []string{
			"crypto/rand",
			"os/exec",
		},
	},
	"internal/health": {
		own: []string{
			"format",
			"kdf",
			"vaultfile",
		},
	},
	"internal/helper": {
		guarded: []string{
			"net/netip",
		},
	},
	"internal/inject": {},
	"internal/jsondoc": {
		own: []string{
			"format",
			"internal/against",
			"internal/changes",
			"internal/gitrepo",
			"internal/health",
			"internal/keys",
			"internal/term",
			"vaultfile",
			"vaultfile/trust",
		},
		outside: []string{
			"filippo.io/age",
		},
	},
	"internal/keycache": {
		outside: []string{
			"github.com/zalando/go-keyring",
			"golang.org/x/sys/unix",
		},
	},
	"internal/keys": {
		own: []string{
			"internal/agefile",
			"internal/atomicfile",
			"internal/shell",
			"internal/userdir",
		},
		outside: []string{
			"filippo.io/age",
			"filippo.io/age/agessh",
			"filippo.io/age/armor",
			"filippo.io/age/plugin",
			"golang.org/x/crypto/ssh",
		},
		guarded: []string{
			"crypto/ed25519",
			"crypto/rsa",
			"crypto/sha256",
			"crypto/x509",
		},
	},
	"internal/leak": {
		own: []string{
			"format",
			"internal/scan",
			"vaultfile",
		},
	},
	"internal/machine": {
		own: []string{
			"format",
			"internal/atomicfile",
			"internal/gitrepo",
			"internal/keys",
			"internal/unlock",
			"vaultfile",
			"vaultfile/merge",
			"vaultfile/trust",
		},
		outside: []string{
			"filippo.io/age/plugin",
		},
	},
	"internal/own": {
		own: []string{
			"format",
			"internal/keys",
			"vaultfile",
		},
		guarded: []string{
			"os/exec",
		},
	},
	"internal/passphrase": {
		own: []string{
			"internal/generate",
			"internal/keys",
			"internal/strength",
			"internal/term",
			"internal/unlock",
			"vaultfile",
		},
	},
	"internal/pgppacket": {},
	"internal/racetest":  {},
	"internal/tally":     {},
	"internal/tally/reader": {
		own:     []string{"vaultfile"},
		outside: []string{"filippo.io/age"},
	},
	"internal/torture": {
		outside: []string{
			"golang.org/x/sys/unix",
		},
		guarded: []string{
			"os/exec",
			"unsafe", // a structure that the kernel fills in
		},
	},
	"internal/tally/print": {
		own: []string{"internal/tally"},
	},
	"internal/rekey": {
		own: []string{
			"format",
			"internal/machine",
			"internal/unlock",
			"kdf",
			"vaultfile",
		},
	},
	"internal/mutate": {
		own: []string{"internal/tally"},
		guarded: []string{
			"os/exec",
		},
	},
	"internal/picture": {
		guarded: []string{
			"os/exec",
		},
	},
	"internal/resolve": {
		own: []string{
			"internal/envname",
			"internal/front",
			"vaultfile",
		},
	},
	"internal/session": {
		own: []string{
			"format",
			"internal/atomicfile",
			"internal/front",
			"internal/source",
			"internal/term",
			"internal/tool",
			"vaultfile",
		},
		outside: []string{
			"golang.org/x/crypto/chacha20poly1305",
		},
		guarded: []string{
			"crypto/rand",
			"crypto/sha256",
			"net/url", // of a page that the user is shown
			"os/exec",
		},
	},
	"internal/scan": {},
	"internal/shell": {
		outside: []string{
			"golang.org/x/sys/windows",
		},
		guarded: []string{
			"os/exec",
		},
	},
	"internal/source": {
		own: []string{
			"format",
			"internal/envname",
		},
		guarded: []string{
			"net/netip",
			"net/url",
		},
	},
	"internal/strength": {},
	"internal/term": {
		outside: []string{
			"golang.org/x/sys/unix",
			"golang.org/x/term",
		},
	},
	"internal/tool": {
		own: []string{
			"internal/front",
			"internal/gitrepo",
			"internal/userdir",
		},
		guarded: []string{
			"os/exec",
		},
	},
	"internal/unlock": {
		own: []string{
			"format",
			"internal/keycache",
			"internal/keys",
			"internal/term",
			"kdf",
			"vaultfile",
			"vaultfile/openpgp",
		},
		outside: []string{
			"filippo.io/age",
			"filippo.io/age/plugin",
		},
		guarded: []string{
			"crypto/sha256",
		},
	},
	"internal/userdir": {},
	"internal/vectorgen": {
		outside: []string{
			"filippo.io/age",
			"filippo.io/age/agessh",
			"filippo.io/age/armor",
			"filippo.io/age/plugin",
			"filippo.io/age/tag",
			"golang.org/x/crypto/argon2",
			"golang.org/x/crypto/chacha20poly1305",
			"golang.org/x/crypto/scrypt",
		},
		guarded: []string{
			"crypto/ecdh",
			"crypto/ed25519",
			"crypto/hkdf",
			"crypto/hmac",
			"crypto/sha256",
		},
	},
	"kdf": {
		outside: []string{
			"golang.org/x/crypto/argon2",
			"golang.org/x/crypto/scrypt",
		},
	},
	"vaultfile": {
		own: []string{
			"format",
			"internal/agefile",
			"internal/atomicfile",
			"internal/pgppacket",
			"kdf",
			"vaultfile/merge",
		},
		outside: []string{
			"filippo.io/age",
			"filippo.io/age/agessh",
			"filippo.io/age/plugin",
			"filippo.io/age/tag",
			"filippo.io/edwards25519",
			"golang.org/x/crypto/chacha20poly1305",
		},
		guarded: []string{
			"crypto/ed25519",
			"crypto/hkdf",
			"crypto/hmac",
			"crypto/rand",
			"crypto/sha256",
			"crypto/sha512",
		},
	},
	"vaultfile/merge": {
		own: []string{
			"format",
		},
	},
	"vaultfile/openpgp": {
		own: []string{
			"internal/pgppacket",
			"vaultfile",
		},
		outside: []string{
			"github.com/ProtonMail/go-crypto/openpgp/armor",
			"github.com/ProtonMail/go-crypto/openpgp/packet",
			"github.com/ProtonMail/go-crypto/openpgp/v2",
		},
		guarded: []string{
			"os/exec",
		},
	},
	"vaultfile/trust": {
		own: []string{
			"format",
			"internal/atomicfile",
			"internal/gitrepo",
			"internal/userdir",
			"vaultfile",
		},
		outside: []string{
			"filippo.io/age",
		},
		guarded: []string{
			"crypto/sha256",
		},
	},
}
