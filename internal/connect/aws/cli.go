package aws

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxCached is how large a file of the cache may be. A login has about 5 KiB.
const maxCached = 64 << 10

// fromCLI returns the login that aws sso login made, or nil. The AWS command line and AWS's libraries share
// it: ~/.aws/sso/cache/SHA1.json, where the hash is of a session's name, or in older configurations of the
// start URL. So the content decides, and the login that lasts longest is taken. It is read and never
// written: they renew it.
func (c *call) fromCLI() *ssoLogin {
	if c.Home == "" {
		return nil
	}
	dir := filepath.Join(c.Home, ".aws", "sso", "cache")
	entries, _ := os.ReadDir(dir)
	var best *ssoLogin
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue
		}
		if login := c.cached(filepath.Join(dir, e.Name())); login != nil && (best == nil || login.Expires.After(best.Expires)) {
			best = login
		}
	}
	return best
}

// cached reads a file of the cache. It returns nil for what is no login to this start URL.
func (c *call) cached(path string) *ssoLogin {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCached))
	var kept struct {
		StartURL string `json:"startUrl"`
		Region   string `json:"region"`
		Access   string `json:"accessToken"`
		Expires  string `json:"expiresAt"`
	}
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Access == "" {
		return nil
	}
	if page(kept.StartURL) != page(c.d.Text("sso_start_url")) || kept.Region != c.d.Text("sso_region") {
		return nil
	}
	// Old versions of the command line wrote UTC in place of Z.
	expires, err := time.Parse(time.RFC3339, strings.Replace(kept.Expires, "UTC", "Z", 1))
	if err != nil {
		return nil
	}
	return &ssoLogin{Access: kept.Access, Expires: expires, borrowed: true}
}

// page is a start URL without the end that people copy from the browser, or don't.
func page(url string) string { return strings.TrimRight(url, "/#") }
