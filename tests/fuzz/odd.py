"""Texts that somebody will type, paste or have in a file."""

import random

TEXTS = (
    "", " ", "\t", "\n", "-", "--", "-1", "0", "1e309", "nan", "inf", "9" * 25, "9" * 5000, "a" * 300,
    "a" * 5000, "é", "日本", "\udcff", "a\udc80b", "../..", "/", "/dev/null", "/dev/full",
    "/proc/self/mem", "/proc/1/root", "?", "#", "%41", "%", "%s", "~", "~nobody/x", "a?b=c", "{data}",
    "{0}", "[bold]x", "[/x]", "\x1b[31m", "\x7f", "=", "a=", "=b", "a=b", "a.b=c", ".=", "null", "on",
    "1", "\u2028", "\ufeff", "İ", "🙂", "$HOME", "`id`", "*",
)  # fmt: skip
URLS = (
    "embedded:", "embedded:?", "embedded:x?map_size_mb=1", "embedded:x?map_size_mb=-1",
    "embedded:x?map_size_mb=1" + "0" * 30, "embedded:x?durability=no", "embedded:\udcff",
    "embedded:/dev/null", "embedded:/proc/x", "embedded:~/x", "embedded:a?b/c", "sqlite:",
    "sqlite:/dev/null", "sqlite:/dev/full", "sqlite:\udcff", "sqlite:/nowhere/x", "sqlite:?x", "kafka:",
    "kafka://", "kafka://:0", "kafka://a:b", "kafka://[", "kafka://[::1", "kafka://127.0.0.1:99999",
    "kafka://a,,b", "kafka://" + "a" * 70 + ".example:1", "kafka://x?client=none", "kafka://é:1",
    "kafka://\udcff:1", "kafka://x:1?acks=\udcff", "mongodb://", "mongodb://[", "mongodb://a:b@/",
    "mongodb://x/a.b", "mongodb+srv://", "aerospike://", "aerospike://a:b/c", "aerospike://[/x",
    "aerospike://x:1", "://", "http://x", "kafka", "\udcff:", "embedded\n:x",
)  # fmt: skip
HOSTS = (
    "nosuchhost.invalid", "192.0.2.1", "a" * 70, "::", "::1", "1:2:3", "fe80::1%nowhere", "é.invalid",
    "\udcff",
)  # fmt: skip
DEEP = b"[" * 200_000
INPUTS = (
    b"", b"\n", b"\0", b"\xff\xfe", b"1\n2\n",
    b'{"user": "ann"}\n', b"7" * 5_000 + b"\n", DEEP + b"\n", b'{"a":' * 100_000, b'"\\ud83d"\n',
    b"NaN\n", b"1e999\n", b"-0\n", b'"' + b"x" * 2_000_000 + b'"\n', b"\r\n" * 1000, b"\xef\xbb\xbf1\n",
    b"a fine long passphrase\n", b"caf\xe9 caf\xe9 caf\xe9\n", b"y\n", b"y", b"\x1b[A\x03\x04\n",
    b'{"\\u0000": 1}\n',
)  # fmt: skip


def text(chance: random.Random) -> str:
    """Return an odd text: one of the known, or a few odd letters put together."""
    if chance.random() < 0.7:
        return chance.choice((*TEXTS, *URLS, *HOSTS))
    letters = "aZ09 \t\n\x01\x7f\xe9\xff\u0130\u0301\u200d\udc80\udcff🙂?#%~&=/.:;,@[]{}()<>|\\'\"`$!*-_+^"
    return "".join(chance.choice(letters) for _ in range(chance.randint(1, 12)))


def given(chance: random.Random) -> bytes:
    """Return an odd standard input, or content of a file."""
    if chance.random() < 0.7:
        return chance.choice(INPUTS)
    return chance.randbytes(chance.randint(1, 4_000))
