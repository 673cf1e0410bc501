// Signer signs requests as AWS's own library does: it reads one as JSON from each line, and prints its
// Authorization header. It is a module of its own, so that credfile does not depend on that library.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

type request struct {
	ID, Secret, Token, Region, URL, ContentType, Body string
	Time                                              time.Time
}

func main() {
	d := json.NewDecoder(os.Stdin)
	for {
		var r request
		if d.Decode(&r) != nil {
			return
		}
		if err := sign(r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func sign(r request) error {
	h, err := http.NewRequest(http.MethodPost, r.URL, bytes.NewReader([]byte(r.Body)))
	if err != nil {
		return err
	}
	h.Header.Set("Content-Type", r.ContentType)
	sum := sha256.Sum256([]byte(r.Body))
	c := aws.Credentials{AccessKeyID: r.ID, SecretAccessKey: r.Secret, SessionToken: r.Token}
	if err := v4.NewSigner().SignHTTP(context.Background(), c, h, hex.EncodeToString(sum[:]), "sts", r.Region, r.Time); err != nil {
		return err
	}
	_, err = fmt.Println(h.Header.Get("Authorization"))
	return err
}
