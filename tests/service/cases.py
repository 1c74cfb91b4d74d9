"""Where the cases made from the document lead: hooks of schemathesis.

A case that is made from a schema names rosters, people and matches that are not there, and is answered 404. So a roster with a history of its own (people,
workers, menus, matches in every state, a run, a handover, links) is kept for the cases, and most of them are led to it: ids in the path and in the body become
ids that are there, and some bodies become ones that can be taken. What is left as it was made still is a large part.

What destroys is neither left out nor put last: whoever removes, ends or erases does it to this roster too, and it is made anew
after a few changes, and at once when it is gone. The order of operations therefore does not matter.

The key of the run itself is never named to `revoke_key`: it would end the run. Everything else may be.

When a full run is over, every operation must have succeeded at least once (2xx): one that never does is not tested, whatever else is said.
"""

import http.client
import json
import os
import pathlib
import random
import threading
import time
import urllib.parse

import schemathesis

ADDRESS = urllib.parse.urlsplit(os.environ["PEERMATCH_ADDRESS"])
KEY = os.environ["PEERMATCH_KEY"]
OWN_KEY = KEY.split("_")[1]
with open(os.environ["PEERMATCH_ROSTER"], encoding="utf-8") as opened:
    DOCUMENT = json.load(opened)
PACK = {}
for file in sorted(pathlib.Path(os.environ["PEERMATCH_ROSTER"]).parents[1].joinpath("service", "roster").iterdir()):
    PACK[file.name] = file.read_text(encoding="utf-8")
# Enough people and workers that somebody stands in every state of a match, and some with whom nobody does.
SPARE_PERSON, SPARE_WORKER = "P-spare", "W-spare"
DOCUMENT["people"] += [{**DOCUMENT["people"][0], "id": id_} for id_ in (*(f"P-{n}" for n in range(10)), SPARE_PERSON)]
DOCUMENT["workers"] += [
    {**DOCUMENT["workers"][0], "id": id_, "current_people": 0, "max_people": 9} for id_ in ("W-1", "W-2", SPARE_WORKER)
]
# Where what was answered is counted, for the figures and for the check that every operation succeeded.
COUNTS = os.environ["PEERMATCH_COUNTS"]
# After how many changes the roster is made anew.
CHANGES_MAX = 6
LED = 0.85
TAKEN = 0.4

chance = random.Random(1)
turn = threading.RLock()


def drawn(digits):
    """Digits for an id that is not there yet."""
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


def ask(method, path, body=None, headers=None, whole=False):
    """One request outside the cases; the answer must be a success."""
    service = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port, timeout=60)
    sent = {"authorization": f"Bearer {KEY}"} if headers is None else dict(headers)
    if body is not None:
        sent["content-type"] = "application/json"
    service.request(method, path, None if body is None else json.dumps(body), sent)
    answer = service.getresponse()
    text = answer.read()
    service.close()
    if answer.status == 429:
        # Links and passwords can be tried so often, and no more.
        time.sleep(int(answer.headers["retry-after"]))
        return ask(method, path, body, headers, whole)
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
    told = json.loads(text) if text and answer.headers.get_content_type() == "application/json" else None
    return (told, answer.headers) if whole else told


# What brings a match from one state to the next.
YES = {"yes": True, "how": "phone"}
STEPS = [
    ("decision", {"decision": "accept"}),
    ("answer", {**YES, "of": "person"}),
    ("answer", {**YES, "of": "worker"}),
    ("first-meeting", None),
    ("activate", None),
    ("pause", None),
    ("end", {}),
]


class Kept:
    """A roster with a history, and what is in it."""

    def __init__(self, number):
        self.id = f"case-{number}"
        self.at = f"/v1/rosters/{self.id}"
        self.changes = 0
        self.gone = False
        ask("POST", "/v1/rosters", {"id": self.id, "settings": {"zone": DOCUMENT["zone"], "as_of": DOCUMENT["as_of"]}})
        ask("POST", f"{self.at}/import", DOCUMENT)
        self.people = [person["id"] for person in DOCUMENT["people"]]
        self.workers = [worker["id"] for worker in DOCUMENT["workers"]]
        for kind, ids in (("people", self.people), ("workers", self.workers)):
            for id_ in ids[:3]:
                ask("PUT", f"{self.at}/{kind}/{id_}/name", {"name": "Somebody"})
                ask("PUT", f"{self.at}/{kind}/{id_}/contact", {"telephone": "1"})
        ask("POST", f"{self.at}/runs")
        self.fits = {}
        for person in self.people:
            told = ask("GET", f"{self.at}/people/{person}/suggestions")
            fits = [worker["worker_id"] for worker in told["workers"] if worker["worker_id"] != SPARE_WORKER]
            if fits and not told.get("matched_with") and person != SPARE_PERSON:
                self.fits[person] = fits
        # One in each state of a match, two with a menu; the others wait.
        free = list(self.fits)
        for steps in range(len(STEPS) + 1):
            self.walk(free.pop(), STEPS[:steps])
        made = ask("POST", f"{self.at}/menus", {"for": free[:2], "size": 2})
        self.menus = {menu["id"]: menu for menu in made["menus"]}
        self.free = free[2:]
        self.matches = {match["id"]: match for match in ask("GET", f"{self.at}/matches")["items"]}
        for match in self.standing(["active", "ended"])[:2]:
            said = {"voice": "person", "how": "phone", "said": {"when": "6w", "got_on": 4}}
            ask("POST", f"{self.at}/matches/{match}/feedback", said)
        self.handover = ask("POST", f"{self.at}/handovers", {"worker_ids": [self.leaving()]})["id"]
        # Last, so that it is of the roster as it stands.
        self.run = ask("POST", f"{self.at}/runs")["id"]
        self.cookies = {}

    def standing(self, states):
        """Matches that stand in one of these states."""
        return [id_ for id_, match in self.matches.items() if match["status"] in states]

    def leaving(self):
        """A worker with whom somebody walks."""
        for match in DOCUMENT["matches"]:
            if match["status"] == "active":
                return match["worker_id"]
        return self.workers[0]

    def walk(self, person, steps):
        """A match of somebody, with the first worker with whom there can be one, and as many steps of it."""
        for worker in self.fits[person]:
            try:
                match = ask("POST", f"{self.at}/matches", {"person_id": person, "worker_id": worker})["id"]
            except RuntimeError:
                continue
            for step, body in steps:
                ask("POST", f"{self.at}/matches/{match}/{step}", body)
            return
        raise RuntimeError(f"nobody for {person}")

    def link(self, path):
        return ask("POST", f"{self.at}/{path}/link")

    def cookie(self, person):
        """Headers of somebody who came by a link."""
        if person not in self.cookies:
            link = self.link(f"people/{person}")
            told, headers = ask("POST", "/v1/links/open", {"token": link["token"], "code": link["code"]}, {}, True)
            self.cookies[person] = {"cookie": headers["set-cookie"].split(";")[0], "x-csrf-token": told["csrf_token"]}
        return self.cookies[person]


    def ask(self):
        """Something that somebody asks for, and nobody has seen to."""
        return ask("POST", f"{self.at}/asks", {"about": "talk"}, self.cookie(some(self.free)))["id"]


class Place:
    """The roster that cases are led to now."""

    def __init__(self):
        self.made = 0
        # Those of an earlier part of the run are still there.
        self.part = drawn(6) if counts else "one"
        self.kept = None

    def now(self, fresh=False):
        if self.kept is None or self.kept.gone or self.kept.changes >= (1 if fresh else CHANGES_MAX):
            if self.kept is not None and not self.kept.gone:
                ask("DELETE", self.kept.at)
            self.made += 1
            self.kept = Kept(f"{self.part}-{self.made}")
        return self.kept


# A run in two parts counts on.
counts = {}
if os.path.exists(COUNTS):
    with open(COUNTS, encoding="utf-8") as opened:
        counts = json.load(opened)
succeeded = {operation for operation, answers in counts.items() if any(status.startswith("2") for status in answers)}
place = Place()


def some(ids, otherwise="nobody"):
    ids = list(ids)
    return chance.choice(ids) if ids else otherwise


def matching():
    return ask("POST", "/v1/match", {"roster": DOCUMENT})


def body_of(kept, operation, path):
    """A body that can be taken as things stand, where there is one."""
    person, worker = path.get("person", some(kept.free)), path.get("worker", some(kept.workers))
    said = {"how": "phone"}
    fits = kept.fits.get(person) or kept.workers
    stateless = {"roster": DOCUMENT}
    fresh = drawn(12)
    record = {
        "services": {"id": f"s-{fresh}"},
        "groups": {**DOCUMENT["groups"][0], "id": f"g-{fresh}"},
        "codes": {"system": "example", "code": fresh, "label": "A code"},
        "conflicts": {"a_id": kept.people[0], "b_id": kept.people[1]},
        "pins": {"person_id": some(kept.free), "worker_id": some(kept.workers), "kind": "exclude"},
    }
    bodies = {
        "check": lambda: stateless,
        "match": lambda: stateless,
        "suggest": lambda: {**stateless, "person_id": person},
        "explain": lambda: {**stateless, "person_id": person, "worker_id": worker},
        "compare": lambda: stateless,
        "handover": lambda: {**stateless, "leaving": [kept.leaving()]},
        "menu": lambda: stateless,
        "lottery": lambda: stateless,
        "verify": lambda: {**stateless, "document": matching()},
        "choose": chosen,
        "check_policy": lambda: {"policy": policy()},
        "makeRoster": lambda: {"id": f"other-{fresh}", "settings": {"zone": "Pacific/Auckland"}},
        "changeRoster": lambda: {"menu_days": chance.randint(1, 30)},
        "importRoster": lambda: DOCUMENT,
        "putPolicy": policy,
        "addPerson": lambda: {**chance.choice(DOCUMENT["people"]), "id": f"P-{fresh}"},
        "putPerson": lambda: {**chance.choice(DOCUMENT["people"]), "id": person},
        "changePerson": lambda: {"goals": ["housing"]},
        "addWorker": lambda: {**chance.choice(DOCUMENT["workers"]), "id": f"W-{fresh}", "current_people": 0},
        "putWorker": lambda: {**next((w for w in DOCUMENT["workers"] if w["id"] == worker), {}), "id": worker},
        "changeWorker": lambda: {"max_people": chance.randint(6, 9)},
        "addRecord": lambda: record.get(path.get("list")),
        "putRecord": lambda: {**(record.get(path.get("list")) or {}), "id": path.get("id")},
        "makeMenus": lambda: {"for": "all_waiting", "size": 2},
        "answerMenu": lambda: {"answer": "none", **said},
        "proposeMatch": lambda: (lambda one: {"person_id": one, "worker_id": some(kept.fits[one])})(some(kept.fits)),
        "decideMatch": lambda: {"decision": chance.choice(["accept", "reject"])},
        "answerMatch": lambda: {"yes": chance.random() < 0.7, "of": chance.choice(["person", "worker"]), **said},
        "endMatch": lambda: {},
        "giveFeedback": lambda: {"voice": chance.choice(["person", "worker"]), **said, "said": {"when": "end"}},
        "proposeHandover": lambda: {"worker_ids": [kept.leaving()]},
        "takeUpHandover": lambda: {},
        "changeWorkerOf": lambda: {"pause": chance.random() < 0.3, **said},
        "makeAsk": lambda: {"about": chance.choice(["choose_together", "correct", "talk"])},
        "pauseWorker": lambda: {"until": chance.choice([None, "2099-01-01"])},
        "writeOwnWords": lambda: {"words": chance.choice([None, "I listen."])},
        "erasePerson": lambda: {"why": "asked for"},
        "eraseWorker": lambda: {"why": "asked for"},
        "putPersonName": lambda: {"name": "Somebody"},
        "putWorkerName": lambda: {"name": "Somebody"},
        "open_link": lambda: (lambda link: {"token": link["token"], "code": link["code"]})(kept.link(f"people/{person}")),
        "add_key": lambda: {"roles": ["auditor"], "label": "a case"},
        "add_account": lambda: {"login": f"case-{fresh}", "password": fresh * 2, "roles": ["auditor"]},
        "reset_password": lambda: {"password": fresh * 2},
        "sign_in": account,
        "answerMyMenu": lambda: {"answer": "none"},
        "answerMyMatch": lambda: {"yes": True},
        "giveMyFeedback": lambda: {"said": {"when": "end"}},
        "changeMyWorker": lambda: {},
    }
    made = bodies.get(operation)
    return made() if made else None


def menus():
    return ask("POST", "/v1/menu", {"roster": DOCUMENT})


def chosen():
    menu = menus()
    return {"roster": DOCUMENT, "menu": menu, "person_id": menu["menus"][0]["person_id"], "answer": "none"}


def policy():
    return ask("GET", f"{place.now().at}/policy")["policy"]


def account():
    """A name and a password that let in."""
    wanted = {"login": f"case-{drawn(12)}", "password": drawn(24), "roles": ["auditor"]}
    ask("POST", "/v1/accounts", wanted)
    return {"login": wanted["login"], "password": wanted["password"]}


# The states in which something can be done with a match.
STATES = {
    "decideMatch": ["proposed"],
    "takeBackMatch": ["offered"],
    "answerMatch": ["offered"],
    "firstMeeting": ["accepted"],
    "activateMatch": ["first_meeting"],
    "pauseMatch": ["active"],
    "resumeMatch": ["paused"],
    "endMatch": ["active", "paused"],
    "giveFeedback": ["active", "paused", "ended"],
    "answerMyMatch": ["offered"],
    "giveMyFeedback": ["active", "paused"],
    "changeMyWorker": ["active"],
    "changeWorkerOf": ["active"],
}


def match_for(kept, operation):
    """A match that stands where this can be done."""
    fitting = kept.standing(STATES.get(operation, []))
    return some(fitting if fitting and chance.random() < LED else kept.matches)


def person_for(kept, operation):
    """Somebody with whom this can be done."""
    if operation in STATES:
        return kept.matches[match_for(kept, operation)]["person_id"]
    if operation in ("answerMyMenu", "myMenu"):
        return some([menu["person_id"] for menu in kept.menus.values()])
    if operation in ("endPerson", "erasePerson"):
        return SPARE_PERSON if chance.random() < 0.5 else some(kept.people)
    if operation in ("readPersonContact", "dropPersonContact"):
        return kept.people[0]
    return some(kept.people if chance.random() < 0.5 else kept.free)


def worker_for(kept, operation):
    """A worker with whom this can be done."""
    if operation in ("endWorker", "eraseWorker"):
        return SPARE_WORKER if chance.random() < 0.5 else some(kept.workers)
    if operation in ("readWorkerContact", "dropWorkerContact"):
        return kept.workers[0]
    return some(kept.workers)


def jobs(operation):
    made = ask("POST", "/v1/match", {"roster": DOCUMENT}, {"authorization": f"Bearer {KEY}", "prefer": "respond-async"})
    if operation == "job_result":
        while ask("GET", made["job"])["state"] != "done":
            pass
    return made["id"]


def path_of(kept, operation, path):
    """The path's parameters, most of them as ids that are there."""
    lists = ["services", "groups", "codes", "limits", "pins", "conflicts"]
    list_ = some(lists) if operation in succeeded else "groups"
    there = {
        "roster": lambda: kept.id,
        "person": lambda: person_for(kept, operation),
        "worker": lambda: worker_for(kept, operation),
        "match": lambda: match_for(kept, operation),
        "menu": lambda: some(kept.menus),
        "handover": lambda: kept.handover,
        "run": lambda: kept.run,
        "list": lambda: list_,
        "ask": kept.ask,
        "key": lambda: ask("POST", "/v1/keys", {"roles": ["auditor"], "label": "a case"})["key"]["id"],
        "account": lambda: some([one["id"] for one in ask("GET", "/v1/accounts")] or [account() and "none"]),
    }
    for name in path:
        if not led_now(operation):
            continue
        if name != "id":
            path[name] = there[name]()
        elif "list" not in path:
            path[name] = jobs(operation)
        elif path["list"] != "conflicts":
            # Who is kept apart from whom is not listed to whoever has this key.
            held = ask("GET", f"{kept.at}/records/{path['list']}")["items"] if path["list"] == list_ else []
            path[name] = some([one["id"] for one in held], "r-1")
    if operation == "readWhatIf" and path.get("person") in kept.fits:
        path["worker"] = some(kept.fits[path["person"]])
    if path.get("key") == OWN_KEY:
        # Ids that were listed are tried on other operations: the run's own key would end the run.
        path["key"] = there["key"]()
    return path


def positive(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is None or component.mode.is_positive


def led_now(operation):
    """Whether a part of a case is led to what is there: always until the operation has succeeded once, and mostly from then on."""
    return operation not in succeeded or chance.random() < LED


NAMES = {"person_id", "worker_id", "match_id", "pick", "worker_ids", "person_ids", "for", "ranks", "shown", "leaving", "a_id", "b_id"}


def led(kept, value, name=None):
    """The body with ids that are there, where it names somebody."""
    if isinstance(value, dict):
        return {key: led(kept, inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [led(kept, inner, name) for inner in value]
    if isinstance(value, str) and name in NAMES and chance.random() < LED:
        if name in ("worker_id", "worker_ids", "pick", "ranks", "shown", "leaving"):
            return some(kept.workers)
        if name == "match_id":
            return some(kept.matches)
        return some(kept.people)
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    from schemathesis.core import NOT_SET
    from schemathesis.core.parameters import ParameterLocation

    operation = case.operation.definition.raw.get("operationId")
    with turn:
        # What closes a menu comes before these, and open ones are soon used up.
        kept = place.now(fresh=operation in ("linkToMenu", "withdrawMenu") and operation not in succeeded)
        path = dict(case.path_parameters or {})
        if path and positive(case, ParameterLocation.PATH):
            path = path_of(kept, operation, path)
            case.path_parameters = path
        body = case.body
        if body is not NOT_SET and positive(case, ParameterLocation.BODY):
            if case.media_type == "application/json":
                whole = body_of(kept, operation, path) if operation not in succeeded or chance.random() < TAKEN else None
                case.body = led(kept, body) if whole is None else whole
            elif case.media_type == "application/vnd.peermatch.pack+json" and chance.random() < TAKEN:
                case.body = PACK
        headers = case.headers
        if headers and positive(case, ParameterLocation.HEADER):
            # A tag and a key that fit nothing refuse the request before anything is looked at.
            for name in ("If-Match", "Idempotency-Key"):
                if name in headers and led_now(operation):
                    headers[name] = "*" if name == "If-Match" else drawn(16)
        query = case.query
        if query and positive(case, ParameterLocation.QUERY):
            for name, ids in (("person", kept.people), ("worker", kept.workers), ("about", kept.people), ("after", kept.people)):
                if name in query and chance.random() < LED:
                    query[name] = some(ids)
        if case.operation.path.startswith("/v1/my/") or operation in ("sign_out", "makeAsk"):
            named = kept.matches.get(path.get("match"))
            own = kept.cookie(named["person_id"] if named else person_for(kept, operation))
        else:
            own = {"authorization": f"Bearer {KEY}"}
        # Keys and sessions that are drawn let nobody in: some of that is enough.
        if operation not in succeeded or chance.random() < 0.95:
            others = {}
            for name, value in (case.headers or {}).items():
                if name.lower() not in ("authorization", "cookie", "x-csrf-token"):
                    others[name] = value
            case.headers = {**others, **own}
            case.cookies = {}


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw.get("operationId")
    with turn:
        one = counts.setdefault(operation, {})
        one[str(response.status_code)] = one.get(str(response.status_code), 0) + 1
        if 200 <= response.status_code < 300:
            succeeded.add(operation)
        kept = place.kept
        if kept is not None and 200 <= response.status_code < 300 and case.method.upper() != "GET":
            if case.path_parameters and case.path_parameters.get("roster") == kept.id or case.operation.path.startswith("/v1/my/"):
                kept.changes += 1
                kept.gone = kept.gone or operation == "removeRoster"
            if operation in ("sign_out", "linkToPerson", "linkToMenu", "open_link", "erasePerson", "endPerson"):
                kept.cookies = {}
        with open(COUNTS + ".new", "w", encoding="utf-8") as to:
            json.dump(counts, to)
        os.replace(COUNTS + ".new", COUNTS)
