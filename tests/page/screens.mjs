// Every screen, in every state that it has, on a wide and on a narrow screen: axe-core finds nothing, nothing is wider than the screen, and a picture is kept.
// Some also in the dark, in forced colours, in te reo Māori, and on paper.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { WIDTHS, address, all, at, browser, decide, done, open, opened, out, plain, somebody, test, told, waits } from "./lib.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
mkdirSync(out, { recursive: true });
let looked = 0;

/** Looks at a page as it stands. */
async function look(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } }), TAGS);
  const wrong = found.violations.map((one) => `${one.id}: ${one.help}\n    ${one.nodes.map((node) => node.html).slice(0, 3).join("\n    ")}`);
  assert.ok(wrong.length === 0, `${name}:\n  ${wrong.join("\n  ")}`);
  const [wide, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= has, `${name} is ${wide} wide on ${has}`);
  const lang = await page.evaluate(() => document.documentElement.lang);
  assert.match(lang, /^(en|mi)$/);
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
  looked += 1;
}

const coordinator = await somebody();
const person = await waits(0);
const other = await waits(1);
const { workers } = await told(`people/${person}/suggestions?top=5`);
const two = workers.slice(0, 2).map((one) => one.worker_id);
const active = (await all("matches")).find((one) => one.status === "active");
const stuck = (await all("queue")).find((line) => line.next === "waits").person_id;
const most = (await all("capacity")).toSorted((a, b) => b.people - a.people)[0].worker_id;
const { menus } = await decide("menus", { for: [other] });
const [menu] = menus;
const WORDS = [
  "I grew up on the coast and I like to walk and talk. I listen more than I speak, and I have time for a cup of tea.",
  "Kia ora. I have been in this work for six years. I laugh a lot, I know the buses, and I will not tell you what to do.",
  "I came here at nineteen and had to find my own way. I am good with forms and with waiting rooms.",
];
for (const [i, id] of menu.options.entries()) {
  const words = WORDS[i % WORDS.length];
  const answer = await fetch(`${address}/v1/rosters/service/workers/${id}/own-words`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ words }),
  });
  assert.ok(answer.ok, String(answer.status));
}
// A match whose reasons are kept: picked from a menu.
const picks = await waits(2);
const picked = await decide("menus", { for: [picks] });
await decide(`menus/${picked.menus[0].id}/answer`, { answer: { pick: picked.menus[0].options[0] }, how: "phone" });
const [pick] = await all(`matches?person=${picks}`);
const handover = await decide("handovers", { worker_ids: [most] });

/** Pages that are looked at as they are. */
const PAGES = {
  "sign-in": "/sign-in",
  waiting: at("waiting"),
  person: at(`people/${person}`),
  "person-everyone": `${at(`people/${person}`)}?top=1000`,
  "person-kept-apart": `${at(`people/${person}`)}?apart=1`,
  "person-stuck": at(`people/${stuck}`),
  why: `${at(`people/${person}`)}/why?worker=${two[0]}`,
  "why-not": `${at(`people/${stuck}`)}/why?worker=${most}`,
  compare: `${at(`people/${person}`)}/compare?with=${two.join("&with=")}`,
  "what-if": `${at(`people/${person}`)}/what-if?worker=${two[0]}`,
  menu: at(`menus/${menu.id}`),
  print: at(`menus/${menu.id}/print`),
  "print-large": at(`menus/${menu.id}/print?large=true`),
  match: at(`matches/${active.id}`),
  history: at(`matches/${active.id}/history`),
  "match-offered": at(`matches/${pick.id}`),
  "history-replay": at(`matches/${pick.id}/history`),
  board: at("board"),
  worker: at(`workers/${most}`),
  "handover-ask": at(`handover?worker=${most}`),
  handover: at(`handovers/${handover.id}`),
  report: at("report"),
  asks: at("asks"),
  "add-person": at("add-person"),
  "add-worker": at("add-worker"),
  "edit-person": at(`people/${person}/edit`),
  "edit-worker": at(`workers/${most}/edit`),
  office: "/office",
  import: at("import"),
  look: "/look",
};

for (const width of WIDTHS) {
  for (const [name, path] of Object.entries(PAGES)) {
    await test(`${name}, ${width} px`, async () => {
      const page = await somebody({ width });
      await open(page, path);
      await look(page, `${name}-${width}`);
      await page.context().close();
    });
  }
}

for (const [how, name] of [[{ dark: true }, "dark"], [{ forced: true }, "forced"]]) {
  await test(`the pages in ${name} colours`, async () => {
    const page = await somebody(how);
    for (const one of ["look", "person", "waiting", "report", "edit-person"]) {
      await open(page, PAGES[one]);
      await look(page, `${one}-${name}`);
    }
    await page.context().close();
  });
}

await test("the whole page changes its language, and English words in it are marked", async () => {
  const page = await somebody();
  await open(page, PAGES.person);
  await page.getByLabel("Language").selectOption("mi");
  await page.getByRole("button", { name: "Change language" }).click();
  await page.waitForFunction(() => document.documentElement.lang === "mi");
  assert.ok(page.url().endsWith(PAGES.person), "on the same page");
  // What is said in English within it is marked, so that it is read aloud as such; names are names.
  assert.ok((await page.locator('[lang="en"]').count()) > 10);
  for (const one of ["person", "waiting", "board", "menu", "edit-person", "report", "look"]) {
    await open(page, PAGES[one]);
    await look(page, `${one}-mi`);
  }
  await page.context().close();
});

for (const width of WIDTHS) {
  await test(`states of forms, ${width} px`, async () => {
    const page = await somebody({ width });
    // A record with faults: each is told at its field, and the list of them leads there.
    await open(page, at("add-person"));
    await page.getByRole("button", { name: "Add" }).last().click();
    const faults = page.getByRole("alert");
    await faults.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "alert");
    await look(page, `add-person-faults-${width}`);
    const first = faults.getByRole("link").first();
    await first.click();
    const at_ = await page.evaluate(() => document.activeElement.closest(".field")?.querySelector(".fault")?.textContent);
    assert.ok(at_, "the fault leads to its field");
    // Right, and then there.
    await open(page, at("add-person"));
    await page.getByLabel("Name", { exact: true }).fill(`New ${width}`);
    await page.getByLabel("Number or sign", { exact: true }).first().fill(`N-${width}`);
    await page.getByRole("group", { name: "Services" }).getByRole("checkbox").first().check();
    await page.getByLabel("Waiting since").fill("2026-11-20");
    await page.locator("#f-age_band").selectOption("25-34");
    await page.getByLabel("By telephone").check();
    await page.locator("#f-availability").fill("Mon 09:00-12:00");
    // The first of a list is behind the words that offer more.
    await page.getByRole("group", { name: "Languages" }).first().getByText("More").click();
    await page.locator("#f-languages-0-tag").fill("en");
    await page.locator("#f-languages-0-level").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Add" }).last().click();
    await page.waitForURL(`**/people/N-${width}`);
    assert.match(await page.title(), new RegExp(`New ${width}`));
    await look(page, `added-${width}`);
    // An import with faults, tried and not done.
    await open(page, at("import"));
    const pack = readdirSync(process.env.PACK).map((name) => {
      const text = readFileSync(`${process.env.PACK}/${name}`, "utf8");
      const wrong = name === "people.csv" ? text.replace(/\d{4}-\d\d-\d\d/, "2026-13-01") : text;
      return { name, mimeType: "text/plain", buffer: Buffer.from(wrong) };
    });
    await page.getByLabel("Files").setInputFiles(pack);
    await page.locator("form[enctype] button").click();
    await page.getByRole("alert").waitFor();
    assert.match(plain(await page.getByRole("alert").innerText()), /2026-13-01|not a day/);
    await look(page, `import-faults-${width}`);
    // Without the fault, tried: nothing to be changed, as the roster was made from it.
    await page.getByLabel("Files").setInputFiles(pack.map((file) => ({ ...file, buffer: readFileSync(`${process.env.PACK}/${file.name}`) })));
    await page.locator("form[enctype] button").click();
    await page.getByRole("status").waitFor();
    await look(page, `import-tried-${width}`);
    // A key, shown once.
    await open(page, "/office");
    const form = page.locator('form[action="/office/keys"]');
    await form.getByLabel("What it is for").fill(`program ${width}`);
    await form.getByLabel("Case system").check();
    await form.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("status").waitFor();
    await look(page, `office-key-${width}`);
    // What is not there, and what is refused.
    await page.goto(`${address}/rosters/service/people/nobody`);
    await look(page, `not-there-${width}`);
    await page.goto(`${address}/open/AAAA`);
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("button").first().click();
    await page.getByRole("alert").waitFor();
    await look(page, `open-wrong-${width}`);
    await page.context().close();
  });

  await test(`the person's and the worker's own pages, ${width} px`, async () => {
    const me = await opened(coordinator, at(`menus/${menu.id}`), "Make a link for them", { width });
    await look(coordinator, `link-${width}`);
    await look(me, `me-${width}`);
    if (width === WIDTHS[0]) {
      await me.setViewportSize({ width: 1120, height: 1000 });
      await me.screenshot({ path: `${out}/docs-choice.png` });
      await me.setViewportSize({ width, height: 800 });
    }
    for (const text of await told("words").then((words) => [...words.crisis_text, ...words.complaints_text])) {
      assert.ok(plain(await me.locator("body").innerText()).includes(plain(text)), text);
    }
    // Asked for once; at the other width they have asked already.
    const together = me.getByRole("button", { name: "I want to choose with somebody who helps me" });
    if ((await together.count()) > 0) {
      await together.click();
      await me.getByRole("status").waitFor();
    }
    await look(me, `me-asked-${width}`);
    await open(me, "/me/print");
    await look(me, `me-print-${width}`);
    await open(me, "/me/held");
    await look(me, `me-held-${width}`);
    await open(me, "/me");
    await me.getByRole("button", { name: "None of these" }).click();
    await me.getByRole("status").waitFor();
    await look(me, `me-none-${width}`);
    await open(coordinator, at(`menus/${menu.id}`));
    await look(coordinator, `menu-answered-${width}`);
    await me.getByRole("button", { name: "Take it back" }).click();
    await me.waitForLoadState();
    await open(coordinator, at("asks"));
    await look(coordinator, `asks-some-${width}`);
    await me.context().close();

    const login = `worker-${width}`;
    const office = await somebody();
    await open(office, "/office");
    const form = office.locator('form[action="/office/accounts"]');
    await form.getByLabel("Name").fill(login);
    await form.getByLabel("Password").fill("four words that fit");
    await form.getByLabel("Peer worker", { exact: true }).check();
    const offered = (await all("matches")).find((one) => one.status === "offered") ?? active;
    await form.getByLabel("Worker, by number or sign").fill(offered.worker_id);
    await form.getByRole("button", { name: "Open the account" }).click();
    await office.getByText(login).first().waitFor();
    await look(office, `office-accounts-${width}`);
    const worker = await somebody({ width });
    await open(worker, "/sign-in");
    await worker.getByLabel("Name").fill(login);
    await worker.getByLabel("Password").fill("four words that fit");
    await worker.getByRole("button", { name: "Sign in" }).click();
    await worker.waitForURL("**/mine");
    await look(worker, `work-${width}`);
    await open(worker, "/mine/held");
    await look(worker, `work-held-${width}`);
    await worker.context().close();
    await office.context().close();
  });
}

await test("pictures for the documents", async () => {
  const page = await somebody();
  const { items } = await told("queue?limit=50");
  let widest = null;
  for (const line of items.filter((line) => line.next === "could_be_matched")) {
    const { workers: some } = await told(`people/${line.person_id}/suggestions?top=5`);
    for (const one of some.slice(0, 3)) {
      const { moved } = await told(`people/${line.person_id}/what-if/${one.worker_id}`);
      if (moved.length > (widest?.moved ?? 0)) widest = { moved: moved.length, path: `${at(`people/${line.person_id}`)}/what-if?worker=${one.worker_id}` };
    }
  }
  for (const [name, path, height] of [["suggestions", PAGES.person, 1040], ["what-if", widest.path, 760]]) {
    await page.setViewportSize({ width: 1120, height });
    await open(page, path);
    await page.screenshot({ path: `${out}/docs-${name}.png` });
  }
  await page.context().close();
});

await test("a menu on one page of A4", async () => {
  const page = await somebody();
  for (const [path, name, pages] of [[PAGES.print, "print", 1], [PAGES["print-large"], "print-large", 4], [PAGES.report, "report", 1], [PAGES["add-person"], "form", 8]]) {
    await open(page, path);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: false });
    writeFileSync(`${out}/${name}.pdf`, pdf);
    const count = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g).length;
    assert.ok(count <= pages, `${name}: ${count} pages`);
  }
  await page.context().close();
});

await test("weight: no page is heavier than 150 KB, stylesheet and script included, none of it compressed", async () => {
  const sizes = [];
  const weigh = async (path) => {
    const answer = await fetch(address + path);
    return (await answer.arrayBuffer()).byteLength;
  };
  const always = (await weigh("/look.css")) + (await weigh("/page.js"));
  for (const [name, path] of Object.entries(PAGES)) sizes.push([always + (await weigh(path)), name]);
  sizes.sort((a, b) => b[0] - a[0]);
  assert.ok(sizes[0][0] <= 150_000, JSON.stringify(sizes.slice(0, 3)));
  return sizes.slice(0, 3).map(([bytes, name]) => `${name} ${Math.round(bytes / 1000)} KB`).join(", ");
});

console.log(`${looked} screens looked at (axe-core: ${TAGS.join(", ")}); Chromium ${browser.version()}`);
await done();
