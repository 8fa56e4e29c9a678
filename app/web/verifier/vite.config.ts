import { createHash } from "node:crypto";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";

const FOLDER = import.meta.dirname;

/** One file: script and styles stand in the page, and its policy names these two by their SHA-256 and allows no more. */
function oneFile(name: string): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const made = Object.values(bundle);
        const scripts = made.flatMap((one) => (one.type === "chunk" ? [one.code] : []));
        const styles = made.flatMap((one) => (one.type === "asset" && one.fileName.endsWith(".css") ? [String(one.source)] : []));
        const page = made.find((one) => one.type === "asset" && one.fileName.endsWith(".html"));
        if (scripts.length !== 1 || styles.length !== 1 || page?.type !== "asset") this.error("the verifier is not one script, one sheet and one page");
        // what would end the element early is spelt another way, which means the same to JavaScript
        const script = scripts[0]!.trim().replaceAll("</", "<\\/").replaceAll("<!--", "<\\!--");
        const style = styles[0]!.trim();
        const policy = [
          "default-src 'none'",
          `script-src 'sha256-${sha256(script)}'`,
          `style-src 'sha256-${sha256(style)}'`,
          "base-uri 'none'",
          "form-action 'none'",
        ].join("; ");
        const text = String(page.source)
          .replace(/<script[^>]*src=[^>]*><\/script>|<link[^>]*rel="stylesheet"[^>]*>/g, "")
          .replace("<!-- policy -->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />`)
          .replace("<!-- styles -->", () => `<style>${style}</style>`)
          .replace("<!-- script -->", () => `<script type="module">${script}</script>`);
        for (const fileName of Object.keys(bundle)) delete bundle[fileName];
        this.emitFile({ type: "asset", fileName: name, source: text });
      },
    },
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/** The page as one file; with `--mode library`, the checks without the page, for programs. */
export default defineConfig(({ mode }) => ({
  root: FOLDER,
  publicDir: false,
  plugins: mode === "library" ? [] : [preact({ devToolsEnabled: false }), oneFile("verify.html")],
  build: {
    target: "es2022",
    modulePreload: false,
    sourcemap: false,
    emptyOutDir: false,
    ...(mode === "library" && {
      minify: false,
      lib: { entry: `${FOLDER}/library.ts`, formats: ["es"] as const, fileName: () => "verifier.mjs" },
    }),
  },
}));
