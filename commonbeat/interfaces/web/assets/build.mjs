// Builds the style sheets, the client scripts and the icon sprite into ../static/commonbeat.
// The output is committed, so that installing Commonbeat needs no Node.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { transform } from "lightningcss";
import postcss from "postcss";
import * as sass from "sass";
import { logicalProperties } from "./postcss/logical.mjs";
import { themeColours } from "./postcss/theme.mjs";
import { unusedRules } from "./postcss/unused.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../../..");
const modules = join(root, "node_modules");
const out = join(here, "../static/commonbeat");
const icons = JSON.parse(await readFile(join(here, "icons.json"), "utf8"));
// Two years of browsers and more: logical properties work in all of these without a prefix.
const targets = { chrome: 100 << 16, firefox: 100 << 16, safari: 15 << 16, ios_saf: 15 << 16 };

async function buildStyles(name) {
  const compiled = sass.compile(join(here, `scss/${name}.scss`), {
    loadPaths: [join(modules, "@uswds/uswds/packages")],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  const processed = await postcss([unusedRules(), themeColours(), logicalProperties()]).process(
    compiled.css,
    { from: undefined },
  );
  const { code } = transform({
    filename: `${name}.css`,
    code: Buffer.from(processed.css),
    minify: true,
    targets,
  });
  await writeFile(join(out, `${name}.css`), code);
}

async function buildScripts() {
  // Content hashes in the names of lazily loaded parts: a page that was open during an upgrade still finds its own.
  await esbuild.build({
    entryPoints: [join(here, "js/app.js")],
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    target: ["chrome100", "firefox100", "safari15"],
    chunkNames: "parts/[name]-[hash]",
    assetNames: "parts/[name]-[hash]",
    plugins: [mapWorker],
    legalComments: "linked",
    logLevel: "warning",
  });
}

// A worker is no module of the page: one file of its own, under a name that stays.
async function buildWorker() {
  await esbuild.build({
    entryPoints: [join(here, "js/news-worker.js")],
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    format: "iife",
    minify: true,
    target: ["chrome100", "firefox100", "safari15"],
    logLevel: "warning",
  });
}

// MapLibre's worker must be a file of its own: the content security policy allows no blob: worker.
const mapWorker = {
  name: "map-worker",
  setup(build) {
    build.onResolve({ filter: /^maplibre-worker-url$/ }, () => ({
      path: "maplibre-gl-worker.mjs", // no absolute path: it would change the output's name on every machine
      namespace: "map-worker",
    }));
    build.onLoad({ filter: /.*/, namespace: "map-worker" }, async (args) => ({
      contents: stripSourceMap(await readFile(join(modules, "maplibre-gl/dist", args.path), "utf8")),
      loader: "file",
    }));
  },
};

function stripSourceMap(source) {
  return source.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
}

async function buildIcons() {
  const symbols = await Promise.all(
    icons.map(async (name) => {
      const source = await readFile(join(modules, `@uswds/uswds/dist/img/usa-icons/${name}.svg`), "utf8");
      const body = source.replace(/^.*?<svg[^>]*>/s, "").replace(/<\/svg>\s*$/s, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
    }),
  );
  await writeFile(
    join(out, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
}

async function copyFonts() {
  await mkdir(join(out, "fonts"), { recursive: true });
  for (const file of await readdir(join(here, "fonts"))) {
    await copyFile(join(here, "fonts", file), join(out, "fonts", file));
  }
}

// WhiteNoise sends these siblings to browsers that take them; nothing is compressed while somebody waits.
async function compressFiles(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await compressFiles(path);
    } else if (/\.(css|m?js|svg)$/.test(entry.name)) {
      const content = await readFile(path);
      await writeFile(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
    }
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await copyFonts();
await copyFile(join(here, "mark.svg"), join(out, "mark.svg"));
await Promise.all([buildStyles("app"), buildStyles("tip"), buildStyles("map"), buildScripts(), buildWorker(), buildIcons()]);
await compressFiles(out);
