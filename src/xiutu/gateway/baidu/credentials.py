"""The two documented ways to say who calls: access_token in the query, or a bce-auth-v1 signature."""

from datetime import UTC, datetime

from starlette.requests import Request

from xiutu.errors import NoCredentials, SignatureInvalid
from xiutu.gateway.baidu import bce, query
from xiutu.platform.facade import Platform
from xiutu.platform.models import Principal

__all__ = ["identify"]


def identify(request: Request, platform: Platform) -> tuple[Principal, str]:
    """The caller and the kind of credential (``token`` or ``signature``). Reads the database: use a thread.

    A token wins; an empty one next to an authorization header (C++ in cloud mode) does not count.
    Raises the credential errors of ``xiutu.errors``.
    """
    raw_query: bytes = request.scope["query_string"]
    token = query.access_token(raw_query)
    header = request.headers.get("authorization")
    if token or not header:
        if not token:
            raise NoCredentials("neither access_token nor authorization")
        return platform.tokens.verify(token), "token"
    authorization = bce.parse_authorization(header)
    credentials = platform.apps.credentials(authorization.access_key)
    if credentials is None:
        raise SignatureInvalid("unknown access key")
    bce.verify(
        authorization,
        credentials.secret_key,
        method=request.method,
        raw_path=request.scope["raw_path"],
        raw_query=raw_query,
        headers=request.scope["headers"],
        now=datetime.now(UTC),
    )
    return credentials.principal(), "signature"
