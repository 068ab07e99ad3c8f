"""By what a server's certificate is judged: the same for requests and for events; never lets one pass unseen."""

import ssl

import httpx2


def trust(url: str, tls: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """Whom to trust there: whom the caller says, or whom everybody does. None: no certificate is shown."""
    if not url.startswith("https:"):
        return None
    return tls if tls is not None else httpx2.create_ssl_context()
