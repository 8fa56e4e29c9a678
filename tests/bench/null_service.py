"""The least that a service of this make could do for a PUT: its own model of a reading, a sign-in by hash, one answer.

    python -m tests.bench.null_service [MILLISECONDS]

Prints its port. `MILLISECONDS` of work in every request are for the control: a slower service must be seen as slower.
"""

import hashlib
import json
import socket
import sys
import time
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header
from fastapi.responses import Response

from app.api.readings import ReadingIn

TOKEN = "a token of the benchmark"
KNOWN = {hashlib.sha256(TOKEN.encode()).hexdigest(): "nurse"}


async def signed_in(authorization: Annotated[str, Header()]) -> str:
    """Who asks."""
    return KNOWN[hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()]


def service(idle_work: float = 0.0) -> FastAPI:
    """One route; `idle_work`: seconds of processor that each answer takes besides."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.put("/v1/sessions/{session_id}/readings/{reading_id}")
    async def put(
        session_id: UUID, reading_id: UUID, body: ReadingIn, who: Annotated[str, Depends(signed_in)]
    ) -> Response:
        until = time.process_time() + idle_work
        while time.process_time() < until:
            pass
        said = {"id": str(reading_id), "session_id": str(session_id), "spo2": body.spo2, "by": who}
        return Response(json.dumps(said), 201, media_type="application/json")

    return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    made = service(float(sys.argv[1]) / 1000 if len(sys.argv) > 1 else 0.0)
    uvicorn.Server(uvicorn.Config(made, log_config=None, access_log=False, ws="none")).run(sockets=[listener])
