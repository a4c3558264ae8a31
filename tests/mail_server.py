"""A mail server on loopback, with TLS and login, that fails as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import email
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from convai.post.server import Server

__all__ = ["PASSWORD", "USER", "MailServer", "Taken", "certificate", "trust"]

USER = "parley"
PASSWORD = "correct horse 100% battery"

Script: TypeAlias = Callable[[SMTP, Envelope], Awaitable[str]]
"Given what has come in, the answer to it; a 250 means that it is kept."


@dataclass(frozen=True)
class Taken:
    """A letter that the server said it has."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    tls: bool
    user: str


@dataclass
class MailServer:
    """An async context; `refuse` and `script` may be changed while it runs."""

    folder: Path
    "For its certificate."
    security: Literal["starttls", "tls", "none"] = "starttls"
    login: bool = True
    port: int = 0
    script: Script | None = None
    refuse: dict[str, str] = field(default_factory=dict)
    "Recipient -> the answer."
    taken: list[Taken] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    "All that clients said, once decrypted."
    connections: int = 0
    _server: asyncio.Server | None = None
    _transports: list[asyncio.Transport] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        context = _context(self.folder) if self.security != "none" else None
        implicit = context if self.security == "tls" else None
        self._server = await loop.create_server(
            lambda: self._session(loop, None if implicit else context),
            "127.0.0.1",
            self.port,
            ssl=implicit,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        # aiosmtpd forgets the socket below TLS.
        for transport in self._transports:
            with contextlib.suppress(AttributeError):  # it is closed (3.11.2)
                transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)

    def server(self, **changes: Any) -> Server:
        """How it is reached by who trusts it and knows its password."""
        security: Any = {"none": "optional"}.get(self.security, self.security)
        given = {
            "host": "localhost",
            "port": self.port,
            "security": security,
            "user": USER if self.login else "",
            "password": PASSWORD if self.login else "",
            "context": None if self.security == "none" else trust(self.folder),
        }
        return Server(**{**given, **changes})

    @property
    def counts(self) -> Counter[str]:
        """How often each letter was taken, by Message-ID."""
        return Counter(it.message_id for it in self.taken)

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = await self.script(server, envelope) if self.script else "250 OK"
        if answer.startswith("250"):
            self.keep(session, envelope)
        return answer

    def keep(self, session: Session, envelope: Envelope) -> None:
        content = bytes(envelope.content or b"")
        self.taken.append(
            Taken(
                message_id=email.message_from_bytes(content)["Message-ID"],
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=content,
                tls=session.ssl is not None or self.security == "tls",
                user=USER if session.authenticated else "",
            )
        )

    def _session(
        self, loop: asyncio.AbstractEventLoop, context: ssl.SSLContext | None
    ) -> SMTP:
        self.connections += 1
        heard, transports = self.heard, self._transports

        class Heard(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                transports.append(transport)
                super().connection_made(transport)

            def data_received(self, data: bytes) -> None:
                heard.extend(data)
                super().data_received(data)

        login: dict[str, Any] = {}
        if self.login:
            login = {
                "authenticator": self._check,
                # TLS from the first byte is none that aiosmtpd knows of.
                "auth_required": context is not None,
                "auth_require_tls": context is not None,
            }
        return Heard(
            self,
            loop=loop,
            hostname="localhost",
            tls_context=context,
            require_starttls=context is not None,
            timeout=60,
            **login,
        )

    def _check(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        auth_data: Any,
    ) -> AuthResult:
        given = (auth_data.login, auth_data.password)
        success = given == (USER.encode(), PASSWORD.encode())
        # With `handled` a bad password would get no answer at all.
        return AuthResult(success=success, handled=success)


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """A certificate and its key, signed by nobody else; made once for a folder."""
    chain, private = folder / f"{host}.pem", folder / f"{host}.key"
    if chain.exists():
        return chain, private
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    names = [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


def trust(folder: Path) -> ssl.SSLContext:
    """Of a client that trusts the certificate in that folder, and no other."""
    return ssl.create_default_context(cafile=str(certificate(folder)[0]))


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    return context
