package aws

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fromCLI returns the login that aws sso login made, or nil. The AWS command line and AWS's libraries share
// it: ~/.aws/sso/cache/SHA1(START URL).json. It is read and never written: they renew it.
func (c *call) fromCLI() *ssoLogin {
	if c.Home == "" {
		return nil
	}
	start := c.d.Text("sso_start_url")
	sum := sha1.Sum([]byte(start))
	path := filepath.Join(c.Home, ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<10 {
		return nil
	}
	text, err := os.ReadFile(path)
	var kept struct {
		StartURL string `json:"startUrl"`
		Region   string `json:"region"`
		Access   string `json:"accessToken"`
		Expires  string `json:"expiresAt"`
	}
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.StartURL != start || kept.Region != c.d.Text("sso_region") {
		return nil
	}
	// Old versions of the command line wrote UTC in place of Z.
	expires, err := time.Parse(time.RFC3339, strings.Replace(kept.Expires, "UTC", "Z", 1))
	if err != nil {
		return nil
	}
	return &ssoLogin{Access: kept.Access, Expires: expires, borrowed: true}
}
