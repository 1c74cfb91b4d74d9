// What the tests of the pages share: a browser, people who use it, and the service asked beside it.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const [, , address, out] = process.argv;
export const WIDTHS = [1280, 320];
/** The shipped service, as the demonstration keeps it. */
export const ROSTER = "service";
export const at = (rest) => `/rosters/${ROSTER}/${rest}`;

let failed = 0;

/** One test: says how it went, and goes on. */
export async function test(name, body) {
  const began = Date.now();
  try {
    const more = await body();
    console.log(`ok: ${name}${more ? `: ${more}` : ""} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.message}\n${error.stack.split("\n").filter((line) => line.includes(".mjs")).join("\n")}`);
  }
}

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--disable-gpu", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});

/** Ends the run, and says by its exit code whether something failed. */
export async function done() {
  await browser.close();
  process.exit(failed === 0 ? 0 : 1);
}

/** Somebody with a browser of their own. Whatever a page loads from elsewhere, and whatever its script complains of, is a failure. */
export async function somebody({ width = 1280, script = true, dark = false, forced = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    javaScriptEnabled: script,
    colorScheme: dark ? "dark" : "light",
    forcedColors: forced ? "active" : "none",
    // One is looked at in itself; the pages' own rules do not bind the tool that looks.
    bypassCSP: false,
  });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) throw new Error(`a page asks for ${request.url()}`);
  });
  page.on("pageerror", (error) => {
    throw error;
  });
  return page;
}

export async function open(page, path) {
  const answer = await page.goto(address + path);
  assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
}

/** What the service tells programs. */
export async function told(path) {
  const answer = await fetch(`${address}/v1/rosters/${ROSTER}/${path}`);
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

export async function decide(path, body = {}) {
  const answer = await fetch(`${address}/v1/rosters/${ROSTER}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** All of a list that comes in pages. */
export async function all(path) {
  const items = [];
  for (let after = ""; ; ) {
    const some = await told(`${path}${path.includes("?") ? "&" : "?"}limit=500${after}`);
    items.push(...some.items);
    if (!some.next) return items;
    after = `&after=${encodeURIComponent(some.next)}`;
  }
}

/** What people and workers are called. */
export async function names(ids) {
  const called = new Map();
  for (let i = 0; i < ids.length; i += 100) {
    const some = await told(`names?${ids.slice(i, i + 100).map((id) => `id=${encodeURIComponent(id)}`).join("&")}`);
    for (const [id, name] of Object.entries(some.names)) called.set(id, name);
  }
  return (id) => called.get(id) ?? id;
}

/** The first of those who wait and could be matched today. */
export async function waits(skip = 0) {
  const could = (await all("queue")).filter((line) => line.next === "could_be_matched");
  assert.ok(could.length > skip, "somebody could be matched");
  return could[skip].person_id;
}

/** Text as somebody reads it. */
export const plain = (text) => text.replace(/\s+/g, " ").trim();

export const texts = async (where) => (await where.allInnerTexts()).map(plain);

/** Somebody's own pages, opened by the link and the code that a coordinator was shown. */
export async function opened(coordinator, path, button, how = {}) {
  await open(coordinator, path);
  await coordinator.getByRole("button", { name: button }).click();
  const [link, code] = await texts(coordinator.locator("main dl dd"));
  const person = await somebody(how);
  await open(person, new URL(link.startsWith("http") ? link : `http://${link}`).pathname);
  await person.getByLabel("Code").fill(code);
  await person.getByRole("button").first().click();
  await person.waitForURL("**/me");
  return person;
}
