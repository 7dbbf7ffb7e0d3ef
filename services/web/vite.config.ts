import { defineConfig } from "vite";

// Everything is a file of our own host under /assets, named by its content: the page's policy allows no inline
// script, no inline style and no data: address of a script.
export default defineConfig({
  build: {
    target: "es2024",
    cssTarget: ["chrome125", "firefox128", "safari18"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
