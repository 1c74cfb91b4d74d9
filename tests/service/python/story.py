"""The story of a service, told by a caller generated from /openapi.json. Prints one line for each step, for comparison with the other callers."""

import json
import os
import sys
import time
from typing import Any, TypeVar

from peermatch_client import AuthenticatedClient
from peermatch_client.api.jobs import job, job_result
from peermatch_client.api.matches import (
    activate_match,
    answer_match,
    decide_match,
    end_match,
    first_meeting,
    give_feedback,
    pause_match,
    read_match,
    resume_match,
)
from peermatch_client.api.menus import answer_menu, make_menus, read_sheet
from peermatch_client.api.people import export_person, read_person
from peermatch_client.api.rosters import import_roster, make_roster, read_roster
from peermatch_client.api.stateless import check, match, suggest, verify
from peermatch_client.api.suggestions import suggest_for
from peermatch_client.models import (
    AnswerBody,
    CheckRequest,
    DecisionBody,
    EndBody,
    FeedbackAsked,
    FeedbackTaken,
    Held,
    ImportTold,
    JobBody,
    KeptRoster,
    MatchForCoordinator,
    MatchingDocument,
    MatchRequest,
    MenuAnswered,
    MenuSaid,
    MenusAsked,
    MenusMade,
    MyMenu,
    NewRoster,
    Problem,
    RosterInput,
    RosterLine,
    RosterTold,
    Shown,
    Suggestions,
    SuggestRequest,
    VerifiedMatchingTold,
    VerifyRequest,
)

address, file = sys.argv[1:]
key = os.environ.get("PEERMATCH_KEY")
# A demonstration lets everybody in: then nothing is sent that means anything.
service = (
    AuthenticatedClient(base_url=address, token=key, timeout=60.0)  # type: ignore[arg-type]
    if key
    else AuthenticatedClient(base_url=address, token="nobody", prefix="", auth_header_name="x-nobody", timeout=60.0)  # type: ignore[arg-type]
)
with open(file, encoding="utf-8") as opened:
    roster = json.load(opened)

Kind = TypeVar("Kind")


def of(kind: type[Kind], answer: Any) -> Kind:
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
    VerifiedMatchingTold, verify.sync(client=service, body=VerifyRequest.from_dict({"roster": roster, "document": document}))
)
print(f"verify: {str(verified.verified).lower()}, {verified.matched} matched")

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
faults = of(list, problem.errors)
print(f"suggest for nobody: {problem.code} " + " ".join(fault.pointer for fault in faults))

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
assert of(MatchingDocument, result).to_dict() == document, "the job's matching is another"
print("match as a job: the same")

# A kept roster, made and filled.
kept = "story-python"
made = of(
    RosterLine,
    make_roster.sync(
        client=service,
        body=NewRoster.from_dict({"id": kept, "settings": {"zone": roster["zone"], "as_of": roster["as_of"], "seed": 7}}),
    ),
)
print(f"make a roster: revision {made.revision}")
whole = RosterInput.from_dict(roster)
dry = of(ImportTold, import_roster.sync(kept, client=service, body=whole, dry_run=True))
print(f"import, dry: {dry.counts.people.added} people would be added")
imported = of(ImportTold, import_roster.sync(kept, client=service, body=whole))
print(f"import: {imported.counts.people.added} people, {imported.counts.workers.added} workers")
told = of(KeptRoster, read_roster.sync(kept, client=service))
print(f"roster: {told.people} people, {told.workers} workers on {told.as_of}")
again = of(Problem, make_roster.sync(client=service, body=NewRoster.from_dict({"id": kept, "settings": {"zone": "UTC"}})))
print(f"make it again: {again.status} {again.code}")

# Suggestions are those of the stateless call.
seen = of(Suggestions, suggest_for.sync(kept, first, client=service))
assert [one.worker_id for one in seen.workers] == [one.worker_id for one in suggested.workers]
print("suggestions: " + " ".join(one.worker_id for one in seen.workers))

# A menu, read as its person reads it, and a pick.
menus = of(
    MenusMade, make_menus.sync(kept, client=service, body=MenusAsked.from_dict({"for": "all_waiting", "size": 2}))
)
menu = menus.menus[0]
print(f"menus: {len(menus.menus)}, the first for {menu.person_id} with " + " ".join(menu.options))
sheet = of(MyMenu, read_sheet.sync(kept, menu.id, client=service))
print(f"sheet: {len(sheet.sheet.options)} to choose from")
picked = of(
    MenuAnswered,
    answer_menu.sync(
        kept,
        menu.id,
        client=service,
        body=MenuSaid.from_dict({"answer": {"pick": menu.options[0]}, "how": "phone"}),
    ),
)
print(f"pick: {picked.state}")
id_ = of(str, picked.match_id)


# The match, through its states. Nothing becomes active without a decision and both yeses.
def stands(step: str, answer: Any) -> None:
    now = of(MatchForCoordinator, answer)
    print(f"{step}: {now.id} {now.status}")


stands("match", read_match.sync(kept, id_, client=service))
early = of(Problem, activate_match.sync(kept, id_, client=service))
print(f"too early: {early.status} {early.code}")
yes = {"yes": True, "of": "worker", "how": "phone"}
key_ = f"{kept}-yes"
stands("worker says yes", answer_match.sync(kept, id_, client=service, body=AnswerBody.from_dict(yes), idempotency_key=key_))
stands("said again", answer_match.sync(kept, id_, client=service, body=AnswerBody.from_dict(yes), idempotency_key=key_))
accept = DecisionBody.from_dict({"decision": "accept"})
stands("decision", decide_match.sync(kept, id_, client=service, body=accept))
stands("first meeting", first_meeting.sync(kept, id_, client=service))
stands("activate", activate_match.sync(kept, id_, client=service))
stands("pause", pause_match.sync(kept, id_, client=service))
stands("resume", resume_match.sync(kept, id_, client=service))
said = {"voice": "person", "how": "phone", "said": {"when": "6w", "got_on": 5, "may_be_used": True}}
taken = of(FeedbackTaken, give_feedback.sync(kept, id_, client=service, body=FeedbackAsked.from_dict(said)))
print("feedback: " + " ".join(taken.next_steps))
stale = of(Problem, end_match.sync(kept, id_, client=service, body=EndBody.from_dict({}), if_match='"r1"'))
print(f"decided on an old state: {stale.status} {stale.code}")
stands("end", end_match.sync(kept, id_, client=service, body=EndBody.from_dict({})))

# What is held, told whole.
person = of(Shown, read_person.sync(kept, menu.person_id, client=service))
print(f"person: {person.id}")
held = of(Held, export_person.sync(kept, menu.person_id, client=service))
print(f"export: {len(held.matches)} matches, {len(held.menus)} menus, {len(held.feedback)} feedback")
gone = of(Problem, read_person.sync(kept, "nobody-at-all", client=service))
print(f"nobody: {gone.status} {gone.code}")
