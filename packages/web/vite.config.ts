import { preact } from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** The collector serves what is written to `out/web`; every name but `index.html` carries a hash. */
export default defineConfig({
  root: import.meta.dirname,
  // The devtools bridge is code of the development server only.
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  build: {
    // Relative to the root above.
    outDir: '../../out/web',
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
