#!/usr/bin/env python3
"""Reads credfiles without the credfile program. Written from credfile.md alone.

  recover.py FILE                                      verify all, list profiles and names
  recover.py OPTION... FILE PROFILE [NAME]             NAME=value lines, or one value's bytes
  recover.py --vectors DIR                             run the test vectors

  -i IDENTITYFILE           age identities, or an SSH key; repeatable
  --as RECIPIENT            open the lock of that recipient in PROFILE first, then PROFILE
                            with the identity in the lock
  --passphrase-file FILE    the passphrase of a scrypt or argon2id lock, less one line end;
                            without this option it asks on the terminal

Needs python3-cryptography, and age and age-keygen in PATH (or $AGE; 1.3 or newer for
post-quantum identities). Locks need more: argon2id needs python3-argon2 or the argon2
command, openpgp needs gpg, age needs identities with -i, and scrypt needs nothing. A value
that is not plain printable text, or that begins with "base64:", is printed as "base64:" and
its base64.

It proves that a profile was signed under the verifying key that it shows. It remembers
nothing, so compare that key yourself ("Continuity") before you use a passphrase or a plugin
on a lock.

To recover values, only the code up to "Deep checks" matters. The code after it looks inside
recipients and wraps, and runs the vectors.

Exit status: 0 ok, 1 other failures, 2 usage, 3 no identity or passphrase opens, 4 not found,
6 damaged.
"""
import base64, contextlib, datetime, functools, getpass, hashlib, hmac, os, re
import subprocess, sys, tempfile, warnings, zlib
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

AGE = os.environ.get("AGE", "age")
KEYGEN = os.path.join(os.path.dirname(AGE), "age-keygen")   # next to $AGE, or in PATH


class Bad(Exception):
    """A violation: one of the classes of "Classes of outcome", and the line if parsing found it."""
    def __init__(self, kind, what, line=0):
        super().__init__(f"{kind}: {what}" + (f" (line {line})" if line else ""))
        self.kind, self.what, self.line = kind, what, line


# ---- Encodings ("Conventions") ----------------------------------------------------------

def b64encode(b, pad=False):
    s = base64.b64encode(b).decode()
    return s if pad else s.rstrip("=")


def b64decode(s, pad=False):
    """Canonical base64: encoding the result again must give the same text."""
    try:
        b = base64.b64decode(s if pad else s + "=" * (-len(s) % 4), validate=True)
    except ValueError:
        b = None
    if b is None or b64encode(b, pad) != s:
        raise ValueError("base64")
    return b


def pae(*parts):
    return b"".join([len(parts).to_bytes(8, "little")]
                    + [len(p).to_bytes(8, "little") + p for p in parts])


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def polymod(values):                                                # BIP 173
    chk = 1
    for v in values:
        top, chk = chk >> 25, (chk & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            chk ^= g if top >> i & 1 else 0
    return chk


CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def expand(hrp):
    return [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]


def bech32_encode(hrp, data):
    n, bits = int.from_bytes(data, "big"), len(data) * 8
    n, bits = n << (-bits % 5), bits + (-bits % 5)
    vals = [n >> i & 31 for i in range(bits - 5, -1, -5)]
    chk = polymod(expand(hrp) + vals + [0] * 6) ^ 1
    return hrp + "1" + "".join(CHARSET[v] for v in vals + [chk >> i & 31 for i in range(25, -1, -5)])


def bech32_decode(s):
    hrp, rest = s.rsplit("1", 1)
    vals = [CHARSET.index(c) for c in rest[:-6]]
    data = functools.reduce(lambda n, v: n << 5 | v, vals, 0) >> (len(vals) * 5 % 8)
    data = data.to_bytes(len(vals) * 5 // 8, "big")
    if bech32_encode(hrp, data) != s:                # checksum, padding and length at once
        raise ValueError("bech32")
    return hrp, data


# ---- Parsing ("Structure", "Limits") ----------------------------------------------------

MIB, WRAP, SEALED = 1 << 20, 16384, 16 + 1081344 + 16
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/:+-]{0,127}")
HIDDEN = re.compile(r"~[a-z2-7]{24}")
RECIPIENT = re.compile(r"age(?:1([a-z0-9+._-]+))?1[02-9ac-hj-np-z]{6,}")
SSH = re.compile(r"ssh-(?:ed25519|rsa) [A-Za-z0-9+/]+={0,2}")
REVISION = re.compile(r"[1-9][0-9]*")
TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ORDER = {"profile": 0, "vouched": 1, "writer": 2, "reader": 2, "former": 3,
         "credential": 4, "source": 4, "comment": 4, "seal": 5}


class Section:
    def __init__(self, kind, name):
        self.kind, self.name, self.state, self.hidden = kind, name, 0, False
        self.vouched, self.recipients, self.former, self.entries = [], [], [], []
        self.names, self.strings, self.labels, self.keys = set(), set(), set(), set()


class File:
    def __init__(self):
        self.id, self.profiles, self.removed, self.locks = None, [], [], set()


def parse(data):
    if len(data) > 16 * MIB:
        raise Bad("limit", "the file is too large")
    if data.startswith(b"credfile/") and not data.startswith(b"credfile/1 "):
        raise Bad("version", "not version 1", 1)
    *lines, rest = data.decode("latin-1").split("\n")     # one character per byte
    f, cur, gap, at = File(), None, False, 0
    for n, line in enumerate(lines, 1):
        end = at + len(line) + 1
        try:
            if n == 1:
                m = re.fullmatch(r"credfile/1 (.*)", line)
                f.id, f.intro = fixed(m[1], 16), data[:end]
            elif not line:                                # only between sections
                gap = expect(not gap and (cur is None or cur.state == 5))
            elif gap:
                cur, gap = begin(f, line.split(" ")), False
                cur.start = at
            else:
                expect(cur is not None)
                add(f, cur, line.split(" "))
                if cur.kind == "profile" and cur.state == 5:
                    cur.signed = f.intro + data[cur.start:at] + f"seal {cur.revision} ".encode()
        except Bad as e:
            raise Bad(e.kind, e.what, n) from None
        except (ValueError, TypeError, IndexError, KeyError) as e:
            raise Bad("syntax", "malformed line", n) from e
        at = end
    if rest or gap or cur is None or cur.state != 5:
        raise Bad("syntax", "the file ends too early", len(lines) + 1)
    return f


def expect(ok):
    if not ok:
        raise ValueError
    return True


def limit(ok, what):
    if not ok:
        raise Bad("limit", what)


def fixed(s, size):
    b = b64decode(s)
    expect(len(b) == size)
    return b


def sized(s, most):
    limit(len(s) <= (most * 4 + 2) // 3, "a field is too long")     # before decoding it
    return expect(s) and b64decode(s)


def sealed(s):
    b = sized(s, SEALED)
    expect(len(b) >= 96 and (len(b) - 32) % 64 == 0)
    return b


def day(s):
    expect(DATE.fullmatch(s) and s >= "1970")
    datetime.date.fromisoformat(s)                                  # refuses 30 February
    return s


def time(s):
    day(TIME.fullmatch(s)[1])
    return s


def begin(f, t):
    """The first line of a section. Checks the order and uniqueness of sections."""
    s = Section(t[0], expect(NAME.fullmatch(t[1])) and t[1])
    s.id64, s.id = t[2], fixed(t[2], 16)
    if s.kind == "profile":
        s.check, s.key = fixed(t[3], 32), fixed(t[4], 32)
        s.hidden = t[5:] == ["hidden"]
        expect(len(t) == 5 + s.hidden and not f.removed)
        expect(all(p.id != s.id for p in f.profiles) and (not f.profiles or f.profiles[-1].name < s.name))
        limit(len(f.profiles) < 1024, "profiles")
        f.profiles.append(s)
    else:
        expect(s.kind == "removed" and len(t) == 5 and f.profiles)
        s.key, s.sig, s.state = fixed(t[3], 32), fixed(t[4], 64), 5   # may end after any line
        expect(all(p.id != s.id for p in f.profiles) and (not f.removed or f.removed[-1].id64 < s.id64))
        limit(len(f.removed) < 1024, "removed profiles")
        f.removed.append(s)
    s.keys.add(s.key)
    return s


def add(f, s, t):
    """A later line of a section."""
    rec = t[0]
    if s.kind == "removed":
        expect(rec == "vouched")
    else:
        expect(s.state < 5 and ORDER[rec] >= max(s.state, 1))
        if ORDER[rec] > 2 >= s.state:                     # the recipients are complete
            expect(any(r["role"] == "writer" for r in s.recipients))
        s.state = ORDER[rec]
    if rec == "vouched":
        key, to, sig = fixed(t[1], 32), fixed(t[2], 32), fixed(t[3], 64)
        expect(len(t) == 4 and to in s.keys and key not in s.keys)
        limit(len(s.vouched) < 256, "vouched lines")
        s.keys.add(key)
        s.vouched.append((key, to, sig))
    elif rec in ("writer", "reader"):
        add_recipient(f, s, t)
    elif rec == "former":
        expect(len(t) == 3 and NAME.fullmatch(t[1]))
        pair = (time(t[2]), t[1])
        expect(not s.former or s.former[-1] < pair)
        limit(len(s.former) < 1024, "former lines")
        s.former.append(pair)
    elif rec == "credential":
        expect((HIDDEN if s.hidden else NAME).fullmatch(t[1]) and t[1] not in s.labels)
        when, expires = time(t[2]), None
        if t[3].startswith("expires="):
            expires = day(t.pop(3)[8:])
        if len(t) == 5 and t[3] == "file":
            t.pop(3)
        expect(len(t) == 4)
        s.labels.add(t[1])
        s.entries.append((t[1], when, expires, sealed(t[3]), ""))
    elif rec == "source":
        expect(len(t) == 5 and (HIDDEN if s.hidden else NAME).fullmatch(t[1]) and t[1] not in s.labels)
        expect(KIND.fullmatch(t[3]))
        s.labels.add(t[1])
        s.entries.append((t[1], time(t[2]), None, sealed(t[4]), t[3]))
    elif rec == "comment":
        expect(len(t) == 2 and not (s.entries and s.entries[-1][0] == ""))
        s.entries.append(("", None, None, sealed(t[1]), ""))
    elif rec == "seal":
        expect(len(t) == 3 and REVISION.fullmatch(t[1]))
        limit(len(t[1]) <= 16 and int(t[1]) < 1 << 53, "revision")
        s.revision, s.sig = t[1], fixed(t[2], 64)
    limit(len(s.entries) <= 65536, "entries")


def add_recipient(f, s, t):
    r = {"role": t[0], "name": t[1], "lock": None, "string": t[2], "wrap": t[-1]}
    expect(NAME.fullmatch(t[1]) and (not s.recipients or s.recipients[-1]["name"] < t[1]))
    if t[2].startswith("ssh-"):
        r["string"], r["kind"] = " ".join(t[2:4]), t[2]
        expect(len(t) == 5 and SSH.fullmatch(r["string"]))
        limit(len(r["string"]) <= 4096, "recipient")
        b64decode(t[3], pad=True)
    else:
        m = RECIPIENT.fullmatch(t[2])
        limit(len(t[2]) <= 4096, "recipient")
        r["kind"] = "age1" + m[1] if m[1] else "age"
        if len(t) == 6:
            expect(t[3] in ("scrypt", "argon2id", "openpgp", "age") and r["kind"] in ("age", "age1pq"))
            r["lock"], r["message"] = t[3], sized(t[4], WRAP)
            if t[3] in ("scrypt", "argon2id"):
                f.locks.add(r["message"])
                limit(len(f.locks) <= 256, "passphrase locks")
        else:
            expect(len(t) == 4)
    expect(r["string"] not in s.strings)
    r["wrap"] = sized(r["wrap"], WRAP)
    limit(len(s.recipients) < 1024, "recipients")
    s.strings.add(r["string"])
    s.recipients.append(r)


# ---- Verifying ("Verifying keys", "Signatures") -----------------------------------------

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
SMALL = {0, 1, P - 1} | {int.from_bytes(bytes.fromhex(h), "little") for h in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}


def good_key(key):
    y = int.from_bytes(key, "little") & (1 << 255) - 1
    return y < P and y not in SMALL


def good_signature(key, sig, msg):
    """OpenSSL compares R as bytes, without the cofactor. S < L is checked here to be sure."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(sig, msg)
    except (InvalidSignature, ValueError):
        return False
    return int.from_bytes(sig[32:], "little") < L


def vouched_lines(s):
    return "".join("vouched " + " ".join(map(b64encode, v)) + "\n" for v in s.vouched).encode()


def verify(f, sections):
    for s in sections:
        if not all(map(good_key, s.keys)):
            raise Bad("key", f"{s.kind} {s.name}")
        for key, to, sig in s.vouched:
            if not good_signature(key, sig, pae(b"credfile/1 vouch", f.id, s.id, key, to)):
                raise Bad("signature", f"vouched, {s.kind} {s.name}")
        msg = s.signed if s.kind == "profile" else pae(
            b"credfile/1 removed", f.id, s.id, s.name.encode(), s.key, vouched_lines(s))
        if not good_signature(s.key, s.sig, msg):
            raise Bad("signature", f"{s.kind} {s.name}")


# ---- Unwrapping ("Wraps"), with age ------------------------------------------------

@functools.lru_cache(None)
def recipient_of(identity):
    """The recipient string of a native identity. Secrets go to stdin, never to argv."""
    if identity.startswith("AGE-SECRET-KEY-1"):
        hrp, data = bech32_decode(identity.lower())
        pub = x25519.X25519PrivateKey.from_private_bytes(data).public_key()
        return bech32_encode("age", pub.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    return subprocess.run([KEYGEN, "-y"], input=identity.encode() + b"\n",
                          capture_output=True, check=True).stdout.decode().strip()


def read_identities(path):
    """Each identity is (test for a recipient, arguments of age, what age reads on stdin)."""
    with open(path, "rb") as fh:
        data = fh.read()
    if data.startswith(b"-----BEGIN"):                    # an SSH key; age asks for its passphrase
        try:
            load = serialization.load_ssh_private_key if b"OPENSSH" in data else serialization.load_pem_private_key
            pub = load(data, None).public_key().public_bytes(
                serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        except (TypeError, ValueError):
            with open(path + ".pub", "rb") as fh:
                pub = fh.read()
        own = " ".join(pub.decode().split()[:2])
        return [(lambda r: r["string"] == own, ["-i", path], b"")]
    words = [x.strip() for x in data.decode().splitlines()]
    return [identity(x) for x in words if x and not x.startswith("#")]


def identity(text):
    stdin = text.encode() + b"\n"
    if text.startswith("AGE-PLUGIN-"):                    # shows no recipient: try its kind
        kinds = ("age1" + text[11:].rsplit("1", 1)[0].rstrip("-").lower(), "age1tag", "age1tagpq")
        return lambda r: r["kind"] in kinds, ["-i", "-"], stdin
    own = recipient_of(text)
    return lambda r: r["string"] == own, ["-i", "-"], stdin


def unwrap(f, s, identities):
    """The profile's key and the role, from our first writer line, or else our first reader line."""
    ours = [(r, i) for r in s.recipients for i in identities if i[0](r)]
    if not ours:
        raise Bad("no-match", f"none of the identities belongs to a recipient of {s.name}")
    for r, (_, args, stdin) in sorted(ours, key=lambda x: x[0]["role"] == "reader"):
        with tempfile.NamedTemporaryFile() as wrap:       # ciphertext; the identity stays off the disk
            wrap.write(r["wrap"])
            wrap.flush()
            out = subprocess.run([AGE, "-d", *args, wrap.name], input=stdin, capture_output=True)
        if out.returncode == 0 or not r["kind"].startswith("age1") or r["kind"] == "age1pq":
            break
    plain = out.stdout
    if out.returncode or len(plain) != (64 if r["role"] == "writer" else 32):
        raise Bad("wrap", f"the wrap of {r['name']} in {s.name}")
    key, seed = plain[:32], plain[32:]
    if hkdf(key, f.id + s.id, b"credfile/1 check") != s.check:
        raise Bad("check", f"the key from {r['name']}'s wrap in {s.name}")
    if seed and ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw) != s.key:
        raise Bad("check", f"the seed from {r['name']}'s wrap in {s.name}")
    return key, r["role"]


# ---- Opening values ("Sealed values") ---------------------------------------------------

def padded(n):
    size = n + 1
    if size > 64:
        e = size.bit_length() - 1
        m = 1 << e - e.bit_length()                       # floor(log2(e)) + 1 is its bit length
        size = -(-size // m) * m
    return -(-size // 64) * 64


def label(f, s, key, name):
    mac = hmac.digest(hkdf(key, f.id + s.id, b"credfile/1 name"), name, "sha256")
    return "~" + base64.b32encode(mac[:15]).decode().lower()


def comment_form(text):
    """Whole lines of UTF-8 without control characters, blank or with a # ("`comment`")."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(re.fullmatch(rb"(?:[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?\n)+", text))


SETTING = re.compile(r'[a-z][a-z0-9_]{0,63} = (?:(-?(?:0|[1-9][0-9]*))|true|false|(STR)|\[(?:(STR)(?:, (STR))*)?\])\n'
                     .replace("(STR)", r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\nrt]|\\u00(?:0[0-8BCEF]|1[0-9A-F]|7F))*"'))


def definition_form(text):
    """Lines KEY = VALUE of TOML, in byte order, in their one form ("`source`")."""
    try:
        lines = re.split(r"(?<=\n)", text.decode("utf-8"))[:-1] if text else []
    except UnicodeDecodeError:
        return False
    keys = [x.split(" ")[0] for x in lines]
    forms = [SETTING.fullmatch(x) for x in lines]
    return len(text) <= 16384 and "".join(lines).encode() == text and keys == sorted(set(keys)) and all(
        m and (m[1] is None or m[1] != "-0" and -1 << 63 <= int(m[1]) < 1 << 63) for m in forms)


def open_entry(f, s, key, entry):
    """Name and bytes of a credential or a source; the name is empty for a comment."""
    name, _, _, box, kind = entry
    bad = Bad("value", f"{name or 'a comment'} in {s.name}")
    k = HKDFExpand(hashes.SHA256(), 32, b"credfile/1 seal" + box[:16]).derive(
        hkdf(key, f.id + s.id, b"credfile/1 value"))
    aad = pae(b"credfile/1 source", f.id, s.id, name.encode(), kind.encode()) if kind else \
        pae(b"credfile/1", f.id, s.id, name.encode())
    try:
        full = ChaCha20Poly1305(k).decrypt(bytes(12), box[16:], aad)
    except InvalidTag:
        raise bad from None
    body = full.rstrip(b"\0")
    if body[-1:] != b"\x80" or padded(len(body) - 1) != len(full):
        raise bad
    body = body[:-1]
    if s.hidden and name:
        size = int.from_bytes(body[:2], "little")
        inner, body = body[2:2 + size], body[2 + size:]
        if len(inner) != size or not NAME.fullmatch(inner.decode("latin-1")) or label(f, s, key, inner) != name:
            raise bad
        name = inner.decode()
    if len(body) > MIB or not name and not comment_form(body) or kind and not definition_form(body):
        raise bad
    return name, body


def open_all(f, s, key):
    out = [open_entry(f, s, key, e) for e in s.entries]
    names = [n for n, _ in out if n]
    if len(set(names)) != len(names):
        raise Bad("value", f"a name stands twice in {s.name}")
    return out


# ---- Locks ("Locks") --------------------------------------------------------------------

def age_file(b):
    """The stanzas, each a list of arguments and a body, and the payload of a binary age file."""
    m = re.match(rb"age-encryption\.org/v1\n((?:-> [!-~]+(?: [!-~]+)*\n(?:[A-Za-z0-9+/]{64}\n)*"
                 rb"[A-Za-z0-9+/]{0,63}\n)+)--- ([A-Za-z0-9+/]{43})\n", b)
    b64decode(m[2].decode())
    stanzas = []
    for x in re.finditer(rb"-> ([^\n]+)\n((?:[^\n]{64}\n)*[^\n]{0,63}\n)", m[1]):
        stanzas.append((x[1].decode().split(" "), b64decode(x[2].decode().replace("\n", ""))))
    return stanzas, b[m.end():]


def decimal(s, least, most):
    expect(re.fullmatch(r"[1-9][0-9]{0,8}", s) and least <= int(s) <= most)
    return int(s)


def packets(b):
    """OpenPGP packets of definite length (RFC 9580, Section 4.2): tag and body."""
    while b:
        expect(b[0] & 0x80)
        if b[0] & 0x40:                                   # new format
            tag, first = b[0] & 63, b[1]
            expect(not 224 <= first < 255)                # partial
            head, size = ((2, first) if first < 192 else
                          (3, (first - 192 << 8) + b[2] + 192) if first < 224 else
                          (6, int.from_bytes(b[2:6], "big")))
        else:
            expect(b[0] & 3 != 3)                         # indeterminate
            tag, width = b[0] >> 2 & 15, 1 << (b[0] & 3)
            head, size = 1 + width, int.from_bytes(b[1:1 + width], "big")
        expect(len(b) >= head + size)
        yield tag, b[head:head + size]
        b = b[head + size:]


def check_lock(lock, b):
    if lock == "openpgp":
        (tag, key), (tag2, body) = packets(b)             # exactly two
        expect(tag == 1 and (key[0] == 3 and any(key[1:9]) or key[0] == 6 and key[1] > 0))
        expect(tag2 == 18 and body[0] in (1, 2) or tag2 == 20)
        return
    stanzas, _ = age_file(b)
    kind, *args = stanzas[0][0]
    if lock == "age":
        expect(all(s[0][0] not in ("scrypt", "credfile/argon2id") for s in stanzas))
        return
    expect(len(stanzas) == 1 and len(stanzas[0][1]) == 32 and len(b64decode(args[0])) == 16)
    if lock == "scrypt":
        expect(kind == "scrypt" and len(args) == 2)
        decimal(args[1], 15, 20)
    else:
        expect(kind == "credfile/argon2id" and len(args) == 4)
        m, t = decimal(args[1], 65536, 1048576), decimal(args[2], 1, 16)
        decimal(args[3], 1, 16)
        expect(m * t <= 4194304)


def derive(kind, args, secret):
    """The key under a passphrase, from a stanza whose form and cost check_lock() has checked."""
    if kind == "scrypt":
        n = 1 << int(args[1])
        return hashlib.scrypt(secret, salt=b"age-encryption.org/v1/scrypt" + b64decode(args[0]),
                              n=n, r=8, p=1, maxmem=n * 1024 + MIB, dklen=32)
    salt, m, t, p = "credfile/1 argon2id " + args[0], *args[1:]
    try:
        from argon2.low_level import Type, hash_secret_raw
        return hash_secret_raw(secret, salt.encode(), int(t), int(m), int(p), 32, Type.ID)
    except ImportError:
        if len(secret) > 127:
            raise OSError("the argon2 command takes 127 bytes of passphrase; install python3-argon2") from None
    out = subprocess.run(["argon2", salt, "-id", "-t", t, "-k", m, "-p", p, "-l", "32", "-r", "-v", "13"],
                         input=secret, capture_output=True, check=True)
    return bytes.fromhex(out.stdout.decode())


def first_bytes(argv, message, stdin=b""):
    """The output of a program for a message, its log, and its exit status. An identity is
    shorter than 256 bytes; more is not read."""
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as log:
        file.write(message)
        file.flush()
        with subprocess.Popen([*argv, file.name], stdin=subprocess.PIPE if stdin else None,
                              stdout=subprocess.PIPE, stderr=log) as p:
            if stdin:
                with contextlib.suppress(BrokenPipeError), p.stdin:
                    p.stdin.write(stdin)
            plain = p.stdout.read(256)
            if len(plain) == 256:
                p.kill()
        log.seek(0)
        return plain, log.read(), p.returncode


# The next three return the plaintext, None if it is not for us, or b"" if it is damaged.

def by_passphrase(b, secret):
    """Decrypts age's format with a file key that age itself cannot get, or not without a terminal."""
    try:
        expect(0 < len(secret) <= 1024 and secret.decode())
    except ValueError:
        raise Bad("no-match", "a passphrase is 1 to 1,024 bytes of UTF-8") from None
    [((kind, *args), body)], payload = age_file(b)
    try:
        tag = derive(kind, args, secret)
    except OSError:
        raise
    except Exception:                                     # each library has its own exception
        raise OSError("the passphrase's key cannot be derived; is there enough memory?") from None
    try:
        key = ChaCha20Poly1305(tag).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None
    end = len(b) - len(payload) - 45                      # the MAC, with its space and LF, is 45
    mac = hmac.digest(hkdf(key, b"", b"header"), b[:end], "sha256")
    if not hmac.compare_digest(b[end:len(b) - len(payload)], b" %s\n" % b64encode(mac).encode()) \
            or len(payload) > 16 + 256 + 16:
        return b""
    try:                                                  # one chunk, the last
        return ChaCha20Poly1305(hkdf(key, payload[:16], b"payload")).decrypt(bytes(11) + b"\1", payload[16:], None)
    except InvalidTag:
        return b""


def by_age(b, identities):
    """Native and SSH identities first, then up to 8 plugins. Only age's messages tell what failed."""
    plugins = [i for i in identities if i[2].startswith(b"AGE-PLUGIN-")]
    for some in [i for i in identities if i not in plugins], *([i] for i in plugins[:8]):
        stdin = b"".join(i[2] for i in some)
        args = ["-i", "-"] * bool(stdin) + [a for i in some if not i[2] for a in i[1]]
        if args:
            plain, log, status = first_bytes([AGE, "-d", *args], b, stdin)
            if status == 0 or len(plain) == 256:
                return plain
            if re.search(rb"error: (?:bad header MAC|failed to (?:decrypt and auth|read nonce))", log):
                return b""
    return None


def by_gpg(b):
    """The status lines are the proof, as far as gpg shows what is inside. It does not show
    compression in compression, nor what it skips; the check of the identity covers these."""
    plain, log, _ = first_bytes(["gpg", "--batch", "--no-auto-key-retrieve", "--log-file", "/dev/null",
                                 "--status-fd", "2", "--output", "-", "--decrypt"], b)
    status = re.findall(rb"^\[GNUPG:\] (\w+)", log, re.M)
    if b"DECRYPTION_INFO" not in status:                  # no session key
        return None
    once = (b"PLAINTEXT", b"DECRYPTION_OKAY", b"GOODMDC")
    if any(status.count(w) != 1 for w in once) or any(w == b"ERROR" or w.endswith(b"SIG") for w in status):
        return b""
    return plain


def open_lock(s, name, identities, passphrase):
    """The identity in the lock of the recipient of that name, as identity() returns it."""
    r = next((r for r in s.recipients if r["name"] == name and r["lock"]), None)
    if r is None:
        raise Bad("no-match", f"no recipient of {s.name} with a lock has that name")
    lock, b, what = r["lock"], r["message"], f"the {r['lock']} lock of {name} in {s.name}"
    try:
        check_lock(lock, b)                               # before anything is derived or started
    except Exception:
        raise Bad("lock", f"the form of {what}") from None
    plain = by_gpg(b) if lock == "openpgp" else by_age(b, identities) if lock == "age" \
        else by_passphrase(b, passphrase())
    if plain is None:
        raise Bad("no-match", f"nothing that was given opens {what}")
    try:
        expect(re.fullmatch(rb"AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]+\n", plain))
        expect(recipient_of(plain[:-1].decode()) == r["string"])
    except (ValueError, subprocess.CalledProcessError):   # it may be someone's mail: not shown
        raise Bad("lock", f"the content of {what}") from None
    return identity(plain[:-1].decode())


# ---- Deep checks ("What is checked when") -----------------------------------------------

STANZA = {"age": "X25519", "age1pq": "mlkem768x25519", "age1tag": "p256tag",
          "age1tagpq": "mlkem768p256tag", "ssh-ed25519": "ssh-ed25519", "ssh-rsa": "ssh-rsa"}


def check_recipient(kind, string):
    if kind.startswith("ssh-"):
        blob = base64.b64decode(string.split(" ")[1])
        expect(blob[4:4 + blob[3]] == kind.encode())      # the type inside is the type outside
        pub = serialization.load_ssh_public_key(string.encode())
        expect(not isinstance(pub, rsa.RSAPublicKey) or pub.key_size >= 2048)
        return
    _, d = bech32_decode(string)
    want = {"age": 32, "age1pq": 1216, "age1tag": 33, "age1tagpq": 1249}.get(kind)
    expect(want in (None, len(d)))
    if kind in ("age1pq", "age1tagpq"):                   # ML-KEM-768: 768 numbers below 3329
        n = int.from_bytes(d[:1152], "little")
        expect(all(n >> i & 4095 < 3329 for i in range(0, 9216, 12)))
    if kind.startswith("age1tag") and want:
        expect(d[0] in (2, 3) if want == 33 else d[1184] == 4)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), d if want == 33 else d[1184:])


def deep(f):
    for s in f.profiles:
        for r in s.recipients:
            try:
                check_recipient(r["kind"], r["string"])
                stanzas, payload = age_file(r["wrap"])
                expect(len(stanzas) == 1 and stanzas[0][0][0] == STANZA.get(r["kind"], stanzas[0][0][0]))
                expect(len(payload) == (96 if r["role"] == "writer" else 64))
                if r["lock"]:
                    check_lock(r["lock"], r["message"])
            except Exception as e:
                raise Bad("deep", f"{r['name']} in {s.name}") from e


# ---- Test vectors (vectors/README.md) ---------------------------------------------------

def run_case(data):
    """None if the case passes, else what was wrong."""
    head, body = data.split(b"\n\n", 1)
    h = {}
    for line in head.decode().split("\n"):
        key, value = line.split(":", 1)
        h.setdefault(key, []).append(value.removeprefix(" "))
    get = lambda k: h.get(k, [None])[0]
    if get("body") == "zlib":
        body = zlib.decompress(body)
    got, line, result = "ok", 0, None
    try:
        f = parse(body)
        s = next(p for p in f.profiles if p.name == get("profile")) if "profile" in h else None
        verify(f, ([s] if s else f.profiles) + f.removed)
        ours = [identity(i) for i in h.get("identity", [])]
        if "as" in h:
            ours = [open_lock(s, get("as"), ours, lambda: (get("passphrase") or "").encode())]
        if s and ours:
            key, role = unwrap(f, s, ours)
            result = role, open_all(f, s, key), [e[4] for e in s.entries]
        if get("deep") == "yes":
            deep(f)
    except Bad as e:
        got, line = e.kind, e.line
    if got != get("expect"):
        return f"expected {get('expect')}, got {got}"
    if "line" in h and line != int(get("line")):
        return f"expected line {get('line')}, got {line}"
    if got == "ok" and result:
        want = [(n, b64decode(v)) for n, _, v in (c.partition(" ") for c in h.get("credential", []))]
        texts = [b64decode(c) for c in h.get("comment-text", [])]
        sources = [tuple(c.split(" ")) for c in h.get("source", [])]
        role, opened, kinds = result
        if role != get("role") or [e for e, kind in zip(opened, kinds) if e[0] and not kind] != want \
                or [v for n, v in opened if not n] != texts \
                or [(n, kind, v) for (n, v), kind in zip(opened, kinds) if kind] != [(n, k, b64decode(v)) for n, k, v in sources]:
            return "opens, but to something else"
    return None


def run_vectors(directory):
    passed, failed = 0, 0
    for name in sorted(os.listdir(directory)):
        if not re.fullmatch("[a-z0-9_]+", name):
            continue
        with open(os.path.join(directory, name), "rb") as fh:
            wrong = run_case(fh.read())
        if wrong:
            print(f"{name}: {wrong}")
        passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


# ---- Command line -----------------------------------------------------------------------

def show(b):
    try:
        text = b.decode()
        if all(c.isprintable() for c in text) and not text.startswith("base64:"):
            return text
    except UnicodeDecodeError:
        pass
    return "base64:" + b64encode(b)


def ask(path):
    """The passphrase from a file or from the terminal, and from nowhere else."""
    if path is not None:
        with open(path, "rb") as fh:
            return re.sub(rb"\r?\n\Z", b"", fh.read(1027))   # its limit, a line end, and one
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass("Passphrase: ").encode("utf-8", "surrogateescape")
        except (EOFError, getpass.GetPassWarning):
            raise Bad("no-match", "no passphrase from a terminal, and no --passphrase-file") from None


def main(argv):
    if len(argv) == 2 and argv[0] == "--vectors":
        return run_vectors(argv[1])
    given = {"-i": [], "--as": [None], "--passphrase-file": [None]}
    while len(argv) > 1 and argv[0] in given:
        given[argv[0]].append(argv[1])
        argv = argv[2:]
    named, source = given["--as"][-1], given["--passphrase-file"][-1]
    if not 1 <= len(argv) <= 3 or argv[0].startswith("-") \
            or named is not None and len(argv) == 1 or named is None and source is not None:
        print(__doc__, file=sys.stderr)
        return 2
    identities = [i for path in given["-i"] for i in read_identities(path)]
    with open(argv[0], "rb") as fh:
        data = fh.read(32 * MIB)
    if data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = data.replace(b"\r\n", b"\n")               # git on Windows; "Structure"
    f = parse(data)
    if len(argv) == 1:
        verify(f, f.profiles + f.removed)
        deep(f)
        for s in f.profiles:
            print(f"profile {s.name}, revision {s.revision}, verifying key {b64encode(s.key)}")
            for r in s.recipients:
                print(f"  {r['role']} {r['name']}" + (f" ({r['lock']} lock)" if r["lock"] else ""))
            for name, when, expires, _, kind in (e for e in s.entries if e[0]):
                print(f"  {name} {when}" + (f" expires {expires}" if expires else "") + (f" source {kind}" if kind else ""))
        return 0
    s = next((p for p in f.profiles if p.name == argv[1]), None)
    if s is None:
        print("recover: no such profile", file=sys.stderr)
        return 4
    verify(f, [s] + f.removed)
    if named is not None:
        identities = [open_lock(s, named, identities, lambda: ask(source))]
    key, _ = unwrap(f, s, identities)
    if len(argv) == 2:
        for (name, value), entry in zip(open_all(f, s, key), s.entries):
            if entry[4]:
                print(f"# {name} is a source of kind {entry[4]}: {show(value)}")
            elif name:
                print(f"{name}={show(value)}")
        return 0
    want = label(f, s, key, argv[2].encode()) if s.hidden else argv[2]
    entry = next((e for e in s.entries if e[0] == want != ""), None)
    if entry is None:
        print("recover: no such credential", file=sys.stderr)
        return 4
    sys.stdout.buffer.write(open_entry(f, s, key, entry)[1])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Bad as e:
        print(f"recover: {e}", file=sys.stderr)
        sys.exit(3 if e.kind == "no-match" else 6)
    except (OSError, ValueError, subprocess.CalledProcessError) as e:
        print(f"recover: {type(e).__name__}: {e if isinstance(e, OSError) else 'cannot use an identity'}", file=sys.stderr)
        sys.exit(1)
