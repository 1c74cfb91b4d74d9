"""The story of a service, told by a caller generated from /openapi.json. Prints one line for each step, for comparison with the other callers."""

import json
import os
import sys
import time

from peermatch_client import Client
from peermatch_client.api.jobs import job, job_result
from peermatch_client.api.stateless import check, match, suggest, verify
from peermatch_client.models import (
    CheckRequest,
    JobBody,
    MatchingDocument,
    MatchRequest,
    Problem,
    RosterTold,
    Suggestions,
    SuggestRequest,
    Verified,
    VerifyRequest,
)

address, file = sys.argv[1:]
headers = {}
if "PEERMATCH_KEY" in os.environ:
    headers["authorization"] = "Bearer " + os.environ["PEERMATCH_KEY"]
service = Client(base_url=address, headers=headers, timeout=60.0)
with open(file, encoding="utf-8") as opened:
    roster = json.load(opened)


def of(kind, answer):
    """The answer, if it is of the kind that the document promises."""
    if not isinstance(answer, kind):
        raise SystemExit(f"{kind.__name__} was expected, not {answer}")
    return answer


# Without keeping anything.
checked = of(RosterTold, check.sync(client=service, body=CheckRequest.from_dict({"roster": roster})))
print(f"check: {checked.people} people, {checked.workers} workers")

matching = of(MatchingDocument, match.sync(client=service, body=MatchRequest.from_dict({"roster": roster})))
print(f"match: {len(matching.matches)} matched")

document = matching.to_dict()
verified = of(
    Verified, verify.sync(client=service, body=VerifyRequest.from_dict({"roster": roster, "document": document}))
)
print(f"verify: {str(verified.ok).lower()}")

first = matching.matches[0].person_id
suggested = of(
    Suggestions, suggest.sync(client=service, body=SuggestRequest.from_dict({"roster": roster, "person_id": first}))
)
print("suggest: " + " ".join(worker.worker_id for worker in suggested.workers))

# What cannot be used is a problem with a pointer, and never repeats what was sent.
bad = suggest.sync_detailed(
    client=service, body=SuggestRequest.from_dict({"roster": roster, "person_id": "nobody-at-all"})
)
assert bad.status_code == 422, bad
problem = of(Problem, bad.parsed)
print(f"suggest for nobody: {problem.code} " + " ".join(fault.pointer for fault in problem.errors))

# As a job.
begun = of(
    JobBody,
    match.sync(client=service, body=MatchRequest.from_dict({"roster": roster}), prefer="respond-async"),
)
id_ = begun.job.rsplit("/", 1)[-1]
while (state := of(JobBody, job.sync(id_, client=service)).state) != "done":
    assert state in ("queued", "running"), state
    time.sleep(0.02)
result = job_result.sync(id_, client=service)
assert result.to_dict() == document, "the job's matching is another"
print("match as a job: the same")
