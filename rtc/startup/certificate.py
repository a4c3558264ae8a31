"""Certificate: what HTTPS is served with, made on first start and kept.

Phones give a page the microphone over HTTPS only, so Parley brings a certificate for
every address and name of its machine. It signs itself: the browser warns once, and the
SHA-256 fingerprint in the terminal is what to compare. (WebRTC's own encryption has
certificates of its own, one per call; nothing of it is here.)

    CertificateError                HTTPS cannot be served as `tls` asks
    └── CertificateFolderError      the self-signed certificate cannot be kept
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificatePublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .addresses import IPAddress
from .values import Pair

__all__ = [
    "CertificateError",
    "CertificateFolderError",
    "Https",
    "fingerprint",
    "https",
    "self_signed",
]

VALIDITY = timedelta(days=397)
"""Apple refuses TLS certificates that are valid for more than 825 days, also those a
user added (support.apple.com/103769), and recommends 397 (support.apple.com/102028)."""

CLOCK_SKEW = timedelta(days=1)
"Of this machine against a phone; the certificate starts that much in the past."

RENEW_BEFORE = timedelta(days=30)
"The end; a server that is restarted once a month never shows an expired one."

FILE = "parley.pem"
"""Key and certificate in one file: replaced in one step, the two always match, even
when two servers start in one folder at once."""

NAME_LIMIT = 64
"Characters of a common name; RFC 5280, appendix A.1."


class CertificateError(Exception):
    """HTTPS cannot be served; the message says why in one line."""

    setting = "tls"
    "The setting that the person has to change."


class CertificateFolderError(CertificateError):
    """There is no place to keep the self-signed certificate."""

    setting = "certificates"


@dataclass(frozen=True, slots=True)
class Https:
    """What an HTTPS server needs, and what its banner says about it."""

    context: ssl.SSLContext
    fingerprint: str
    "SHA-256 of the certificate, as browsers show it: AB:CD:..."
    own_name: str | None = None
    """The host name in a certificate of one's own, "" if it has none; None for the
    self-signed one, which has all names of the machine."""

    @property
    def self_signed(self) -> bool:
        return self.own_name is None


def https(
    tls: Literal["self", "off"] | Pair,
    folder: Path,
    names: Sequence[str],
    addresses: Sequence[IPAddress],
    now: datetime,
) -> Https | None:
    """HTTPS as the setting `tls` wants it; None for off. Raises CertificateError.

    `names` and `addresses` are those of this machine; `now` has a time zone.
    """
    if tls == "off":
        return None
    if isinstance(tls, Pair):
        chain = _read(tls.certificate)
        certificate = _own(chain, tls, now)
        context = _context(tls.certificate, tls.key)
        return Https(context, fingerprint(certificate), _first_name(certificate))
    file, certificate = self_signed(folder, names, addresses, now)
    return Https(_context(file, file), fingerprint(certificate))


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def self_signed(
    folder: Path,
    names: Sequence[str],
    addresses: Sequence[IPAddress],
    now: datetime,
) -> tuple[Path, x509.Certificate]:
    """The kept certificate while it is good, else a new one; with its file."""
    file = folder / FILE
    kept = _kept(file)
    if kept is not None and _good(kept, names, addresses, now):
        return file, kept
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issue(key, names, addresses, now)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    _replace(file, pem)
    return file, certificate


def _kept(file: Path) -> x509.Certificate | None:
    """The certificate in the file, None unless its key is there and fits."""
    try:
        pem = file.read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(pem, password=None)
    except (OSError, ValueError, TypeError):
        return None  # missing, broken or encrypted: a new one mends it
    return certificate if _fits(certificate.public_key(), key) else None


def _good(
    certificate: x509.Certificate,
    names: Sequence[str],
    addresses: Sequence[IPAddress],
    now: datetime,
) -> bool:
    """Whether it is valid for long enough and names this machine as it is today.

    A new public IPv6 address alone is no reason to renew: with privacy extensions
    (RFC 8981) they change every day, and after each renewal every browser asks again.
    """
    if not (
        certificate.not_valid_before_utc <= now
        and now + RENEW_BEFORE < certificate.not_valid_after_utc
    ):
        return False
    alternatives = _alternatives(certificate)
    lasting = {a for a in addresses if a.version == 4 or not a.is_global}
    wanted = {x509.DNSName(name) for name in names} | {
        x509.IPAddress(address) for address in lasting
    }
    return wanted <= set(alternatives)


def _alternatives(certificate: x509.Certificate) -> list[x509.GeneralName]:
    """The names and addresses that a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except (x509.ExtensionNotFound, ValueError):
        return []
    return list(found.value)


def _first_name(certificate: x509.Certificate) -> str:
    names = [n.value for n in _alternatives(certificate) if isinstance(n, x509.DNSName)]
    return next((name for name in names if "*" not in name), "")


def _issue(
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    addresses: Sequence[IPAddress],
    now: datetime,
) -> x509.Certificate:
    common = f"Parley on {names[-1]}"[:NAME_LIMIT]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    start = (now - CLOCK_SKEW).replace(microsecond=0)  # X.509 knows whole seconds
    usage = x509.KeyUsage(True, *[False] * 8)  # digital signature: all TLS 1.3 needs
    alternatives = [
        *(x509.DNSName(name) for name in names),
        *(x509.IPAddress(address) for address in addresses),
    ]
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(usage, True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectAlternativeName(alternatives), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .sign(key, hashes.SHA256())
    )


def _replace(file: Path, pem: bytes) -> None:
    """Write it so that a reader sees the old file or the new one, never a part."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise CertificateFolderError(f"cannot write {file}: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as temporary:  # mkstemp made it with mode 0600
            temporary.write(pem)
            temporary.flush()
            os.fsync(temporary.fileno())
        os.replace(name, file)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise CertificateFolderError(f"cannot write {file}: {error.strerror}") from None


def _own(chain: bytes, pair: Pair, now: datetime) -> x509.Certificate:
    """The person's certificate, after everything is checked that can be told."""
    try:
        certificate = x509.load_pem_x509_certificate(chain)
    except ValueError:
        raise CertificateError(f"{pair.certificate} holds no PEM certificate") from None
    if not _fits(certificate.public_key(), _key(pair.key)):
        raise CertificateError(f"{pair.key} is not the key of {pair.certificate}")
    if now > certificate.not_valid_after_utc:
        day = certificate.not_valid_after_utc.date()
        raise CertificateError(f"{pair.certificate} expired on {day}")
    if now < certificate.not_valid_before_utc:
        day = certificate.not_valid_before_utc.date()
        raise CertificateError(f"{pair.certificate} is not valid before {day}")
    return certificate


def _key(file: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(_read(file), password=None)
    except TypeError:
        raise CertificateError(
            f"the key {file} is encrypted; Parley takes keys without a password"
        ) from None
    except ValueError:
        raise CertificateError(f"{file} holds no PEM key") from None


def _fits(public: CertificatePublicKeyTypes, key: PrivateKeyTypes) -> bool:
    return key.public_key() == public


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateError(f"{file}: {error.strerror}") from None


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        # For example a key that is too short for OpenSSL's security level.
        reason = getattr(error, "reason", None) or error.strerror or "unknown"
        raise CertificateError(f"OpenSSL refuses {certificate}: {reason}") from None
    return context
