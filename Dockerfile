# The gateway alone, for PostgreSQL and Redis of your own (docs/operations/deploy.md). test/deploy plays these steps in a plain folder,
# so they keep to what it knows: WORKDIR, COPY, RUN, ENV, USER, EXPOSE, VOLUME, HEALTHCHECK, CMD.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts/ensure-installed.mjs scripts/
RUN node scripts/ensure-installed.mjs
COPY tsconfig.json tsconfig.build.json ./
COPY certs certs
COPY directory directory
COPY mailboxes mailboxes
COPY policies policies
COPY src src
RUN npm run build
# No embedded PostgreSQL: optional packages stay behind.
RUN npm prune --omit=dev --omit=optional --ignore-scripts --no-save --no-audit --no-fund
RUN mkdir empty

FROM node:20.20.2-bookworm-slim
WORKDIR /opt/passerelle
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build --chown=node:node /build/empty /var/lib/passerelle
ENV NODE_ENV=production PASSERELLE_DATA_DIR=/var/lib/passerelle PASSERELLE_OBSERVE_HOST=0.0.0.0
USER node
VOLUME /var/lib/passerelle
EXPOSE 25 143 389 465 587 636 993 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:9464/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
