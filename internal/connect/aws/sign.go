package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// keys are those of a request.
type keys struct{ id, secret, token string }

// sign signs a POST to the path / without a query, with Signature Version 4:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
func sign(r *http.Request, body []byte, k keys, region string, now time.Time) {
	date := now.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", date)
	headers := []string{
		"content-length:" + strconv.Itoa(len(body)),
		"content-type:" + r.Header.Get("Content-Type"),
		"host:" + r.URL.Host,
		"x-amz-date:" + date,
	}
	signed := "content-length;content-type;host;x-amz-date"
	if k.token != "" {
		r.Header.Set("X-Amz-Security-Token", k.token)
		headers = append(headers, "x-amz-security-token:"+k.token)
		signed += ";x-amz-security-token"
	}
	request := strings.Join([]string{"POST", "/", "", strings.Join(headers, "\n"), "", signed, hexSum(string(body))}, "\n")
	scope := date[:8] + "/" + region + "/sts/aws4_request"
	text := strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hexSum(request)}, "\n")
	key := []byte("AWS4" + k.secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+k.id+"/"+scope+", SignedHeaders="+signed+", Signature="+hex.EncodeToString(mac(key, text)))
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
