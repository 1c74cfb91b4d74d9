// The ten questions that coordinators ask (docs/service.md, "Pages"), each answered by a page of the shipped service, and each answer held against the engine's.

import assert from "node:assert/strict";
import { all, at, decide, done, names, open, plain, somebody, test, texts, told, waits } from "./lib.mjs";

const page = await somebody();
const people = await all("people");
const workers = await all("workers");
const called = await names([...people, ...workers].map((one) => one.id));
/** What the engine says, with the names that the page puts beside ids. */
const named = (words) => plain(words.replace(/[A-Za-z]-\d+/g, (id) => (called(id) === id ? id : `${id} (${called(id)})`)));
const holds = (text, words) => assert.ok(plain(text).includes(plain(words)), `“${words}” is not in: ${plain(text)}`);
const suggestions = (person, top = 5) => told(`people/${person}/suggestions?top=${top}&costs=true`);
const main = async () => plain(await page.locator("main").innerText());

await test("1. Who have I got free this week?", async () => {
  const lines = await all("capacity");
  assert.equal(lines.length, 26);
  await open(page, at("board"));
  for (const line of lines) {
    const row = page.locator("tbody tr").filter({ has: page.locator(`a[href$="/workers/${line.worker_id}"]`) });
    const cells = await texts(row.locator("td"));
    assert.equal(cells[0].split(" ")[0], line.takes_new_people ? String(line.places) : "Takes", line.worker_id);
    holds(cells[1], `${line.people} of ${line.max_people}`);
    assert.equal(cells[2], String(line.held));
    assert.equal(cells[3], line.days.join(", "));
    for (const day of [line.paused_until, line.last_day, line.begins].filter(Boolean)) holds(cells[5], day);
  }
  const away = lines.filter((line) => line.paused_until || line.last_day);
  assert.ok(away.length > 0, "somebody is away, so that it is shown");
  return `${lines.length} workers, ${away.length} with leave ahead`;
});

await test("2. She wants a woman, doesn't drive, up in Warkworth: who can get to her?", async () => {
  // Somebody ready whose wishes and whose way there the engine has something to say of.
  const could = (await all("queue")).filter((line) => line.next === "could_be_matched").map((line) => line.person_id);
  let found;
  for (const id of could) {
    const told = await suggestions(id);
    const words = JSON.stringify(told.workers);
    if (/woman/.test(words) && /Journey to meet/.test(words)) {
      found = told;
      break;
    }
  }
  assert.ok(found, "somebody asks for a woman and has a way to go");
  await open(page, at(`people/${found.person_id}`));
  const cards = page.locator("ol.cards > li");
  assert.deepEqual(await texts(cards.locator("h2")), found.workers.map((one) => called(one.worker_id)));
  assert.ok(found.workers.length >= 2 && found.workers.length <= 5);
  for (const [i, one] of found.workers.entries()) {
    const card = plain(await cards.nth(i).innerText());
    for (const bar of one.bars) if (bar.words) holds(card, bar.words);
    for (const line of [...one.not_known, ...one.meeting]) holds(card, line);
    if (one.caution) holds(card, one.caution);
    if (one.cost_to_others) holds(card, named(one.cost_to_others.words));
  }
  holds(await main(), "None of these?");
  if (found.available > found.workers.length) {
    await page.getByRole("link", { name: "Show everyone" }).click();
    await page.waitForLoadState();
  }
  assert.equal(await cards.count(), found.available);
  return `${found.workers.length} cards, then all ${found.available}`;
});

await test("3. Why him and not Tina?", async () => {
  const person = await waits(1);
  const { workers: first } = await suggestions(person);
  const two = first.slice(0, 2).map((one) => one.worker_id);
  await open(page, at(`people/${person}`));
  const boxes = page.getByRole("group", { name: "Compare side by side" });
  for (const id of two) await boxes.getByLabel(called(id), { exact: true }).check();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.waitForURL("**/compare?**");
  const beside = page.locator("main .card");
  assert.deepEqual(await texts(beside.locator("h2")), two.map(called));
  for (const [i, id] of two.entries()) {
    const pair = await told(`people/${person}/explanations/${id}?audience=coordinator`);
    const text = plain(await beside.nth(i).innerText());
    for (const bar of pair.bars) if (bar.words) holds(text, bar.words);
    // What would flip it.
    assert.ok(pair.changes.length > 0);
    for (const change of pair.changes) holds(text, named(change));
  }
  // Somebody who is not on the list: why not.
  const all_ = await suggestions(person, 1000);
  const can = new Set(all_.workers.map((one) => one.worker_id));
  const not = workers.map((one) => one.id).find((id) => !can.has(id));
  await open(page, at(`people/${person}`));
  await page.getByLabel("Why not somebody else?").selectOption(not);
  await page.getByRole("button", { name: "Ask why" }).click();
  await page.waitForURL("**/why?**");
  const pair = await told(`people/${person}/explanations/${not}?audience=coordinator`);
  for (const reason of pair.why_not) holds(await main(), reason.words);
  assert.doesNotMatch(await main(), /\b(score|rank|candidate)s?\b/i);
});

await test("4. Has anyone been through it themselves, and is it okay to say so?", async () => {
  const seen = { true: 0, false: 0 };
  for (const line of (await all("queue")).filter((line) => line.next === "could_be_matched")) {
    const told = await suggestions(line.person_id);
    const lived = told.workers.flatMap((one) => one.bars.filter((bar) => bar.may_be_said !== undefined).map((bar) => ({ one, bar })));
    const fresh = lived.filter(({ bar }) => bar.words && seen[bar.may_be_said] === 0);
    if (fresh.length === 0) continue;
    await open(page, at(`people/${line.person_id}`));
    for (const { one, bar } of fresh) {
      const card = page.locator("ol.cards > li").filter({ has: page.getByRole("heading", { name: called(one.worker_id), exact: true }) });
      const reason = card.locator(".reasons li").filter({ hasText: bar.words }).first();
      holds(await reason.innerText(), bar.may_be_said ? "They let it be told before you all meet." : "For you alone: do not tell it on.");
      seen[bar.may_be_said] += 1;
    }
    if (seen.true > 0 && seen.false > 0) break;
  }
  assert.ok(seen.true > 0, JSON.stringify(seen));
  return JSON.stringify(seen);
});

await test("5. He doesn't want anyone who knows his whānau: how do I make sure?", async () => {
  const person = await waits(2);
  const before = await suggestions(person);
  const away = before.workers[0].worker_id;
  await open(page, at(`people/${person}`));
  const form = page.locator(`form[action$="/people/${person}/apart"]`);
  await form.getByLabel("Worker").selectOption(away);
  await form.getByRole("button", { name: "Keep apart" }).click();
  await page.getByRole("status").waitFor();
  const after = await suggestions(person, 1000);
  assert.ok(after.workers.every((one) => one.worker_id !== away));
  const shown = await texts(page.locator("ol.cards > li h2"));
  assert.ok(!shown.includes(called(away)), shown.join());
  // Why not is told without what they told.
  const pair = await told(`people/${person}/explanations/${away}?audience=coordinator`);
  await open(page, `${at(`people/${person}`)}/why?worker=${away}`);
  for (const reason of pair.why_not) holds(await main(), reason.words);
  assert.doesNotMatch(await main(), /whānau|know each other/i);
});

await test("6. Who's been waiting longest, and why can't I place them?", async () => {
  await open(page, at("waiting"));
  const { items } = await told("queue?limit=50");
  const rows = page.locator("tbody tr");
  assert.equal(await rows.count(), items.length);
  let steps = 0;
  for (const [i, line] of items.entries()) {
    const row = rows.nth(i);
    assert.equal(plain(await row.locator("th").innerText()), called(line.person_id));
    const text = plain(await row.evaluate((row) => row.textContent));
    holds(text, `${line.wait_days} days`);
    holds(text, named(line.words));
    for (const step of line.next_steps) {
      holds(text, named(step));
      steps += 1;
    }
  }
  const waited = items.map((line) => line.wait_days);
  assert.deepEqual(waited, waited.toSorted((a, b) => b - a));
  return `${items.length} people, ${steps} next steps`;
});

await test("7. If I give Sam this one, who loses out?", async () => {
  let moved = 0;
  for (const line of (await all("queue")).filter((line) => line.next === "could_be_matched").slice(0, 12)) {
    const { workers: some } = await suggestions(line.person_id);
    for (const one of some.slice(0, 3)) {
      const answer = await told(`people/${line.person_id}/what-if/${one.worker_id}`);
      if (answer.moved.length === 0 && moved === 0 && one !== some.at(0)) continue;
      await open(page, `${at(`people/${line.person_id}`)}/what-if?worker=${one.worker_id}`);
      const text = await main();
      holds(text, named(answer.cost.words));
      const rows = page.locator("tbody tr");
      assert.equal(await rows.count(), answer.moved.length);
      for (const [i, move] of answer.moved.entries()) {
        const cells = await texts(rows.nth(i).locator("th, td"));
        const who = (id) => (id === undefined ? "nobody, waits on" : called(id));
        assert.equal(cells[0], called(move.person_id));
        assert.equal(cells[2].toLowerCase(), who(move.from).toLowerCase());
        assert.equal(cells[3].toLowerCase(), who(move.to).toLowerCase());
      }
      for (const id of answer.only_option_of) holds(text, called(id));
      moved += answer.moved.length;
    }
    if (moved > 2) break;
  }
  assert.ok(moved > 0, "somebody would be moved");
  return `${moved} others moved`;
});

await test("8. Two workers leave on Friday: where do their people go?", async () => {
  const lines = (await all("capacity")).toSorted((a, b) => b.people - a.people).slice(0, 2);
  await open(page, at("board"));
  await page.getByRole("link", { name: "Hand over" }).click();
  for (const line of lines) await page.getByLabel(called(line.worker_id), { exact: true }).check();
  await page.getByRole("button", { name: "Look where their people could go" }).click();
  await page.waitForURL("**/handovers/*");
  const proposal = await told(`handovers/${page.url().split("/").pop()}`);
  const cards = page.locator("ul.cards > li");
  const gone = lines.reduce((sum, line) => sum + line.people, 0);
  assert.equal(proposal.people.length, gone);
  assert.equal(await cards.count(), gone);
  let talk = 0;
  for (const [i, one] of proposal.people.entries()) {
    const text = plain(await cards.nth(i).innerText());
    holds(text, called(one.person_id));
    for (const id of one.to) holds(text, called(id));
    for (const words of [...one.lost, ...one.gained]) holds(text, named(words));
    if (one.talk_first) {
      holds(text, named(one.talk_first));
      talk += 1;
    }
  }
  return `${gone} people, ${proposal.people.filter((one) => one.to.length > 0).length} with somebody to go to, ${talk} to talk with first`;
});

await test("9. She wants to change worker: can I do it without it being a big deal?", async () => {
  const one = (await all("matches?status=active")).find((match) => match.status === "active");
  await open(page, at(`matches/${one.id}`));
  const form = page.locator(`form[action$="/matches/${one.id}/change"]`);
  await form.getByRole("button", { name: "Change worker" }).click();
  await page.waitForLoadState();
  const after = await told(`matches/${one.id}`);
  assert.equal(after.status, "ended");
  const line = (await all("queue")).find((line) => line.person_id === one.person_id);
  assert.ok(line, "the person waits again");
  await open(page, at(`people/${one.person_id}`));
  const again = await suggestions(one.person_id);
  assert.deepEqual(await texts(page.locator("ol.cards > li h2")), again.workers.map((other) => called(other.worker_id)));
  return `${again.available} others could`;
});

await test("10. Are people getting a real choice and what they asked for, and are we fair to staff?", async () => {
  const report = await told("report");
  await open(page, at("report"));
  const text = await main();
  let figures = 0;
  const parts = Object.values(report).filter((part) => part?.lines);
  for (const part of parts) {
    holds(text, part.title);
    for (const line of part.lines) {
      holds(text, line.about === undefined ? `${line.what} too few to tell` : `${line.what} about ${line.about}`);
      figures += 1;
    }
  }
  const groups = report.groups.map((group) => group.group);
  assert.ok(groups.includes("Māori") && groups.includes("Pacific"), groups.join());
  for (const group of report.groups) {
    const row = page.locator("table.groups tbody tr").filter({ has: page.getByRole("rowheader", { name: group.group, exact: true }) });
    const lines = [group.wishes, group.waits].flatMap((part) => part.lines);
    const cells = lines.map((line) => (line.about === undefined ? "too few to tell" : `about ${line.about}`));
    assert.deepEqual(await texts(row.locator("td")), cells);
    figures += cells.length;
  }
  return `${figures} figures, groups: ${groups.join(", ")}`;
});

await test("…and how was this decided?", async () => {
  const person = await waits(3);
  const { menus } = await decide("menus", { for: [person] });
  const [menu] = menus;
  await decide(`menus/${menu.id}/answer`, { answer: { pick: menu.options[0] }, how: "phone" });
  const [one] = (await all(`matches?person=${person}`)).filter((match) => match.worker_id === menu.options[0]);
  await open(page, at(`matches/${one.id}`));
  await page.getByRole("link", { name: "How it came to be" }).click();
  await page.waitForURL("**/history");
  const history = await told(`matches/${one.id}/history`);
  const text = await main();
  assert.ok(history.replay.lines.length > 0);
  assert.equal(history.steps[0].happened, "picked");
  for (const line of history.replay.lines) holds(text, line.words);
  holds(text, history.basis.roster_hash);
});
await done();
