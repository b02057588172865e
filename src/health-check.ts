import http from "node:http";
import https from "node:https";

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

const answers = await Promise.all(urls.map(isHealthy));
process.exitCode = answers.includes(true) ? 0 : 1;
