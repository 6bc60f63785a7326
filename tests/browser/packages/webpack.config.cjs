module.exports = {
  mode: "production",
  entry: "./app.js",
  devtool: false,
  performance: { hints: false },
};
