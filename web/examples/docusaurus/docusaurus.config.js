/** A site as docs.tigera.io is: Docusaurus 3, React 19, Rspack. */
export default {
  title: "Calico docs",
  url: "https://docs.example.org",
  baseUrl: "/",
  onBrokenLinks: "throw",
  future: { v4: true, faster: true },
  headTags: [{ tagName: "link", attributes: { rel: "icon", href: "data:," } }],
  presets: [
    [
      "classic",
      {
        docs: { routeBasePath: "/" },
        blog: false,
        theme: { customCss: "./src/css/custom.css" },
      },
    ],
  ],
  themeConfig: {
    colorMode: { defaultMode: "light", respectPrefersColorScheme: false },
    navbar: { title: "Calico docs" },
  },
};
