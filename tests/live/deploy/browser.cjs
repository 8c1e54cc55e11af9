// A real browser in the deploy: Chromium logs in, reads and sends forms until its standard input
// ends, then logs out. Prints what it did; fails when it was signed out before, or not after.
//
//   NODE_PATH=…/node_modules node browser.cjs http://127.0.0.1:7400 < pipe
//
// Needs `npm install playwright-core`, and a Chromium: /usr/bin/chromium, or the one in CHROMIUM.

const { chromium } = require("playwright-core");

const site = process.argv[2];
const name = "user-of-chromium";
const releases = new Set();
let notes = 0;

async function main() {
  const deployed = new Promise((resolve) => process.stdin.on("end", resolve).resume());
  let over = false;
  deployed.then(() => (over = true));

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"], // it opens nothing but our own pages
  });
  const page = await browser.newPage();
  page.on("response", (response) => releases.add(response.headers()["x-release"]));
  try {
    await logIn(page);
    while (!over) {
      await stillSignedIn(page);
      await page.waitForTimeout(500);
    }
    await logOut(page);
  } finally {
    await browser.close();
  }
}

async function logIn(page) {
  await page.goto(`${site}/login`);
  await page.fill("input[name=name]", name);
  await page.click("input[value='Log in']");
  await expect(page, "/members", name);
}

// Reads a page, and sends a form of another: a round in which the servers may change.
async function stillSignedIn(page) {
  await page.goto(`${site}/`);
  await expect(page, "/", name);
  await page.goto(`${site}/members`);
  await expect(page, "/members", name);
  await page.waitForTimeout(500);
  await page.click("input[value='Add a note']");
  await expect(page, "/members", name);
  notes += 1;
  const count = Number(await page.textContent("#count"));
  if (count !== notes) throw new Error(`wrote ${notes} notes, was shown ${count}`);
}

async function logOut(page) {
  await page.click("input[value='Log out']");
  await expect(page, "/", null);
  const left = (await page.context().cookies()).map((cookie) => cookie.name);
  if (left.includes("user_credentials")) throw new Error("the hint is left after the logout");
  await page.goto(`${site}/members`);
  await expect(page, "/login", null);
}

async function expect(page, path, user) {
  const at = new URL(page.url()).pathname;
  const shown = (await page.$("#user")) && (await page.textContent("#user"));
  if (at !== path || shown !== user) {
    throw new Error(`expected ${path} as ${user ?? "a guest"}, got ${at} as ${shown ?? "a guest"}`);
  }
}

main().then(
  () => console.log(`browser: signed in throughout, ${notes} forms, releases ${[...releases]}`),
  (error) => {
    console.log(`browser: failed after ${notes} forms: ${error.message}`);
    process.exitCode = 1;
    process.stdin.destroy();
  },
);
