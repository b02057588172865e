import http from "node:http";
import https from "node:https";
import { setDefaultAutoSelectFamilyAttemptTimeout } from "node:net";

// As in the program itself, within the time that the request has.
setDefaultAutoSelectFamilyAttemptTimeout(3_000);

// The image's HEALTHCHECK, every half minute: an entry of its own, so that it loads nothing of the program.
const { HEALTH_URL, HEALTH_PORT = "9000" } = process.env;
const urls =
  HEALTH_URL === undefined || HEALTH_URL === ""
    ? [`http://127.0.0.1:${HEALTH_PORT}/health`, `https://127.0.0.1:${HEALTH_PORT}/health`]
    : [HEALTH_URL];

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const get = url.startsWith("https:") ? https.get : http.get;
    // The certificate is for the name that others call this host by; here nothing but our own answer is at stake.
    const request = get(url, { rejectUnauthorized: false, timeout: 4_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      resolve(false);
    });
  });
}

for (const url of urls) {
  if (URL.canParse(url) && /^https?:/.test(url)) continue;
  process.stderr.write("HEALTH_URL must be an http or https address, and HEALTH_PORT a port\n");
  process.exit(1);
}
const answers = await Promise.all(urls.map(isHealthy));
process.exitCode = answers.includes(true) ? 0 : 1;
