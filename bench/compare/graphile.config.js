// PostGraphile as its own documentation sets it up for production, on our database.
const { PostGraphileAmberPreset } = require("postgraphile/presets/amber");
const { makePgService } = require("postgraphile/adaptors/pg");
const { pgSmartTags } = require("postgraphile/utils");

module.exports = {
  extends: [PostGraphileAmberPreset],
  plugins: [
    // Two tables belong to rows of several others, so the database knows no key that tells it; the
    // key of the third has a constant in it, which is not asked for.
    pgSmartTags([
      { kind: "class", match: "events", tags: { foreignKey: "(subject_id) references orders (id)" } },
      {
        kind: "class",
        match: "stock_levels",
        tags: { foreignKey: "(variant_id) references variants (id)" },
      },
      {
        kind: "class",
        match: "external_ids",
        tags: {
          foreignKey: [
            "(subject_id) references orders (id)",
            "(subject_id) references customers (id)",
          ],
        },
      },
    ]),
  ],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.POOL_SIZE) },
    }),
  ],
  grafserv: {
    host: process.env.HOST,
    port: Number(process.env.PORT),
    watch: false,
    graphiql: false,
  },
};
