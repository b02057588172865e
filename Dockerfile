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
# No curl in the image. Asks http and https on port 9000; set HEALTH_PORT or HEALTH_URL when yours differ.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "dist/src/health-check.js"]
CMD ["node", "dist/src/main.js", "run"]
