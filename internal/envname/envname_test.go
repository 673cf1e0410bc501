package envname

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestValid(t *testing.T) {
	for name, want := range map[string]bool{
		"A": true, "_": true, "a_1": true, "": false, "1A": false, "A-B": false, "A.B": false, "Ä": false, "A=B": false,
	} {
		if Valid(name) != want {
			t.Errorf("Valid(%q) = %v", name, !want)
		}
	}
}

// Row 17.
func TestDangerous(t *testing.T) {
	for _, name := range []string{
		"LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "ENV", "PATH", "Path", "path", "IFS",
		"NODE_OPTIONS", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "PYTHONPATH", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS",
		"npm_config_script_shell", "BASH_FUNC_x", "CREDFILE_AGE_KEY", "PROMPT_COMMAND", "LUA_INIT_5_4", "GLIBC_TUNABLES",
		"EDITOR", "HOME", "LESSOPEN", "DOTNET_STARTUP_HOOKS", "ZDOTDIR", "VAR_ACE", "BASHOPTS", "GIT_COMMON_DIR",
		"VIMINIT", "XDG_CONFIG_HOME", "CARGO_BUILD_RUSTC_WRAPPER", "CARGO_TARGET_X86_64_RUNNER", "AWS_CONFIG_FILE",
	} {
		if !Dangerous(name) {
			t.Errorf("%s is let through", name)
		}
	}
	// Found to run code, and similar names.
	for name := range strings.FieldsSeq(`PYTHONPYCACHEPREFIX PIP_PYTHON TAR_OPTIONS APT_CONFIG GOCACHEPROG COMPILER_PATH CFLAGS VIMRUNTIME EMACSLOADPATH
		XDG_DATA_DIRS TCL_LIBRARY AWS_SHARED_CREDENTIALS_FILE KUBECONFIG DOCKER_CONFIG CLOUDSDK_PYTHON JAVA_HOME WGETRC ZIPOPT CARGO_ENCODED_RUSTFLAGS
		TF_CLI_CONFIG_FILE LESS PS0 MODULE_PATH LUA_PATH RSYNC_RSH BUNDLE_GEMFILE GEM_HOME HGRCPATH GRADLE_USER_HOME RIPGREP_CONFIG_PATH SSH_SK_PROVIDER
		ComSpec PathExt PSModulePath SystemRoot windir SystemDrive AppData LocalAppData UserProfile HomeDrive HomePath ProgramData ProgramFiles
		AppDomain_Manager_Asm APPDOMAIN_MANAGER_TYPE COMPlus_Version PSExecutionPolicyPreference NoDefaultCurrentDirectoryInExePath __Compat_Layer
		HELM_PLUGINS GOAUTH BUN_OPTIONS GIT_ASKPASS GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_TEST_X PYTHONNEXT PIP_INDEX_URL
		NPM_CONFIG_REGISTRY NODE_REPL_EXTERNAL_MODULE RUBYLIB_PREFIX PERL_MB_OPT BASH_XTRACEFD DOCKER_CLI_PLUGIN_EXTRA_DIRS DOCKER_HOST COMPOSE_FILE
		FZF_DEFAULT_COMMAND ANSIBLE_LIBRARY ANSIBLE_VAULT_PASSWORD_FILE JUPYTER_CONFIG_DIR CMAKE_TOOLCHAIN_FILE JULIA_LOAD_PATH SYSTEMD_EDITOR CONDA_EXE
		GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GOPROXY UV_INDEX_URL YARN_RC_FILENAME CURL_HOME CCACHE_PREFIX GH_PAGER VAULT_CONFIG_PATH
		MAILPATH PYTEST_ADDOPTS PYTEST_PLUGINS TS_NODE_REQUIRE ES_JAVA_OPTS KUBE_EDITOR SYSTEMD_PAGER RESTIC_PASSWORD_COMMAND BORG_PASSCOMMAND BORG_RSH
		DBUS_SESSION_BUS_ADDRESS NIX_CONFIG OMPI_MCA_plm_rsh_agent GDK_PIXBUF_MODULE_FILE COVERAGE_PROCESS_START GUNICORN_CMD_ARGS GS_OPTIONS
		LD_AUDIT LD_DEBUG LD_BIND_NOW LD_PRELOAD_32 LD_LIBMAP LD_ELF_HINTS_PATH LD_CONFIG DOCKER_HOST`) {
		if !Dangerous(name) {
			t.Errorf("%s is let through", name)
		}
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "STRIPE_API_KEY", "DATABASE_URL", "PATHS", "MY_PATH", "TOKEN", "PGPASSWORD", "HTTPS_PROXY", "CARGO_REGISTRY_TOKEN", "",
		"NODE_ENV", "GIT_TOKEN", "GIT_AUTHOR_EMAIL", "GITHUB_TOKEN", "DOCKER_USERNAME", "DOCKER_PASSWORD", "DOCKERHUB_TOKEN", "DOCKER_IMAGE", "NPM_TOKEN", "NODE_AUTH_TOKEN", "PYPI_TOKEN",
		"TF_VAR_db_password", "TF_TOKEN_app_terraform_io", "PYTHONUNBUFFERED", "NODE_VERSION", "SSH_PRIVATE_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_API_KEY",
		"ANSIBLE_VAULT_PASSWORD", "BUNDLE_GITHUB__COM", "COMPOSER_AUTH", "VAULT_TOKEN", "KUBE_TOKEN", "JAVA_VERSION", "LD_SDK_KEY", "LD_CLIENT_ID", "GS_BUCKET_NAME", "GS_SECRET_KEY", "GIT_PAT", "NODE_HOST", "MIX_PUSHER_APP_KEY",
		"RESTIC_PASSWORD", "BORG_PASSPHRASE", "HOMEBREW_GITHUB_API_TOKEN", "PGPASSFILE", "PS", "LESSON", "RUBRIC", "PERSON"} {
		if Dangerous(name) {
			t.Errorf("%s is refused", name)
		}
	}
}

// Shells say which variables they keep as a number.
func TestIsNumber(t *testing.T) {
	for shell, list := range map[string]string{
		"bash": `compgen -v | while read v; do case ${!v@a} in *i*) echo "$v";; esac; done`,
		"zsh":  `for v in ${(k)parameters}; do case ${(Pt)v} in *readonly*) ;; integer*) echo $v;; esac; done`,
	} {
		out, err := exec.Command(shell, "-c", list).Output()
		if err != nil {
			t.Logf("%s: %v", shell, err)
		}
		for v := range strings.FieldsSeq(string(out)) {
			if !IsNumber(v) && !Dangerous(v) && Valid(v) && strings.ToUpper(v) == v {
				t.Errorf("%s keeps a number as %s", shell, v)
			}
		}
	}
	if IsNumber("TOKEN") || IsNumber("") || !IsNumber("RANDOM") {
		t.Error("wrong names")
	}
}

// Names that people keep in a .env are hardly ever refused.
func TestPublicNames(t *testing.T) {
	text, err := os.ReadFile("../../testdata/import/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, refused := 0, []string(nil)
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimSpace(line); name[0] != '#' {
			all++
			if Dangerous(name) {
				refused = append(refused, name)
			}
		}
	}
	if all < 200 || len(refused)*100 >= all {
		t.Errorf("%d of %d: %q", len(refused), all, refused)
	}
}
