package envname

import "testing"

func TestValid(t *testing.T) {
	for name, want := range map[string]bool{
		"A": true, "_": true, "a_1": true, "": false, "1A": false, "A-B": false, "A.B": false, "Ä": false, "A=B": false,
	} {
		if Valid(name) != want {
			t.Errorf("Valid(%q) = %v", name, !want)
		}
	}
}

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
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "STRIPE_API_KEY", "DATABASE_URL", "PATHS", "MY_PATH", "TOKEN", "PGPASSWORD", "HTTPS_PROXY", "CARGO_REGISTRY_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", ""} {
		if Dangerous(name) {
			t.Errorf("%s is refused", name)
		}
	}
}
