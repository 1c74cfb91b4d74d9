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
if (!("ok" in verified)) throw new Error("a small roster is answered at once");
say(`verify: ${verified.ok}`);

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
