package vectorgen

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
)

// Cases returns all vectors.
func Cases() []Case {
	return slices.Concat(okCases, versionCases, syntaxCases, orderCases, limitCases, keyCases, signatureCases, wrapCases, valueCases, deepCases, lockCases, trustCases)
}

// File returns the bytes of a case's file.
func (c Case) File() []byte {
	k := &kit{name: c.Name}
	if strings.HasPrefix(c.Name, "version_") || strings.HasPrefix(c.Name, "syntax_") {
		k.name = "edited"
	}
	body := c.Build(k)
	if k.zlib {
		k.set("body", "zlib")
		var b bytes.Buffer
		w := must(zlib.NewWriterLevel(&b, zlib.BestCompression))
		must(w.Write(body))
		if err := w.Close(); err != nil {
			panic(err)
		}
		body = b.Bytes()
	}
	head := fmt.Sprintf("expect: %s\ncomment: %s\n", c.Expect, c.Comment)
	for _, line := range k.head {
		head += line + "\n"
	}
	return append([]byte(head+"\n"), body...)
}
