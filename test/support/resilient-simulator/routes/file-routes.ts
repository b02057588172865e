import { buffer } from "node:stream/consumers";
import { Router, type Request, type Response } from "express";
import { notFound } from "../api-error.js";
import { artifactOf, showArtifact } from "../artifact-changes.js";
import { addArtifacts } from "../artifact-store.js";
import { allow, causeOf, formatOf, idOf, type ServerContext } from "../context.js";
import { incidentRecord } from "../incident-store.js";
import { asWire, type Wire } from "../wire.js";
import type { IncidentRecord, StoredFile, World } from "../world.js";

/** Attachments, and artifacts that are files. */
export function fileRoutes(context: ServerContext): Router {
  const router = Router();
  const { world } = context;
  const mayRead = allow("read_all_incidents");
  const mayEdit = allow("edit_all_incidents_fields");

  router.post("/incidents/:inc/artifacts/files", mayEdit, async (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const { fields, file } = await readMultipart(req);
    const input = asWire(JSON.parse(fields["artifact"] ?? "{}"));
    const value = input["value"] === "" ? file.name : input["value"];
    const created = addArtifacts(context, record, { ...input, value }, causeOf(context, req, res));
    for (const one of created) one["attachment"] = storeFile(world, record.dto.id, file);
    res.json(created.map((one) => showArtifact(one, formatOf(req).text)));
  });
  router.get("/incidents/:inc/artifacts/:art/contents", mayRead, (req, res) => {
    const artifact = artifactOf(incidentRecord(context, idOf(req, "inc")), idOf(req, "art"));
    sendFile(world, Number(asWire(artifact["attachment"] ?? {})["id"]), res);
  });

  router.get("/incidents/:inc/attachments", mayRead, (req, res) => {
    res.json(incidentRecord(context, idOf(req, "inc")).attachments);
  });
  router.post("/incidents/:inc/attachments", mayEdit, async (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const attachment = storeFile(world, record.dto.id, (await readMultipart(req)).file);
    record.attachments.push(attachment);
    res.json(attachment);
  });
  router.get("/incidents/:inc/attachments/:att", mayRead, (req, res) => {
    res.json(attachmentOf(incidentRecord(context, idOf(req, "inc")), idOf(req, "att")));
  });
  router.get("/incidents/:inc/attachments/:att/contents", mayRead, (req, res) => {
    const { id } = attachmentOf(incidentRecord(context, idOf(req, "inc")), idOf(req, "att"));
    sendFile(world, id, res);
  });
  return router;
}

function attachmentOf({ attachments }: IncidentRecord, id: number): Wire & { id: number } {
  const known = attachments.find((one) => one.id === id);
  if (known === undefined) throw notFound("attachment", id);
  return known;
}

function storeFile(world: World, incidentId: number, file: StoredFile): Wire & { id: number } {
  const id = world.nextId();
  world.files.set(id, file);
  return { id, name: file.name, size: file.bytes.length, content_type: file.type, inc_id: incidentId };
}

function sendFile({ files }: World, id: number, res: Response): void {
  const file = files.get(id);
  if (file === undefined) throw notFound("file", id);
  res.attachment(file.name).type(file.type).send(file.bytes);
}

interface Multipart {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: StoredFile;
}

async function readMultipart(req: Request): Promise<Multipart> {
  const body = new globalThis.Response(await buffer(req), {
    headers: { "Content-Type": req.get("Content-Type") ?? "" },
  });
  const fields: Record<string, string> = {};
  let file: StoredFile = { name: "", type: "", bytes: Buffer.alloc(0) };
  // Deprecated for servers, as it keeps the whole body in memory; so does this one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  for (const [name, value] of await body.formData()) {
    if (typeof value === "string") fields[name] = value;
    else file = { name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) };
  }
  return { fields, file };
}
