# Current LTS of Node. Two stages: the compiler and the tests' packages never reach the image that runs.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci --ignore-scripts
COPY src src
COPY routes routes
COPY services services
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# What is run is owned by root and read-only to the user that runs it.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY app.config.example ./
# app.config is mounted to /config; the state file is kept in /state, the only place that is written.
RUN mkdir /config /state && chown node:node /state
USER node
ENV APP_CONFIG_FILE=/config/app.config
VOLUME ["/state"]
EXPOSE 9000
# No curl in the image. The port is read from the configuration's default; set HEALTH_URL when yours differs.
ENV HEALTH_URL=http://127.0.0.1:9000/health
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js", "run"]
