package codec

import (
	"bytes"
	"slices"
	"strings"
)

// stripe is the Stripe CLI's config.toml. The project "default" is the current profile, and each other
// project is a profile of its own. The key has the name of the variable that the CLI reads.
var stripe = Codec{Name: "stripe", Detect: isStripe, Read: readStripe}

var stripeNames = map[string]string{
	"test_mode_api_key": "STRIPE_API_KEY",
	"secret_key":        "STRIPE_API_KEY", // of old versions
	"api_key":           "STRIPE_API_KEY",
	"test_mode_pub_key": "STRIPE_PUBLISHABLE_KEY",
	"live_mode_api_key": "STRIPE_LIVE_API_KEY",
	"live_mode_pub_key": "STRIPE_LIVE_PUBLISHABLE_KEY",
}

// stripeSettings are no secrets.
var stripeSettings = []string{"account_id", "color", "device_name", "display_name", "installed_plugins", "live_mode_key_expires_at",
	"machine_uuid", "profile_name", "project-name", "test_mode_key_expires_at"}

const whyRedacted reason = "is shortened; the Stripe CLI keeps the key itself in the system's keyring"

func isStripe(name string, b []byte) bool {
	return name == "config.toml" && (bytes.Contains(b, []byte("test_mode_api_key")) || bytes.Contains(b, []byte("live_mode_api_key")))
}

func readStripe(b []byte, o Options) ([]Pair, []Problem) {
	entries, problems := readEntries(b, o)
	if problems != nil {
		return nil, problems
	}
	var t result
	for _, e := range entries {
		key := e.path[len(e.path)-1]
		name := stripeNames[key]
		section := ""
		if len(e.path) == 2 && e.path[0] != "default" {
			section = e.path[0]
		}
		switch {
		case slices.Contains(stripeSettings, e.path[0]) || slices.Contains(stripeSettings, key):
		case section != "" && !isName(section, " .-@:/+"):
			t.refuse(key, e.line, whyHeader)
		case len(e.path) != 2 || name == "":
			t.refuse(key, e.line, whySetting)
		case e.why != "":
			t.refuse(key, e.line, e.why)
		case strings.Contains(string(e.value), "*"):
			t.refuse(key, e.line, whyRedacted)
		default:
			t.pairs = append(t.pairs, Pair{Section: section, Name: name, Value: e.value, Line: e.line})
		}
	}
	return t.settled()
}
