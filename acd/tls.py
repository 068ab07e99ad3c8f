"""The API's certificate: read, found to fit its key, and read again while we run; never logs what is in a file."""

import ssl
from pathlib import Path


class CertificateError(Exception):
    """The files make no certificate to serve with; the text says which, why, and what to do."""


class Certificate:
    """A certificate with its chain, and its private key, as two PEM files. `context` is what a server uses."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Raises CertificateError."""
        self._chain = chain
        self._key = key
        self.context = self._read()

    def renew(self) -> None:
        """Read the files again, for who connects from now on. Raises CertificateError, and then nothing has changed."""
        self._read()  # Of a pair that does not fit, half would be in force.
        self.context.load_cert_chain(self._chain, self._key, password="")

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        text = b""
        for file in (self._chain, self._key):
            try:
                text = file.read_bytes()
            except OSError as error:
                raise CertificateError(
                    f"{file} cannot be read: {error.strerror}. "
                    "Correct CORDBOARD_API_CERTIFICATE and CORDBOARD_API_PRIVATE_KEY, or let us read the file."
                ) from error
        try:
            # No password: nobody is there to type one when we are restarted at night.
            context.load_cert_chain(self._chain, self._key, password="")
        except ssl.SSLError as error:
            raise CertificateError(
                f"{self._chain} and {self._key} make no certificate: {_why(error, text)}"
            ) from error
        return context


def _why(error: ssl.SSLError, key: bytes) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is another certificate's. Give those two that were made together."
    if b"ENCRYPTED" in key:
        return (
            "the key has a pass phrase. Take it off: openssl pkey -in KEY -out NEW, with mode 0600."
        )
    return "they are not PEM: first the certificate with its chain, then its private key."
