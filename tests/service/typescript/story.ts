// The story of a service, told by a caller whose types are generated from /openapi.json: what does not fit the document does not compile, and what the
// service answers is looked at here. Prints one line for each step, for comparison with the other callers.

import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const [address, file] = process.argv.slice(2);
if (address === undefined || file === undefined) throw new Error("story ADDRESS ROSTER");
const key = process.env["PEERMATCH_KEY"];
const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
const service = createClient<paths>({ baseUrl: address, headers });
type Roster = components["schemas"]["MatchRequest"]["roster"];
const roster = JSON.parse(readFileSync(file, "utf8")) as Roster;

function must<T>(what: string, answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

function same(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
  }
}

const say = (line: string): void => console.log(line);

// Without keeping anything.
const checked = must("check", await service.POST("/v1/check", { body: { roster } }));
if (!("people" in checked)) throw new Error("a small roster is answered at once");
say(`check: ${checked.people} people, ${checked.workers} workers`);

const matching = must("match", await service.POST("/v1/match", { body: { roster } }));
if (!("certificate" in matching)) throw new Error("a small roster is answered at once");
say(`match: ${matching.matches.length} matched`);

const document: Record<string, unknown> = { ...matching };
const verified = must("verify", await service.POST("/v1/verify", { body: { roster, document } }));
if (!("verified" in verified && "matched" in verified)) throw new Error("a small roster is answered at once");
say(`verify: ${verified.verified}, ${verified.matched} matched`);

const first = matching.matches[0];
if (first === undefined) throw new Error("nobody was matched");
const suggested = must(
  "suggest",
  await service.POST("/v1/suggest", { body: { roster, person_id: first.person_id } }),
);
if (!("workers" in suggested)) throw new Error("a small roster is answered at once");
say(`suggest: ${suggested.workers.map((worker) => worker.worker_id).join(" ")}`);

// What cannot be used is a problem with a pointer, and never repeats what was sent.
const bad = await service.POST("/v1/suggest", { body: { roster, person_id: "nobody-at-all" } });
same("suggest for nobody", bad.response.status, 422);
say(`suggest for nobody: ${bad.error?.code} ${bad.error?.errors?.map((fault) => fault.pointer).join(" ")}`);

// As a job.
const job = must(
  "match as a job",
  await service.POST("/v1/match", { params: { header: { Prefer: "respond-async" } }, body: { roster } }),
);
if (!("state" in job)) throw new Error("a job was asked for");
const id = job.job.split("/").at(-1) ?? "";
for (;;) {
  const now = must("job", await service.GET("/v1/jobs/{id}", { params: { path: { id } } }));
  if (now.state === "done") break;
  if (now.state !== "queued" && now.state !== "running") throw new Error(`the job is ${now.state}`);
  await new Promise((done) => setTimeout(done, 20));
}
const result = must("result", await service.GET("/v1/jobs/{id}/result", { params: { path: { id } } }));
same("the job's matching", result, matching);
say("match as a job: the same");

// A kept roster, made and filled.
const kept = "story-typescript";
const at = { roster: kept };
const { zone, as_of } = roster;
if (typeof zone !== "string" || typeof as_of !== "string") throw new Error("the example has a zone and a day");
const made = must(
  "make a roster",
  await service.POST("/v1/rosters", {
    body: { id: kept, settings: { zone, as_of, seed: 7 } as components["schemas"]["Settings"] },
  }),
);
say(`make a roster: revision ${made.revision}`);
const document_ = roster as components["schemas"]["RosterInput"];
const dry = must(
  "import, dry",
  await service.POST("/v1/rosters/{roster}/import", { params: { path: at, query: { dry_run: true } }, body: document_ }),
);
say(`import, dry: ${dry.counts.people.added} people would be added`);
const imported = must(
  "import",
  await service.POST("/v1/rosters/{roster}/import", { params: { path: at }, body: document_ }),
);
say(`import: ${imported.counts.people.added} people, ${imported.counts.workers.added} workers`);
const told = must("roster", await service.GET("/v1/rosters/{roster}", { params: { path: at } }));
say(`roster: ${told.people} people, ${told.workers} workers on ${told.as_of}`);
const again = await service.POST("/v1/rosters", {
  body: { id: kept, settings: { zone: "UTC" } as components["schemas"]["Settings"] },
});
say(`make it again: ${again.response.status} ${again.error?.code}`);

// Suggestions are those of the stateless call.
const seen = must(
  "suggestions",
  await service.GET("/v1/rosters/{roster}/people/{person}/suggestions", {
    params: { path: { ...at, person: first.person_id } },
  }),
);
same("suggestions", seen.workers.map((one) => one.worker_id), suggested.workers.map((one) => one.worker_id));
say(`suggestions: ${seen.workers.map((one) => one.worker_id).join(" ")}`);

// A menu, read as its person reads it, and a pick.
const menus = must(
  "menus",
  await service.POST("/v1/rosters/{roster}/menus", {
    params: { path: at },
    body: { for: "all_waiting", size: 2 } as components["schemas"]["MenusAsked"],
  }),
);
const menu = menus.menus[0];
const choice = menu?.options[0];
if (menu === undefined || choice === undefined) throw new Error("somebody waits");
say(`menus: ${menus.menus.length}, the first for ${menu.person_id} with ${menu.options.join(" ")}`);
const atMenu = { ...at, menu: menu.id };
const sheet = must(
  "sheet",
  await service.GET("/v1/rosters/{roster}/menus/{menu}/sheet", { params: { path: atMenu } }),
);
say(`sheet: ${sheet.sheet.options.length} to choose from`);
const picked = must(
  "pick",
  await service.POST("/v1/rosters/{roster}/menus/{menu}/answer", {
    params: { path: atMenu },
    body: { answer: { pick: choice }, how: "phone" },
  }),
);
say(`pick: ${picked.state}`);
const found = picked.match_id;
if (typeof found !== "string") throw new Error("a pick makes a match");
const params = { path: { ...at, match: found } };

// The match, through its states. Nothing becomes active without a decision and both yeses.
type Told = { data?: components["schemas"]["MatchTold"]; error?: unknown; response: Response };
function stands(step: string, answer: Told): string {
  const now = must(step, answer);
  if (!("status" in now)) throw new Error("a coordinator is told where a match stands");
  say(`${step}: ${now.id} ${now.status}`);
  return now.status;
}

const MATCH = "/v1/rosters/{roster}/matches/{match}";
stands("match", await service.GET(MATCH, { params }));
const early = await service.POST(`${MATCH}/activate`, { params });
say(`too early: ${early.response.status} ${early.error?.code}`);
const once = { params: { ...params, header: { "Idempotency-Key": `${kept}-yes` } } };
const yes = { yes: true, of: "worker", how: "phone" } as const;
stands("worker says yes", await service.POST(`${MATCH}/answer`, { ...once, body: yes }));
stands("said again", await service.POST(`${MATCH}/answer`, { ...once, body: yes }));
stands("decision", await service.POST(`${MATCH}/decision`, { params, body: { decision: "accept" } }));
stands("first meeting", await service.POST(`${MATCH}/first-meeting`, { params }));
stands("activate", await service.POST(`${MATCH}/activate`, { params }));
stands("pause", await service.POST(`${MATCH}/pause`, { params }));
stands("resume", await service.POST(`${MATCH}/resume`, { params }));
const taken = must(
  "feedback",
  await service.POST(`${MATCH}/feedback`, {
    params,
    body: {
      voice: "person",
      how: "phone",
      said: { when: "6w", got_on: 5, may_be_used: true } as components["schemas"]["Words"],
    },
  }),
);
say(`feedback: ${taken.next_steps.join(" ")}`);
const stale = await service.POST(`${MATCH}/end`, {
  params: { ...params, header: { "If-Match": '"r1"' } },
  body: {} as components["schemas"]["EndBody"],
});
say(`decided on an old state: ${stale.response.status} ${stale.error?.code}`);
stands("end", await service.POST(`${MATCH}/end`, { params, body: {} as components["schemas"]["EndBody"] }));

// What is held, told whole.
const PERSON = "/v1/rosters/{roster}/people/{person}";
const atPerson = { path: { ...at, person: menu.person_id } };
const person = must("person", await service.GET(PERSON, { params: atPerson }));
say(`person: ${person.id}`);
const held = must("export", await service.GET(`${PERSON}/export`, { params: atPerson }));
if (typeof held === "string") throw new Error("an export is JSON unless something else is asked for");
say(`export: ${held.matches.length} matches, ${held.menus.length} menus, ${held.feedback.length} feedback`);
const gone = await service.GET(PERSON, { params: { path: { ...at, person: "nobody-at-all" } } });
say(`nobody: ${gone.response.status} ${gone.error?.code}`);
