import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

export default defineConfig({
  plugins: [
    preact({ devToolsEnabled: false }),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src/sw",
      filename: "sw.ts",
      // the page registers it and asks before versions swap
      injectRegister: false,
      injectManifest: { globPatterns: ["**/*.{js,css,html,svg,png,webmanifest}"] },
      manifest: {
        name: "Infusion Vitals",
        short_name: "Vitals",
        description: "The session log of a ketamine clinic",
        display: "standalone",
        start_url: "/",
        background_color: "#f5f4f0",
        theme_color: "#f5f4f0",
        icons: [
          { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any maskable" },
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
    }),
  ],
  build: { target: "es2022", modulePreload: { polyfill: false }, sourcemap: false, assetsInlineLimit: 0 },
  // a busy machine takes its time
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 30_000 },
});
