/** The bundler takes style sheets that are imported into the one that is served. */
declare module "*.css";
