import { ApiError, notFound } from "./api-error.js";
import type { ServerContext } from "./context.js";
import { principalDto } from "./incident-dto.js";
import type { Cause } from "./incident-store.js";
import { formatRichText, toHtml, type TextFormat } from "./rich-text.js";
import type { Wire } from "./wire.js";
import type { IncidentRecord } from "./world.js";

type CommentDto = Wire & { id: number };

export function addComment(
  context: ServerContext,
  record: IncidentRecord,
  input: Wire,
  cause: Cause,
): CommentDto {
  const text = requiredText(input);
  const parentId = input["parent_id"] ?? null;
  if (parentId !== null) commentOf(record, Number(parentId));
  const { by } = cause;
  const [fname = "", lname = ""] = by.displayName.split(" ");
  const nowMs = context.clock.now();
  const comment: CommentDto = {
    id: context.world.nextId(),
    type: "incident",
    parent_id: parentId,
    user_id: by.id,
    user_fname: fname,
    user_lname: lname,
    user_name: by.displayName,
    text,
    create_date: nowMs,
    modify_date: nowMs,
    modify_principal: principalDto(by),
    mentioned_users: [],
    is_deleted: false,
    comment_perms: { update: true, delete: true },
    actions: [],
    inc_id: record.dto.id,
    inc_name: record.dto["name"],
    inc_owner: record.dto["owner_id"],
    task_id: null,
  };
  record.comments.push(comment);
  fire(context, record, comment, "created", cause);
  return comment;
}

export function editComment(
  context: ServerContext,
  record: IncidentRecord,
  id: number,
  input: Wire,
  cause: Cause,
): CommentDto {
  const before = commentOf(record, id);
  const after = { ...before, text: requiredText(input), modify_date: context.clock.now() };
  record.comments = record.comments.map((one) => (one.id === id ? after : one));
  fire(context, record, after, "modified", cause, before);
  return after;
}

/** With answers below it, a note stays as an empty place in the tree. */
export function removeComment(
  context: ServerContext,
  record: IncidentRecord,
  id: number,
  cause: Cause,
): void {
  const comment = commentOf(record, id);
  const hasAnswers = record.comments.some((one) => one["parent_id"] === id);
  record.comments = hasAnswers
    ? record.comments.map((one) => (one.id === id ? { ...one, text: null, is_deleted: true } : one))
    : record.comments.filter((one) => one.id !== id);
  fire(context, record, comment, "deleted", cause);
}

export function commentOf(record: IncidentRecord, id: number): CommentDto {
  const comment = record.comments.find((one) => one.id === id && one["is_deleted"] !== true);
  if (comment === undefined) throw notFound("comment", id);
  return comment;
}

export function commentTree(
  record: IncidentRecord,
  format: TextFormat,
  parentId: number | null = null,
): Wire[] {
  return record.comments
    .filter((one) => one["parent_id"] === parentId)
    .map((one) => ({ ...showComment(one, format), children: commentTree(record, format, one.id) }));
}

export function showComment(comment: CommentDto, format: TextFormat): Wire {
  return { ...comment, text: formatRichText(comment["text"], format, true), children: [] };
}

function requiredText(input: Wire): string {
  const text = toHtml(input["text"]);
  if (text === null || text.trim() === "") throw new ApiError(400, "Field text is required.", ["text"]);
  return text;
}

function fire(
  context: ServerContext,
  record: IncidentRecord,
  comment: CommentDto,
  operation: "created" | "modified" | "deleted",
  cause: Cause,
  before?: CommentDto,
): void {
  const object = { ...showComment(comment, "html"), id: comment.id };
  const event = { objectType: "note", operation, incident: record.dto, object, ...cause } as const;
  context.platform.fire(before === undefined ? event : { ...event, before: showComment(before, "html") });
}
