package codec

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// exported writes one value, or reports that the format refuses it.
func exported(t *testing.T, format, name, value string, o Options) (file string, ok bool) {
	c, _ := Lookup(format)
	text, left, problems := c.Export([]Pair{{Name: name, Value: []byte(value)}}, o)
	if len(left) > 0 {
		t.Fatalf("the name %q is refused", name)
	}
	if len(problems) > 0 {
		return "", false
	}
	file = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, true
}

// basic is a server that notes the login that it is given.
func basic(t *testing.T) (host string, given func() string) {
	var header string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("Authorization")
		fmt.Fprint(w, `{"username":"x"}`)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), func() string { return header }
}

func TestNetrcReaders(t *testing.T) {
	racetest.Skip(t)
	host, given := basic(t)
	for _, tool := range []string{"curl", "python3"} {
		t.Run(tool, func(t *testing.T) {
			path, err := exec.LookPath(tool)
			if err != nil {
				t.Skipf("needs %s", tool)
			}
			taken := 0
			for _, value := range nasty {
				o := Options{}
				if tool == "curl" {
					o.Dialect = "curl"
				}
				file, ok := exported(t, "netrc", "bob@127.0.0.1", value, o)
				if !ok {
					continue
				}
				taken++
				got := ""
				if tool == "curl" {
					if len(value) > 4000 {
						continue // curl has a limit for lines
					}
					output(t, path, "-s", "-o", "/dev/null", "--netrc-file", file, "http://"+host+"/")
					b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(given(), "Basic "))
					got = string(b)
				} else {
					got = string(output(t, path, "-c", "import netrc,sys; a=netrc.netrc(sys.argv[1]).authenticators('127.0.0.1'); sys.stdout.write(a[0]+':'+a[2])", file))
				}
				if got != "bob:"+value {
					t.Errorf("%q became %q", value, got)
				}
			}
			if taken < 20 {
				t.Errorf("only %d values were taken", taken)
			}
		})
	}
}

func TestNpmReads(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("needs npm")
	}
	host, given := basic(t)
	for _, user := range []string{npmTokenUser, "bob"} {
		for _, value := range []string{"plain", "it's", `a"b`, "a#b", "a;b", "a=b", `a\b`, "x y", " x", "$HOME", "${HOME}", "ä€😀", "npm_abcDEF123==", "true", "null", "[1]", "a\nb", "{x}", "-"} {
			file, ok := exported(t, "npmrc", user+"@"+host, value, Options{})
			if !ok {
				continue
			}
			cmd := exec.Command(npm, "ping", "--registry=http://"+host+"/", "--userconfig="+file, "--globalconfig=/dev/null", "--cache="+t.TempDir(), "--fetch-retries=0", "--no-update-notifier")
			cmd.Dir = t.TempDir()
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir}
			out, err := cmd.CombinedOutput()
			want := "Bearer " + value
			if user == "bob" {
				want = "Basic " + base64.StdEncoding.EncodeToString([]byte("bob:"+value))
			}
			if got := given(); err != nil || got != want {
				t.Errorf("%s %q became %q, want %q: %v %s", user, value, got, want, err, out)
			}
		}
	}
}

// postgres is a server that asks for a password in clear and notes it (PostgreSQL, Frontend/Backend
// Protocol, Start-up).
func postgres(t *testing.T) (port string, given func() string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	password := make(chan string, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			password <- askPassword(c)
			c.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, func() string { return <-password }
}

func askPassword(c net.Conn) string {
	r := bufio.NewReader(c)
	message := func() []byte {
		var size [4]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return nil
		}
		b := make([]byte, binary.BigEndian.Uint32(size[:])-4)
		io.ReadFull(r, b)
		return b
	}
	message()                                    // start-up
	c.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}) // AuthenticationCleartextPassword
	if kind, err := r.ReadByte(); err != nil || kind != 'p' {
		return "no password"
	}
	return strings.TrimSuffix(string(message()), "\x00")
}

func TestPsqlReads(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("needs psql")
	}
	port, given := postgres(t)
	for _, value := range nasty[:len(nasty)-1] {
		file, ok := exported(t, "pgpass", "pgpass:127.0.0.1:"+port+":shop:bob", value, Options{})
		if !ok {
			continue
		}
		cmd := exec.Command(psql, "-w", "-h", "127.0.0.1", "-p", port, "-U", "bob", "-c", "", "shop")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PGPASSFILE=" + file, "PGSSLMODE=disable", "PGGSSENCMODE=disable", "HOME=" + t.TempDir()}
		_ = cmd.Run() // the server ends the connection
		if got := given(); got != value {
			t.Errorf("%q became %q", value, got)
		}
	}
}

// cluster stands in for a Kubernetes API server: kubectl only asks what a Secret is.
func cluster(t *testing.T) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api":
			fmt.Fprint(w, `{"kind":"APIVersions","versions":["v1"]}`)
		case "/apis":
			fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`)
		case "/api/v1":
			fmt.Fprint(w, `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["create"]}]}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestKubectlReads(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("needs kubectl")
	}
	c, _ := Lookup("k8s")
	var pairs []Pair
	for i, value := range nasty {
		pairs = append(pairs, Pair{Name: fmt.Sprintf("v.%d-x", i), Value: []byte(value)})
	}
	text, left, problems := c.Export(pairs, Options{Secret: Secret{Name: "app", Namespace: "shop", Type: "Opaque", Labels: [][2]string{{"app", "true"}, {"n", "007"}}}})
	if len(left)+len(problems) > 0 {
		t.Fatal(left, problems)
	}
	file := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Metadata struct {
			Name, Namespace string
			Labels          map[string]string
		}
		Type string
		Data map[string][]byte
	}
	cmd := exec.Command(kubectl, "--server="+cluster(t), "--cache-dir="+t.TempDir(), "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", file)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "KUBECONFIG=/dev/null"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Metadata.Name != "app" || got.Metadata.Namespace != "shop" || got.Type != "Opaque" || got.Metadata.Labels["app"] != "true" || got.Metadata.Labels["n"] != "007" {
		t.Errorf("%+v", got)
	}
	for _, p := range pairs {
		if string(got.Data[p.Name]) != string(p.Value) {
			t.Errorf("%q became %q", p.Value, got.Data[p.Name])
		}
	}
}
