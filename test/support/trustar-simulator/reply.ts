/** What a handler answers; the server adds Trace-Id, length and faults. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(value: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(value), contentType: "application/json;charset=UTF-8" };
}

export function text(body: string, status = 200): Reply {
  return { status, body, contentType: "text/plain;charset=UTF-8" };
}

export function html(title: string, status: number): Reply {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
  return { status, body, contentType: "text/html" };
}

export const emptyOk: Reply = { status: 200, body: "", contentType: "text/plain;charset=UTF-8" };

export interface PageRequest {
  readonly number: number;
  readonly size: number;
}

/** `pageSize` echoes what was asked for even on a short last page. */
export function page(items: readonly unknown[], { number, size }: PageRequest): Reply {
  const start = number * size;
  return json({
    items: items.slice(start, start + size),
    pageNumber: number,
    pageSize: size,
    totalElements: items.length,
    hasNext: start + size < items.length,
  });
}
