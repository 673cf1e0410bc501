package connect_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// startMoto starts moto's server in its own process, on a port that the system chooses.
const startMoto = `
import sys
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
`

// moto is an AWS that others have written. It checks neither signatures nor codes.
func TestMoto(t *testing.T) {
	if exec.Command("python3", "-c", "import moto.server").Run() != nil {
		t.Skip("needs moto and its server, a Python library")
	}
	cmd := exec.Command("python3", "-c", startMoto)
	cmd.Env = append(os.Environ(), "AWS_CONFIG_FILE="+filepath.Join(t.TempDir(), "none"), "AWS_EC2_METADATA_DISABLED=true")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); io.Copy(io.Discard, out); cmd.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(t)
	m.Now = time.Now
	ref := func(secrets map[string]string, pairs ...any) *source.Ref {
		d := definition(t, "aws", append(pairs, "endpoint", "http://127.0.0.1:"+strings.TrimSpace(port))...)
		return &source.Ref{Kind: "aws", Definition: d, Secrets: secrets}
	}
	base, _ := get(t, m, source.Get, ref(pair(), "mfa_serial", mfaSerial, "duration", "1h"), func(source.Event) string { return "123456" })
	if base.Error != nil {
		t.Fatal(base.Error)
	}
	from := map[string]string{}
	for name, value := range base.Values {
		from["from."+name] = value
	}
	role, _ := get(t, m, source.Get, ref(from, "from", "base", "role_arn", roleARN), nil)
	if role.Error != nil || role.Subject != "arn:aws:sts::123456789012:assumed-role/deploy/credfile" {
		t.Errorf("%+v %v", role, role.Error)
	}
	web, _ := get(t, m, source.Get, ref(map[string]string{"web_identity": token}, "web_identity", "job", "role_arn", roleARN), nil)
	if web.Error != nil {
		t.Error(web.Error)
	}
	for _, a := range []*source.Answer{base, role, web} {
		if left := time.Until(a.Expires); len(a.Values) != 4 || left <= 0 || left > time.Hour+time.Minute {
			t.Errorf("%d values for %v", len(a.Values), left)
		}
	}
}
