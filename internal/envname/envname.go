// Package envname knows which names of environment variables may be handed to
// a command.
package envname

import "strings"

// Valid reports whether name can be an environment variable that every shell
// can name: [A-Za-z_][A-Za-z0-9_]*.
func Valid(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

// Dangerous reports whether a variable of that name makes a program run or
// load something else: whoever can write it could run code in the command.
// The list is sudo's initial_badenv_table and what shells, language runtimes,
// git, ssh and loaders read besides.
func Dangerous(name string) bool {
	// Windows has no case in names, and some programs fold it elsewhere too.
	name = strings.ToUpper(name)
	for rest := exact; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		if word == name {
			return true
		}
	}
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

var prefixes = []string{
	"LD_", "_RLD", "DYLD_", "LDR_", "BASH_FUNC_", "GIT_CONFIG_", "MALLOC_", "TERMINFO",
	"COR_PROFILER", "COR_ENABLE_PROFILING", "CORECLR_PROFILER", "CORECLR_ENABLE_PROFILING",
	"LUA_INIT", "NPM_CONFIG_", "CREDFILE_", "KRB5_", "PERL5", "CARGO_TARGET_", "CARGO_ALIAS_",
}

// exact is one string and not a map: nothing is built at start-up.
const exact = "" +
	"BASHOPTS BASH_ENV BASH_LOADABLES_PATH CDPATH ENV FPATH GLOBIGNORE HOME IFS NULLCMD PATH " +
	"PATH_LOCALE PROMPT_COMMAND PS1 PS2 PS4 READNULLCMD SHELL SHELLOPTS TMPPREFIX ZDOTDIR ZDOT_DIR " +
	"INPUTRC PERLIO_DEBUG PERLLIB PYTHONBREAKPOINT PYTHONEXECUTABLE PYTHONHOME PYTHONINSPECT " +
	"PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE RUBYLIB RUBYOPT RUBYSHELL NODE_OPTIONS NODE_PATH " +
	"JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH MAVEN_OPTS MAVEN_ARGS GRADLE_OPTS " +
	"JAVA_OPTS DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS GOFLAGS GOTOOLCHAIN GODEBUG GOROOT GOENV " +
	"RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS MAKEFLAGS MAKEFILES GNUMAKEFLAGS CC CXX " +
	"PHPRC PHP_INI_SCAN_DIR R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER ERL_FLAGS ERL_AFLAGS " +
	"ERL_ZFLAGS ELIXIR_ERL_OPTIONS GIT_ASKPASS GIT_EDITOR GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_PAGER " +
	"GIT_PROXY_COMMAND GIT_SEQUENCE_EDITOR GIT_SSH GIT_SSH_COMMAND GIT_TEMPLATE_DIR GIT_DIR " +
	"GIT_WORK_TREE SSH_ASKPASS SUDO_ASKPASS EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE " +
	"GCONV_PATH GLIBC_TUNABLES HOSTALIASES LOCALDOMAIN LOCPATH NLSPATH RES_OPTIONS RESOLV_HOST_CONF " +
	"RESOLV_ADD_TRIM_DOMAINS RESOLV_MULTI RESOLV_OVERRIDE_TRIM_DOMAINS RESOLV_SPOOF_CHECK " +
	"GETCONF_DIR NIS_PATH LIBPATH SHLIB_PATH AUTHSTATE OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES " +
	"GIT_COMMON_DIR VIMINIT EXINIT XDG_CONFIG_HOME XDG_CONFIG_DIRS SYSTEMD_PAGER AWS_PAGER AWS_CONFIG_FILE " +
	"CARGO_HOME CARGO_BUILD_RUSTC CARGO_BUILD_RUSTC_WRAPPER CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_RUSTFLAGS " +
	"SSLKEYLOGFILE GNUPGHOME TERMCAP TERMPATH TERM_PATH VAR_ACE DLC_ACE USR_ACE "
