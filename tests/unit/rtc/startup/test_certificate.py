from __future__ import annotations

import ssl
import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from rtc.startup import certificate
from rtc.startup.addresses import IPAddress
from rtc.startup.certificate import CertificateError, https, self_signed
from rtc.startup.values import Pair

NOW = datetime(2030, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
NAMES = ["localhost", "box", "box.local"]
ADDRESSES = [ip_address(a) for a in ("127.0.0.1", "192.168.1.2", "::1", "fd00::2")]


def made(
    folder: Path,
    *,
    names: Sequence[str] = NAMES,
    addresses: Sequence[IPAddress] = ADDRESSES,
    now: datetime = NOW,
) -> x509.Certificate:
    return self_signed(folder, names, addresses, now)[1]


def extension(cert: x509.Certificate, kind: type[x509.ExtensionType]):
    return cert.extensions.get_extension_for_class(kind).value


# --- the self-signed certificate ------------------------------------------------------


def test_what_is_in_it(tmp_path: Path) -> None:
    cert = made(tmp_path)
    key = cert.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    cert.verify_directly_issued_by(cert)
    san = extension(cert, x509.SubjectAlternativeName)
    assert san.get_values_for_type(x509.DNSName) == NAMES
    assert san.get_values_for_type(x509.IPAddress) == ADDRESSES
    assert extension(cert, x509.BasicConstraints).ca is False
    usage = list(extension(cert, x509.ExtendedKeyUsage))
    assert usage == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert extension(cert, x509.KeyUsage).digital_signature
    start, end = cert.not_valid_before_utc, cert.not_valid_after_utc
    assert start < NOW < end and end - start == timedelta(days=397)


def test_two_certificates_never_share_a_serial_number(tmp_path: Path) -> None:
    serials = {made(tmp_path / str(n)).serial_number for n in range(4)}
    assert len(serials) == 4


def test_a_long_host_name_fits(tmp_path: Path) -> None:
    cert = made(tmp_path, names=["localhost", "x" * 63])
    assert cert.subject.rfc4514_string().startswith("CN=Parley on xxx")


def test_it_is_kept_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    file, _ = self_signed(folder, NAMES, ADDRESSES, NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [file], "no temporary file is left"


def test_it_is_kept_while_it_is_good(tmp_path: Path) -> None:
    first = made(tmp_path)
    assert made(tmp_path) == first
    assert made(tmp_path, now=NOW + timedelta(days=365)) == first
    assert made(tmp_path, names=NAMES[:1], addresses=ADDRESSES[:1]) == first


@pytest.mark.parametrize(
    "change",
    [
        {"names": [*NAMES, "new"]},
        {"addresses": [*ADDRESSES, ip_address("192.168.1.3")]},
        {"addresses": [*ADDRESSES, ip_address("fd00::3")]},
        {"now": NOW + timedelta(days=367)},
        {"now": NOW + timedelta(days=4000)},
        {"now": NOW - timedelta(days=2)},  # made while the clock was wrong
    ],
)
def test_it_is_renewed(tmp_path: Path, change: dict) -> None:
    first = made(tmp_path)
    second = made(tmp_path, **change)
    assert second != first
    assert made(tmp_path, **change) == second


def test_a_new_public_ipv6_address_alone_does_not_renew_it(tmp_path: Path) -> None:
    public = ip_address("2a00:1450:4001:81c::200e")
    first = made(tmp_path)
    assert made(tmp_path, addresses=[*ADDRESSES, public]) == first
    fresh = made(tmp_path / "new", addresses=[*ADDRESSES, public])
    san = extension(fresh, x509.SubjectAlternativeName)
    assert public in san.get_values_for_type(x509.IPAddress)


def test_a_broken_file_is_mended(tmp_path: Path) -> None:
    first = made(tmp_path)
    file = tmp_path / certificate.FILE
    pem = file.read_bytes()
    key, _, cert = pem.partition(b"-----BEGIN CERTIFICATE")
    made(tmp_path / "other")
    other = (tmp_path / "other" / certificate.FILE).read_bytes()
    mismatched = other.partition(b"-----BEGIN CERTIFICATE")[0] + pem[len(key) :]
    for broken in (b"", pem[:200], key, pem[len(key) :], b"\xff" * 50, mismatched):
        file.write_bytes(broken)
        mended = made(tmp_path)
        assert mended != first
        assert made(tmp_path) == mended


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CertificateError, match="cannot write") as caught:
        made(tmp_path / "file" / "folder")
    assert caught.value.setting == "certificates"


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / certificate.FILE / "in the way").mkdir(parents=True)
    with pytest.raises(CertificateError, match="cannot write"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [certificate.FILE]


# --- HTTPS ----------------------------------------------------------------------------


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str:
    """A TLS handshake in memory; the version that both agreed on."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=host)
    done = False
    while not done:
        done = True
        for side in (theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                done = False
    return theirs.version() or ""


@pytest.mark.parametrize("host", ["localhost", "box.local", "192.168.1.2", "::1"])
def test_a_client_that_trusts_it_connects(tmp_path: Path, host: str) -> None:
    found = https("self", tmp_path, NAMES, ADDRESSES, datetime.now(UTC))
    assert found is not None and found.self_signed
    cert = made(tmp_path, now=datetime.now(UTC))
    client = ssl.create_default_context(
        cadata=cert.public_bytes(serialization.Encoding.PEM).decode()
    )
    assert shake_hands(found.context, client, host) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(found.context, client, "elsewhere")


def test_old_tls_is_refused(tmp_path: Path) -> None:
    found = https("self", tmp_path, NAMES, ADDRESSES, NOW)
    assert found is not None
    assert found.context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_fingerprint_is_what_browsers_show(tmp_path: Path) -> None:
    found = https("self", tmp_path, NAMES, ADDRESSES, NOW)
    cert = made(tmp_path)
    digest = cert.fingerprint(hashes.SHA256()).hex().upper()
    assert found is not None
    assert found.fingerprint.replace(":", "") == digest
    assert len(found.fingerprint.split(":")) == 32


def test_off(tmp_path: Path) -> None:
    assert https("off", tmp_path / "none", NAMES, ADDRESSES, NOW) is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def own(tmp_path: Path) -> Pair:
    """A certificate and its key in files of their own, as a person has them."""
    file, _ = self_signed(tmp_path, ["*.example.org", "call.example.org"], [], NOW)
    key, begin, cert = file.read_bytes().partition(b"-----BEGIN CERTIFICATE")
    pair = Pair(tmp_path / "own.pem", tmp_path / "own.key")
    pair.certificate.write_bytes(begin + cert)
    pair.key.write_bytes(key)
    return pair


def refusal(pair: Pair, now: datetime = NOW) -> str:
    with pytest.raises(CertificateError) as caught:
        https(pair, Path("none"), NAMES, ADDRESSES, now)
    assert caught.value.setting == "tls"
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_own_certificate(own: Pair) -> None:
    found = https(own, Path("none"), NAMES, ADDRESSES, NOW)
    assert found is not None
    assert not found.self_signed
    assert found.own_name == "call.example.org"


def test_own_certificate_out_of_its_time(own: Pair) -> None:
    assert "own.pem expired on 2031-06-06" in refusal(own, NOW + timedelta(days=500))
    assert "not valid before 2030-05-05" in refusal(own, NOW - timedelta(days=2))


def test_own_files_that_are_missing_or_something_else(own: Pair) -> None:
    assert "No such file" in refusal(Pair(own.certificate, Path("no.key")))
    assert "No such file" in refusal(Pair(Path("no.pem"), own.key))
    assert "holds no PEM certificate" in refusal(Pair(own.key, own.key))
    assert "holds no PEM key" in refusal(Pair(own.certificate, own.certificate))


def test_own_key_of_another_certificate(own: Pair, tmp_path: Path) -> None:
    other, _ = self_signed(tmp_path / "other", NAMES, ADDRESSES, NOW)
    assert "is not the key of" in refusal(Pair(own.certificate, other))


def test_own_key_with_a_password(own: Pair) -> None:
    key = serialization.load_pem_private_key(own.key.read_bytes(), None)
    own.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    assert "is encrypted" in refusal(own)
