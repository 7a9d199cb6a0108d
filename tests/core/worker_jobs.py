"""A kind of job for tests with a real worker process, which loads this module by --include."""

from typing import Any

from core import jobs
from core.locks import Lock, take
from core.models import Job, User

KIND = "tests.gate"


class Gate:
    """Each chunk makes one account; a chunk with "gate" then waits for the test's lock."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        made = User.objects.create(username=f"by chunk {chunk['n']}")
        if chunk.get("gate"):
            take(Lock.OPERATOR, "gate", wait_ms=60_000)
        return {"made": made.username}

    def finish(self, job: Job) -> dict[str, Any]:
        User.objects.create(username="by finish")
        return {"made": [result["made"] for _params, result in job.chunk_results() if result]}


jobs.register(KIND, Gate())
