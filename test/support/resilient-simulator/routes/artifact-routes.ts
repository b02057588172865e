import busboy from "busboy";
import { Router, type Request } from "express";
import { done, notFound } from "../api-error.js";
import { addArtifacts, type ArtifactDto } from "../artifact-store.js";
import { allow, causeOf, formatOf, idOf, type ServerContext } from "../context.js";
import { incidentRecord } from "../incident-store.js";
import { formatRichText, toHtml, type TextFormat } from "../rich-text.js";
import { asWire, type Wire } from "../wire.js";
import type { IncidentRecord } from "../world.js";

export function artifactRoutes(context: ServerContext): Router {
  const router = Router();
  const mayRead = allow("read_all_incidents");
  const mayEdit = allow("edit_all_incidents_fields");
  const base = "/incidents/:inc/artifacts";

  router.get(base, mayRead, (req, res) => {
    const { artifacts } = incidentRecord(context, idOf(req, "inc"));
    res.json(artifacts.map((one) => show(one, formatOf(req).text)));
  });
  router.post(`${base}/query_paged`, mayRead, (req, res) => {
    const { artifacts } = incidentRecord(context, idOf(req, "inc"));
    const { start = 0, length = 100 } = asWire(req.body);
    const page = artifacts.slice(Number(start), Number(start) + Number(length));
    const totals = { recordsTotal: artifacts.length, recordsFiltered: artifacts.length };
    res.json({ data: page.map((one) => show(one, formatOf(req).text)), ...totals });
  });
  router.post(base, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const created = addArtifacts(context, record, asWire(req.body), causeOf(context, req, res));
    res.json(created.map((one) => show(one, formatOf(req).text)));
  });
  router.post(`${base}/files`, mayEdit, async (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const { fields, file } = await readMultipart(req);
    const input = asWire(JSON.parse(fields["artifact"] ?? "{}"));
    const value = input["value"] === "" ? file.name : input["value"];
    const created = addArtifacts(context, record, { ...input, value }, causeOf(context, req, res));
    for (const one of created)
      one["attachment"] = { id: one.id, name: file.name, size: file.size, content_type: file.type };
    res.json(created.map((one) => show(one, formatOf(req).text)));
  });
  router.post("/incidents/:inc/attachments", mayEdit, async (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const { file } = await readMultipart(req);
    const { name, size, type } = file;
    const attachment = { id: context.world.nextId(), name, size, content_type: type, inc_id: record.dto.id };
    record.attachments.push(attachment);
    res.json(attachment);
  });

  router.get(`${base}/:art`, mayRead, (req, res) => {
    res.json(
      show(artifactOf(incidentRecord(context, idOf(req, "inc")), idOf(req, "art")), formatOf(req).text),
    );
  });
  router.put(`${base}/:art`, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const before = artifactOf(record, idOf(req, "art"));
    const { description = before["description"], relating = before["relating"] } = asWire(req.body);
    // Type and value are for ever.
    const after = {
      ...before,
      description: toHtml(description),
      relating,
      last_modified_time: context.clock.now(),
    };
    record.artifacts = record.artifacts.map((one) => (one.id === before.id ? after : one));
    fire(record, "modified", after, req, before);
    res.json(show(after, formatOf(req).text));
  });
  router.delete(`${base}/:art`, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const gone = artifactOf(record, idOf(req, "art"));
    record.artifacts = record.artifacts.filter((one) => one.id !== gone.id);
    fire(record, "deleted", gone, req);
    res.json(done);
  });

  function fire(
    record: IncidentRecord,
    operation: "modified" | "deleted",
    object: ArtifactDto,
    req: Request,
    before?: ArtifactDto,
  ): void {
    if (req.res === undefined) return;
    const cause = causeOf(context, req, req.res);
    const event = { objectType: "artifact", operation, incident: record.dto, object, ...cause } as const;
    context.platform.fire(before === undefined ? event : { ...event, before });
  }
  return router;
}

function artifactOf(record: IncidentRecord, id: number): ArtifactDto {
  const artifact = record.artifacts.find((one) => one.id === id);
  if (artifact === undefined) throw notFound("artifact", id);
  return artifact;
}

function show(artifact: ArtifactDto, format: TextFormat): Wire {
  return { ...artifact, description: formatRichText(artifact["description"], format, false) };
}

interface Multipart {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly size: number; readonly type: string };
}

function readMultipart(req: Request): Promise<Multipart> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    let file = { name: "", size: 0, type: "" };
    const parser = busboy({ headers: req.headers });
    parser.on("field", (name, value) => (fields[name] = value));
    parser.on("file", (_name, stream, info) => {
      file = { name: info.filename ?? "", size: 0, type: info.mimeType };
      stream.on("data", (chunk: Buffer) => (file.size += chunk.length));
    });
    parser.on("close", () => {
      resolve({ fields, file });
    });
    parser.on("error", reject);
    req.pipe(parser);
  });
}
