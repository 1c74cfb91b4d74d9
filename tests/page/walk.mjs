// From the waiting list to the recorded choice: in few actions, by the keyboard alone, with and without script, on a wide and on a narrow screen.
// Then the person's own way, by link and code, and the worker's.

import assert from "node:assert/strict";
import { WIDTHS, all, at, decide, done, open, opened, plain, somebody, test, told, waits } from "./lib.mjs";

/** The most actions from the waiting list to the recorded choice; moving the focus is none. */
const ACTIONS_MAX = 6;

/** What has the focus: its words, or those of its label. */
const focused = (page) =>
  page.evaluate(() => {
    const on = document.activeElement;
    const label = on.labels?.[0] ?? on;
    const box = on.getBoundingClientRect();
    const style = getComputedStyle(on);
    return {
      words: (label.innerText ?? "").replace(/\s+/g, " ").trim(),
      is: on.type ?? on.tagName.toLowerCase(),
      seen: box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1 && style.outlineStyle !== "none",
    };
  });

/** Moves the focus by the tabulator until something with such words has it. What has the focus can be seen to have it. */
async function reach(page, words) {
  const met = [];
  for (let i = 0; i < 400; i += 1) {
    await page.keyboard.press("Tab");
    const on = await focused(page);
    met.push(on.words);
    if (typeof words === "string" ? on.words === words : words.test(on.words)) {
      assert.ok(on.seen, `the focus on “${on.words}” cannot be seen`);
      return on;
    }
  }
  throw new Error(`the keyboard does not reach ${words}; it reaches: ${met.join(" | ")}`);
}

let nobody = 0;
for (const script of [true, false]) {
  for (const width of WIDTHS) {
    await test(`waiting list to recorded choice by keyboard, ${width} px, ${script ? "with" : "without"} script`, async () => {
      const person = await waits(nobody);
      nobody += 1;
      const page = await somebody({ width, script });
      await open(page, at("waiting"));
      const name = plain(await page.locator(`a[href$="/people/${person}"]`).innerText());
      let actions = 0;
      const act = async (key) => {
        actions += 1;
        const before = page.url();
        await page.keyboard.press(key);
        if (key === "Enter") await page.waitForURL((url) => url.href !== before);
      };
      // The first thing reached leads past the ways through the roster.
      await page.keyboard.press("Tab");
      assert.equal((await focused(page)).words, "Skip to the page");
      await reach(page, name);
      await act("Enter");
      await reach(page, "Offer a choice of workers");
      await act("Enter");
      const menu = page.url().split("/").pop();
      const { options } = await told(`menus/${menu}`);
      await reach(page, /^I choose /);
      await act("Space");
      await reach(page, "How they said it");
      await reach(page, "Write it down");
      // The page is the same again, so what shows that it is written down is awaited.
      actions += 1;
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Take it back" }).waitFor();
      assert.ok(actions <= ACTIONS_MAX, `${actions} actions`);
      const kept = await told(`menus/${menu}`);
      assert.equal(kept.state, "answered");
      assert.deepEqual(kept.answer.answer, { pick: options[0] });
      // It can be taken back, by the keyboard as well.
      await reach(page, "Take it back");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Write it down" }).waitFor();
      assert.equal((await told(`menus/${menu}`)).state, "open");
      await decide(`menus/${menu}/withdraw`);
      await page.context().close();
      return `${actions} actions`;
    });
  }
}

for (const script of [true, false]) {
  await test(`the person chooses by link and code, the worker answers, ${script ? "with" : "without"} script`, async () => {
    const person = await waits(nobody);
    nobody += 1;
    const { menus } = await decide("menus", { for: [person] });
    const [menu] = menus;
    const coordinator = await somebody({ script });
    const me = await opened(coordinator, at(`menus/${menu.id}`), "Make a link for them", { width: 320, script });
    // Nothing tells that somebody stands before somebody else, and every way out is there.
    const words = plain(await me.locator("main").innerText());
    for (const way of ["None of these", "Ask me later", "I want to choose with somebody who helps me"]) {
      assert.ok(words.includes(way), `${way}: ${words}`);
    }
    assert.doesNotMatch(words, /\b(score|rank|candidate|first choice|best)\b/i);
    await me.getByRole("button", { name: /^I choose / }).first().click();
    await me.getByRole("status").waitFor();
    const kept = await told(`menus/${menu.id}`);
    assert.ok(kept.answer.answer.pick, JSON.stringify(kept.answer));
    // They change their mind, and then not.
    await me.getByRole("button", { name: "Take it back" }).click();
    await me.getByRole("button", { name: /^I choose / }).first().click();
    await me.getByRole("status").waitFor();
    const pick = (await told(`menus/${menu.id}`)).answer.answer.pick;

    // An account for the worker, made in the office.
    const office = await somebody({ script });
    await open(office, "/office");
    const login = `worker-${menu.id}`.toLowerCase().replace(/[^a-z0-9-]/g, "-");
    const form = office.locator('form[action="/office/accounts"]');
    await form.getByLabel("Name").fill(login);
    await form.getByLabel("Password").fill("four words that fit");
    await form.getByLabel("Peer worker", { exact: true }).check();
    await form.getByLabel("Worker, by number or sign").fill(pick);
    await form.getByRole("button", { name: "Open the account" }).click();
    await office.getByText(login).first().waitFor();
    // The coordinator agrees that the worker is asked.
    const one = (await all(`matches?person=${person}`)).find((match) => match.worker_id === pick);
    await open(coordinator, at(`matches/${one.id}`));
    const agree = coordinator.getByLabel(/I agree/);
    if ((await agree.count()) > 0) {
      await agree.check();
      await coordinator.getByRole("button", { name: "Write it down" }).first().click();
      await coordinator.waitForLoadState();
    }
    const worker = await somebody({ width: 320, script });
    await open(worker, "/sign-in");
    await worker.getByLabel("Name").fill(login);
    await worker.getByLabel("Password").fill("four words that fit");
    await worker.getByRole("button", { name: "Sign in" }).click();
    await worker.waitForURL("**/mine");
    const asked = worker.locator(`form[action="/mine/matches/${one.id}/answer"]`);
    await asked.getByRole("button", { name: "Yes", exact: true }).click();
    await worker.getByRole("status").waitFor();
    const after = await told(`matches/${one.id}`);
    assert.equal(after.status, "accepted");

    // What is held about them, and a worker without a reason.
    await open(me, "/me/held");
    assert.match(plain(await me.locator("main").innerText()), /./);
    await open(me, "/me");
    await me.getByRole("button", { name: "I would like somebody else" }).click();
    await me.getByRole("status").waitFor();
    assert.equal((await told(`matches/${one.id}`)).status, "ended");
    assert.equal((await all("queue")).filter((line) => line.person_id === person).length, 1, "the person waits again");
    for (const page of [coordinator, me, office, worker]) await page.context().close();
  });
}
await done();
