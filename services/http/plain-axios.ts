import axios, { type AxiosInstance, type CreateAxiosDefaults } from "axios";

export type PlainAxiosOptions = Pick<
  CreateAxiosDefaults,
  "baseURL" | "headers" | "httpAgent" | "httpsAgent" | "maxBodyLength" | "maxContentLength"
>;

/**
 * axios as a messenger that has no opinion: any status is an answer, bodies are text both ways, redirects are not
 * followed (they would carry the credentials elsewhere), and a proxy is an agent that is handed in, never one that the
 * environment happens to name.
 */
export function createPlainAxios(options: PlainAxiosOptions): AxiosInstance {
  return axios.create({
    ...options,
    proxy: false,
    maxRedirects: 0,
    responseType: "text",
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });
}
