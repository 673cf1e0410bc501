// Package envname decides which names of environment variables may be passed to a command.
package envname

import "strings"

// Valid reports whether name is valid for an environment variable in every shell:
// [A-Za-z_][A-Za-z0-9_]*.
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

// Dangerous reports whether a variable of that name makes a program run or load something
// else. An attacker who can write it could run code in the command.
//
// No list is complete: this is a second fence, after the control over who may write the
// file. It knows sudo's initial_badenv_table, what shells, language runtimes, git, ssh and
// loaders read, and whole families of names that belong to one tool, except for credentials.
func Dangerous(name string) bool {
	// Windows ignores case in names, and some programs fold it elsewhere too.
	name = strings.ToUpper(name)
	if exact(name) {
		return true
	}
	last := name[strings.LastIndexByte(name, '_')+1:]
	if begins(name, prefixes) {
		return true
	}
	for _, p := range suffixes {
		if strings.HasSuffix(name, p) {
			return true
		}
	}
	switch {
	case begins(name, families) && !in(credentials, last):
		return true
	case begins(name, shared):
		return !in(credentials, last) && !in(labels, last) && !in(harmless, name)
	}
	return false
}

// begins reports whether name begins with one of the prefixes. Few have its first letter.
func begins(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if name != "" && name[0] == p[0] && strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// IsStage reports whether a value of ENV is the name of a stage, as in many programs. An
// interactive POSIX shell takes it as a file to run (POSIX.1-2024, sh, ENVIRONMENT
// VARIABLES): a path, or a file of that name in the working directory.
func IsStage(value string) bool {
	return in(" production prod staging stage development dev test testing local ci qa uat preview sandbox live demo ", strings.ToLower(value))
}

// IsNumber reports whether a shell keeps a number under that name. When bash or zsh sets such a variable,
// it evaluates the value, and a[$(COMMAND)] runs the command (zsh's and bash's manuals, Arithmetic
// Evaluation and Shell Arithmetic).
func IsNumber(name string) bool {
	return in(" BASHPID COLUMNS EGID ERRNO EUID FUNCNEST GID HISTCMD HISTSIZE KEYTIMEOUT LINENO LINES LISTMAX LOGCHECK MAILCHECK OPTIND PPID RANDOM SAVEHIST "+
		"SECONDS SHLVL SRANDOM TMOUT TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT UID ", name)
}

// in looks up a word in a space-separated list, which is short. Unlike a map, it is not
// built at start-up.
func in(list, word string) bool {
	return word != "" && strings.Contains(list, " "+word+" ")
}

// prefixes are dangerous whatever follows.
var prefixes = []string{
	"_RLD", "DYLD_", "LDR_", "BASH_FUNC_", "GIT_CONFIG", "MALLOC_", "TERMINFO",
	"COR_PROFILER", "COR_ENABLE_PROFILING", "CORECLR_PROFILER", "CORECLR_ENABLE_PROFILING",
	"CREDFILE_", "KRB5_", "COMPLUS_", "CARGO_TARGET_", "CARGO_ALIAS_",
}

// suffixes mark values that are commands, or runtime arguments that can name code.
var suffixes = []string{"_COMMAND", "_PASSCOMMAND", "_ASKPASS", "_EDITOR", "_PAGER", "_RSH", "_JAVA_OPTS", "_JAVA_OPTIONS", "_JVM_OPTS"}

// families belong to one tool, whose next version may read one more name.
var families = []string{
	"BASH_", "PIP_", "NPM_CONFIG_", "PNPM_", "YARN_", "CARGO_", "RUSTUP_", "LUA_", "PERL", "GEM_", "RUBYGEMS_", "CMAKE_", "CGO_", "TF_CLI_",
	"HELM_", "ANSIBLE_", "SYSTEMD_", "EMACS", "GUILE_", "JULIA_", "ERL_", "ELIXIR_", "XDG_", "FISH_", "PKG_CONFIG", "GCONV_", "GST_PLUGIN_",
	"CONDA_", "PYENV_", "RBENV_", "ASDF_", "MISE_", "BUN_", "DENO_", "JUPYTER_", "IPYTHON", "NVIM_", "VIM_", "TEXMF", "R_LIBS",
	"COMPOSER_", "SBT_", "MAVEN_", "GRADLE_", "JDK_", "KUBECTL_", "BUILDKIT_", "RUSTC", "RUSTDOC", "FZF_", "CLOUDSDK_PYTHON",
	"PYTEST_", "TS_NODE_", "NIX_", "OMPI_MCA_", "PMIX_MCA_", "DBUS_", "HOMEBREW_", "P11_KIT_", "TOFU_CLI_", "VOLTA_", "COREPACK_", "CATALINA_",
}

// shared are families that people also use for names of their own: LD_SDK_KEY is
// LaunchDarkly's, and no dynamic linker reads a name with such an ending.
var shared = []string{"LD_", "PYTHON", "RUBY", "NODE_", "GIT_", "DOCKER_", "COMPOSE_", "JAVA_", "BUNDLE_"}

// credentials are endings of credential names.
const credentials = " TOKEN TOKENS PASSWORD PASSWD PASS SECRET SECRETS KEY KEYS USERNAME USER EMAIL LOGIN AUTH AUTHTOKEN APIKEY CREDENTIALS PAT COM ORG IO NET "

// labels are endings of names that a tool does not read.
const labels = " IMAGE IMAGES TAG TAGS REGISTRY REPOSITORY REPO BRANCH NAME NAMESPACE VERSION PORT LOCATION ENV ENVIRONMENT ID URL PROFILES " +
	"COMMIT SHA REF DATE HASH ORGANIZATION OWNER PROJECT TZ LEVEL HOST IP ENDPOINT NETWORK BUCKET "

const harmless = " PYTHONUNBUFFERED PYTHONIOENCODING PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONUTF8 PYTHONFAULTHANDLER PYTHONASYNCIODEBUG " +
	"PYTHONLEGACYWINDOWSSTDIO PYTHONOPTIMIZE PYTHONNOUSERSITE PYTHONSAFEPATH NODE_TLS_REJECT_UNAUTHORIZED NODE_NO_WARNINGS NODE_EXTRA_CA_CERTS " +
	"NODE_DEBUG NODE_CLUSTER_SCHED_POLICY DOCKER_BUILDKIT DOCKER_DEFAULT_PLATFORM COMPOSE_HTTP_TIMEOUT GIT_TERMINAL_PROMPT GIT_LFS_SKIP_SMUDGE " +
	"GIT_SSL_NO_VERIFY JAVA_ENV RUBY_ENV "

// exact reports whether a name is dangerous by itself. The compiler makes a binary search of
// a switch, so nothing is built at start-up and env with 1,000 names stays cheap.
func exact(name string) bool {
	switch name {
	// Shells.
	case "BASHOPTS", "CDPATH", "ENV", "FIGNORE", "FPATH", "GLOBIGNORE", "HOME", "IFS", "NULLCMD", "PATH", "PATH_LOCALE", "PROMPT_COMMAND", "PS0", "PS1",
		"PS2", "PS4", "READNULLCMD", "SHELL", "SHELLOPTS", "TMPPREFIX", "ZDOTDIR", "ZDOT_DIR", "INPUTRC", "MAILPATH", "FCEDIT", "PROMPT", "PROMPT2",
		"PROMPT3", "PROMPT4", "RPROMPT", "RPS1":
		return true
	// Windows.
	case "COMSPEC", "PATHEXT", "PSMODULEPATH", "PSMODULEANALYSISCACHEPATH", "__PSLOCKDOWNPOLICY", "WINDIR", "SYSTEMROOT", "APPDATA", "LOCALAPPDATA",
		"PROGRAMDATA", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "SYSTEMDRIVE", "ALLUSERSPROFILE", "PROGRAMFILES", "PROGRAMW6432", "COMMONPROGRAMFILES",
		"COMMONPROGRAMW6432", "PSEXECUTIONPOLICYPREFERENCE", "APPDOMAIN_MANAGER_ASM", "APPDOMAIN_MANAGER_TYPE", "DEVPATH", "__COMPAT_LAYER",
		"_NT_DEBUGGER_EXTENSION_PATH", "NODEFAULTCURRENTDIRECTORYINEXEPATH", "_CL_", "_LINK_":
		return true
	// Languages.
	case "CLASSPATH", "_JAVA_OPTIONS", "JRE_HOME", "ANT_OPTS", "ANT_ARGS", "ANT_HOME", "LEIN_JVM_OPTS", "KOTLIN_HOME", "SCALA_HOME",
		"DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "DOTNET_ROOT", "MSBUILDSDKSPATH", "NUGET_PLUGIN_PATHS", "GOFLAGS",
		"GOTOOLCHAIN", "GODEBUG", "GOROOT", "GOENV", "GOAUTH", "GOCACHEPROG", "GOPROXY", "GOPATH", "GOBIN", "GOVCS", "GOSUMDB", "GONOSUMDB",
		"GONOSUMCHECK", "GOINSECURE", "GOWORK", "GOTMPDIR", "RUSTFLAGS", "PHPRC", "PHP_INI_SCAN_DIR", "R_PROFILE", "R_PROFILE_USER", "R_ENVIRON",
		"R_ENVIRON_USER", "R_HOME", "OCAMLRUNPARAM", "CAML_LD_LIBRARY_PATH", "TCL_LIBRARY", "TK_LIBRARY", "TCLLIBPATH", "NODE_OPTIONS", "NODE_PATH",
		"TS_NODE_PROJECT", "MPLCONFIGDIR", "MPLBACKEND", "VIRTUAL_ENV", "COVERAGE_PROCESS_START", "GUNICORN_CMD_ARGS", "IRBRC", "JRUBY_OPTS", "SPEC_OPTS",
		"RAKEOPT", "JAVACMD", "M2_HOME", "KAFKA_OPTS", "MIX_HOME", "MIX_ARCHIVES", "HEX_HOME", "GHCRTS", "GHC_PACKAGE_PATH", "CABAL_DIR", "STACK_ROOT",
		"MSBUILD_EXE_PATH", "MSBUILDEXTENSIONSPATH", "UV_PYTHON", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_CONFIG_FILE",
		"UV_TOOL_DIR", "NVM_DIR", "PRE_COMMIT_HOME":
		return true
	// Building.
	case "MAKEFLAGS", "MFLAGS", "MAKEFILES", "MAKESHELL", "GNUMAKEFLAGS", "CC", "CXX", "CPP", "LD", "AS", "AR", "FC", "NM", "CFLAGS", "CXXFLAGS",
		"CPPFLAGS", "LDFLAGS", "ASFLAGS", "FFLAGS", "COMPILER_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH",
		"GCC_EXEC_PREFIX", "CONFIG_SITE", "CONFIG_SHELL", "M4PATH", "ACLOCAL_PATH", "CCACHE_PREFIX", "CCACHE_CONFIGPATH", "DEVELOPER_DIR", "SDKROOT":
		return true
	// Editors, pagers, terminals.
	case "EDITOR", "VISUAL", "PAGER", "MANPAGER", "MANPATH", "MANOPT", "MANROFFOPT", "BROWSER", "LESS", "LESSOPEN", "LESSCLOSE", "LESSKEY", "LESSKEYIN",
		"LESSEDIT", "LESSKEY_SYSTEM", "LESSKEYIN_SYSTEM", "MORE", "MOST_INITFILE", "VIM", "VIMINIT", "VIMRUNTIME", "MYVIMRC", "EXINIT", "AWS_PAGER",
		"PSQL_PAGER", "PSQL_EDITOR", "PSQLRC", "SUDO_EDITOR", "SUDO_ASKPASS", "SELECTED_EDITOR", "TERMCAP", "TERMPATH", "TERM_PATH", "SCREENRC",
		"GH_PAGER", "GH_EDITOR", "GH_BROWSER", "GH_CONFIG_DIR", "DELTA_PAGER", "BAT_PAGER", "BAT_CONFIG_PATH", "BAT_CONFIG_DIR", "SOPS_EDITOR",
		"RIPGREP_CONFIG_PATH":
		return true
	// Other tools, and where they find their configuration.
	case "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "SSH_SK_HELPER", "SSH_PKCS11_HELPER", "SSH_PKCS11_PROVIDER", "RSYNC_RSH",
		"RSYNC_CONNECT_PROG", "CVS_RSH", "SVN_SSH", "SVN_EDITOR", "HGRCPATH", "HGEDITOR", "HGMERGE", "HG", "BZR_PLUGIN_PATH", "P4CONFIG", "P4EDITOR",
		"TAR_OPTIONS", "TAPE", "GZIP", "BZIP", "BZIP2", "XZ_OPT", "XZ_DEFAULTS", "ZIPOPT", "ZIPINFOOPT", "UNZIPOPT", "UNZIP", "ZIPINFO", "APT_CONFIG",
		"DPKG_ROOT", "WGETRC", "CURL_HOME", "DOCKER_CONFIG", "DOCKER_HOST", "KUBECONFIG", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
		"AWS_DATA_PATH", "AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR", "CLOUDSDK_CONFIG", "TF_DATA_DIR", "TF_PLUGIN_CACHE_DIR", "TF_REATTACH_PROVIDERS",
		"TERRAGRUNT_TFPATH", "TG_TF_PATH", "PACKER_CONFIG", "PACKER_PLUGIN_PATH", "VAGRANT_HOME", "VAGRANT_CWD", "VAGRANT_VAGRANTFILE", "PULUMI_HOME",
		"VAULT_CONFIG_PATH", "GNUPGHOME", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSLKEYLOGFILE", "MODULE_PATH", "MODULEPATH",
		"MODULESHOME", "MODULERCFILE", "LMOD_RC", "TEXINPUTS", "GS_LIB", "GS_OPTIONS", "GS_FONTPATH", "GROFF_TMAC_PATH", "GDAL_DRIVER_PATH",
		"CONTAINERS_CONF", "PASSWORD_STORE_ENABLE_EXTENSIONS", "PASSWORD_STORE_EXTENSIONS_DIR", "MAGICK_CONFIGURE_PATH", "MAGICK_CODER_MODULE_PATH",
		"MAGICK_HOME", "ODBCINI", "ODBCSYSINI", "PGSYSCONFDIR", "MYSQL_HOME":
		return true
	// Loaders and libraries.
	case "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NLSPATH", "RES_OPTIONS", "RESOLV_HOST_CONF", "RESOLV_ADD_TRIM_DOMAINS",
		"RESOLV_MULTI", "RESOLV_OVERRIDE_TRIM_DOMAINS", "RESOLV_SPOOF_CHECK", "GETCONF_DIR", "NIS_PATH", "LIBPATH", "SHLIB_PATH", "AUTHSTATE", "VAR_ACE",
		"DLC_ACE", "USR_ACE", "GTK_IM_MODULE_FILE", "GDK_PIXBUF_MODULE_FILE", "GI_TYPELIB_PATH", "LADSPA_PATH", "ALSA_CONFIG_PATH", "LIBVA_DRIVERS_PATH",
		"SASL_PATH", "SOFTHSM2_CONF", "CUDA_INJECTION64_PATH", "GTK_MODULES", "GTK_PATH", "GIO_MODULE_DIR", "GIO_EXTRA_MODULES", "QT_PLUGIN_PATH",
		"QML_IMPORT_PATH", "QML2_IMPORT_PATH", "LIBGL_DRIVERS_PATH", "VK_ICD_FILENAMES", "VK_LAYER_PATH", "SDL_DYNAMIC_API":
		return true
	}
	return false
}
