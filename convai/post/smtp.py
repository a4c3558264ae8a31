"""Smtp: mails to a mail server, one connection each.

Nothing is said in clear text to a server elsewhere, nor before its certificate is found
good; the letter counts as sent once the server has said 250 to its last line.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from typing import NoReturn

import aiosmtplib

from .parcel import Carried, Later, Never, Parcel, Partly
from .server import Server

__all__ = ["Smtp"]

log = logging.getLogger(__name__)

STEP_S = 30.0
"""Seconds for an answer. RFC 5321, 4.5.3.2 has five minutes, for servers of its time;
who needs longer than this for a line does not get through in a call's time anyway."""

TAKEN_S = 600.0
"Seconds for the one answer that decides: RFC 5321, 4.5.3.2.6 asks for ten minutes."

LOGIN = {530, 534, 535, 538}
"RFC 4954, section 6: wrong password, or a login of another kind is wanted."

_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Smtp:
    """A carrier of mail."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._context = server.context

    async def carry(self, parcel: Parcel) -> Carried:
        """Raises Later, Never, Partly."""
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=STEP_S,
            use_tls=self._server.security == "tls",
            start_tls=False,  # `_enter` does, when it must
            tls_context=await self._trust(),
            local_hostname=_own_name(),
        )
        try:
            await self._enter(client)
            return await self._hand_over(client, parcel)
        except asyncio.CancelledError:
            _drop(client)
            raise
        finally:
            _leave(client)

    async def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            if self._server.security == "optional":
                self._context = _anybody()
            else:
                # It reads the system's certificates, some hundred.
                self._context = await asyncio.to_thread(ssl.create_default_context)
        return self._context

    async def _enter(self, client: aiosmtplib.SMTP) -> None:
        """Connect, encrypt, log in. What goes wrong here is wrong with all letters."""
        try:
            await client.connect()
            await client.ehlo()
            if self._server.security != "tls":
                await self._encrypt(client)
            if self._server.user:
                await client.login(self._server.user, self._server.password)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._no_entry(error)

    async def _encrypt(self, client: aiosmtplib.SMTP) -> None:
        if client.supports_extension("starttls"):
            await client.starttls()
            await client.ehlo()
        elif self._server.security == "starttls":
            # Or somebody on the way took the offer out, to read along.
            raise Later(f"{self._server.host} offers no encryption", slow=True)

    def _no_entry(self, error: Exception) -> NoReturn:
        host = self._server.host
        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f"the certificate of {host} is not good: {cause.verify_message}"
            raise Later(why, slow=True) from None
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            slow = error.code >= 500
            what = "user name or password" if slow else "login for now"
            why = f"{host} refuses our {what} ({error.code})"
            raise Later(why, slow=slow) from None
        if isinstance(error, aiosmtplib.SMTPResponseException):
            # A refusal before it has seen any letter is a matter of settings.
            raise Later(self._said(error), slow=error.code >= 500) from None
        if isinstance(error, OSError):
            raise self._away(error) from None
        # No way to log in that both know; or a character that no password may have.
        raise Later(f"{host} takes no login of ours", slow=True) from None

    async def _hand_over(self, client: aiosmtplib.SMTP, parcel: Parcel) -> Carried:
        refusals: list[aiosmtplib.SMTPRecipientRefused] = []
        try:
            await client.mail(parcel.sender, options=_size(client, parcel))
            for recipient in parcel.recipients:
                try:
                    await client.rcpt(recipient)
                except aiosmtplib.SMTPRecipientRefused as refusal:
                    refusals.append(refusal)
            if len(refusals) < len(parcel.recipients):
                await client.data(parcel.body, timeout=TAKEN_S)
        except aiosmtplib.SMTPResponseException as error:
            if error.code in LOGIN:
                raise Later(self._said(error), slow=True) from None
            if 500 <= error.code < 600:
                raise Never(self._said(error)) from None
            raise Later(self._said(error)) from None
        except (OSError, aiosmtplib.SMTPException) as error:
            raise self._away(error) from None
        except ValueError:
            raise Never("an address that cannot be sent to") from None
        return self._outcome(parcel, refusals)

    def _outcome(
        self, parcel: Parcel, refusals: list[aiosmtplib.SMTPRecipientRefused]
    ) -> Carried:
        """What it comes to, after some recipients were refused, or all, or none."""
        if not refusals:
            return "sent"
        final = [it for it in refusals if it.code >= 500]
        later = [it for it in refusals if it.code < 500]
        refused = self._refused(final, parcel)
        if later:
            left = tuple(it.recipient for it in later)
            raise Later(self._refused(later, parcel), left=left, refused=refused)
        if len(final) < len(parcel.recipients):
            raise Partly(refused)
        raise Never(refused)

    def _refused(
        self, refusals: list[aiosmtplib.SMTPRecipientRefused], parcel: Parcel
    ) -> str:
        if not refusals:
            return ""
        share = f"{len(refusals)} of {len(parcel.recipients)} addresses refused"
        return f"{share}: {self._said(refusals[0])}"

    def _said(self, error: aiosmtplib.SMTPResponseException) -> str:
        if error.code < 100:
            return f"{self._server.host} says what is no SMTP"
        text = f"{self._server.host} says {error.code} {error.message}"
        for secret in (self._server.password, self._server.user):
            text = text.replace(secret, "***") if secret else text
        return text

    def _away(self, error: Exception) -> Later:
        host = self._server.host
        cause = error.__cause__ or error
        if isinstance(error, TimeoutError):
            return Later(f"{host} does not answer")
        if isinstance(cause, ssl.SSLError):
            return Later(f"{host} speaks no TLS that we know")
        if isinstance(cause, OSError) and cause.strerror:
            return Later(f"{host} cannot be reached: {cause.strerror}")
        return Later(f"{host} breaks off")


def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye without waiting for the answer: the letter is to be marked first."""
    protocol = client.protocol
    try:
        if protocol is not None:
            protocol.write(b"QUIT\r\n")
    except aiosmtplib.SMTPServerDisconnected:
        pass
    client.close()


def _drop(client: aiosmtplib.SMTP) -> None:
    """Break off: what has not left yet is not to leave."""
    if isinstance(client.transport, asyncio.WriteTransport):
        client.transport.abort()
    client.close()


def _size(client: aiosmtplib.SMTP, parcel: Parcel) -> list[str]:
    """RFC 1870: a letter that is too long is refused before it is sent."""
    known = client.supports_extension("size")
    return [f"size={len(parcel.body)}"] if known else []


def _own_name() -> str:
    """For EHLO. Never asks the name service, which may take its time."""
    name = socket.gethostname()
    # RFC 5321, 4.1.3: who has no name gives his address.
    return name if _NAME.fullmatch(name) else "[127.0.0.1]"


def _anybody() -> ssl.SSLContext:
    """On this machine clear text would do: a certificate of its own does all the more.

    Debian's Postfix has one that nobody has signed.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
